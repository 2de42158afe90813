"""The vendored browser files are what was published, load nothing from elsewhere, and show the bpmn.io watermark."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest

WEB = Path(__file__).parents[2] / "web"
VENDOR = WEB / "static" / "vendor"
MANIFEST = json.loads((WEB / "static" / "VENDOR.json").read_text("utf-8"))
OWN_STYLES = sorted((WEB / "static").glob("*.css"))


def test_exactly_the_listed_files_are_there() -> None:
    found = {path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*") if path.is_file()}
    assert found == set(MANIFEST["files"])


@pytest.mark.parametrize("name", MANIFEST["files"])
def test_bytes_are_the_listed_ones(name: str) -> None:
    assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == MANIFEST["files"][name]["sha256"]


def test_packages_are_pinned_to_what_is_vendored() -> None:
    pins = json.loads((WEB / "package.json").read_text("utf-8"))["devDependencies"]
    assert pins == {name: MANIFEST["packages"][name]["version"] for name in pins}
    assert all(one["integrity"].startswith("sha512-") for one in MANIFEST["packages"].values())


def test_lock_agrees_and_names_no_host() -> None:
    lock = json.loads((WEB / "package-lock.json").read_text("utf-8"))["packages"]
    for name, package in MANIFEST["packages"].items():
        assert lock[f"node_modules/{name}"]["integrity"] == package["integrity"]
    assert not any("resolved" in entry for entry in lock.values())


def test_every_package_has_its_licence() -> None:
    licences = (VENDOR / "THIRD_PARTY.txt").read_text("utf-8")
    for name, package in MANIFEST["packages"].items():
        assert f"## {name} {package['version']}" in licences


@pytest.mark.parametrize("path", [*OWN_STYLES, *sorted(VENDOR.rglob("*.css"))], ids=lambda path: path.name)
def test_styles_load_nothing_from_elsewhere(path: Path) -> None:
    assert not re.search(r"(?:url\(|@import)\s*['\"]?(?:https?:)?//", path.read_text("utf-8"))


def test_watermark_is_in_the_viewer_and_not_hidden_by_us() -> None:
    assert "bjs-powered-by" in (VENDOR / "bpmn-navigated-viewer.min.js").read_text("utf-8")
    for path in OWN_STYLES:
        rules = re.findall(r"bjs-powered-by[^{]*\{([^}]*)\}", path.read_text("utf-8"))
        assert not re.search(r"display\s*:|visibility|opacity|clip|position|transform|width|height", " ".join(rules))


@pytest.mark.parametrize("path", OWN_STYLES, ids=lambda path: path.name)
def test_own_rules_begin_with_a_class(path: Path) -> None:
    text = re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.DOTALL)
    for selectors in re.findall(r"(?:^|[{};])\s*([^@{};]+)\{", text):
        for selector in selectors.split(","):
            assert re.match(r"\s*([.#:]|\d+%)", selector), selector


@pytest.mark.parametrize("path", sorted((WEB / "templates").glob("*.html")), ids=lambda path: path.name)
def test_templates_hold_neither_scripts_nor_styles(path: Path) -> None:
    text = path.read_text("utf-8")
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|https?://", text)
