"""What a user installs is whole, and the files that describe it agree with each other."""

import re
import subprocess
import sys
import tomllib
from zipfile import ZipFile

import pytest
import yaml

import fourfronts


@pytest.fixture(scope="module")
def project(root):
    return tomllib.loads((root / "pyproject.toml").read_text())["project"]


def test_the_wheel_carries_every_file_of_the_package(root, tmp_path):
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=root,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    inside = set(ZipFile(wheel).namelist())

    source = root / "src"
    written = {
        path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file() and path.suffix != ".pyc"
    }
    assert {path.rpartition(".")[2] for path in written} >= {"py", "typed", "csv", "yaml"}
    assert written - inside == set()
    # Nothing else of the repository travels with it, except its own description and licences.
    assert {path for path in inside - written if ".dist-info/" not in path} == set()
    assert {path.rpartition("/")[2] for path in inside} >= {"LICENSE", "LICENSE-DATA.md"}


def test_the_lock_holds_every_direct_requirement_and_no_address(root, project):
    lock = (root / "requirements.lock").read_text()
    pinned = {name.lower() for name in re.findall(r"^([\w.-]+)==", lock, flags=re.MULTILINE)}
    wanted = project["dependencies"] + project["optional-dependencies"]["test"]
    assert {re.match(r"[\w.-]+", each)[0].lower() for each in wanted} - pinned == set()
    assert re.findall(r".*(?:://|--find-links|--index|file:|[ =]/).*", lock) == []


def test_requirements_name_lower_bounds_only(project):
    bounded = re.compile(r"[\w-]+>=[\d.]+")
    for each in project["dependencies"]:
        assert bounded.fullmatch(each), each


def test_the_citation_names_this_version(root):
    citation = yaml.safe_load((root / "CITATION.cff").read_text())
    assert citation["version"] == fourfronts.__version__
    assert f"## {fourfronts.__version__}" in (root / "CHANGELOG.md").read_text()
