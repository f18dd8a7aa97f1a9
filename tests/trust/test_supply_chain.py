"""What is delivered: the same each time it is built, nothing else in it, from known licences."""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCK = ROOT / ".ci" / "requirements.lock"
# What each part of a licence's name says, once "License" and versions are taken off.
ALLOWED = re.compile(
    r"MIT|MIT-0|MIT-CMU|0?BSD|BSD-[23]-Clause|Apache|Apache Software|ISC|ISCL|Zlib|CC0|PSF"
    r"|CNRI-Python|Python Software Foundation|Mozilla Public|MPL|Public Domain|DFSG approved",
    re.IGNORECASE,
)
# Dual ones, of which the other side is taken, and those whose metadata is silent.
LOOKED_AT = {
    "docutils": "public domain and BSD; the GPL is of an editor's mode that is not used",
    "axe-playwright-python": "MIT, by its repository's LICENSE; only tests use it",
}


def build(folder):
    """Build both archives and return them by their ending, whatever the clock and folder."""
    env = {**os.environ, "SOURCE_DATE_EPOCH": "1767225600", "TZ": folder.name}
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", str(folder)],
        cwd=ROOT, env=env, check=True, capture_output=True,
    )  # fmt: skip
    return {path.suffix: path for path in folder.iterdir()}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return [build(tmp_path_factory.mktemp(name)) for name in ("UTC", "Asia-Tokyo")]


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("ending", [".whl", ".gz"])
def test_two_builds_are_the_same_byte_for_byte(ending, built, figure):
    first, second = (digest(each[ending]) for each in built)
    figure("supply chain", f"two builds of the {ending}: {'not ' * (first != second)}the same")
    assert first == second


def tracked():
    """Return the files that are kept, those that are about to be among them."""
    if not (ROOT / ".git").exists():
        pytest.skip("needs the repository")
    words = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True)
    return {name for name in done.stdout.split("\0") if name and (ROOT / name).exists()}


def test_the_wheel_holds_the_package_and_its_notebooks_and_nothing_else(built):
    names = {
        name for name in zipfile.ZipFile(built[0][".whl"]).namelist() if "dist-info" not in name
    }
    kept = tracked()
    wanted = {name for name in kept if name.startswith("rumkit/")}
    wanted |= {f"rumkit/{name}" for name in kept if name.startswith("notebooks/")}
    assert names == wanted


def test_the_source_archive_holds_what_is_kept_and_nothing_else(built):
    with tarfile.open(built[0][".gz"]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
        assert all(member.isfile() for member in archive)
    assert names - {"PKG-INFO"} == tracked()


def locked():
    """Return each locked package with its line and hashes."""
    text = LOCK.read_text().replace("\\\n", " ")
    return {
        match[1]: line
        for line in text.splitlines()
        if (match := re.match(r"([A-Za-z0-9][\w.-]*)==", line))
    }


def test_every_package_is_locked_with_a_hash():
    assert all("--hash=sha256:" in line for line in locked().values())
    assert len(locked()) > 100


def licence(name):
    """Return what a package says of its licence; None where it is not for this system."""
    try:
        found = importlib.metadata.metadata(name)
    except importlib.metadata.PackageNotFoundError:
        return None
    named = [line for line in found.get_all("Classifier") or [] if line.startswith("License ::")]
    classifiers = "; ".join(line.rpartition(" :: ")[2] for line in named)
    written = (found.get("License") or "").partition("\n")[0]
    return found.get("License-Expression") or classifiers or written


def is_allowed(text):
    parts = [part for part in re.split(r"\s+(?:AND|OR)\s+|[;()]", text) if part.strip()]
    return bool(parts) and all(ALLOWED.match(part.strip()) for part in parts)


def test_every_licence_is_one_that_may_be_used(figure):
    told = {name: licence(name) for name in locked()}
    absent = [name for name, text in told.items() if text is None]
    bad = {
        name: text
        for name, text in told.items()
        if text is not None and name not in LOOKED_AT and not is_allowed(text)
    }
    figure(
        "supply chain",
        f"{len(told) - len(absent)} licences read, {len(bad)} not on the list;"
        f" {len(absent)} packages are for other systems",
    )
    assert bad == {}


NO_NETWORK = """
import socket, sys
def refuse(*_, **__): raise AssertionError("the network was asked for")
socket.socket.connect = socket.socket.connect_ex = refuse
socket.getaddrinfo = socket.create_connection = refuse
import pkgutil, importlib, rumkit
names = [m.name for m in pkgutil.walk_packages(rumkit.__path__, "rumkit.")]
skipped = ("rumkit.__main__", "rumkit.fleet.schedules")
for name in names:
    if not name.startswith(skipped):
        importlib.import_module(name)
from rumkit.cli import main
for words in (["permissions"], ["explain", "signing"], ["sandbox", "list"], ["snippet"]):
    assert main(words) == 0
print(len(names), file=sys.stderr)
"""


def test_nothing_asks_the_network_when_it_is_imported(figure):
    done = subprocess.run(
        [sys.executable, "-c", NO_NETWORK], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    figure("supply chain", f"{done.stderr.split()[-1]} modules imported, 0 connections")


def test_an_install_runs_no_code_of_ours():
    text = (ROOT / "pyproject.toml").read_text()
    assert "hatch.build.hooks" not in text
    assert not (ROOT / "setup.py").exists()
