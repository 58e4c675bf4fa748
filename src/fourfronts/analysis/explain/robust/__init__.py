"""Packages across all worldviews, and a search for those that none of them ruins."""
