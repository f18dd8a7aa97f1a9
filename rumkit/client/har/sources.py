"""Finds the files of a recording: the HAR, the console and the storage, and bodies of their own.

They stand beside the HAR under its stem, together in one folder, or together in one zip.
"""

from __future__ import annotations

import contextlib
import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from rumkit.client.har.body import Attached, no_file
from rumkit.client.har.fields import decoded
from rumkit.client.har.redact import printable
from rumkit.model import BadInput
from rumkit.plain_file import given_path, is_file, read_plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

MAX_FILES = 100_000
MAX_TEXT = 32 << 20
# What a trace of Playwright calls the requests that it holds.
TRACE = ".network"
ZIP = b"PK\x03\x04"
HAR_ENDINGS = (".har.gz", ".har.zip", ".har.json", ".har", TRACE)
_CONSOLES = (".console.json", ".console.txt", ".console.log", ".log", ".trace")
_STORAGES = (".storage.json", ".storage.txt", ".cookies.json", ".cookies.txt", ".localstorage.json",
             ".localstorage.txt")  # fmt: skip
_TEXTS = (".json", ".txt", ".log", ".jsonl", ".csv", ".tsv", ".trace")
# A trace of Playwright keeps the console among what else happened.
_CONSOLE_NAME = re.compile(r"console|\.log$|\.trace$")
_STORAGE_NAME = re.compile(r"storage|cookie")
# How Playwright names the bodies that it attaches; nothing else beside a HAR is ever opened.
_BODY_NAME = re.compile(r"[0-9a-f]{32,64}(?:\.[a-z0-9]{1,8})?")
_KNOWN = re.compile(r"page.*\.(?:html?|headers\.json)$|meta\.json$|truth\.json$|\.headers$")


@dataclass
class Sources:
    """Where the parts of a recording are; `har` is what `read_har` opens.

    `console`, `storages` and `meta` (of rumkit's own recorder) are texts; `notes` say what nobody
    can use.
    """

    har: Path
    console: str | None = None
    storages: list[str] = field(default_factory=list)
    meta: str = ""
    attached: Attached = no_file
    notes: list[str] = field(default_factory=list)


@contextlib.contextmanager
def open_sources(path: Path) -> Iterator[Sources]:
    """Find a recording's parts; what is in a zip can be read while the context lasts.

    Raises BadInput when there is no HAR, or more than one in a folder.
    """
    try:
        folder = path.is_dir()
        packed = path.is_file() and read_plain(path, 4) == ZIP
    except (OSError, ValueError):
        raise BadInput(f"{path.name} can't be read.") from None
    if folder:
        yield _in_folder(path)
    elif packed:
        with open_zip(path) as archive:
            yield _in_zip(path, archive)
    else:
        yield _beside(path)


def open_zip(path: Path) -> zipfile.ZipFile:
    """Open a zip file; raises BadInput for a damaged one."""
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError):
        raise BadInput(f"{path.name} is a damaged zip file.") from None


def read_named(path: str | Path, what: str, most: int) -> bytes:
    """Return the beginning of a file that a person named; raises BadInput when it can't be read."""
    try:
        return read_plain(given_path(path), most)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "bad name"
        raise BadInput(f"The {what} {Path(path).name} can't be read: {why}.") from None


def _beside(path: Path) -> Sources:
    """Find what lies beside a HAR under its stem."""
    stem = path.name
    for ending in HAR_ENDINGS:
        if stem.lower().endswith(ending):
            stem = stem[: -len(ending)]
            break
    sources = Sources(path, attached=_folder_bodies(path.parent))
    consoles, storages = (
        [stem + ending for ending in endings if is_file(path.with_name(stem + ending))]
        for endings in (_CONSOLES, _STORAGES)
    )
    parts = _Parts(console=next(iter(consoles), ""), storages=storages)
    _take(sources, parts, lambda name: _text(path.with_name(name)))
    return sources


def _text(path: Path) -> str:
    return decoded(read_plain(path, MAX_TEXT))


def _in_folder(folder: Path) -> Sources:
    try:
        files = [p for p in _walk(folder) if not p.name.startswith(".")]
    except OSError:
        raise BadInput(f"{folder.name} can't be read.") from None
    hars = [p for p in files if p.name.lower().endswith(HAR_ENDINGS)]
    if not hars:
        raise BadInput(f"{folder.name} is a folder without a .har file in it.")
    if len(hars) > 1:
        names = ", ".join(printable(p.name) for p in hars[:3])
        raise BadInput(f"{folder.name} holds {len(hars)} .har files; name one of them: {names}.")
    sources = Sources(hars[0], attached=_folder_bodies(hars[0].parent))
    by_name = {p.name: p for p in files}
    _take(sources, _parts(by_name), lambda name: _text(by_name[name]))
    return sources


def _walk(folder: Path) -> list[Path]:
    """Return the files of a folder and of the folders in it."""
    files: list[Path] = []
    for child in sorted(folder.iterdir())[:MAX_FILES]:
        if child.is_dir():
            files += [p for p in sorted(child.iterdir())[:MAX_FILES] if p.is_file()]
        else:
            files.append(child)
    return files[:MAX_FILES]


def _in_zip(path: Path, archive: zipfile.ZipFile) -> Sources:
    sources = Sources(path, attached=_zip_bodies(archive))
    members = {PurePosixPath(name).name: name for name in reversed(zip_members(archive))}
    parts = _parts(members)
    _take(sources, parts, lambda name: decoded(_member(archive, members[name], MAX_TEXT)))
    return sources


def _take(sources: Sources, parts: _Parts, text: Callable[[str], str]) -> None:
    """Read the parts that were found; `text` returns that of a name, or raises OSError."""
    sources.notes = parts.notes()

    def read(name: str) -> str | None:
        try:
            return text(name) if name else None
        except OSError as error:
            sources.notes.append(f"{printable(name[:80])} can't be read: {error.strerror}.")
            return None

    sources.console = read(parts.console)
    sources.storages = [each for each in map(read, parts.storages) if each is not None]
    sources.meta = read(parts.meta) or ""


def zip_members(archive: zipfile.ZipFile) -> list[str]:
    """Return the files of an archive, without what macOS and hidden files add."""
    names = [name for name in archive.namelist()[:MAX_FILES] if not name.endswith("/")]
    return [
        name
        for name in names
        if "__MACOSX" not in name and not PurePosixPath(name).name.startswith(".")
    ]


@dataclass
class _Parts:
    """The names of the parts among the files of a folder or zip."""

    hars: list[str] = field(default_factory=list)
    console: str = ""
    storages: list[str] = field(default_factory=list)
    meta: str = ""
    unused: list[str] = field(default_factory=list)

    def notes(self) -> list[str]:
        """Say once what nobody uses."""
        notes = []
        if len(self.hars) > 1:
            notes.append(f"Of {len(self.hars)} .har files only the first was read.")
        if self.unused:
            names = ", ".join(printable(name[:80]) for name in self.unused[:5])
            notes.append(f"Not used, since it is neither a console nor a storage: {names}.")
        return notes


def _parts(names: Iterable[str]) -> _Parts:
    parts = _Parts()
    for name in names:
        lowered = name.lower()
        if lowered.endswith(HAR_ENDINGS):
            parts.hars.append(name)
        elif not lowered.endswith(_TEXTS) or _BODY_NAME.fullmatch(lowered):
            continue
        elif lowered == "meta.json":
            parts.meta = name
        elif _STORAGE_NAME.search(lowered):
            parts.storages.append(name)
        elif _CONSOLE_NAME.search(lowered) and not parts.console:
            parts.console = name
        elif not _KNOWN.search(lowered):
            parts.unused.append(name)
    return parts


def _folder_bodies(folder: Path) -> Attached:
    def read(name: str, limit: int) -> bytes:
        if not _BODY_NAME.fullmatch(name):
            return b""
        with contextlib.suppress(OSError, ValueError):
            return read_plain(folder / name, limit)
        return b""

    return read


def _zip_bodies(archive: zipfile.ZipFile) -> Attached:
    members = {PurePosixPath(name).name: name for name in zip_members(archive)}

    def read(name: str, limit: int) -> bytes:
        known = _BODY_NAME.fullmatch(name) and members.get(name)
        return _member(archive, known, limit) if known else b""

    return read


def _member(archive: zipfile.ZipFile, name: str, limit: int) -> bytes:
    """Return the beginning of a member; nothing of one that can't be unpacked."""
    try:
        with archive.open(name) as file:
            return file.read(limit)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError, KeyError):
        return b""
