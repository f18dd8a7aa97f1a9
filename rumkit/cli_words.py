"""Words without an option: what each of them names is known by its form."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from rumkit.model import BadInput
from rumkit.plain_file import is_folder, is_there

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

# What would be a file's name if there were such a file: a monitor's name has neither.
_PATH_LIKE = re.compile(r"[/\\]|\.(?:html?|har|json|zip|txt|[jt]sx?)$")


def sort_words(words: Iterable[str], options: argparse.Namespace) -> None:
    """Put each word that was given without an option where its option would have put it.

    Raises BadInput where one is there already.
    """
    for word in words:
        name = _option_of(word)
        if name == "page" and options.page and "://" not in word:
            name = "source"
        if before := getattr(options, name):
            raise BadInput(f"{before} and {word} would both be the {name}: leave one out, or give"
                           " each by its own option.")  # fmt: skip
        setattr(options, name, word)


def _option_of(word: str) -> str:
    """Return what a word names, by its form and by the file that it may be."""
    name = word.lower()
    for kind in ("console.txt", "storage.json"):
        if name.endswith(kind):
            return kind.partition(".")[0]
    if "://" in word:
        return "page"
    if name.endswith((".har", ".zip")) or (is_folder(word) and any(Path(word).glob("*.har"))):
        return "recording"
    if not word.startswith("arn:") and (_PATH_LIKE.search(name) or is_there(word)):
        return "page"
    return "monitor"
