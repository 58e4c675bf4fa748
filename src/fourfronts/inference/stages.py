"""Chains in blocks: threads that each advance some, a file for each that tells how far they are, and going on."""

import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event, Lock
from typing import Any

import numpy as np

Done = Callable[[int, int], None]
"""Told how many iterations of how many are done, over all threads."""

Advance = Callable[[Any, int], tuple[Any, Mapping[str, Any]]]
"""A state and the number of a block to the next state and what the block found, arrays (chains, iterations, ...)."""


def cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Stage:
    """Some iterations of several groups of chains, a thread a group and as many at once as there are cores.

    `start(group)` gives a group's first state, a tree of arrays; `advance(group)` its `Advance`, of `block` iterations.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        groups: int,
        blocks: int,
        start: Callable[[int], Any],
        advance: Callable[[int], Advance],
    ) -> None:
        self.name, self.folder, self.groups, self.blocks = name, folder, groups, blocks
        self._start, self._advance = start, advance

    def run(self, done: Done) -> dict[str, Any]:
        """Everything that was found, arrays (chains of all groups, iterations, ...)."""
        finished, lock = [0] * self.groups, Lock()

        def told(group: int, blocks: int) -> None:
            with lock:
                finished[group] = blocks
                done(sum(finished), self.groups * self.blocks)

        compiled = Event()

        def go(group: int) -> dict[str, Any]:
            if group:
                # The first group's first block compiles what all of them then use.
                compiled.wait()
            try:
                return self._group(group, told, compiled)
            finally:
                compiled.set()

        with ThreadPoolExecutor(min(self.groups, cores())) as pool:
            found = list(pool.map(go, range(self.groups)))
        return {key: np.concatenate([each[key] for each in found]) for key in found[0]}

    def _group(self, group: int, told: Callable[[int, int], None], compiled: Event) -> dict[str, Any]:
        import jax

        path = self.folder / f"{self.name}-{group}.npz"
        state = self._start(group)
        leaves, structure = jax.tree.flatten(state)
        first = 0
        if path.exists():
            with np.load(path) as kept:
                leaves = [kept[f"state{index}"] for index in range(len(leaves))]
                first = int(kept["blocks"])
            state = jax.tree.unflatten(structure, leaves)
        told(group, first)
        advance = self._advance(group)
        for block in range(first, self.blocks):
            state, found = advance(state, block)
            # What it found first, so that a state never tells of a block that is not there.
            _keep(self._block(group, block), {key: np.asarray(each) for key, each in found.items()})
            now = {f"state{index}": np.asarray(leaf) for index, leaf in enumerate(jax.tree.leaves(state))}
            _keep(path, {**now, "blocks": np.array(block + 1)})
            told(group, block + 1)
            compiled.set()
        return _joined([self._block(group, block) for block in range(self.blocks)])

    def _block(self, group: int, block: int) -> Path:
        return self.folder / f"{self.name}-{group}-{block:04}.npz"


def _joined(paths: list[Path]) -> dict[str, Any]:
    """What blocks found, one behind another, arrays (chains, iterations, ...)."""
    parts: list[dict[str, Any]] = []
    for path in paths:
        with np.load(path) as kept:
            parts.append({key: kept[key] for key in kept.files})
    return {key: np.concatenate([part[key] for part in parts], axis=1) for key in parts[0]}


def _keep(path: Path, arrays: dict[str, Any]) -> None:
    """Write arrays to a file, whole or not at all."""
    unfinished = path.with_suffix(".part")
    with unfinished.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)
    unfinished.replace(path)
