"""The words and signs that every view shares, and the cleaning of text from outside."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from rumkit import conclusion
from rumkit.model import Condition, Hop, Status, Verdict
from rumkit.printable import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rumkit.investigation import Investigation, Onset
    from rumkit.model import Finding, Fix, Proof

SIGNS = {
    Status.PASS: "✓",
    Status.FAIL: "✗",
    Status.WARN: "!",
    Status.UNKNOWN: "?",
    Status.SKIP: "-",
}
# Green and the tick are for what was seen to work; what is only configured well has its own sign.
MARKS = {
    Condition.WORKS: "✓",
    Condition.CONFIGURED: "○",
    Condition.CLEAR: "○",
    Condition.AT_RISK: "!",
    Condition.BROKEN: "✗",
    Condition.NOT_REACHED: "·",
    Condition.NOT_LOOKED_AT: "?",
    Condition.NOT_KNOWN: "?",
    Condition.NOT_APPLICABLE: "-",
}
# The look of each: the class in HTML, the colour on a terminal.
LOOKS = {
    Condition.WORKS: "pass",
    Condition.CONFIGURED: "configured",
    Condition.CLEAR: "configured",
    Condition.AT_RISK: "warn",
    Condition.BROKEN: "fail",
    Condition.NOT_REACHED: "unreached",
    Condition.NOT_LOOKED_AT: "unknown",
    Condition.NOT_KNOWN: "unknown",
    Condition.NOT_APPLICABLE: "skip",
}
HOP_NAMES = {
    Hop.PAGE: "Page",
    Hop.SESSION: "Session",
    Hop.CREDENTIALS: "Credentials",
    Hop.AUTHORIZE: "Authorise",
    Hop.INGEST: "Ingest",
    Hop.TRACE: "Trace",
}
VERDICT_SIGNS = {
    Verdict.HEALTHY: Status.PASS,
    Verdict.DEGRADED: Status.WARN,
    Verdict.BROKEN: Status.FAIL,
    Verdict.UNPROVEN: Status.UNKNOWN,
}
FIX_NAMES = {
    "aws-cli": "AWS CLI",
    "iam-policy": "IAM policy",
    "trust-policy": "Trust policy",
    "resource-policy": "Resource policy",
    "csp-header": "Content-Security-Policy",
    "client-config": "Client configuration",
    "cloudformation": "CloudFormation",
    "terraform": "Terraform",
    "advice": "What to do",
}

SANDBOX_SENTENCE = "SANDBOX: practice on this machine, no account of yours is looked at."
NOTHING_TO_MEND = "Nothing here needs mending."
NO_GAPS = "Everything that was asked for could be collected."

# What stands in backticks is shown as code.
QUOTED = re.compile(r"`([^`]{1,300})`")
_ISO = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\dZ")
_ARN = re.compile(r"arn:(aws[\w-]*):([\w-]+):([\w-]*):(\d{12})?:(\S+)")


def one_line(value: object) -> str:
    """Return cleaned text with every run of white space made one space."""
    return " ".join(clean(value).split())


def plain(value: Any) -> str:
    """Return one value of the evidence as a person reads it."""
    if value is None:
        return "not set"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list | tuple):
        return one_line(json.dumps(value, ensure_ascii=False, default=str))
    return one_line(value)


def sentence(text: str) -> str:
    """Return a text that begins with a capital."""
    return text[:1].upper() + text[1:]


def short_arn(text: str) -> str:
    """Shorten an ARN to its service and resource: `rum … appmonitor/shop-web`."""
    match = _ARN.fullmatch(text)
    return f"{match[2]}…{match[5]}" if match and len(text) > 30 else text


def _coverage(investigation: Investigation) -> str:
    """Say how much of what was asked stands behind a verdict that found nothing."""
    states = [finding.status for finding in investigation.findings]
    open_ = states.count(Status.UNKNOWN)
    asked = len(states) - states.count(Status.SKIP)
    return f" ({open_} of {count(asked, 'check')} could not be answered)" if open_ else ""


def person(principal: object) -> str:
    """Return who made a change: the user's or the session's whole name, and the role it had."""
    name = one_line(principal or "somebody unknown")
    kind, _, rest = name.rpartition(":")[2].partition("/")
    if not name.startswith("arn:") or not rest:
        return name
    role, _, session = rest.partition("/")
    if kind == "assumed-role" and session:
        return f"{session} (role {role})"
    return f"{rest} ({kind})"


def verdict_heading(verdict: Verdict) -> str:
    """Return a verdict with its sign: `✗ BROKEN`."""
    return f"{SIGNS[VERDICT_SIGNS[verdict]]} {verdict.upper()}"


def verdict_sentence(investigation: Investigation) -> str:
    """Return the verdict as one sentence that names the hop."""
    if investigation.verdict is Verdict.HEALTHY:
        return f"Events arrive, and nothing found stands in their way{_coverage(investigation)}."
    if investigation.verdict is Verdict.UNPROVEN:
        coverage = _coverage(investigation)
        return f"Nothing broken was found, but no event was seen to arrive{coverage}."
    beside = _beside(investigation)
    if investigation.verdict is Verdict.DEGRADED:
        cause = f" broken beside that: {investigation.root_cause}." if investigation.cause else ""
        return f"Events get through;{cause or ' something deserves attention.'}{beside}"
    if investigation.cause is None:
        return _unexplained(investigation)
    hop = broken_hop(investigation)
    where = f" at “{hop.sentence}”" if hop else ""
    return f"The delivery path breaks{where}.{beside}"


def _beside(investigation: Investigation) -> str:
    """Count the faults that stand on their own beside the cause."""
    others = conclusion.independent(investigation.findings, investigation.root_cause)
    if not others:
        return ""
    names = ", ".join(one_line(each.check) for each in others)
    own = "its own" if len(others) == 1 else "their own"
    return f" {count(len(others), 'more fault')} of {own}: {names}."


def _unexplained(investigation: Investigation) -> str:
    """Say what fails, and which hops before it nobody could see, with what would show them."""
    symptom = next(f for f in investigation.findings if f.status is Status.FAIL)
    hops = conclusion.unseen_before(investigation.findings, symptom)
    unseen = " and ".join(HOP_NAMES[hop] for hop in hops)
    wanted = dict.fromkeys(
        name for f in investigation.findings if f.hop in hops for name in f.missing
    )
    show = ", ".join(one_line(name) for name in list(wanted)[:4])
    return (
        f"Events do not arrive, and the cause was not visible: {unseen} could not be looked at"
        f" (what would show it: {show})."
    )


def broken_hop(investigation: Investigation) -> Hop | None:
    """Return the hop where the path breaks, or None."""
    cause = investigation.cause
    if cause:
        return cause.hop
    return next((step.hop for step in investigation.path if step.status is Status.FAIL), None)


def looked_at(investigation: Investigation) -> list[tuple[str, str]]:
    """Return what was looked at as names and values, without what was not given."""
    target = investigation.target
    shown = [(name, one_line(target[name])) for name in _TARGET_ORDER if target.get(name)]
    window = span(target.get("since"), target.get("until"))
    return [*shown, ("window", window)] if window else shown


def span(since: object, until: object) -> str:
    """Return a window as `2026-03-01 09:00 to 2026-03-02 09:00 UTC`, or what is known of it."""
    ends = [one_line(end) for end in (since, until) if end]
    moments = [_ISO.fullmatch(end) for end in ends]
    if ends and all(moments):
        return " to ".join(f"{moment[1]} {moment[2]}" for moment in moments if moment) + " UTC"
    return " to ".join(ends)


def onset_sentence(investigation: Investigation) -> str:
    """Return since when it is bad and the change before that, or nothing."""
    onset = investigation.onset
    if onset is None:
        return ""
    sentence = f"since {onset_moment(investigation, onset)}"
    if not onset.changes:
        return f"{sentence}; no configuration change was read before that."
    nearest, bearing = nearest_change(onset)
    name = one_line(nearest.get("name") or "a change")
    who = person(nearest.get("principal"))
    at = minute(str(nearest.get("time") or "")).removeprefix(f"{onset.when[:10]} ")
    # Inside the span of uncertainty nobody knows which of the two came first.
    where = "nearest change before" if onset.earliest > str(nearest.get("time")) else _WITHIN
    if onset.what == "change":
        where = "the change"
    if not bearing:
        where = "no change of what the cause is about was read; at the same time, another resource"
    return f"{sentence}; {where}: {name} by {who} at {at}."


def onset_moment(investigation: Investigation, onset: Onset) -> str:
    """Return about when it began, with its span of uncertainty, and what else it may be."""
    if onset.what == "change":
        return f"{minute(onset.when)} UTC, after the last event: visitors have hardly met it yet"
    sentence = f"about {minute(onset.when)} ({span_short(onset.earliest, onset.latest)})"
    if onset.direction in _RHYTHM and not investigation.target.get("traffic"):
        sentence += ", unless it is the daily rhythm of the site"
    return sentence


def nearest_change(onset: Onset) -> tuple[Mapping[str, Any], bool]:
    """Return the change nearest before an onset, and whether it is of what the cause is about."""
    bearing = [change for change in onset.changes if change.get("bears_on_cause", True)]
    return (bearing or onset.changes)[0], bool(bearing)


def span_short(since: str, until: str) -> str:
    """Return two moments of ISO 8601 as a span of UTC, with the days where it has two."""
    first, last = minute(since), minute(until)
    if first[:10] == last[:10]:
        first, last = first[11:], last[11:]
    return f"{first}–{last} UTC"  # noqa: RUF001 - the dash of a span


def minute(moment: str) -> str:
    """Return a moment of ISO 8601 as `2026-03-01 09:00`, another text on one line."""
    match = _ISO.fullmatch(moment)
    return f"{match[1]} {match[2]}" if match else one_line(moment)


_NOTHING_ELSE = "nothing else that is configured is broken"
_WITHIN = "nearest change, within that span"
# What a day's ups and downs look like too; silence and denials from nothing are none of them.
_RHYTHM = ("fell", "rose")
_TARGET_ORDER = (
    "monitor",
    "page",
    "recording",
    "region",
    "account",
    "profile",
    "trail",
    "traffic",
)


def fix_kind(fix: Fix) -> str:
    """Return what kind of text a fix is, by the name that people have for it."""
    return FIX_NAMES.get(fix.kind, one_line(fix.kind))


def fix_title(fix: Fix) -> str:
    """Return what a fix does, and onto what it is put where that is something else."""
    onto = f" (onto {one_line(fix.target)})" if fix.target else ""
    return f"{one_line(fix.title)}{onto}"


def state(finding: Finding) -> str:
    """Return a finding's state in words, and that it is only likely."""
    likely = ", likely" if finding.status is Status.FAIL and not finding.certain else ""
    return f"{finding.condition}{likely}"


def asked(proof: Proof) -> str:
    """Return with which parameters something was asked, on one line."""
    return ", ".join(f"{one_line(key)}={plain(value)}" for key, value in proof.parameters.items())


def risk_sentence(fix: Fix) -> str:
    """Return what a fix does to access, and in which account."""
    where = f" in account {one_line(fix.account)}" if fix.account else ""
    return f"This {one_line(fix.risk)}{where}."


def tried_sentence(finding: Finding, fix: Fix) -> str:
    """Return what came of a fix on a copy of what was read; nothing where it was not tried."""
    tried = fix.tried
    if tried is None:
        return ""
    # Where something else of the hop is bad or could not be read, only the check is mended.
    whole_hop = tried.hop in {tried.after, Status.PASS}
    what = HOP_NAMES[finding.hop] if whole_hop else one_line(finding.check)
    if not tried.mends:
        return f"tried on a copy: this alone does not mend it ({what} stays {SIGNS[tried.after]})"
    risk = ", which works at a risk" if tried.after is Status.WARN else ""
    sign = SIGNS[Status.WARN if risk else Status.PASS]
    after = f"{what} {SIGNS[tried.before]}→{sign}{risk}"
    rest = f"next would be {one_line(tried.next)}" if tried.next else _NOTHING_ELSE
    return f"verified on a copy: {after}; {rest}"


def count(number: int, singular: str, plural: str = "") -> str:
    """Return a number with its noun: `1 call`, `12 calls`."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"
