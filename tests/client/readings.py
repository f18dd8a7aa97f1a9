"""The table of installations as people write them, with what a careful person sees in each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from installs import DOCS, ID, OTHER_ID, POOL, ROLE, URL

TABLE = Path(__file__).parent / "data" / "installations.txt"
_ELIDED = "(function(n,i,v,r,s,c,u,x,z){...})"
MACROS = {
    "@LOADQ@": DOCS.replace("'", "\\'"),
    "@LOADJ@": DOCS,
    "@LOADF@": DOCS,
    "@LOADE@": DOCS.replace("'", "&#39;"),
    "@LOAD@": DOCS,
    "@ELIDED@": _ELIDED,
    "@ID@": ID,
    "@OTHER@": OTHER_ID,
    "@POOL@": POOL,
    "@ROLE@": ROLE,
    "@URL@": URL,
}


@dataclass(frozen=True)
class Case:
    """One input: a file of some kind, and the readings of it, each with what it differs in."""

    kind: str
    title: str
    file: str
    source: str
    readings: tuple[tuple[str, dict[str, str]], ...]


def cases() -> list[Case]:
    """Return the table's inputs with their readings."""
    text = TABLE.read_text(encoding="utf-8")
    for macro, value in MACROS.items():
        text = text.replace(macro, value)
    return [_case(block) for block in text.split("\n#### ")[1:]]


def _case(block: str) -> Case:
    head, _, rest = block.partition("\n")
    kind, title, file = head.split(" | ")
    source, *readings = rest.split("\n-> ")
    return Case(kind, title, file, source + "\n", tuple(_reading(each) for each in readings))


def _reading(text: str) -> tuple[str, dict[str, str]]:
    what, *lines = text.strip().split("\n")
    pairs = (line.partition(": ") for line in lines if line.strip())
    return what, {key: value for key, _, value in pairs}


CASES = cases()
