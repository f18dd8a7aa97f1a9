"""Trail files on this machine: a file, all below a folder, or those of a glob."""

from __future__ import annotations

import contextlib
import re
import time
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rumkit.aws_answers import what_aws_printed
from rumkit.aws_names import REGION
from rumkit.model import BadInput, Question
from rumkit.plain_file import given_path, read_plain
from rumkit.target import iso
from rumkit.trail.coverage import DELIVERY, LATE, Gap
from rumkit.trail.exports import HEAD, MAX_TABLE, is_export, plain_text, read_export
from rumkit.trail.gunzip import MAGIC
from rumkit.trail.names import (
    CHANGES,
    COGNITO_NAMES,
    KIND_OF_NAME,
    PUT_NAMES,
    STS_NAMES,
    WORDS,
    names_of,
)
from rumkit.trail.query import RowCollector, TrailQuery, TrailResult, result_of
from rumkit.trail.recorders import untold
from rumkit.trail.scan import ScannedFile, ScanPlan, scan_bytes, scan_file
from rumkit.trail.workers import scan_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rumkit.target import Window
    from rumkit.trail.coverage import Coverage

_SUFFIXES: Final = (".gz", ".json", ".jsonl", ".ndjson")
# Files that hold something of a trail perhaps, in a form that can't be read here.
_PACKED: Final = (
    ".zip", ".zst", ".bz2", ".xz", ".lz4", ".7z", ".rar", ".tar", ".tgz", ".enc", ".gpg", ".pgp",
    ".age", ".parquet", ".part", ".tmp", ".crdownload",
)  # fmt: skip
_TRAIL_FILE: Final = "_CloudTrail_"
_DELIVERED: Final = re.compile(r"_(\d{8}T\d{4})Z_")
_REGION: Final = re.compile(rf"_CloudTrail_({REGION})_")
_NOT_EVENTS: Final = ("CloudTrail-Digest", "CloudTrail-Insight")
_EARLY: Final = timedelta(minutes=15)
_HEAD_BYTES: Final = 65_536
_DAY: Final = timedelta(days=1)
# Below this, starting processes takes longer than scanning.
_WORTH_WORKERS: Final = 6_000_000


class FileSource:
    """Trail files on disk: a file, a folder with all below it, or a glob.

    `processes` limits the worker processes (None: one for each core, 1: none). Files do not say
    what their trail records: `holds` are the kinds of which there is any call.
    """

    name = "files"

    def __init__(
        self,
        location: str,
        *,
        processes: int | None = None,
        deadline: float = 3600.0,
    ) -> None:
        self._location = location
        self._processes = processes
        self._deadline = deadline

    def fetch(self, query: TrailQuery) -> TrailResult:
        """Return the events of a query. Raises BadInput where there are no files at all."""
        there = trail_files(self._location)
        wanted = [(path, size) for path, size in there.files if may_hold(path, query)]
        plan = plan_of(query)
        tally = Tally(RowCollector(query, self.name))
        for path in there.unreadable:
            tally.collector.unread[f"a file of another form ({Path(path).suffix or 'none'})"] += 1
        tables = any(Path(path).suffix.lower() == ".csv" for path, _ in wanted)
        small = sum(size for _, size in wanted) < _WORTH_WORKERS
        if small or tables or self._processes == 1:
            answers: Iterable[ScannedFile] = (_scan(path, plan) for path, _ in wanted)
        else:
            answers = scan_files(wanted, plan, processes=self._processes, deadline=self._deadline)
        until = time.monotonic() + self._deadline
        for answer in answers:
            tally.add(answer)
            if time.monotonic() > until:
                tally.late = True
                break
        regions = _regions(path for path, _ in wanted)
        coverage = tuple(tally.coverage(query, regions))
        skipped = len(there.files) - len(wanted)
        return tally.result(coverage, source=self.name, known=False, skipped=skipped,
                            location=self._location)  # fmt: skip


def _scan(path: str, plan: ScanPlan) -> ScannedFile:
    """Scan a file; one that a person exported or pasted is read as what it was exported from."""
    if Path(path).suffix.lower() != ".gz":
        with contextlib.suppress(OSError):
            begins_so = is_export(read_plain(path, HEAD))
            export = read_export(read_plain(path, MAX_TABLE + 1)) if begins_so else None
            if export is not None:
                scanned = scan_bytes(export.lines, plan)
                scanned.problems = [*(scanned.problems if export.lines else ()), *export.problems]
                return scanned
    return scan_file(path, plan)


def _regions(paths: Iterable[str]) -> frozenset[str] | None:
    """Return the Regions that the files' names name, None where one names none."""
    matches = [_REGION.search(path) for path in paths]
    named = [match[1] for match in matches if match]
    return frozenset(named) if matches and len(named) == len(matches) else None


class Tally:
    """Counts what files held, of which time they are, and what was wrong with them."""

    def __init__(self, collector: RowCollector) -> None:
        self.collector = collector
        self.size = 0
        self.files = 0
        self.late = False
        self.seen: set[str] = set()
        self.succeeded: Counter[str] = Counter()
        self.latest: dict[str, datetime] = {}
        self.times: list[tuple[datetime, datetime]] = []

    def add(self, result: ScannedFile) -> None:
        """Add what one file held."""
        self.files += 1
        self.size += result.size
        self.seen |= result.seen
        for name, count in result.succeeded.items():
            self.succeeded[KIND_OF_NAME[name]] += count
        for name, text in result.latest.items():
            moment = _time(text)
            if moment is not None and moment < self.collector.query.window.until:
                self.latest[name] = max(moment, self.latest.get(name, moment))
        span = (_time(result.first), _time(result.last))
        if span[0] and span[1]:
            self.times.append((span[0], span[1]))
        for problem in result.problems:
            self.collector.unread[problem] += 1
        self.collector.add_all(result.records)

    def coverage(self, query: TrailQuery, regions: frozenset[str] | None) -> Iterator[Coverage]:
        """Yield how far the files cover a query, as their own records and names tell."""
        spans = self._spans(query.window)
        present = _kinds(self.seen) | self.collector.seen
        for each in untold(query, "the files"):
            gaps = list(spans)
            if regions is not None and each.region and each.region not in regions:
                reason = f"There is no file of {each.region}"
                gaps = [Gap.of(query.window, reason, "input:trail")]
            elif each.kind not in present:
                words = WORDS[each.kind]
                gaps.append(Gap(f"The files hold no {words}: they may not be recorded there"))
            yield replace(each, gaps=tuple(gaps))

    def _spans(self, window: Window) -> list[Gap]:
        """Return the parts of a window of which there is no record at all."""
        if not self.times:
            reason = "No record of the window was read in any file"
            return [Gap.of(window, reason, "input:trail")]
        first, last = min(self.times)[0], max(end for _, end in self.times)
        if last < window.since or first >= window.until:
            later = last + timedelta(seconds=1)
            reason = (
                f"The records are of {iso(first)} to {iso(last)}, outside the window: --since"
                f" {iso(first)} --until {iso(later)} asks for theirs"
            )
            return [Gap.of(window, reason, "input:since")]
        gaps = []
        if first > window.since + DELIVERY:
            reason = f"The files begin at {iso(first)}"
            gaps.append(Gap(reason, "input:trail", window.since, min(first, window.until)))
        if last < window.until - DELIVERY:
            reason = f"The files end at {iso(last)}"
            gaps.append(Gap(reason, "input:trail", max(last, window.since), window.until))
        days = {moment.date() for span in self.times for moment in span}
        day = first.replace(hour=0, minute=0, second=0, microsecond=0) + _DAY
        while day < last.replace(hour=0, minute=0, second=0, microsecond=0):
            if day.date() not in days and window.since < day + _DAY and day < window.until:
                reason = f"There is no file of {day:%Y-%m-%d}"
                gaps.append(Gap(reason, "input:trail", day, day + _DAY))
            day += _DAY
        return gaps

    def result(
        self,
        coverage: tuple[Coverage, ...],
        *,
        source: str,
        known: bool,
        skipped: int = 0,
        calls: int = 0,
        gaps: Iterable[Gap] = (),
        location: str = "",
    ) -> TrailResult:
        """Return what was found as a source's answer."""
        query = self.collector.query
        reason = "The time limit was reached before all files were read"
        late = [Gap(reason, "input:trail")] if self.late else []
        more = [*gaps, *late]
        result = result_of(self.collector, coverage, more, known=known, seen=_kinds(self.seen))
        read = f"{self.files} trail files read, {skipped} outside the window left unread."
        counted = self.succeeded + self.collector.succeeded
        return replace(
            result,
            source=source,
            notes=(read, *(gap.sentence for gap in late), *result.notes),
            bytes_scanned=self.size,
            calls=calls,
            complete=not more,
            latest_success={**self.collector.latest_success, **self.latest},
            asked=(_question(location or source, query),),
            succeeded=None
            if query.outcomes == "all"
            else {kind: counted[kind] for kind in sorted(query.kinds - {CHANGES})},
        )


def _question(location: str, query: TrailQuery) -> Question:
    since, until = query.window.iso()
    text = f"{', '.join(query.names)} from {since} to {until}"
    return Question("files", text, f"the trail files of {location}", (), tuple(sorted(query.kinds)))


def _time(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _kinds(names: set[str]) -> frozenset[str]:
    """Return the kinds of event names, of those names that only one service has."""
    return frozenset(KIND_OF_NAME[name] for name in names) - {CHANGES}


def plan_of(query: TrailQuery) -> ScanPlan:
    """Return what the scanner has to look for."""
    if query.outcomes == "all":
        return ScanPlan(query.names)
    # A name that is also a configuration change is wanted whatever its outcome.
    failures = frozenset(query.names) - {*names_of(query.kinds & {CHANGES})}
    return ScanPlan(query.names, failures, _marks(query))


def _marks(query: TrailQuery) -> dict[str, tuple[str, ...]]:
    """Return what a successful call of ours holds, by its name; nothing where all are ours."""
    monitors = [f':appmonitor/{name}"' for name, _ in query.monitors if name]
    monitors += [ident for _, ident in query.monitors if ident]
    sessions = (*query.pools, *query.roles)
    marks = dict.fromkeys(PUT_NAMES, tuple(monitors)) | dict.fromkeys(STS_NAMES, sessions)
    return marks | dict.fromkeys(COGNITO_NAMES, query.pools)


@dataclass(frozen=True)
class TrailFiles:
    """The trail files of a location as (path, size), and those that can't be read as such."""

    files: tuple[tuple[str, int], ...]
    unreadable: tuple[str, ...] = ()


def trail_files(location: str) -> TrailFiles:
    """Return the trail files of a location, in order. Raises BadInput where there are none."""
    path = given_path(location)
    others: list[Path] = []
    if path.is_file():
        _refuse_digest(path)
        _refuse_other(path)
        paths = [path]
    elif path.is_dir():
        present = sorted(path.rglob("*"))
        paths = [each for each in present if each.suffix.lower() in _SUFFIXES]
        others = [each for each in present if _is_other(each)]
    else:
        paths = sorted(_glob(path))
    files = [
        (str(each), each.stat().st_size)
        for each in paths
        if each.is_file() and not any(word in str(each) for word in _NOT_EVENTS)
    ]
    if not files and not others:
        raise BadInput(
            f"No trail files at {location!r}: name a folder, a file or a glob of .json.gz files."
        )
    return TrailFiles(tuple(files), tuple(str(each) for each in others if each.is_file()))


def _refuse_digest(path: Path) -> None:
    """Raise BadInput for a file that lies beside a trail's own and holds no call."""
    kind = next((each for each in _NOT_EVENTS if each in path.name), "")
    if kind:
        raise BadInput(
            f"{path.name} is of {kind}, which holds no call: name files of the folder CloudTrail"
            " beside it."
        )


def _refuse_other(path: Path) -> None:
    """Raise BadInput for a file in which nothing can be a record."""
    with contextlib.suppress(OSError):
        head = read_plain(path, _HEAD_BYTES)
        packed = head.startswith(MAGIC) or path.suffix.lower() in _PACKED
        head = plain_text(head)
        what = what_aws_printed(head.decode("utf-8", "replace"))
        low = head.lower()
        another = what and b"eventname" not in low
        if not packed and (another or not (b"event" in low or b"@message" in low)):
            raise BadInput(
                f"{path.name} holds no CloudTrail record: name trail files (.json, .json.gz), or"
                " what Event history, Logs Insights or Athena exported (.json, .csv)."
                f" {what}".rstrip()
            )


def _is_other(path: Path) -> bool:
    """Tell whether a file may hold records in a form that can't be read here."""
    suffix = path.suffix.lower()
    if suffix in _SUFFIXES or any(word in str(path) for word in _NOT_EVENTS):
        return False
    return suffix in _PACKED or _TRAIL_FILE in path.name


def _glob(path: Path) -> Iterator[Path]:
    anchor = Path(path.anchor) if path.is_absolute() else Path()
    pattern = str(path.relative_to(anchor)) if path.is_absolute() else str(path)
    if not any(char in pattern for char in "*?["):
        return
    yield from anchor.glob(pattern)


def may_hold(path: str, query: TrailQuery) -> bool:
    """Return whether a file, by the delivery time in its name, can hold events of the window."""
    match = _DELIVERED.search(path)
    if not match:
        return True
    try:
        delivered = datetime.strptime(match[1], "%Y%m%dT%H%M").replace(tzinfo=UTC)
    except ValueError:
        return True
    return query.window.since - _EARLY <= delivered <= query.window.until + LATE
