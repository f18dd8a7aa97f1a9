"""The investigation as Markdown for a chat or a ticket: short, and safe to paste.

Nothing of it can become a link, a mention, an image or HTML: prose is escaped, and every word
that a forge or a chat would act on stands as code.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rumkit.printable import clean
from rumkit.show import screen, selection, words
from rumkit.show.needs import needs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rumkit.investigation import Investigation
    from rumkit.model import Finding, Fix

# Under the 4,000 characters that a message of the usual chats may have.
LONGEST = 3500
_LONGEST_FIX = 1600
_LONGEST_SENTENCE = 300
_LONGEST_CAUSE = 500
# What the mark takes that says that something did not fit.
_MARK = 4
# A text that is nearly all punctuation is shown as code, which needs no escapes.
_MOST_ESCAPED = 1.3
_MOST = 4
# Prose never begins a line, where more signs would mean something.
_PUNCTUATION = re.compile(r"([\\`*_\[\]<>|~&])")
# Addresses, mentions, references, shortcodes and ARNs: what is acted on, or is exact.
_EXACT = re.compile(r"@|://|www\.|arn:|#\d|&|<|>|:\w+:|\w_\w|\w\.[^\W\d]")
_FENCES = {
    "aws-cli": "sh",
    "terraform": "hcl",
    "cloudformation": "yaml",
    "iam-policy": "json",
    "trust-policy": "json",
    "resource-policy": "json",
    "client-config": "js",
}


def render(investigation: Investigation) -> str:
    """Return the answer in at most 3,500 characters; what does not fit is counted."""
    needed = list(_needed(investigation))
    room = LONGEST - _length(needed)
    more = [*_fix(investigation, room), *_beside(investigation)]
    return "\n".join([*needed, *fitting(more, room)]).rstrip() + "\n"


def _length(lines: Iterable[str]) -> int:
    return sum(len(line) + 1 for line in lines)


def prose(text: object, longest: int = _LONGEST_SENTENCE) -> str:
    """Return one line of escaped text in which exact words stand as code."""
    line = screen.cut(words.one_line(text), longest)
    parts = words.QUOTED.split(line)
    # Every second part stood in backticks.
    shown = "".join(code(part) if at % 2 else _words(part) for at, part in enumerate(parts))
    return shown if len(shown) <= len(line) * _MOST_ESCAPED + 20 else code(line)


def code(text: str) -> str:
    """Return a code span that holds a text whole, whatever backticks are in it."""
    if _longest_run(text) > 3:
        text = text.replace("`", "'")
    fence = "`" * (_longest_run(text) + 1)
    edge = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{edge}{text}{edge}{fence}"


def _words(text: str) -> str:
    return "".join(
        _exact(part) if _EXACT.search(part) else _PUNCTUATION.sub(r"\\\1", part)
        for part in re.split(r"(\s+)", text)
    )


def _exact(word: str) -> str:
    bare = word.rstrip(".,;:?!")
    return (code(bare) if bare else "") + _PUNCTUATION.sub(r"\\\1", word[len(bare) :])


def _longest_run(text: str) -> int:
    return max(map(len, re.findall(r"`+", text)), default=0)


def _needed(investigation: Investigation) -> Iterator[str]:
    if investigation.target.get("sandbox"):
        yield f"**{words.SANDBOX_SENTENCE}**\n"
    sign = words.SIGNS[words.VERDICT_SIGNS[investigation.verdict]]
    sentence = prose(words.verdict_sentence(investigation))
    yield f"**{sign} RUM delivery is {investigation.verdict}.** {sentence}"
    target = investigation.target
    window = words.span(target.get("since"), target.get("until"))
    yield f"Looked at: {prose(screen.where(investigation))}; {prose(window, 100)}\n"
    yield " > ".join(
        f"{words.HOP_NAMES[step.hop]} {words.MARKS[step.condition]}" for step in investigation.path
    )
    main = selection.main_finding(investigation)
    if main is None:
        return
    label = "Cause" if investigation.cause else "Found"
    summary = prose(main.summary, _LONGEST_CAUSE)
    yield f"\n**{label}:** {_name(main)} ({screen.certainty(main)}): {summary}"
    onset = investigation.onset
    if onset:
        since = words.onset_sentence(investigation).removeprefix("since ")
        yield f"**Since:** {prose(since)}"


def _name(finding: Finding) -> str:
    return code(screen.cut(finding.check, 60))


def _fix(investigation: Investigation, room: int) -> list[str]:
    """Return the first fix; what is pasted is there with all that a person should mind, or not."""
    main = selection.main_finding(investigation)
    if main is None or not main.fixes:
        return []
    fix = main.fixes[0]
    title = f"\n**Fix:** {prose(fix.title, 200)}"
    tried = words.tried_sentence(main, fix)
    beside = [f"Proof: {prose(tried)}"] if tried else []
    beside += [f"Mind: {prose(mind)}" for mind in screen.minds(main, fix)]
    room -= _length([title, *beside]) + _MARK
    return [title, _pasted(fix, min(room, _LONGEST_FIX)), *beside]


def _pasted(fix: Fix, room: int) -> str:
    """Return what is pasted whole where there is room, else how to get it."""
    text = clean(fix.text)
    if fix.kind == "advice":
        return f"To do: {prose(text, _LONGEST_CAUSE)}"
    block = _block(fix, text)
    if len(block) < room:
        return block
    size = words.count(len(text.splitlines()), "line")
    return f"{size} to paste: {code(f'rumkit show FILE --fix {fix.kind}')} prints it."


def _block(fix: Fix, text: str) -> str:
    fence = "`" * max(3, _longest_run(text) + 1)
    return f"{fence}{_FENCES.get(fix.kind, '')}\n{text}\n{fence}"


def _beside(investigation: Investigation) -> Iterator[str]:
    explained, rest = selection.beside(investigation)
    yield from listed("Explains", explained)
    yield from listed("Also", rest)
    unseen = [str(need) for need in needs(investigation.findings, "sign in")][:_MOST]
    if unseen:
        yield "\n**Not seen:** " + "; ".join(prose(text, 120) for text in unseen)


def listed(label: str, findings: Sequence[Finding]) -> Iterator[str]:
    """Yield findings as a list under a label, the first few with a sentence each."""
    if not findings:
        return
    yield f"\n**{label}:**\n"
    for each in findings[:_MOST]:
        mark = words.MARKS[each.condition]
        yield f"- {mark} {_name(each)}: {prose(each.summary, 160)}"
    if len(findings) > _MOST:
        yield f"- and {words.count(len(findings) - _MOST, 'more finding')}"


def fitting(lines: Iterable[str], room: int) -> Iterator[str]:
    """Yield lines as long as there is room, and a mark where there was none."""
    room -= _MARK
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            yield "\n…"
            return
        yield line
