"""A folder of results appears whole or not at all, and takes no other folder's place."""

import errno
import os
import signal
from pathlib import Path

import pytest

from fourfronts.errors import InputError
from fourfronts.report.folder import MANIFEST, check_folder, whole_folder

ABOUT = {"version": "1", "seed": 1}


def tree(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def inside(folder):
    return [path.name for path in folder.iterdir()]


def write(target, **files):
    with whole_folder(target, ABOUT) as folder:
        (folder / "figures").mkdir()
        for name, text in files.items():
            (folder / "figures" / name).write_text(text)


@pytest.fixture
def earlier(tmp_path):
    write(tmp_path / "out", old="old")
    return tmp_path / "out"


def test_a_new_folder_appears_with_its_manifest(tmp_path):
    target = tmp_path / "deep" / "er" / "out"
    write(target, one="1", two="2")
    assert {str(name) for name in tree(target)} == {"figures/one", "figures/two", MANIFEST}
    assert inside(tmp_path / "deep" / "er") == ["out"]
    assert target.stat().st_mode & 0o777 == (0o777 & ~_umask())


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_an_earlier_run_is_replaced_with_nothing_left_of_it(earlier):
    write(earlier, new="new")
    assert {str(name) for name in tree(earlier)} == {"figures/new", MANIFEST}
    assert inside(earlier.parent) == ["out"]


def test_an_empty_folder_is_taken(tmp_path):
    (tmp_path / "out").mkdir()
    write(tmp_path / "out", one="1")
    assert (tmp_path / "out" / "figures" / "one").exists()


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt(), ValueError()])
def test_whatever_goes_wrong_leaves_what_was_there_and_no_litter(earlier, error):
    before = tree(earlier)

    def fail_half_way():
        with whole_folder(earlier, ABOUT) as folder:
            (folder / "half").write_text("half")
            raise error

    with pytest.raises(type(error)):
        fail_half_way()
    assert tree(earlier) == before
    assert inside(earlier.parent) == ["out"]


def test_a_first_run_that_fails_leaves_nothing_at_all(tmp_path):
    with pytest.raises(KeyboardInterrupt), whole_folder(tmp_path / "deep" / "out", ABOUT):
        raise KeyboardInterrupt
    assert inside(tmp_path) == []


def test_a_swap_that_fails_half_way_puts_the_earlier_run_back(earlier, monkeypatch):
    before = tree(earlier)
    rename = Path.rename

    def fail_into_place(self, target):
        if self.suffix == ".part":
            raise OSError(errno.EIO, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail_into_place)
    with pytest.raises(OSError, match="Input/output"):
        write(earlier, new="new")
    assert tree(earlier) == before
    assert inside(earlier.parent) == ["out"]


def test_ctrl_c_between_the_two_renames_waits_for_the_second(earlier, monkeypatch):
    rename = Path.rename

    def interrupted(self, target):
        os.kill(os.getpid(), signal.SIGINT)
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", interrupted)
    write(earlier, new="new")
    assert (earlier / "figures" / "new").read_text() == "new"
    assert inside(earlier.parent) == ["out"]
    # Afterwards it works again.
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_error_names_the_file_where_it_was_to_be(earlier):
    with pytest.raises(OSError, match=r"No such file") as caught, whole_folder(earlier, ABOUT) as folder:
        (folder / "no" / "summary.json").write_text("x")
    assert caught.value.filename == str(earlier / "no" / "summary.json")


@pytest.mark.parametrize("name", ["notes.txt", "figures/mine.png", ".hidden"])
def test_a_folder_with_anything_else_in_it_is_never_replaced(earlier, name):
    (earlier / name).write_text("my own work")
    before = tree(earlier)
    for attempt in (lambda: check_folder(earlier), lambda: write(earlier, new="new")):
        with pytest.raises(InputError, match="which no run of fourfronts wrote") as caught:
            attempt()
        assert repr(name) in str(caught.value)
    assert tree(earlier) == before


def test_a_link_inside_counts_as_something_else(earlier, tmp_path):
    (tmp_path / "precious").mkdir()
    (earlier / "link").symlink_to(tmp_path / "precious")
    with pytest.raises(InputError, match="'link'"):
        check_folder(earlier)


@pytest.mark.parametrize("manifest", ["", "[]", "{}", '{"schema": "other", "files": {"a": ""}}', "\\udc80"])
def test_a_manifest_that_is_not_ours_makes_nothing_ours(tmp_path, manifest):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / MANIFEST).write_text(manifest)
    with pytest.raises(InputError, match="no run of fourfronts wrote"):
        check_folder(tmp_path / "out")


def test_a_file_a_link_and_the_current_folder_are_refused(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("x")
    (tmp_path / "else").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "else")
    (tmp_path / "here" / "below").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here" / "below")
    for target, words in (
        (tmp_path / "file", "is a file"),
        (tmp_path / "link", "is a link"),
        (Path(), "the folder you are in"),
        (tmp_path / "here", "the folder you are in or one above it"),
        (Path("/proc"), "is a mount point"),
    ):
        with pytest.raises(InputError, match=words):
            check_folder(target)


def test_nowhere_to_write_is_found_out_before_the_work(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(NotADirectoryError) as caught:
        check_folder(tmp_path / "file" / "deep" / "out")
    assert caught.value.filename == str(tmp_path / "file" / "deep" / "out")
    assert inside(tmp_path) == ["file"]


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a file system that holds no files of its own")
def test_a_place_that_holds_no_files_is_one_clear_line():
    with pytest.raises(InputError, match="accepted: a folder on a disk"):
        check_folder(Path("/proc/results"))


def test_checking_leaves_no_trace(tmp_path, earlier):
    check_folder(tmp_path / "new" / "out")
    check_folder(earlier)
    assert inside(tmp_path) == ["out"]
