"""Compiled code kept between processes, so that only the first run after an installation compiles."""

import os
from pathlib import Path

SMALL_LOOPS = "xla_cpu_small_while_loop_byte_threshold=1000000000"
"""Lets the compiler make one piece of code of the loop over months, as later versions do by themselves.

Without it the JAX of Python 3.11 hands over every operation of every month by itself, which took 4 times as long for
one future and 8 times for its gradient.
"""

OPTIONS = {"xla_cpu_prefer_vector_width": 512}
"""The compiler's own choice is half a vector register on cores that have whole ones; the others are not affected."""


HASTY = {"xla_backend_optimization_level": 0}
"""For code that hardly runs: half the time to compile, and two to three times that to run."""


def join_small_loops() -> None:
    """Set the compiler's option SMALL_LOOPS, which it reads with its first compilation and from the environment alone.

    Options that the user has set stay, and the user's own of this kind in its place.
    """
    option, flags = "--xla_backend_extra_options=", os.environ.get("XLA_FLAGS", "")
    if option not in flags:
        os.environ["XLA_FLAGS"] = f"{flags} {option}{SMALL_LOOPS}".strip()


def remember_compilations() -> None:
    """Point JAX at a private folder in the user's cache directory. A folder that cannot be made is done without."""
    import jax
    from platformdirs import user_cache_path

    folder: Path = user_cache_path("fourfronts") / "compiled"
    try:
        # Compiled code is trusted input, so nobody else may write here.
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError:
        return
    wanted = {
        "jax_compilation_cache_dir": str(folder),
        "jax_persistent_cache_min_compile_time_secs": 0.0,
        "jax_persistent_cache_min_entry_size_bytes": -1,
    }
    for name, value in wanted.items():
        jax.config.update(name, value)  # type: ignore[no-untyped-call]
