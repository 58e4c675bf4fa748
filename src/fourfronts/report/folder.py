"""A folder of results that appears whole or not at all, and never takes the place of anything but another such."""

import contextlib
import hashlib
import json
import secrets
import shutil
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fourfronts.errors import InputError

MANIFEST = "manifest.json"
SCHEMA = "fourfronts/run/1"


def check_folder(target: Path) -> None:
    """Raise before any work is done unless results may be written to `target` and can be.

    InputError: it is a file, a mount point or the folder one is in, or it holds anything but what an earlier run
    wrote. OSError: the machine does not let a folder be made there.
    """
    _check_replaceable(target)
    stage = _stage(target)
    _remove(stage)


@contextmanager
def whole_folder(target: Path, about: Mapping[str, Any]) -> Iterator[Path]:
    """Give a new folder beside `target` to write to, and put it in the place of `target` at the end.

    Whatever goes wrong before that end, `target` is as it was and nothing else is left. The manifest that is added
    holds `about` and the SHA-256 of every file. An OSError names the file under `target`.
    """
    _check_replaceable(target)
    stage = _stage(target)
    try:
        yield stage
        _write_manifest(stage, about)
        _swap(stage, target)
    except OSError as error:
        raise _told_of(error, stage, target) from error
    finally:
        _remove(stage)


def _told_of(error: OSError, stage: Path, target: Path) -> OSError:
    if error.errno is None:
        return error
    # The user knows `out/summary.json`, and not the folder beside it that is gone by now.
    name = str(error.filename) if error.filename else str(target)
    return OSError(error.errno, error.strerror, name.replace(str(stage), str(target)))


def _check_replaceable(target: Path) -> None:
    where = f"output folder {str(target)!r}"
    if not target.exists():
        return
    if not target.is_dir():
        raise InputError(f"{where} is a file; accepted: a new folder, or one that an earlier run wrote")
    if Path.cwd().is_relative_to(target.resolve()):
        raise InputError(f"{where} is the folder you are in or one above it; accepted: a folder inside it")
    if target.is_mount() or target.is_symlink():
        kind = "link" if target.is_symlink() else "mount point"
        raise InputError(f"{where} is a {kind}, which cannot be replaced as a whole; accepted: a folder inside it")
    found = sorted(
        str(path.relative_to(target)) for path in target.rglob("*") if path.is_symlink() or not path.is_dir()
    )
    if foreign := [name for name in found if name not in _own_files(target)]:
        more = f" and {len(foreign) - 1} more" if len(foreign) > 1 else ""
        raise InputError(
            f"{where} holds {foreign[0]!r}{more}, which no run of fourfronts wrote; accepted: a new or empty folder,"
            " or one that holds an earlier run and nothing else"
        )


def _own_files(target: Path) -> set[str]:
    try:
        manifest = json.loads((target / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return set()
    ours = isinstance(manifest, dict) and manifest.get("schema") == SCHEMA and isinstance(manifest.get("files"), dict)
    return {MANIFEST, *manifest["files"]} if ours else set()


def _stage(target: Path) -> Path:
    """An empty folder next to `target`, or, where its parents do not exist yet, next to the first of them."""
    place = target.absolute()
    while not place.parent.exists():
        place = place.parent
    stage = place.parent / f".{target.name}.{secrets.token_hex(4)}.part"
    try:
        stage.mkdir()
    except FileNotFoundError as error:
        # Some file systems that hold no files of their own answer so instead of refusing.
        raise InputError(f"output folder {str(target)!r} cannot be made there; accepted: a folder on a disk") from error
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(target)) from error
    return stage


def _write_manifest(stage: Path, about: Mapping[str, Any]) -> None:
    written = sorted(path for path in stage.rglob("*") if path.is_file())
    files = {path.relative_to(stage).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in written}
    content = json.dumps({"schema": SCHEMA, **about, "files": files}, indent=2, sort_keys=True)
    (stage / MANIFEST).write_text(content + "\n", encoding="utf-8")


def _swap(stage: Path, target: Path) -> None:
    """Put `stage` in the place of `target`; if that fails, `target` as it was is put back."""
    with _interrupts_held():
        target.parent.mkdir(parents=True, exist_ok=True)
        old = stage.with_suffix(".old")
        replaced = target.exists()
        if replaced:
            target.rename(old)
        try:
            stage.rename(target)
        except OSError:
            if replaced:
                old.rename(target)
            raise
        if replaced:
            _remove(old)


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Ctrl-C does nothing meanwhile: what runs here takes milliseconds and must not stop half-way."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _remove(folder: Path) -> None:
    with _interrupts_held(), contextlib.suppress(FileNotFoundError):
        shutil.rmtree(folder)


def write_text(path: Path, text: str) -> None:
    """Write a text file, whole or not at all."""
    write_bytes(path, text.encode())


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file, whole or not at all."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        unfinished.write_bytes(content)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
