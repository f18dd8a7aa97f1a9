"""The version of the NPM packages of the web client, from a project's manifest and lock files."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from rumkit.json_text import json_object
from rumkit.plain_file import given_path, is_file, is_folder, read_plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

FULL, SLIM, CORE = "aws-rum-web", "@aws-rum/web-slim", "@aws-rum/web-core"
NAMES = (FULL, SLIM, CORE)

_MAX_BYTES = 32_000_000
_MAX_LEVELS = 30
_MAX_FOUND = 50
_SECTIONS = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")
_EXACT = re.compile(r"=?v?(\d{1,6}\.\d{1,6}\.\d{1,6}(?:[-+][\w.+-]{1,60})?)")
_NAME = "|".join(map(re.escape, sorted(NAMES, key=len, reverse=True)))
# yarn 1: `"aws-rum-web@^1.2.0":`; yarn 2 and later: `"rum@npm:aws-rum-web@^1.2.0":`.
_YARN_HEAD = re.compile(rf"(?:^|[\"', ]|npm:)({_NAME})@")
_YARN_VERSION = re.compile(r"^ {2}\"?version\"?:? \"?([^\"\s]{1,80})\"?\s*$")
# pnpm 5 to 9: `/aws-rum-web/1.2.0:`, `/aws-rum-web@1.2.0:`, `'@aws-rum/web-slim@3.2.1':`.
_PNPM = re.compile(rf"^ {{2}}['\"]?/?({_NAME})[@/](\d[\w.+-]{{0,80}}?)(?:[_(].*)?['\"]?:\s*$")
_BUN = re.compile(rf"^\s*\"[^\"\n]{{1,214}}\": ?\[\"({_NAME})@(\d[^\"\s]{{0,80}})\"")

_Pair = tuple[str, str]


@dataclass(frozen=True)
class PackageVersion:
    """A package of the web client in a file: an exact version, or the range that is asked for."""

    name: str
    version: str
    exact: bool
    file: str


@dataclass(frozen=True)
class BadRelease:
    """Releases `first` to `last` of aws-rum-web that cannot be used as they were published.

    `always` is false when an older lock file, or another package, may hide the fault.
    """

    first: tuple[int, int, int]
    last: tuple[int, int, int]
    reason: str
    source: str
    always: bool = True


_ISSUES = "https://github.com/aws-observability/aws-rum-web/issues/"
_PULLS = "https://github.com/aws-observability/aws-rum-web/pull/"

# The first row that matches tells most. Those without `always` were seen in fresh installations
# of 1.0.3, 1.5.0, 1.6.0, 1.8.2, 1.12.0 and 1.13.6, which do not build, and of 1.13.7, which does.
BAD_RELEASES = (
    BadRelease(
        (1, 13, 2),
        (1, 13, 2),
        "the package lacks the files that its package.json names as its entry (dist/cjs/index.js,"
        " dist/es/index.js): it cannot be imported",
        _ISSUES + "371",
    ),
    BadRelease(
        (1, 13, 3),
        (1, 13, 3),
        "the package's CommonJS entry throws when it is loaded: TypeError, cannot read 'version'"
        " of undefined",
        _PULLS + "381",
    ),
    BadRelease(
        (1, 0, 0),
        (1, 13, 6),
        "the package imports @aws-sdk/querystring-builder without depending on it: a fresh"
        " installation does not build",
        _PULLS + "370",
        always=False,
    ),
)


def bad_release(version: str) -> BadRelease | None:
    """Return what is wrong with a release of aws-rum-web; None for a good or an inexact one."""
    match = _EXACT.fullmatch(version.strip())
    if match is None:
        return None
    major, minor, patch = (int(part) for part in re.split(r"[.+-]", match[1])[:3])
    number = (major, minor, patch)
    return next((row for row in BAD_RELEASES if row.first <= number <= row.last), None)


def read_packages(path: str | Path) -> tuple[PackageVersion, ...]:
    """Return the web client's packages that a project names.

    `path` is a manifest or lock file, or a source file or folder of the project: then the files
    of the nearest folder upwards that holds a package.json are read. What is missing, too large
    or not readable tells nothing. Never raises.
    """
    named = given_path(path)
    if named.name in READERS:
        return tuple(_read(named))
    folder = project_folder(named if is_folder(named) else named.parent)
    versions = (each for name in READERS for each in _read(folder / name))
    return tuple(dict.fromkeys(versions))


def used_package(packages: tuple[PackageVersion, ...]) -> PackageVersion | None:
    """Return the package that the project uses: the full one before the slim, exact before not.

    None when there is none, and when several versions of it are there at once.
    """
    for name in (FULL, SLIM):
        mine = [each for each in packages if each.name == name]
        told = [each for each in mine if each.exact] or mine
        if told:
            return told[0] if len({each.version for each in told}) == 1 else None
    return None


def project_folder(folder: Path) -> Path:
    """Return the nearest folder upwards with a package.json, else the folder itself."""
    try:
        absolute = folder.absolute()
        upwards = [absolute, *absolute.parents][:_MAX_LEVELS]
        return next((each for each in upwards if is_file(each / "package.json")), folder)
    except OSError:
        return folder


def _read(path: Path) -> Iterator[PackageVersion]:
    text = _text(path)
    if not any(name in text for name in NAMES):
        return
    for name, version in islice(READERS[path.name](text), _MAX_FOUND):
        exact = _EXACT.fullmatch(version)
        yield PackageVersion(name, exact[1] if exact else version, exact is not None, str(path))


def _text(path: Path) -> str:
    try:
        if not path.is_file() or path.stat().st_size > _MAX_BYTES:
            return ""
        return read_plain(path, _MAX_BYTES).decode("utf-8-sig", "replace")
    except (OSError, ValueError):
        return ""


def _manifest(text: str) -> Iterator[_Pair]:
    """Read package.json; an alias such as `npm:aws-rum-web@1.2.0` counts as what it stands for."""
    data = json_object(text)
    for section in _SECTIONS:
        listed = data.get(section)
        for name, spec in listed.items() if isinstance(listed, dict) else ():
            if isinstance(spec, str):
                yield from _wanted(name, spec[:200])


def _wanted(name: str, spec: str) -> Iterator[_Pair]:
    """Yield the package and version of a dependency, when it is one of the client's."""
    if spec.startswith("npm:"):
        name, _, spec = spec.removeprefix("npm:").rpartition("@")
    if name in NAMES:
        yield name, spec


def _npm_lock(text: str) -> Iterator[_Pair]:
    """Read package-lock.json: `packages` of versions 2 and 3, else `dependencies` of version 1."""
    data = json_object(text)
    packages = data.get("packages")
    if isinstance(packages, dict):
        for place, entry in packages.items():
            if isinstance(entry, dict) and isinstance(entry.get("version"), str) and place:
                name = entry.get("name") or place.rpartition("node_modules/")[2]
                yield from _wanted(str(name), entry["version"])
        return
    pending = deque([data.get("dependencies")])
    while pending:
        listed = pending.popleft()
        for name, entry in listed.items() if isinstance(listed, dict) else ():
            if isinstance(entry, dict):
                pending.append(entry.get("dependencies"))
                yield from _wanted(name, str(entry.get("version")))


def _yarn_lock(text: str) -> Iterator[_Pair]:
    """Read yarn.lock of any version: a line that names the package, then its version."""
    name = ""
    for line in text.splitlines():
        if line[:1] not in {"", " ", "#"}:
            head = _YARN_HEAD.search(line[:2_000])
            name = head[1] if head else ""
        elif name and (version := _YARN_VERSION.match(line)):
            yield name, version[1]
            name = ""


def _lines(pattern: re.Pattern[str]) -> Callable[[str], Iterator[_Pair]]:
    def read(text: str) -> Iterator[_Pair]:
        matches = (pattern.match(line) for line in text.splitlines() if len(line) < 4_000)
        return iter(dict.fromkeys((each[1], each[2]) for each in matches if each))

    return read


READERS: dict[str, Callable[[str], Iterator[_Pair]]] = {
    "package.json": _manifest,
    "package-lock.json": _npm_lock,
    "npm-shrinkwrap.json": _npm_lock,
    "yarn.lock": _yarn_lock,
    "pnpm-lock.yaml": _lines(_PNPM),
    "bun.lock": _lines(_BUN),
}
