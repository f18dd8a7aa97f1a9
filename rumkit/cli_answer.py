"""What the command line prints of an investigation, and of a check."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from rumkit.inputs import named_targets
from rumkit.model import BadInput
from rumkit.plain_file import given_path, is_there
from rumkit.target import SURROUNDINGS

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from rumkit.investigation import Investigation
    from rumkit.model import Finding


def refuse_nothing(options: argparse.Namespace) -> None:
    """Raise BadInput, in three lines, where neither options nor surroundings name a target."""
    files = options.trail and is_there(given_path(options.trail))
    if not (files or _names_a_target(vars(options))):
        raise BadInput(
            "nothing to look at: name an app monitor, a page or a browser's recording\n"
            "  which monitors there are:  rumkit\n"
            "  then:  rumkit investigate --monitor NAME, or --page URL, or --recording FILE"
        )


def refuse_contradiction(options: argparse.Namespace) -> None:
    """Raise BadInput where some checks and everything are asked for at once."""
    if options.format == "json":
        options.json = True
    whole = options.format if options.format not in {None, "text"} else ""
    option = "--json" if options.json else f"--format {whole}" if whole else "--all"
    if options.check and (options.json or options.all or whole):
        raise BadInput(f"--check shows some findings: leave out {option}, which shows them all.")


def refuse_unnamed(parameters: Mapping[str, object]) -> None:
    """Raise BadInput for a report of nothing: practice is never shown to whom did not ask for it.

    What `investigate` takes for a target is one, and so are a saved investigation and a scenario.
    """
    if not (_names_a_target(parameters) or parameters.get("sandbox")):
        raise BadInput(
            "nothing to report on: name an app monitor, a page or a browser's recording\n"
            "  which monitors there are:  rumkit\n"
            "  to practise:               rumkit report --parameter sandbox=guest-role-permission"
        )


def _names_a_target(given: Mapping[str, object]) -> bool:
    """Tell whether inputs or surroundings say what to look at; a profile alone does not."""
    named = set(named_targets(given)) - {"profile"}
    return bool(named) or any(map(os.environ.get, SURROUNDINGS))


def answer(investigation: Investigation, options: argparse.Namespace) -> str:
    """Return what the options ask for: a whole form, one screen, some checks, or one fix."""
    if options.json:
        return investigation.to_json()
    if options.format == "markdown":
        from rumkit.show import markdown

        return markdown.render(investigation).rstrip()
    if options.format == "html":
        from rumkit.report_export import page_of

        return page_of(investigation).rstrip()
    if options.format == "junit":
        from rumkit.report_export import to_junit

        return to_junit(investigation, name="rumkit").rstrip()
    return _for_a_terminal(investigation, options)


def _for_a_terminal(investigation: Investigation, options: argparse.Namespace) -> str:
    from rumkit.show import screen, text, words

    width, colour = text.terminal(sys.stdout)
    chosen = [investigation.finding(name) for name in dict.fromkeys(options.check)]
    sandbox = [screen.SANDBOX] if investigation.target.get("sandbox") else []
    if options.fix:
        if sandbox:
            _mind(words.SANDBOX_SENTENCE)
        return _fix(investigation, chosen, options.fix)
    if chosen:
        page = text.TextPage(width, colour=colour, whole_words=True)
        lines = [line for each in chosen for line in page.whole(each)]
        return "\n".join([*sandbox, *lines]).rstrip()
    if options.all:
        whole = text.render(investigation, width=width, colour=colour, whole_words=True)
        return whole.rstrip()
    shown = screen.render(
        investigation,
        width=width,
        colour=colour,
        sign_in="sign in" if options.redact else _sign_in(investigation),
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
    from rumkit.show import selection, words

    main = selection.main_finding(investigation)
    of = chosen or ([main] if main else [])
    pair = next(((each, fix) for each in of for fix in each.fixes if fix.kind == kind), None)
    if pair is None:
        kinds = ", ".join(dict.fromkeys(fix.kind for each in of for fix in each.fixes))
        names = ", ".join(each.check for each in of)
        if kinds:
            raise BadInput(f"There is no {kind} fix for {names}; it has: {kinds}.")
        if chosen or main:
            raise BadInput(f"There is no fix for {names}.")
        _mind(words.NOTHING_TO_MEND)
        return ""
    finding, fix = pair
    risk = words.risk_sentence(fix) if fix.risk else ""
    for text in (fix.title, words.tried_sentence(finding, fix), fix.side_effect, risk):
        if text:
            _mind(words.one_line(text))
    return fix.text


def _mind(text: str) -> None:
    print(f"rumkit: {text}", file=sys.stderr)  # noqa: T201 - beside the program's output
