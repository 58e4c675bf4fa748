"""Under which few conditions a kind of future comes about."""
