"""The page that is shipped is the page whose source is here."""

import json
import re
import shutil
import subprocess

import pytest

LIMIT = 600_000


def test_the_shipped_page_is_what_its_source_builds(root, tmp_path):
    web = root / "web"
    if not shutil.which("node") or not (web / "node_modules").is_dir():
        pytest.skip("needs Node and its packages: `npm ci` in web")
    build = ["node", "node_modules/vite/bin/vite.js", "build", "--outDir", str(tmp_path / "built")]
    subprocess.run(build, cwd=web, check=True, capture_output=True)
    built, shipped = tmp_path / "built", root / "src/fourfronts/web/static"
    found, expected = (
        {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        for folder in (shipped, built)
    )
    assert found.keys() == expected.keys()
    assert found == expected, "`npm run build` in web, and commit what it writes"


def test_the_page_is_light_and_needs_no_other_host(root):
    shipped = root / "src/fourfronts/web/static"
    files = {path.name: path.read_text(encoding="utf-8") for path in shipped.rglob("*") if path.is_file()}
    assert sum(len(text.encode()) for text in files.values()) < LIMIT
    index = files["index.html"]
    assert not re.search(r"<script(?![^>]* src=)|<style| style=| on\w+=", index), "the security policy refuses these"
    for name, text in files.items():
        # Names of XML and addresses in messages are not fetched.
        hosts = set(re.findall(r"""(?:src|href|url\()\s*=?\s*["']?(https?://[^"')]+)""", text))
        assert not hosts, name


def test_the_lock_of_the_page_names_versions_and_no_addresses(root):
    lock = json.loads((root / "web/package-lock.json").read_text(encoding="utf-8"))
    assert not [name for name, each in lock["packages"].items() if "resolved" in each]
