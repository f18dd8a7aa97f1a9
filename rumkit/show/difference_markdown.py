"""Two investigations side by side as Markdown for a chat or a ticket: short, and safe to paste."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.show import difference as lines
from rumkit.show import screen, words
from rumkit.show.markdown import LONGEST, code, fitting, listed, prose

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rumkit.compare import Difference


def render(difference: Difference) -> str:
    """Return the difference in at most 3,500 characters; what does not fit is counted or marked."""
    return "\n".join(fitting(_lines(difference), LONGEST)).rstrip() + "\n"


def _lines(difference: Difference) -> Iterator[str]:
    before, after = difference.before, difference.after
    if after.target.get("sandbox"):
        yield f"**{words.SANDBOX_SENTENCE}**\n"
    sign = words.SIGNS[words.VERDICT_SIGNS[after.verdict]]
    verdicts = lines.verdicts(difference)
    yield f"**{sign} RUM delivery: {verdicts}**; {lines.outcome(difference)}."
    yield f"Looked at: {prose(screen.where(after))}"
    yield from (prose(sentence, 200) for sentence in lines.other_targets(difference))
    yield f"Before: {prose(lines.window(before), 100)}; after: {prose(lines.window(after), 100)}\n"
    if before.root_cause != after.root_cause:
        old, new = (_name(each.root_cause) for each in (before, after))
        yield f"**Cause:** {old} → {new}"
    yield f"**Path:** {prose(lines.path(difference))}"
    for label, pairs in lines.groups(difference):
        yield from listed(label, [pair.now for pair in pairs])
    yield f"\n**Same:** {words.count(difference.same, 'finding')}"


def _name(check: str | None) -> str:
    return code(screen.cut(check, 60)) if check else "none"
