"""`fourfronts explain`: questions put to the futures, one command each."""

import click

from fourfronts.cli import Lazy, LazyGroup

ROOM = "fourfronts.cli.explain"

COMMANDS = {
    "compare": Lazy(f"{ROOM}.compare:compare", "What one package changes against another, in the same futures."),
    "sensitivity": Lazy(f"{ROOM}.sensitivity:sensitivity", "Which parameters an outcome depends on, and how surely."),
    "robust": Lazy(f"{ROOM}.robust:robust", "Packages across all worldviews, and a search for better ones."),
    "information": Lazy(f"{ROOM}.information:information", "Which uncertainty is worth measuring before choosing."),
    "attribution": Lazy(f"{ROOM}.attribution:attribution", "What each lever and area adds to what a package does."),
    "timing": Lazy(f"{ROOM}.timing:timing", "What it is worth to begin a package earlier, and until when it serves."),
    "discover": Lazy(f"{ROOM}.discover:discover", "Under which few conditions a kind of future comes about."),
    "threshold": Lazy(f"{ROOM}.threshold:threshold", "The smallest change that takes an outcome across a line."),
}


@click.group(cls=LazyGroup, rooms=COMMANDS)
def explain() -> None:
    """Say what an answer depends on, and what would change it.

    Every command prints a few sentences and a table; with --out it writes finding.json, table.csv and a picture.
    """
