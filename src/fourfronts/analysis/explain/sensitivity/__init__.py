"""Which parameters an outcome depends on, by three methods."""
