"""The file of a folder that starts the client: of a project, or of a site as it was built."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from rumkit.model import BadInput
from rumkit.plain_file import text_there

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAX_SEEN = 50_000
_MAX_FILES = 2_000
_MAX_BYTES = 1_000_000
_FILES = re.compile(
    r".+\.(?:[cm]?[jt]sx?|x?html?|vue|svelte|astro|php|phtml|cshtml|erb|ejs|hbs|twig|liquid|jspx?)",
    re.IGNORECASE,
)
# What a project holds beside its own code, and what no visitor gets.
_ASIDE = re.compile(
    r"\..+|node_modules|bower_components|vendor|coverage|__\w+__|tests?|e2e|cypress|playwright|mocks?"
)
_TRIED = re.compile(r".+\.(?:test|spec|stories|d)\.[cm]?[jt]sx?")
_STARTS = re.compile(r"\bnew\s+AwsRum\s*\(|AwsRumClient\s*=\s*\{")


def file_that_starts(folder: Path) -> Path:
    """Return the file of a folder that starts the client, else its only page.

    A page that names the script that starts it counts before that script. Raises BadInput.
    """
    files = list(_files(folder))
    pages = [each for each in files if each.suffix.lower() in {".html", ".htm"}]
    starting = [each for each in files if _STARTS.search(text_there(each, _MAX_BYTES))]
    loading = [page for page in pages if _names_one_of(starting, page)]
    first = [page for page in pages if page == folder / "index.html"]
    chosen = loading or starting or first or pages
    if len(chosen) == 1:
        return chosen[0]
    if not chosen:
        raise BadInput(f"{folder} holds no page and no file that starts the client: name the file.")
    what = "start the client" if starting else "are pages"
    names = ", ".join(str(each.relative_to(folder)) for each in chosen[:5])
    raise BadInput(f"{folder} holds {len(chosen)} files that {what}; name one of them: {names}.")


def _files(folder: Path) -> Iterator[Path]:
    seen = found = 0
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(each for each in folders if not _ASIDE.fullmatch(each))
        for name in sorted(names):
            if _FILES.fullmatch(name) and not _TRIED.fullmatch(name):
                yield Path(place, name)
                found += 1
        seen += 1 + len(names)
        if found > _MAX_FILES or seen > _MAX_SEEN:
            return


def _names_one_of(scripts: list[Path], page: Path) -> bool:
    text = text_there(page, _MAX_BYTES) if scripts else ""
    return any(each != page and each.name in text for each in scripts)
