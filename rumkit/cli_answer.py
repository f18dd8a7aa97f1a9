"""What the command line prints of an investigation, and of a check."""

from __future__ import annotations

import inspect
import os
import sys
from typing import TYPE_CHECKING

from rumkit.model import BadInput

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Mapping

    from rumkit.checks.base import Check
    from rumkit.investigation import Investigation
    from rumkit.model import Finding

_GUIDE = "https://github.com/aws-observability/aws-rum-web/blob/main/docs/cdn_troubleshooting.md"
# What the surroundings name, as a command in `rumkit sandbox` has it.
_SURROUNDINGS = ("RUMKIT_MONITOR", "RUMKIT_PAGE")
_READS = {
    "configured": "what page, source, monitor and policies say",
    "observed": "a browser's recording",
    "recorded": "trail, metrics and stored events",
    "probed": "the answers to --probe",
}


def refuse_nothing(options: argparse.Namespace) -> None:
    """Raise BadInput, in three lines, where neither options nor surroundings name a target."""
    named = (options.monitor, options.page, options.recording, options.source)
    if not any((*named, *map(os.environ.get, _SURROUNDINGS))):
        raise BadInput(
            "nothing to look at: name an app monitor, a page or a browser's recording\n"
            "  which monitors there are:  rumkit\n"
            "  then:  rumkit investigate --monitor NAME, or --page URL, or --recording FILE"
        )


def refuse_contradiction(options: argparse.Namespace) -> None:
    """Raise BadInput where some checks and everything are asked for at once."""
    if options.check and (options.json or options.all):
        raise BadInput(
            "--check shows some findings: leave out --json or --all, which show them all."
        )


def refuse_unnamed(parameters: Mapping[str, object]) -> None:
    """Raise BadInput for a report of nothing: practice is never shown to whom did not ask for it.

    A page, a monitor or a recording is a target, and so is a scenario that is named.
    """
    named = map(parameters.get, ("monitor", "page", "recording", "source", "sandbox"))
    if not any((*named, *map(os.environ.get, _SURROUNDINGS))):
        raise BadInput(
            "nothing to report on: name an app monitor, a page or a browser's recording\n"
            "  which monitors there are:  rumkit\n"
            "  to practise:               rumkit report --parameter sandbox=guest-role-permission"
        )


def answer(investigation: Investigation, options: argparse.Namespace) -> str:
    """Return what the options ask for: one screen, everything, some checks, or one fix."""
    from rumkit.show import screen, text

    width, colour = text.terminal(sys.stdout)
    chosen = [investigation.finding(name) for name in dict.fromkeys(options.check)]
    sandbox = [screen.SANDBOX] if investigation.target.get("sandbox") else []
    if options.fix:
        for line in sandbox:
            _mind(line)
        return _fix(investigation, chosen, options.fix)
    if chosen:
        page = text.Page(width, colour=colour, whole_words=True)
        lines = [line for each in chosen for line in page.whole(each)]
        return "\n".join([*sandbox, *lines]).rstrip()
    if options.all:
        whole = text.render(investigation, width=width, colour=colour, whole_words=True)
        return "\n".join([*sandbox, screen.where(investigation), whole]).rstrip()
    shown = screen.render(
        investigation,
        width=width,
        colour=colour,
        sign_in=_sign_in(investigation),
        evidence=options.evidence,
    )
    return shown.rstrip()


def _sign_in(investigation: Investigation) -> str:
    """Return the command that signs in, looked up only where credentials are missing."""
    from rumkit.aws.sign_in import sign_in_command

    missing = {name for each in investigation.findings for name in each.missing}
    missing |= {name for gap in investigation.not_collected for name in gap.missing}
    wanted = "input:credentials" in missing
    return sign_in_command(investigation.target.get("profile")) if wanted else ""


def _fix(investigation: Investigation, chosen: list[Finding], kind: str) -> str:
    """Return the first fix of a kind, to be pasted; what to mind goes to standard error.

    Raises BadInput where there is something to mend and no fix of this kind.
    """
    from rumkit.show import screen, words

    main = screen.main_finding(investigation)
    of = chosen or ([main] if main else [])
    fix = next((fix for each in of for fix in each.fixes if fix.kind == kind), None)
    if fix is None:
        kinds = ", ".join(dict.fromkeys(fix.kind for each in of for fix in each.fixes))
        names = ", ".join(each.check for each in of)
        if kinds:
            raise BadInput(f"There is no {kind} fix for {names}; there is: {kinds}.")
        if chosen or main:
            raise BadInput(f"There is no fix for {names}.")
        _mind(words.NOTHING_TO_MEND)
        return ""
    for text in (fix.title, fix.side_effect, words.risk_sentence(fix) if fix.risk else ""):
        if text:
            _mind(words.one_line(text))
    return fix.text


def _mind(text: str) -> None:
    print(f"rumkit: {text}", file=sys.stderr)  # noqa: T201 - beside the program's output


def explain(name: str) -> str:
    """Return what a check asks, from what it decides, and where to read on."""
    from rumkit.checks import all_checks

    check = next(each for each in all_checks() if each.id == name)
    return "\n".join(_explained(check))


def _explained(check: Check) -> Iterator[str]:
    from rumkit.model import Section
    from rumkit.show import text, words

    width, _ = text.terminal(sys.stdout)
    page = text.Page(width + 4, colour=False)
    yield check.id
    yield from page.wrap(check.title, "  healthy when   ", " " * 17)
    yield from page.wrap(f"{words.HOP_NAMES[check.hop]}: {check.hop.sentence}", "  hop            ")
    yield "  decides from"
    for witness, ask in check.witnesses():
        about = " ".join((inspect.getdoc(ask) or "").split("\n\n")[0].split())
        reads = f"{_READS[witness]}: {about}" if about else _READS[witness]
        yield from page.wrap(reads, "    ", " " * 6)
    for text_ in _remarks(check):
        yield from page.wrap(text_, "  ", " " * 4)
    if check.changes:
        yield from page.wrap(", ".join(sorted(check.changes)), "  changed by     ", " " * 17)
    heading = check.section.heading
    yield from page.wrap(f"{heading}", "  guide          ", " " * 17)
    links = check.docs if check.section is Section.BEYOND else (_GUIDE, *check.docs)
    yield from (f"  see            {link}" for link in dict.fromkeys(links))


def _remarks(check: Check) -> Iterator[str]:
    if check.symptom:
        yield "A symptom: it shows that something is broken, and never why."
    if check.feature:
        yield "About one feature: its fault costs that feature, and not delivery."
