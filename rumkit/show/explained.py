"""What a check asks, from what it decides, and where to read on."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

from rumkit.checks import all_checks
from rumkit.model import Section
from rumkit.show import words
from rumkit.show.text import TextPage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rumkit.checks.base import Check

_GUIDE = "https://github.com/aws-observability/aws-rum-web/blob/main/docs/cdn_troubleshooting.md"
_READS = {
    "configured": "what page, source, monitor and policies say",
    "observed": "a browser's recording",
    "recorded": "trail, metrics and stored events",
    "probed": "the answers to --probe",
}


def explain(name: str, width: int = 100) -> str:
    """Return what a check asks, from what it decides, and where to read on."""
    check = next(each for each in all_checks() if each.id == name)
    return "\n".join(_explained(check, width))


def _explained(check: Check, width: int) -> Iterator[str]:
    page = TextPage(width + 4, colour=False)
    yield check.id
    yield from page.wrap(check.title, "  healthy when   ", " " * 17)
    yield from page.wrap(f"{words.HOP_NAMES[check.hop]}: {check.hop.sentence}", "  hop            ")
    yield "  decides from"
    for witness, ask in check.witnesses():
        about = " ".join((inspect.getdoc(ask) or "").split("\n\n")[0].split())
        reads = f"{_READS[witness]}: {about}" if about else _READS[witness]
        yield from page.wrap(reads, "    ", " " * 6)
    for remark in _remarks(check):
        yield from page.wrap(remark, "  ", " " * 4)
    if check.changes:
        yield from page.wrap(", ".join(sorted(check.changes)), "  changed by     ", " " * 17)
    yield from page.wrap(check.section.heading, "  guide          ", " " * 17)
    links = check.docs if check.section is Section.BEYOND else (_GUIDE, *check.docs)
    yield from (f"  see            {link}" for link in dict.fromkeys(links))


def _remarks(check: Check) -> Iterator[str]:
    if check.symptom:
        yield "A symptom: it shows that something is broken, not why."
    if check.feature:
        yield "It concerns one feature: a failure costs that feature, not delivery."
