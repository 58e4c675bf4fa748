"""What a visitor moves: the interface that the page and scripts ask, and the page itself."""
