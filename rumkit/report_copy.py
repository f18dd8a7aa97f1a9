"""A copy of the notebooks in a folder of one's own, with their pictures and the course."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rumkit.model import BadInput
from rumkit.report import notebook_folder
from rumkit.temporary import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterator

# What Jupyter and Python leave beside a notebook.
_LEFTOVERS = frozenset({".ipynb_checkpoints", "__pycache__"})


@dataclass(frozen=True)
class Copied:
    """Files by what became of them, as paths inside `folder`."""

    folder: Path
    written: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    same: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return what a person is told; files that were there are named, replaced or kept."""
        count = len(self.written) + len(self.replaced)
        return "\n".join(
            (
                *(f"replaced  {name}" for name in self.replaced),
                *(f"kept      {name}: it differs; --overwrite replaces it" for name in self.kept),
                f"{count} files copied to {self.folder}; open them on the sandbox with",
                f"  rumkit sandbox all -- jupyter lab {self.folder}",
            )
        )


def copy_notebooks(folder: str | Path, *, overwrite: bool = False) -> Copied:
    """Copy the notebooks; a file that is there and differs is kept, unless told to `overwrite`.

    Raises BadInput where the folder cannot be written.
    """
    source, target = notebook_folder(), Path(folder)
    if target.resolve() == source.resolve():
        raise BadInput(f"{target} is where the notebooks are: name another folder.")
    done: dict[str, list[str]] = {"written": [], "replaced": [], "kept": [], "same": []}
    try:
        for name in _files(source):
            content = (source / name).read_bytes()
            done[_put(content, target / name, overwrite=overwrite)].append(name)
    except OSError as error:
        raise BadInput(f"{target} can't be written: {error.strerror}.") from None
    return Copied(target, **{what: tuple(names) for what, names in done.items()})


def _files(source: Path) -> Iterator[str]:
    for path in sorted(source.rglob("*")):
        inside = path.relative_to(source)
        if path.is_file() and not _LEFTOVERS & set(inside.parts):
            yield inside.as_posix()


def _put(content: bytes, target: Path, *, overwrite: bool) -> str:
    """Write one file, never half of it, and say what became of it."""
    there = target.exists() or target.is_symlink()
    if there and target.is_file() and target.read_bytes() == content:
        return "same"
    if there and not overwrite:
        return "kept"
    target.parent.mkdir(parents=True, exist_ok=True)
    write_whole(target, content)
    return "replaced" if there else "written"
