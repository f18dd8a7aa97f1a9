"""A finding or a table as code: the line that gives it, the query as it was put, the window."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from rumkit.aws.partitions import console_url
from rumkit.frames import TABLES
from rumkit.inputs import INPUTS
from rumkit.printable import clean
from rumkit.show.style import wrap
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


def code(investigation: Investigation, name: str) -> Drawn:
    """Return a table or a check's finding as code. Raises BadInput for another name."""
    parts = list(_parts(investigation, name))
    html = "".join(_block(*part) for part in parts)
    text = "\n\n".join(f"# {clean(title)}\n{clean(text)}" for title, text, _ in parts)
    return Drawn(wrap(html, label="As code"), text + "\n")


def folded(investigation: Investigation, name: str) -> str:
    """Return the same as HTML behind one line, to stand below a table."""
    blocks = "".join(_block(*part) for part in _parts(investigation, name))
    return f"<details><summary>Open as code</summary>{blocks}</details>"


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


def _parts(investigation: Investigation, name: str) -> Iterator[tuple[str, str, str]]:
    """Yield titles, texts and links: Python, then each question as text and as a command."""
    table = name
    if name not in TABLES:
        table = _table_of(investigation.finding(name).check)
        yield "Python: this finding", python_line(investigation, name), ""
    if table:
        yield "Python: the DataFrame", python_line(investigation, table), ""
    if origin := investigation.origins.get(table):
        for question in origin.asked:
            yield from _asked(question, origin)


def _asked(question: Question, origin: Origin) -> Iterator[tuple[str, str, str]]:
    language = _LANGUAGES.get(question.language, question.language)
    yield (
        f"{language}: {question.place}, {origin.since} to {origin.until}",
        question.text,
        _console(question),
    )
    if question.command:
        yield "The same with the AWS CLI", question.command, ""


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


def _block(title: str, text: str, link: str) -> str:
    title = clean(title)
    place = f' <a href="{escape(link)}">in the console</a>' if link else ""
    return (
        f'<div class="rk-fix"><div class="rk-fix-head"><span>{escape(title)}{place}</span>'
        f'<button type="button" class="rk-copy" aria-label="Copy: {escape(title)}">Copy</button>'
        f'</div><pre tabindex="0">{escape(clean(text))}</pre></div>'
    )
