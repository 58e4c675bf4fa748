"""What each lever, policy area and channel adds: Shapley values."""
