"""A finding or a table as code: the line that gives it, the query as it was put, the window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rumkit.aws.partitions import console_url
from rumkit.frames import TABLES
from rumkit.inputs import INPUTS
from rumkit.printable import clean
from rumkit.show.template import fill
from rumkit.show.views import Drawn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rumkit.investigation import Investigation
    from rumkit.model import Origin, Question

# Tables that have a verb of their own; the others are asked of an investigation.
_VERBS = frozenset(
    {"denied_put_events", "token_failures", "calls", "changes", "arrival", "sessions"}
)
_WITHOUT_TRAIL = frozenset({"arrival", "sessions"})
_LANGUAGES = {
    "insights": "CloudWatch Logs Insights",
    "athena": "Athena SQL",
    "lake": "CloudTrail Lake SQL",
    "event history": "CloudTrail's Event history",
    "metrics": "CloudWatch metrics",
    "files": "Trail files, scanned on this machine",
    "rum": "CloudWatch RUM",
}

# Where the console of a Region takes such a question; what it is asked is pasted there.
_CONSOLE = {
    "insights": "cloudwatch/home?region={}#logsV2:logs-insights",
    "athena": "athena/home?region={}#/query-editor",
    "event history": "cloudtrailv2/home?region={}#/events",
    "metrics": "cloudwatch/home?region={}#metricsV2:",
}


@dataclass(frozen=True)
class Part:
    """One text to paste under its title, and the address of the console where it may be put."""

    title: str
    text: str
    link: str = ""


def code(investigation: Investigation, name: str) -> Drawn:
    """Return a table or a check's finding as code. Raises BadInput for another name."""
    shown = parts(investigation, name)
    text = "\n\n".join(f"# {part.title}\n{part.text}" for part in shown)
    return Drawn(fill("as_code.html", label="As code", code=shown), text + "\n")


def parts(investigation: Investigation, name: str) -> list[Part]:
    """Return the texts of a table or a check's finding: Python, then each question as put."""
    return [
        Part(clean(part.title), clean(part.text), part.link) for part in _parts(investigation, name)
    ]


def python_line(investigation: Investigation, name: str) -> str:
    """Return the Python that gives a table or a finding of this target and window."""
    target = {key: value for key, value in investigation.target.items() if value}
    first = repr(str(target["monitor"])) if target.get("monitor") else ""
    if name not in TABLES:
        return _call("check", repr(name), first, target, name)
    if name in _VERBS:
        return _call(name, "", first, target, name)
    return f"{_call('investigate', '', first and f'monitor={first}', target, name)}.{name}"


def _call(verb: str, lead: str, monitor: str, target: dict[str, object], name: str) -> str:
    defaults = {each.name: each.default for each in INPUTS}
    left_out = {"monitor", "sandbox", "account", *(("trail",) if name in _WITHOUT_TRAIL else ())}
    given = [
        f"{key}={str(value)!r}"
        for key, value in target.items()
        if key in defaults and key not in left_out and str(value) != defaults[key]
    ]
    return f"rumkit.{verb}({', '.join(filter(None, (lead, monitor, *given)))})"


def _parts(investigation: Investigation, name: str) -> Iterator[Part]:
    table = name
    if name not in TABLES:
        table = _table_of(investigation.finding(name).check)
        yield Part("Python: this finding", python_line(investigation, name))
    if table:
        yield Part("Python: the DataFrame", python_line(investigation, table))
    if origin := investigation.origins.get(table):
        for question in origin.asked:
            yield from _asked(question, origin)


def _asked(question: Question, origin: Origin) -> Iterator[Part]:
    language = _LANGUAGES.get(question.language, question.language)
    yield Part(
        f"{language}: {question.place}, {origin.since} to {origin.until}",
        question.text,
        _console(question),
    )
    if question.command:
        yield Part("The same with the AWS CLI", question.command)


def _table_of(check: str) -> str:
    """Return the table that stands behind a check, empty where it reads no table."""
    from rumkit.checks import all_checks

    return next((each.table for each in all_checks() if each.id == check), "")


def _console(question: Question) -> str:
    """Return the address of the console's page for such a question, empty where there is none."""
    place = _CONSOLE.get(question.language)
    if not place or "--region" not in question.words:
        return ""
    region = question.words[question.words.index("--region") + 1]
    return console_url(region, place.format(region))
