"""Two investigations side by side, in lines for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.show import screen, words
from rumkit.show.text import TextPage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rumkit.compare import Difference, FindingPair
    from rumkit.investigation import Investigation

_LABEL = 10


def render(difference: Difference, *, width: int = 80, colour: bool = False) -> str:
    """Return the difference, the worse first; each finding on one line."""
    page = TextPage(width + 4, colour=colour, whole_words=True)
    return "\n".join(_lines(difference, page, width))


def _lines(difference: Difference, page: TextPage, width: int) -> Iterator[str]:
    before, after = difference.before, difference.after
    look = words.VERDICT_SIGNS[after.verdict]
    moved = f"{words.SIGNS[look]} {verdicts(difference).upper()}"
    yield f"{page.paint(look, moved)}  {outcome(difference)}"
    yield from page.wrap(screen.where(after), "  ", "  ")
    for sentence in other_targets(difference):
        yield from page.wrap(sentence, "  ", "    ")
    yield from _labelled(page, "BEFORE", window(before))
    yield from _labelled(page, "AFTER", window(after))
    if before.root_cause != after.root_cause:
        old, new = (words.one_line(each.root_cause or "none") for each in (before, after))
        yield from _labelled(page, "CAUSE", f"{old} → {new}")
    yield from _labelled(page, "PATH", path(difference))
    for label, pairs in groups(difference):
        yield from _listed(pairs, label.upper(), page, width)
    yield from _labelled(page, "SAME", words.count(difference.same, "finding"))


def verdicts(difference: Difference) -> str:
    """Return both verdicts, or that it is still the same one."""
    before, after = difference.before.verdict, difference.after.verdict
    return f"still {after}" if before is after else f"{before} → {after}"


def outcome(difference: Difference) -> str:
    """Return whether something got worse."""
    return "something got worse" if difference.worse else "nothing got worse"


def other_targets(difference: Difference) -> Iterator[str]:
    """Yield a sentence for each part of the target that is not the same in both."""
    for name in difference.targets:
        both = difference.before, difference.after
        old, new = (words.one_line(each.target.get(name) or "none") for each in both)
        yield f"{name} differs: {old}, then {new}"


def window(investigation: Investigation) -> str:
    """Return the time that was looked at."""
    target = investigation.target
    return words.span(target.get("since"), target.get("until"))


def path(difference: Difference) -> str:
    """Return the hops that are in another state than before."""
    steps = (f"{words.HOP_NAMES[s.hop]} {s.before} → {s.after}" for s in difference.path)
    return "; ".join(steps) or "as before"


def groups(difference: Difference) -> Iterator[tuple[str, Sequence[FindingPair]]]:
    """Yield the findings that changed, the worse first, by what became of them."""
    yield "Worse", difference.new
    yield "Mended", difference.mended
    yield "Changed", difference.changed
    yield "Not known", difference.lost


def _labelled(page: TextPage, label: str, text: str) -> list[str]:
    return page.wrap(text, label.ljust(_LABEL), " " * _LABEL)


def _listed(pairs: Sequence[FindingPair], label: str, page: TextPage, width: int) -> Iterator[str]:
    for number, pair in enumerate(pairs):
        now = pair.now
        text = f"{words.one_line(now.check)}: {words.one_line(now.summary)}"
        head = ("" if number else label).ljust(_LABEL)
        yield f"{head}{page.mark(now.condition)} {screen.cut(text, width - _LABEL - 2)}"
