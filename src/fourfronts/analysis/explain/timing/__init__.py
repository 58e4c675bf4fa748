"""When to act, and the last date that still serves."""
