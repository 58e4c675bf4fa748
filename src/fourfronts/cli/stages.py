"""Where long work leaves what an interrupted run goes on from."""

from pathlib import Path

import click

STAGES = click.option(
    "--stages",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for what an interrupted run goes on from. [default: in the cache of this user]",
)


def cache(name: str) -> Path:
    """The folder of this user for one kind of work."""
    from platformdirs import user_cache_path

    return user_cache_path("fourfronts") / name
