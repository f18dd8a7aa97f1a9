"""The investigation on one screen: what is broken, since when, what mends it, what was not seen."""

from __future__ import annotations

import shlex
from itertools import product
from typing import TYPE_CHECKING

from rumkit.checks.names import CLIENT_ENABLED, EVENTS_ARRIVING, SNIPPET_PRESENT
from rumkit.model import Hop, Status
from rumkit.printable import clean
from rumkit.show import selection, words
from rumkit.show.needs import needs
from rumkit.show.text import TextPage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from rumkit.investigation import Investigation, Onset
    from rumkit.model import Finding, Fix

ROWS = 40
_LABEL = 10
_MOST_LINES = 3
_LONG_VALUE = 20
# What a text may take beyond its rows where the screen has them.
_SPARE = 4
SANDBOX = "SANDBOX   practice on this machine: no account of yours is looked at"


def render(
    investigation: Investigation,
    *,
    width: int = 80,
    colour: bool = False,
    sign_in: str = "aws configure",
    evidence: bool = False,
) -> str:
    """Return the answer in at most 40 rows, what is pasted included; `evidence` adds to them.

    `sign_in` is the command that signs in, named where credentials are missing.
    """
    screen = _Screen(investigation, width, colour=colour, sign_in=sign_in)
    lines = screen.lines()
    if evidence and screen.main:
        lines += ["", "EVIDENCE"]
        for proof in screen.main.evidence:
            lines += screen.page.proof(proof)
    return "\n".join(lines).rstrip() + "\n"


def where(investigation: Investigation) -> str:
    """Return monitor, region, account and profile, as far as they are known, as one sentence."""
    target = investigation.target
    places = (_named(target.get(name), lead) for name, lead in _PLACES)
    return ", ".join(filter(None, places)) or "no account was looked at"


def _named(value: object, lead: str) -> str:
    return f"{lead}{words.one_line(value)}" if value else ""


# What was read beside an account, in the order in which it is named.
_GIVEN = ("page", "recording", "console", "storage", "source", "traffic")
_SHOW_THE_CLIENT = ("recording", "page", "console", "storage", "source")
_PLACES = (
    ("monitor", "monitor "),
    ("region", ""),
    ("account", "account "),
    ("profile", "profile "),
)


def rows_of(lines: Sequence[str], width: int) -> int:
    """Return how many rows of a terminal the lines take, those included that it has to fold."""
    # Colours take no room.
    return sum(max(1, -(-len(clean(line)) // width)) for line in lines)


def cut(text: str, width: int) -> str:
    """Return one line of at most `width`; what is left out is marked."""
    text = words.one_line(text)
    if len(text) <= width:
        return text
    whole = text[: width - 1].rpartition(" ")[0]
    # A long value would take the rest of the line with it: it is cut itself.
    return f"{whole} …" if len(whole) > max(width - _LONG_VALUE, 0) else f"{text[: width - 1]}…"


class _Screen:
    """Lays out one investigation for one width."""

    def __init__(
        self, investigation: Investigation, width: int, *, colour: bool, sign_in: str
    ) -> None:
        self.width = max(width, _LABEL * 4)
        self.page = TextPage(self.width + 4, colour=colour, whole_words=True)
        self.investigation = investigation
        self.sign_in = sign_in
        self.spare = 0
        self.main = selection.main_finding(investigation)

    def lines(self) -> list[str]:
        nothing = self.nothing_seen()
        if nothing:
            return [*self.sandbox(), *nothing]
        for paste, self.spare in product((True, False), range(_SPARE, -1, -1)):
            lines = self.laid_out(paste=paste)
            if rows_of(lines, self.width) <= ROWS:
                break
        return lines

    def laid_out(self, *, paste: bool) -> list[str]:
        """Return the answer with what is pasted, or with how to get it."""
        fix = list(self.fix(paste=paste))
        before = [*self.sandbox(), *self.head(), "", *self.why()]
        return [*before, *(["", *fix] if fix else []), *([""] if self.main else []), *self.rest()]

    def sandbox(self) -> list[str]:
        return [SANDBOX] if self.investigation.target.get("sandbox") else []

    def head(self) -> Iterator[str]:
        result, target = self.investigation, self.investigation.target
        look = words.VERDICT_SIGNS[result.verdict]
        headline = words.verdict_heading(result.verdict)
        sentence = f"{headline}  {words.verdict_sentence(result)}"
        first, *more = self.some(sentence, "", "  ", most=3)
        yield self.page.paint(look, headline) + first.removeprefix(headline)
        yield from more
        yield from self.some(where(result), "  ", "  ", most=2)
        window = words.span(target.get("since"), target.get("until"))
        read = [_named(target.get(name), f"{name} ") for name in _GIVEN]
        yield from self.some("; ".join(filter(None, [window, *read])), "  ", "  ", most=2)
        yield from self.path()

    def path(self) -> Iterator[str]:
        """Yield the path on one line; a terminal too narrow for it gets two."""
        path = self.investigation.path
        names = [words.HOP_NAMES[step.hop] for step in path]
        marked = [
            f"{name} {self.page.mark(step.condition)}"
            for name, step in zip(names, path, strict=True)
        ]
        plain = sum(len(name) + 2 for name in names) + 3 * (len(names) - 1)
        half = len(names) if plain <= self.width else (len(names) + 1) // 2
        yield from (" > ".join(part) for part in (marked[:half], marked[half:]) if part)

    def why(self) -> Iterator[str]:
        main = self.main
        if main is None:
            yield from self.arrival()
            return
        label = "CAUSE" if self.investigation.cause else "WHAT"
        text = f"{words.one_line(main.check)} ({certainty(main)}): {words.one_line(main.summary)}"
        yield from self.labelled(label, text, most=5)
        onset = self.investigation.onset
        if onset:
            yield from self.since(onset)

    def arrival(self) -> Iterator[str]:
        """Yield why what a browser shows proves no arrival, where nothing is wrong."""
        shown = any(map(self.investigation.target.get, ("recording", "console", "storage")))
        for each in self.investigation.findings if shown else ():
            if each.check == EVENTS_ARRIVING and each.status is Status.UNKNOWN and each.evidence:
                yield from self.labelled("ARRIVAL", f"not known: {each.summary}", most=5)
                yield ""

    def since(self, onset: Onset) -> Iterator[str]:
        moment = words.onset_moment(self.investigation, onset)
        yield from self.labelled("SINCE", moment, most=2)
        if not onset.changes:
            yield from self.labelled("CHANGED", "no configuration change was read before that")
            return
        nearest, bears = words.nearest_change(onset)
        name, what = words.one_line(nearest.get("name")), words.one_line(nearest.get("changed"))
        at = words.minute(str(nearest.get("time") or ""))
        by = words.person(nearest.get("principal"))
        change = f"{at} {name} by {by}{f': {what}' if what else ''}"
        if not bears:
            change = f"nothing that the cause is about; nearest, of another resource: {change}"
        yield from self.labelled("CHANGED", change, most=4)

    def fix(self, *, paste: bool) -> Iterator[str]:
        """Yield the first fix, whole or with how to get it."""
        main = self.main
        if main is None or not main.fixes:
            return
        fix = main.fixes[0]
        title = list(
            self.labelled("FIX", f"[{words.fix_kind(fix)}] {words.fix_title(fix)}", most=3)
        )
        tried = words.tried_sentence(main, fix)
        title += self.labelled("PROOF", tried, most=2) if tried else []
        mind = [line for each in minds(main, fix) for line in self.labelled("MIND", each, most=3)]
        others = list(dict.fromkeys(f.kind for f in main.fixes[1:] if f.kind != fix.kind))
        also = (
            list(self.labelled("OR", f"--fix {', --fix '.join(others)}", most=2)) if others else []
        )
        indent = " " * _LABEL
        pasted = self.page.pasted(fix, indent) if fix.kind == "advice" else fix.text.split("\n")
        if not paste:
            size = words.count(len(fix.text.split("\n")), "line")
            pasted = self.some(f"{size} to paste: --fix {fix.kind}", indent, indent)
        yield from [*title, *pasted, *mind, *also]

    def rest(self) -> Iterator[str]:
        explained, others = selection.beside(self.investigation)
        yield from self.listed("EXPLAINS", explained)
        yield from self.listed("ALSO", others, most=5)
        if not self.main:
            yield from self.open_start()
        unseen = [str(need) for need in needs(self.investigation.findings, self.sign_in)]
        if len(unseen) > _MOST_LINES:
            kept, left = unseen[: _MOST_LINES - 1], unseen[_MOST_LINES - 1 :]
            unseen = [*kept, f"and {words.count(len(left), 'more thing')}: --all"]
        for number, text in enumerate(unseen):
            yield from self.labelled("" if number else "NOT SEEN", text, most=2)
        yield from self.labelled("FINE", self.fine())
        explain = f"; rumkit explain {words.one_line(self.main.check)}" if self.main else ""
        yield from self.labelled("MORE", f"--all, --evidence, --check NAME{explain}", most=2)

    def open_start(self) -> Iterator[str]:
        """Yield why it is not known whether the client starts, where something was read."""
        for each in self.investigation.findings:
            named = each.check in {SNIPPET_PRESENT, CLIENT_ENABLED}
            if named and each.status is Status.UNKNOWN and each.evidence:
                yield from self.labelled("OPEN", each.summary, most=4)

    def listed(
        self, label: str, findings: Sequence[Finding], most: int = _MOST_LINES
    ) -> Iterator[str]:
        shown = findings if len(findings) <= most else findings[: most - 1]
        for number, each in enumerate(shown):
            likely = " likely" if each.status is Status.FAIL and not each.certain else ""
            text = f"{words.one_line(each.check)}{likely}: {words.one_line(each.summary)}"
            head = ("" if number else label).ljust(_LABEL)
            yield f"{head}{self.page.mark(each.condition)} {cut(text, self.width - _LABEL - 2)}"
        if len(shown) < len(findings):
            left = words.count(len(findings) - len(shown), "more finding")
            yield f"{' ' * _LABEL}and {left}: --all"

    def fine(self) -> str:
        findings = self.investigation.findings
        passed = sum(f.status is Status.PASS for f in findings)
        aside = sum(f.status is Status.SKIP for f in findings)
        text = f"{passed} of {words.count(len(findings), 'check')}"
        return f"{text}; {aside} {'does' if aside == 1 else 'do'} not apply" if aside else text

    def nothing_seen(self) -> list[str]:
        """Return three lines where nothing could be looked at at all, and none elsewhere."""
        findings = self.investigation.findings
        if any(f.status not in {Status.UNKNOWN, Status.SKIP} for f in findings):
            return []
        gaps = [
            (gap.reason, name) for gap in self.investigation.not_collected for name in gap.missing
        ]
        gaps += [(f.summary, name) for f in findings for name in f.missing]
        for kind, describe in _STOPS.items():
            gap = next((gap for gap in gaps if gap[1].startswith(kind)), None)
            if gap is not None:
                reason, name = map(words.one_line, gap)
                first, *rest = describe(self.investigation, reason, name, self.sign_in)
                given = self.given()
                if given:
                    why = first.removeprefix("? ")
                    first = f"? UNPROVEN  Nothing of the client was seen. {why}"
                    rest = [line for line in rest if line != _WITHOUT_ACCOUNT]
                return [cut(first, self.width), *given, *rest]
        return []

    def given(self) -> list[str]:
        """Return why what was given beside an account shows nothing, where something was."""
        if not any(map(self.investigation.target.get, _SHOW_THE_CLIENT)):
            return []
        of_page = (f for f in self.investigation.findings if f.hop == Hop.PAGE)
        why = " ".join(f.summary for f in of_page if f.evidence or f.check == SNIPPET_PRESENT)
        return self.some(why, "  what was given:        ", " " * 25, most=4)

    def labelled(self, label: str, text: str, *, most: int = 1) -> list[str]:
        return self.some(text, label.ljust(_LABEL), " " * _LABEL, most=most)

    def some(self, text: str, first: str, rest: str, *, most: int = 2) -> list[str]:
        """Return a text in at most so many rows and those to spare; what is left out is marked."""
        lines = self.page.wrap(words.one_line(text), first, rest)
        most += self.spare
        kept = lines[:most]
        if len(lines) > most:
            lead = rest if most > 1 else first
            whole = f"{kept[-1].removeprefix(lead)} {lines[most].strip()}"
            kept[-1] = lead + cut(whole, self.width - len(lead))
        return kept


def certainty(finding: Finding) -> str:
    """Return how bad a finding is and how certain that is, in a few words."""
    if finding.status is Status.UNKNOWN:
        return "not known"
    word = "broken" if finding.status is Status.FAIL else "at risk"
    if not finding.certain:
        return f"{word}, likely"
    return f"{word}, seen to happen" if finding.seen else f"{word}, certain by what is configured"


def minds(finding: Finding, fix: Fix) -> list[str]:
    """Return what a person should know before pasting."""
    undo = f" What takes it back: --check {words.one_line(finding.check)}." if fix.undo else ""
    risk = f"{words.risk_sentence(fix)}{undo}" if fix.risk else undo.strip()
    return [text for text in (words.one_line(fix.side_effect), risk) if text]


_WITHOUT_ACCOUNT = "  without an account:    rumkit investigate --page URL, or --recording FILE"


def _not_signed_in(
    investigation: Investigation, reason: str, _: str, sign_in: str
) -> tuple[str, ...]:
    profile = investigation.target.get("profile")
    whose = f"profile {words.one_line(profile)}" if profile else "the environment's credentials"
    code = _code(reason)
    state = f"{whose}: AWS took none ({code})" if code else f"no credentials for {whose}"
    return (
        f"? NOT SIGNED IN: {state}",
        f"  sign in, then repeat:  {sign_in}",
        _WITHOUT_ACCOUNT,
    )


def _code(reason: str) -> str:
    """Return the error's name that stands in brackets in a reason, or nothing."""
    return reason.partition("(")[2].partition(")")[0]


def _no_region(investigation: Investigation, *_: str) -> tuple[str, ...]:
    monitor = investigation.target.get("monitor")
    named = ["--monitor", words.one_line(monitor)] if monitor else []
    command = shlex.join(["rumkit", "investigate", *named, "--region", "REGION"])
    return (
        "? NO REGION: no AWS region is known in which to look for the app monitor",
        f"  name it:               {command}",
        "  where monitors are:    rumkit",
    )


def _unreachable(_: Investigation, reason: str, name: str, __: str) -> tuple[str, ...]:
    code = _code(reason)
    return (
        f"? UNREACHABLE: {name.partition(':')[2]} did not answer{f' ({code})' if code else ''}",
        "  check the network, HTTPS_PROXY and the region, then repeat (--all: more)",
        _WITHOUT_ACCOUNT,
    )


_STOPS: Mapping[str, Callable[[Investigation, str, str, str], tuple[str, ...]]] = {
    "input:credentials": _not_signed_in,
    "input:region": _no_region,
    "network:": _unreachable,
}
