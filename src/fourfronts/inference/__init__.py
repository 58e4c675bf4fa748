"""What the evidence says: the parameters with their priors, and joint draws from them."""

from fourfronts.inference.compilation import join_small_loops

# Here, because it is too late once anything has been compiled.
join_small_loops()
