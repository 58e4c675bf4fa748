"""What the evidence says: the parameters with their priors, and joint draws from them."""
