"""The smallest change that takes an outcome across a line."""
