"""Which uncertainty is worth resolving before a package is chosen."""
