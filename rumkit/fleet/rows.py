"""What a fleet says of one monitor in one run: a row, and what became of it since the last one."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from rumkit.fleet.plan import key_of
from rumkit.model import DEFECT, DEFECT_CODE, BadInput, Status, Verdict
from rumkit.secret import hide_secrets
from rumkit.show.selection import main_finding
from rumkit.show.words import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from rumkit.fleet.plan import Accepted, FleetTarget
    from rumkit.investigation import Investigation
    from rumkit.model import Finding

SCHEMA: Final = 1
MENDED: Final = "mended"
_POINTS: Final = 32
_LONGEST: Final = 600


class MonitorState(StrEnum):
    """What is known of a monitor after a run; `FAILED` means that it could not be looked at."""

    FAILED = "failed"
    BROKEN = "broken"
    UNPROVEN = "unproven"
    DEGRADED = "degraded"
    ACCEPTED = "accepted"
    HEALTHY = "healthy"


# The worst first, as the page is sorted. That nobody could look is not better than broken.
ORDER: Final = tuple(MonitorState)
GOOD: Final = frozenset({MonitorState.HEALTHY, MonitorState.DEGRADED, MonitorState.ACCEPTED})


@dataclass(frozen=True)
class Bad:
    """One finding that fails or warns, with the first run of this spell and how many there were.

    `accepted` is the reason why a person takes it as it is, empty where nobody does.
    """

    check: str
    hop: str
    section: str
    status: str
    summary: str
    since: str = ""
    times: int = 1
    change: str = ""
    accepted: str = ""


@dataclass(frozen=True)
class MonitorRow:
    """One monitor in one run. Times are ISO 8601 UTC, `day` is a date.

    `hops` maps each hop to its condition in words; `arrival` is events per period, oldest first.
    `since` is when a bad state began as far as arrival or denials tell, `bad_since` the first run
    that saw it; `spells` counts how often a bad state began. `change` compares with the last run:
    `first`, `new`, `mended`, `worse`, `better`, `same`. `files` are paths under the output, by
    kind. `note` says what went wrong beside the investigation.
    """

    run: str
    time: str
    place: str
    account: str
    region: str
    monitor: str
    state: str
    owner: str = ""
    page: str = ""
    cause: str = ""
    summary: str = ""
    fix: str = ""
    hops: Mapping[str, str] = field(default_factory=dict)
    arrival: tuple[int, ...] = ()
    arrived: int | None = None
    since: str = ""
    bad_since: str = ""
    spells: int = 0
    change: str = "first"
    findings: tuple[Bad, ...] = ()
    error: str = ""
    note: str = ""
    seconds: float = 0.0
    files: Mapping[str, str] = field(default_factory=dict)
    schema: int = SCHEMA

    @property
    def key(self) -> str:
        """Return what this monitor is known by from run to run."""
        return key_of(self.place, self.account, self.region, self.monitor)

    @property
    def name(self) -> str:
        """Return the monitor's name, in words for a place that could not be asked."""
        return self.monitor or "all monitors"

    @property
    def matter(self) -> str:
        """Return in a line what is the matter, empty where nothing is."""
        return one_line(self.error or self.summary)

    @property
    def reason(self) -> str:
        """Return the cause and what is the matter in a line."""
        return f"{self.cause}: {self.matter}" if self.cause else self.matter

    @property
    def began(self) -> str:
        """Return since when it is bad, as exactly as is known."""
        return self.since or self.bad_since

    @property
    def report(self) -> str:
        """Return the path of what a person reads of it, empty where nothing was kept."""
        return self.files.get("html") or self.files.get("case", "")

    @property
    def day(self) -> str:
        """Return the day of the run, by which its files are kept."""
        return self.time[:10]

    @property
    def good(self) -> bool:
        """Tell whether nothing has to be done."""
        return MonitorState(self.state) in GOOD

    def to_dict(self) -> dict[str, Any]:
        """Return the row as JSON values."""
        return asdict(self)

    @staticmethod
    def from_dict(data: Mapping[str, Any]) -> MonitorRow:
        """Read what `to_dict` wrote, or an older rumkit: what it lacks has its default.

        Raises BadInput for what is no row, and for the row of a newer rumkit.
        """
        try:
            schema = int(data.get("schema", 0))
            row = MonitorRow(**_values(MonitorRow, data))
            MonitorState(row.state)
            datetime.fromisoformat(row.time)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise BadInput(f"This is not a row of a fleet: {error!r}.") from None
        if schema > SCHEMA:
            raise BadInput(f"This rumkit reads rows up to schema {SCHEMA}, not {schema!r}.")
        return replace(row, schema=SCHEMA)


def _values(kind: type[MonitorRow | Bad], data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a row or a finding that JSON holds, each of the type of its field."""
    names = (item.name for item in fields(kind))
    return {name: _value(name, data[name]) for name in names if name in data}


def _value(name: str, value: Any) -> Any:
    match name:
        case "schema" | "spells" | "times":
            return int(value)
        case "seconds":
            return float(value)
        case "arrived":
            return None if value is None else int(value)
        case "arrival":
            return tuple(map(int, value))
        case "hops" | "files":
            return {str(key): _text(each) for key, each in value.items()}
        case "findings":
            return tuple(Bad(**_values(Bad, each)) for each in value)
        case _:
            return _text(value)


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def failed_row(target: FleetTarget, run: str, time: str, *, seconds: float = 0.0) -> MonitorRow:
    """Return the row of a target that could not be looked at, with `target.error`."""
    return MonitorRow(
        run,
        time,
        target.place,
        target.account,
        target.region,
        target.monitor,
        MonitorState.FAILED,
        owner=target.owner,
        page=hide_secrets(target.page),
        error=hide_secrets(target.error)[:_LONGEST],
        seconds=seconds,
    )


# The run ended before a monitor was looked at, which says nothing of the monitor.
TOLD_TO_END: Final = "the run was told to end before this monitor was looked at"


def row_of(
    target: FleetTarget,
    investigation: Investigation,
    accepted: Sequence[Accepted],
    *,
    run: str,
    time: str,
    seconds: float,
) -> MonitorRow:
    """Return the row of an investigation, with what a person accepts of it on the run's day."""
    today = datetime.fromisoformat(time).date()
    bad = tuple(
        _bad(each, target.monitor, accepted, today) for each in investigation.findings if each.bad
    )
    cause = main_finding(investigation)
    arrived = [int(row["events"]) for row in investigation.tables.get("arrival", ())]
    return MonitorRow(
        run,
        time,
        target.place,
        target.account,
        target.region,
        target.monitor,
        _state(investigation, bad),
        owner=target.owner,
        page=hide_secrets(target.page),
        cause=investigation.root_cause or "",
        summary=(cause.summary if cause else "")[:_LONGEST],
        fix=_first_line(cause),
        hops={str(step.hop): str(step.condition) for step in investigation.path},
        arrival=_condensed(arrived),
        arrived=sum(arrived) if arrived else None,
        since=investigation.onset.when if investigation.onset else "",
        findings=bad,
        note=_defects(investigation),
        seconds=round(seconds, 3),
    )


def _defects(investigation: Investigation) -> str:
    """Say which checks rumkit failed in, where that leaves open what the verdict would be."""
    if investigation.exit_code != DEFECT_CODE:
        return ""
    names = ", ".join(each.check for each in investigation.findings if DEFECT in each.missing)
    return f"rumkit itself failed in {names}"


def _bad(finding: Finding, monitor: str, accepted: Sequence[Accepted], today: date) -> Bad:
    why = next((each.reason for each in accepted if each.covers(finding.check, monitor, today)), "")
    return Bad(
        finding.check,
        str(finding.hop),
        str(finding.section),
        str(finding.status),
        finding.summary[:_LONGEST],
        accepted=why,
    )


def _state(investigation: Investigation, bad: Sequence[Bad]) -> MonitorState:
    """Return the verdict, or that all that it rests on is accepted.

    Symptoms go with their cause: where every fault of its own is accepted, they are too.
    """
    if investigation.verdict not in {Verdict.BROKEN, Verdict.DEGRADED}:
        return MonitorState(str(investigation.verdict))
    symptoms = {each.check for each in investigation.findings if each.symptom}
    if investigation.verdict is Verdict.BROKEN:
        bad = [each for each in bad if each.status == Status.FAIL]
    own = [each for each in bad if each.check not in symptoms] or bad
    if own and all(each.accepted for each in own):
        return MonitorState.ACCEPTED
    return MonitorState(str(investigation.verdict))


def _first_line(cause: Finding | None) -> str:
    lines = cause.fixes[0].text.strip().splitlines() if cause and cause.fixes else []
    return lines[0][:_LONGEST] if lines else ""


def _condensed(counts: Sequence[int]) -> tuple[int, ...]:
    """Return at most 32 sums of neighbouring periods, enough for a line of the page."""
    size = -(-len(counts) // _POINTS) or 1
    return tuple(sum(counts[at : at + size]) for at in range(0, len(counts), size))


def compared(row: MonitorRow, before: MonitorRow | None) -> MonitorRow:
    """Return the row with what is new, mended or worse, and since when, by the last run's row.

    A row that was compared already may be compared again, with the row of a later run.
    """
    row = replace(row, findings=tuple(bad for bad in row.findings if bad.status != MENDED))
    if before is None:
        spell = 0 if row.good else 1
        begun = "" if row.good else row.time
        findings = tuple(replace(bad, since=row.time, change="new") for bad in row.findings)
        return replace(row, change="first", bad_since=begun, spells=spell, findings=findings)
    fresh = not row.good and before.good
    return replace(
        row,
        change=_change(row, before),
        bad_since="" if row.good else row.time if fresh else before.bad_since or row.time,
        spells=before.spells + fresh,
        findings=_spells(row, before),
    )


def _change(row: MonitorRow, before: MonitorRow) -> str:
    if row.good != before.good:
        return "mended" if row.good else "new"
    here, there = ORDER.index(row.state), ORDER.index(before.state)
    if here != there:
        return "worse" if here < there else "better"
    if row.cause != before.cause and not row.good:
        return "worse" if row.cause else "better"
    return "same"


def _spells(row: MonitorRow, before: MonitorRow) -> tuple[Bad, ...]:
    """Return the findings with the beginning and number of their spells.

    A run that could not look says nothing of the findings: those of the last look are kept.
    """
    if row.state == MonitorState.FAILED:
        return before.findings
    known = {bad.check: bad for bad in before.findings}
    spells = []
    for bad in row.findings:
        last = known.get(bad.check)
        if last is None or last.status == MENDED:
            times = last.times + 1 if last else 1
            spells.append(replace(bad, since=row.time, times=times, change="new"))
            continue
        worse = bad.status == Status.FAIL and last.status == Status.WARN
        change = "worse" if worse else "same"
        spells.append(replace(bad, since=last.since, times=last.times, change=change))
    now = {bad.check for bad in row.findings}
    mended = (bad for bad in before.findings if bad.check not in now)
    # What is mended stays, so that the next time it comes back is counted.
    spells += [
        replace(bad, status=MENDED, change="same" if bad.status == MENDED else MENDED, accepted="")
        for bad in mended
    ]  # fmt: skip
    return tuple(spells)


def exit_code(rows: Sequence[MonitorRow], fail_on: frozenset[str]) -> int:
    """Return 1 where a monitor is what fails a run, 4 where one could not be looked at, 3 unproven.

    `fail_on` holds states, and `new` for whatever is new or worse.
    """
    states = {row.state for row in rows} & fail_on
    changed = any(row.change in {"new", "worse"} and not row.good for row in rows)
    if states & {MonitorState.BROKEN, MonitorState.DEGRADED} or ("new" in fail_on and changed):
        return 1
    if MonitorState.FAILED in states:
        return 4
    return 3 if MonitorState.UNPROVEN in states else 0
