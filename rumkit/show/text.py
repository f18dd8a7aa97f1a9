"""The investigation as text for a terminal: the cause first, then the fix, then the rest."""

from __future__ import annotations

import os
import shutil
import textwrap
from itertools import zip_longest
from typing import TYPE_CHECKING, TextIO

from rumkit.show import needs, selection, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rumkit.investigation import Investigation
    from rumkit.model import Condition, Finding, Fix, Hop, Proof, Section, Table

WIDTH = 100
_MIN_WIDTH, _USUAL_WIDTH, _MAX_WIDTH = 40, 80, 120
_MAX_ROWS = 12
_RESET = "\x1b[0m"
_COLOURS = {
    "pass": "\x1b[32m",
    "configured": "",
    "fail": "\x1b[1;31m",
    "warn": "\x1b[33m",
    "unknown": "\x1b[36m",
    "unreached": "\x1b[2m",
    "skip": "\x1b[2m",
}


def render(
    investigation: Investigation,
    *,
    width: int = WIDTH,
    colour: bool = False,
    whole_words: bool = False,
) -> str:
    """Return the whole report, every line at most `width` long but those to be pasted.

    With `whole_words` tables that would break a word are laid out as records.
    """
    page = TextPage(max(width, _MIN_WIDTH), colour=colour, whole_words=whole_words)
    return "\n".join(page.report(investigation)).rstrip() + "\n"


def overview(investigation: Investigation) -> str:
    """Return the verdict, the path and the root cause."""
    page = TextPage(WIDTH, colour=False)
    return "\n".join([*page.head(investigation), *page.cause(investigation)]).rstrip() + "\n"


def delivery_path(investigation: Investigation) -> str:
    """Return the verdict, the path and the root cause as one line each."""
    lines = [*TextPage(WIDTH, colour=False).head(investigation)]
    cause = investigation.cause
    root_cause = [f"Root cause: {finding_line(cause)}"] if cause else []
    return "\n".join(lines + root_cause).rstrip() + "\n"


def findings(investigation: Investigation, hop: Hop | None = None) -> str:
    """Return the findings under their hops; without a hop the root cause is left out."""
    page = TextPage(WIDTH, colour=False)
    if hop:
        lines = page.grouped(selection.of_hop(investigation, hop))
    else:
        lines = page.others(investigation)
    return "\n".join(lines).rstrip() + "\n"


def listing(findings: Sequence[Finding]) -> str:
    """Return findings in full under their hops."""
    return "\n".join(TextPage(WIDTH, colour=False).grouped(findings)).rstrip() + "\n"


def fixes(investigation: Investigation, chosen: Section | None) -> str:
    """Return everything to paste, of one section of the guide or of all."""
    page = TextPage(WIDTH, colour=False)
    lines: list[str] = []
    for finding in selection.mendable(investigation, chosen):
        lines += [*page.line(finding), *page.fixes(finding)]
    return ("\n".join(lines).rstrip() or words.NOTHING_TO_MEND) + "\n"


def gaps(investigation: Investigation) -> str:
    """Return what could not be collected."""
    lines = "\n".join(TextPage(WIDTH, colour=False).gaps(investigation))
    return f"{lines or words.NO_GAPS}\n"


def table(shown: Table, *, rows: int) -> str:
    """Return a table's first rows."""
    return "\n".join(TextPage(WIDTH, colour=False).table(shown, rows)) + "\n"


def terminal(stream: TextIO) -> tuple[int, bool]:
    """Return how wide a stream is, and whether it takes colour.

    `COLUMNS` wins over the terminal's own width; a pipe has 80 columns and no colour. Sources:
    no-color.org; terminfo's entry `dumb`.
    """
    width = shutil.get_terminal_size((_USUAL_WIDTH, 24)).columns
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return min(max(width, _MIN_WIDTH), _MAX_WIDTH), stream.isatty() and not plain


def headline(investigation: Investigation) -> str:
    """Return the verdict and the root cause as one line."""
    name = investigation.root_cause
    cause = f" Root cause: {words.one_line(name)}." if name else ""
    return f"{investigation.verdict.upper()}: {words.verdict_sentence(investigation)}{cause}"


def finding_line(finding: Finding) -> str:
    """Return one finding as one line, for progress."""
    sign = words.MARKS[finding.condition]
    return f"{sign} {words.one_line(finding.check)}: {words.one_line(finding.summary)}"


class TextPage:
    """Lays lines out for one width and choice of colour."""

    def __init__(self, width: int, *, colour: bool, whole_words: bool = False) -> None:
        self.width = width
        self.colour = colour
        self.whole_words = whole_words

    def report(self, investigation: Investigation) -> Iterator[str]:
        """Yield everything."""
        yield from self.head(investigation)
        yield from self.cause(investigation)
        yield from self.others(investigation)
        yield from self.gaps(investigation)

    def head(self, investigation: Investigation) -> Iterator[str]:
        """Yield the verdict, what was looked at, and the path."""
        if investigation.target.get("sandbox"):
            yield words.SANDBOX_SENTENCE
        status = words.VERDICT_SIGNS[investigation.verdict]
        headline = words.verdict_heading(investigation.verdict)
        first, *more = self.wrap(f"{headline}  {words.verdict_sentence(investigation)}", "", "  ")
        yield self.paint(status, headline) + first.removeprefix(headline)
        yield from more
        for name, value in words.looked_at(investigation):
            yield from self.wrap(value, f"  {name:<10}", " " * 12)
        yield ""
        yield from self.path(investigation)

    def cause(self, investigation: Investigation) -> Iterator[str]:
        """Yield the root cause whole, where there is one."""
        if investigation.cause:
            yield from self.heading("ROOT CAUSE")
            yield from self.whole(investigation.cause, words.onset_sentence(investigation))

    def path(self, investigation: Investigation) -> Iterator[str]:
        """Yield a line for each hop."""
        yield "Delivery path"
        broken = words.broken_hop(investigation)
        for number, step in enumerate(investigation.path, 1):
            mark = "  <── breaks here" if step.hop is broken else ""
            name, sign = words.HOP_NAMES[step.hop], self.mark(step.condition)
            sentence = f"{step.hop.sentence}{mark}" if self.width >= 80 else mark.lstrip()
            yield f"  {number} {sign} {name:<12}{step.condition:<17}{sentence}".rstrip()
        yield ""

    def heading(self, text: str) -> Iterator[str]:
        """Yield a heading."""
        yield text
        yield "─" * min(self.width - 4, WIDTH)

    def whole(self, finding: Finding, since: str = "") -> Iterator[str]:
        """Yield a finding with its fixes and its evidence."""
        yield from self.line(finding)
        if since:
            yield from self.wrap(since, "  ", "  ")
        yield from self.fixes(finding)
        yield from self.wrap(words.one_line(finding.title), "    healthy when: ", " " * 8)
        for proof in finding.evidence:
            yield from self.proof(proof)
        yield from self.missing(finding.missing)
        for link in finding.docs:
            yield f"    see {words.one_line(link)}"
        yield ""

    def line(self, finding: Finding) -> Iterator[str]:
        """Yield what a finding says."""
        check = words.one_line(finding.check)
        yield f"{self.mark(finding.condition)} {check} ({words.state(finding)})"
        yield from self.wrap(words.one_line(finding.summary), "  ", "  ")

    def proof(self, proof: Proof) -> Iterator[str]:
        """Yield what was asked and what came back."""
        asked, window = words.asked(proof), words.span(proof.since, proof.until)
        parts = [words.one_line(proof.source), f"({asked})" if asked else "", window]
        yield from self.wrap(" ".join(part for part in parts if part), "    evidence: ", " " * 8)
        for key, value in proof.values.items():
            label = f"      {words.one_line(key)}: "
            yield from self.wrap(words.plain(value), label, " " * 8)
        if proof.table:
            yield from self.table(proof.table)

    def table(self, table: Table, most: int = _MAX_ROWS) -> Iterator[str]:
        """Yield the first rows of a table."""
        shown = [[words.one_line(cell) for cell in row] for row in table.rows[:most]]
        head = [words.one_line(name) for name in table.columns]
        widths = _column_widths([head, *shown], self.width - 10)
        if self.whole_words and not _fits([head, *shown], widths):
            yield from self.records(head, shown)
        else:
            yield from self.row(head, widths)
            yield "      " + "  ".join("─" * width for width in widths)
            for row in shown:
                yield from self.row(row, widths)
        if rest := len(table.rows) - len(shown):
            yield f"      … and {words.count(rest, 'more row')}"

    def records(self, head: list[str], rows: list[list[str]]) -> Iterator[str]:
        """Yield rows one below the other, where columns would break a word."""
        for row in rows:
            first = True
            for name, cell in zip(head, row, strict=True):
                if cell:
                    yield from self.wrap(cell, f"      {'-' if first else ' '} {name}: ", " " * 10)
                    first = False

    def row(self, cells: list[str], widths: list[int]) -> Iterator[str]:
        """Yield one row, folded into its columns."""
        columns = [
            textwrap.wrap(cell, width) or [""] for cell, width in zip(cells, widths, strict=True)
        ]
        for parts in zip_longest(*columns, fillvalue=""):
            padded = (part.ljust(width) for part, width in zip(parts, widths, strict=True))
            yield ("      " + "  ".join(padded)).rstrip()

    def fixes(self, finding: Finding) -> Iterator[str]:
        """Yield all that mends a finding."""
        for fix in finding.fixes:
            yield from self.fix(fix, words.tried_sentence(finding, fix))

    def fix(self, fix: Fix, tried: str) -> Iterator[str]:
        """Yield what is pasted, never folded, what came of it on a copy, and what to mind."""
        lead = f"  FIX [{words.fix_kind(fix)}] "
        yield from self.wrap(words.fix_title(fix), lead, " " * 6)
        yield from self.pasted(fix, "    ")
        if tried:
            yield from self.wrap(tried, "    Proof: ", " " * 10)
        if fix.side_effect:
            yield from self.wrap(words.one_line(fix.side_effect), "    Mind: ", " " * 10)
        if fix.risk:
            yield from self.wrap(words.risk_sentence(fix), "    Mind: ", " " * 10)
        if fix.undo:
            yield "    To take it back:"
            yield from (f"    {line}" for line in fix.undo.split("\n"))
        yield ""

    def pasted(self, fix: Fix, indent: str) -> list[str]:
        """Return what is pasted as it stands, never folded; a sentence of advice is folded."""
        lines = fix.text.split("\n")
        if fix.kind == "advice" and len(lines) == 1:
            return self.wrap(fix.text, indent, indent)
        return [f"{indent}{line}" for line in lines]

    def others(self, investigation: Investigation) -> Iterator[str]:
        """Yield the findings beside the root cause."""
        rest = selection.others(investigation)
        if not rest:
            return
        yield from self.heading("OTHER FINDINGS" if investigation.root_cause else "FINDINGS")
        yield from self.grouped(rest)

    def grouped(self, findings: Sequence[Finding]) -> Iterator[str]:
        """Yield findings under their hops."""
        for hop, here in selection.by_hop(findings):
            yield f"{words.HOP_NAMES[hop]}: {hop.sentence}"
            for finding in here:
                lines = self.whole if finding.bad else self.brief
                yield from (f"  {text}".rstrip() for text in lines(finding))
            yield ""

    def brief(self, finding: Finding) -> Iterator[str]:
        """Yield what a finding says and what would answer it."""
        yield from self.line(finding)
        yield from self.missing(finding.missing)

    def missing(self, names: Iterable[str]) -> Iterator[str]:
        """Yield what would answer a check, or make a fact collectable."""
        for name in names:
            shown = words.one_line(needs.answer(name))
            yield from self.wrap(shown, "    would answer it: ", " " * 8)

    def gaps(self, investigation: Investigation) -> Iterator[str]:
        """Yield what could not be collected."""
        if not investigation.not_collected:
            return
        yield from self.heading("NOT COLLECTED")
        for gap in investigation.not_collected:
            yield from self.wrap(words.one_line(gap.reason), f"? {words.one_line(gap.fact)}: ")
            yield from self.missing(gap.missing)

    def wrap(self, text: str, first: str = "", rest: str = "    ") -> list[str]:
        """Return a text folded between its words."""
        return textwrap.wrap(
            text,
            max(self.width - 4, _MIN_WIDTH),
            initial_indent=first,
            subsequent_indent=rest,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [first.rstrip()]

    def mark(self, condition: Condition) -> str:
        """Return a condition's sign in its colour."""
        return self.paint(words.LOOKS[condition], words.MARKS[condition])

    def paint(self, look: str, text: str) -> str:
        """Return text in the colour of a look, plain where the look has none."""
        colour = _COLOURS[look] if self.colour else ""
        return f"{colour}{text}{_RESET}" if colour else text


def _fits(rows: list[list[str]], widths: list[int]) -> bool:
    """Tell whether every word of every cell fits into its column."""
    return all(
        len(word) <= width and "-" not in word[:-1]
        for row in rows
        for cell, width in zip(row, widths, strict=True)
        for word in (cell.split() if len(cell) > width else ())
    )


def _column_widths(rows: list[list[str]], available: int) -> list[int]:
    """Share the width: narrow columns keep theirs, the widest give way."""
    widths = [max(3, *(len(row[index]) for row in rows)) for index in range(len(rows[0]))]
    spare = available - 2 * (len(widths) - 1)
    while sum(widths) > spare and max(widths) > 8:
        widths[widths.index(max(widths))] -= 1
    return widths
