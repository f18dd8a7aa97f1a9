"""Bundles the published web client of several generations, as the CDN would serve it.

Nothing of it is kept in the repository: npm installs the packages, esbuild bundles them, and both
stay in a cache folder of the user.
"""

from __future__ import annotations

import fcntl
import functools
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_ESBUILD = "0.25.9"
_OWN_ENTRY = Path(__file__).with_name("real_client_entry.js")
_TIMEOUT = 240


@dataclass(frozen=True)
class Generation:
    """One published version of the client; `name` is what the tests call it."""

    name: str
    version: str
    slim: bool = False

    @property
    def file(self) -> str:
        """Return the name of the script on the CDN."""
        return "cwr-slim.js" if self.slim else "cwr.js"

    @property
    def number(self) -> tuple[int, ...]:
        """Return the version as numbers."""
        return tuple(int(part) for part in self.version.split("."))

    @property
    def path(self) -> str:
        """Return the script's path on the CDN."""
        return f"/{self.version}/{self.file}"

    @property
    def _alias(self) -> str:
        return f"rum-{self.name}"

    @property
    def dependency(self) -> tuple[str, str]:
        """Return the line of package.json that installs it under a name of its own."""
        package = "@aws-rum/web-slim" if self.slim else "aws-rum-web"
        return self._alias, f"npm:{package}@{self.version}"

    @property
    def published(self) -> str:
        """Return the file of the package that the CDN's script is made of, if it has one."""
        whole = self.slim or self.number >= (3,)
        return f"node_modules/{self._alias}/dist/es/index-browser.js" if whole else ""

    @property
    def entry(self) -> str:
        """Return the script that stands in for it where the package leaves it out."""
        return _OWN_ENTRY.read_text().replace("@PACKAGE@", self._alias)


GENERATIONS = (
    Generation("1.14", "1.14.0"),
    Generation("1.16", "1.16.1"),
    Generation("1.25", "1.25.0"),
    Generation("2.1", "2.1.0"),
    Generation("3.2.0", "3.2.0"),
    Generation("newest", "3.2.1"),
    Generation("slim", "3.2.1", slim=True),
)


class Unavailable(Exception):
    """The client could not be had; the message is one line."""


@functools.cache
def bundles() -> dict[str, bytes]:
    """Return the scripts by generation. Raises Unavailable, in one line, without a registry."""
    if not _made():
        make_once(_folder(), _manifest(), _make)
    return {name: file.read_bytes() for name, file in _made().items()}


def missing() -> str:
    """Say what keeps the client from being had here, without asking the registry; else nothing."""
    if shutil.which("npm") and shutil.which("node"):
        return ""
    return "" if _made() else "npm and node are needed to bundle the published web client"


def _made() -> dict[str, Path]:
    """Return the scripts that are in the cache, when all of them are."""
    files = {each.name: _folder() / f"{each.name}.js" for each in GENERATIONS}
    return files if all(file.is_file() for file in files.values()) else {}


def _folder() -> Path:
    return cache() / hashlib.sha256(_recipe().encode()).hexdigest()[:16]


def _recipe() -> str:
    return json.dumps([_manifest(), [each.entry for each in GENERATIONS]])


def _manifest() -> dict[str, object]:
    packages = dict(each.dependency for each in GENERATIONS)
    return {"private": True, "dependencies": {**packages, "esbuild": _ESBUILD}}


def cache() -> Path:
    """Return the user's folder for what the tests build."""
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root) / "rumkit-tests"


def _make(place: Path) -> Path:
    made = place / "made"
    for each in GENERATIONS:
        own = f"{each.name}.entry.js"
        (place / own).write_text(each.entry)
        run(place, "node_modules/.bin/esbuild", each.published or own, "--bundle",
             "--format=iife", "--target=es2017", "--minify", "--log-level=error",
             f"--outfile={made}/{each.name}.js")  # fmt: skip
    return made


def make_once(folder: Path, manifest: dict[str, object], make: Callable[[Path], Path]) -> None:
    """Make a folder of the cache with npm's packages, unless it stands; whoever is at it first
    is waited for.

    `make` gets a place in which the packages are installed, and returns what becomes the folder.
    Raises Unavailable without a registry.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if folder.is_dir():
            return
        with tempfile.TemporaryDirectory(dir=folder.parent) as workshop:
            place = Path(workshop) / "place"
            place.mkdir()
            (place / "package.json").write_text(json.dumps(manifest))
            run(place, "npm", "install", "--ignore-scripts", "--no-audit", "--no-fund",
                "--no-package-lock", "--loglevel=error")  # fmt: skip
            make(place).rename(folder)


def run(place: Path, *argv: str) -> None:
    """Run a tool. Raises Unavailable with the first error that it tells."""
    try:
        done = subprocess.run(
            argv, cwd=place, capture_output=True, text=True, timeout=_TIMEOUT, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"{argv[0]} failed: {type(error).__name__}") from None
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if "error" in line.lower()]
        said = (lines or [f"exit code {done.returncode}"])[0][:160]
        raise Unavailable(f"the web client could not be bundled: {said}")
