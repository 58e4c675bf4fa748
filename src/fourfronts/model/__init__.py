"""How it works: one file a mechanism, wired into a month by `world`."""
