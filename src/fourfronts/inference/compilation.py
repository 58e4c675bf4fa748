"""Compiled code kept between processes, so that only the first run after an installation compiles."""

from pathlib import Path

OPTIONS = {"xla_cpu_prefer_vector_width": 512}
"""The compiler's own choice is half a vector register on cores that have whole ones; the others are not affected."""


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
