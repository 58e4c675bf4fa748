"""The source as data: every module of the package, parsed once."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest


class Module(NamedTuple):
    """One source file: where it is, its dotted name below the package, its room and its syntax tree."""

    path: Path
    name: str
    room: str
    text: str
    tree: ast.Module

    def imports(self) -> Iterator[tuple[str, int]]:
        """Dotted names imported anywhere in the file, inside functions too, each with its line."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((alias.name, node.lineno) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                # `from fourfronts import model` imports a room as much as `import fourfronts.model` does.
                yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


@pytest.fixture(scope="session")
def modules(root: Path) -> list[Module]:
    """All of src/fourfronts."""
    source = root / "src" / "fourfronts"
    found = []
    for path in sorted(source.rglob("*.py")):
        parts = path.relative_to(source).with_suffix("").parts
        text = path.read_text(encoding="utf-8")
        room = parts[0] if len(parts) > 1 else ""
        found.append(Module(path.relative_to(root), ".".join(parts), room, text, ast.parse(text)))
    return found
