"""Two investigations side by side, in lines for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.show import screen, words
from rumkit.show.text import Page

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rumkit.compare import Difference, Pair
    from rumkit.investigation import Investigation

_LABEL = 10
_LABELS = (("new", "WORSE"), ("mended", "MENDED"), ("changed", "CHANGED"), ("lost", "NOT KNOWN"))


def render(difference: Difference, *, width: int = 80, colour: bool = False) -> str:
    """Return the difference, the worse first; each finding on one line."""
    page = Page(width + 4, colour=colour, whole_words=True)
    return "\n".join(_lines(difference, page, width))


def _lines(difference: Difference, page: Page, width: int) -> Iterator[str]:
    before, after = difference.before, difference.after
    look = words.VERDICT_SIGNS[after.verdict]
    worse = "something got worse" if difference.worse else "nothing got worse"
    moved = (
        f"still {after.verdict}"
        if before.verdict is after.verdict
        else f"{before.verdict} → {after.verdict}"
    )
    yield f"{page.paint(look, f'{words.SIGNS[look]} {moved.upper()}')}  {worse}"
    yield from page.wrap(screen.where(after), "  ", "  ")
    for name in difference.targets:
        old, new = (words.one_line(t.target.get(name) or "none") for t in (before, after))
        yield from page.wrap(f"not the same {name}: {old}, then {new}", "  ", "    ")
    yield from _labelled(page, "BEFORE", _window(before))
    yield from _labelled(page, "AFTER", _window(after))
    if before.root_cause != after.root_cause:
        yield from _labelled(
            page, "CAUSE", f"{_name(before.root_cause)} → {_name(after.root_cause)}"
        )
    steps = (f"{words.HOP_NAMES[s.hop]} {s.before} → {s.after}" for s in difference.path)
    yield from _labelled(page, "PATH", "; ".join(steps) or "as before")
    for attribute, label in _LABELS:
        yield from _listed(getattr(difference, attribute), label, page, width)
    yield from _labelled(page, "SAME", words.count(difference.same, "finding"))


def _window(investigation: Investigation) -> str:
    target = investigation.target
    return words.span(target.get("since"), target.get("until"))


def _name(check: str | None) -> str:
    return words.one_line(check) if check else "none"


def _labelled(page: Page, label: str, text: str) -> list[str]:
    return page.wrap(text, label.ljust(_LABEL), " " * _LABEL)


def _listed(pairs: Sequence[Pair], label: str, page: Page, width: int) -> Iterator[str]:
    for number, pair in enumerate(pairs):
        now = pair.now
        sign = page.paint(words.LOOKS[now.condition], words.MARKS[now.condition])
        text = f"{words.one_line(now.check)}: {words.one_line(now.summary)}"
        head = ("" if number else label).ljust(_LABEL)
        yield f"{head}{sign} {screen.cut(text, width - _LABEL - 2)}"
