"""What can be done: levers, packages of lever changes, and worldviews."""
