"""Trail files in a folder, behind a glob or under `s3://`, scanned on this machine."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from rumkit.model import BadInput
from rumkit.trail.names import CHANGES, KIND_OF, names_of
from rumkit.trail.query import Clients, Collector, TrailQuery, TrailResult, kinds_seen
from rumkit.trail.refused import asking
from rumkit.trail.scan import Found, Plan, scan_bytes, scan_file
from rumkit.trail.workers import scan_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_SUFFIXES: Final = (".gz", ".json", ".jsonl", ".ndjson")
_DELIVERED: Final = re.compile(r"_(\d{8}T\d{4})Z_")
_NOT_EVENTS: Final = ("CloudTrail-Digest", "CloudTrail-Insight")
# A file is named after the moment of its delivery, within minutes of its events as a rule.
_LATE: Final = timedelta(days=1)
_EARLY: Final = timedelta(minutes=15)
# Below this, starting processes takes longer than scanning.
_WORTH_WORKERS: Final = 6_000_000


@dataclass(frozen=True)
class _Object:
    bucket: str
    key: str
    size: int


class FileSource:
    """Trail files on disk: a file, a folder with all below it, or a glob.

    `processes` limits the worker processes (None: one for each core, 1: none). What the files
    hold is what the trail recorded: `holds` is empty of what `recorded` does not name, which
    the caller knows from the trail's selectors; by default it is what was found.
    """

    name = "files"

    def __init__(
        self,
        location: str,
        *,
        recorded: frozenset[str] | None = None,
        processes: int | None = None,
        deadline: float = 3600.0,
    ) -> None:
        self._location = location
        self._recorded = recorded
        self._processes = processes
        self._deadline = deadline

    def fetch(self, query: TrailQuery) -> TrailResult:
        """Return the events of a query. Raises BadInput where there are no files at all."""
        files = trail_files(self._location)
        wanted = [(path, size) for path, size in files if may_hold(path, query)]
        plan = plan_of(query)
        collector = Collector(query, self.name)
        tally = _Tally()
        if sum(size for _, size in wanted) < _WORTH_WORKERS or self._processes == 1:
            answers: Iterable[Found] = (scan_file(path, plan) for path, _ in wanted)
        else:
            answers = scan_files(wanted, plan, processes=self._processes, deadline=self._deadline)
        until = time.monotonic() + self._deadline
        for found in answers:
            tally.add(found, collector)
            if time.monotonic() > until:
                tally.late = True
                break
        skipped = len(files) - len(wanted)
        return tally.result(collector, source=self.name, recorded=self._recorded, skipped=skipped)


class S3Source:
    """Trail files in S3, listed by the key layout that CloudTrail uses, day by day.

    `location` is `s3://BUCKET/PREFIX` where AWSLogs/ lies under the prefix (or is its end).
    """

    name = "s3"

    def __init__(
        self,
        location: str,
        clients: Clients,
        *,
        region: str,
        recorded: frozenset[str] | None = None,
        deadline: float = 900.0,
        max_bytes: int = 20_000_000_000,
    ) -> None:
        self._bucket, self._prefix = split_location(location)
        self._client = clients("s3", region)
        self._recorded = recorded
        self._deadline = deadline
        self._max_bytes = max_bytes

    def fetch(self, query: TrailQuery) -> TrailResult:
        """Return the events of a query. Raises NotCollected when the bucket can't be read."""
        from concurrent.futures import ThreadPoolExecutor

        until = time.monotonic() + self._deadline
        lister = _Lister(self._client, self._bucket)
        plan = plan_of(query)
        collector = Collector(query, f"s3://{self._bucket}")
        tally = _Tally()
        read = 0
        objects = (one for one in lister.objects(self._prefix, query) if may_hold(one.key, query))
        with ThreadPoolExecutor(max_workers=8) as pool:
            for batch in _batches(objects, 32):
                for found in pool.map(lambda one: self._scan(one, plan), batch):
                    tally.add(found, collector)
                read += sum(one.size for one in batch)
                lister.calls += len(batch)
                if time.monotonic() > until or read > self._max_bytes:
                    tally.late = True
                    break
        return tally.result(
            collector, source=self.name, recorded=self._recorded, calls=lister.calls
        )

    def _scan(self, one: _Object, plan: Plan) -> Found:
        with asking("s3:GetObject", f"s3://{one.bucket}"):
            body = self._client.get_object(Bucket=one.bucket, Key=one.key)["Body"].read()
        return scan_bytes(body, plan)


class _Tally:
    """Counts what files held and what was wrong with them."""

    def __init__(self) -> None:
        self.size = 0
        self.files = 0
        self.late = False
        self.seen: set[str] = set()

    def add(self, found: Found, collector: Collector) -> None:
        self.files += 1
        self.size += found.size
        self.seen |= found.seen
        for problem in found.problems:
            collector.unread[problem] += 1
        collector.add_all(found.records)

    def result(
        self,
        collector: Collector,
        *,
        source: str,
        recorded: frozenset[str] | None,
        skipped: int = 0,
        calls: int = 0,
    ) -> TrailResult:
        notes = [f"{self.files} trail files read, {skipped} outside the window left unread."]
        if self.late:
            notes.append("The time limit was reached before all files were read.")
        holds, note = kinds_seen(collector, recorded, _kinds(self.seen))
        return TrailResult(
            rows=collector.rows,
            source=source,
            window=collector.query.window,
            holds=holds,
            notes=(*notes, *note),
            unread=dict(collector.unread),
            bytes_scanned=self.size,
            calls=calls,
            complete=not self.late,
        )


def _kinds(names: set[str]) -> frozenset[str]:
    """Return the kinds of event names, of those names that only one service has."""
    return frozenset(kind for (_, name), kind in KIND_OF.items() if name in names) - {CHANGES}


def plan_of(query: TrailQuery) -> Plan:
    """Return what the scanner has to look for."""
    if query.outcomes == "all":
        return Plan(query.names)
    # A name that is also a configuration change is wanted whatever its outcome.
    changes = set(names_of(frozenset({CHANGES}) & query.kinds))
    return Plan(query.names, frozenset(name for name in query.names if name not in changes))


def trail_files(location: str) -> list[tuple[str, int]]:
    """Return the trail files of a location as (path, size), in order. Raises BadInput."""
    path = Path(location).expanduser()
    if path.is_file():
        paths = [path]
    elif path.is_dir():
        paths = [each for each in path.rglob("*") if each.suffix.lower() in _SUFFIXES]
    else:
        paths = list(_glob(path))
    files = [
        (str(each), each.stat().st_size)
        for each in sorted(paths)
        if each.is_file() and not any(word in str(each) for word in _NOT_EVENTS)
    ]
    if not files:
        raise BadInput(
            f"No trail files at {location!r}: name a folder, a file or a glob of .json.gz files."
        )
    return files


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
    return query.window.since - _EARLY <= delivered <= query.window.until + _LATE


def split_location(location: str) -> tuple[str, str]:
    """Return bucket and prefix of an `s3://` location. Raises BadInput."""
    parts = urlsplit(location)
    if parts.scheme != "s3" or not parts.netloc:
        raise BadInput(f"{location!r} is not a location in S3: write s3://BUCKET/PREFIX.")
    return parts.netloc, parts.path.strip("/")


def _batches(objects: Iterable[_Object], size: int) -> Iterator[list[_Object]]:
    batch: list[_Object] = []
    for one in objects:
        batch.append(one)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


class _Lister:
    """Walks AWSLogs/[organisation/]ACCOUNT/CloudTrail/REGION/yyyy/mm/dd/ for a window."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket
        self.calls = 0

    def objects(self, prefix: str, query: TrailQuery) -> Iterator[_Object]:
        """Yield the objects of the days of a window."""
        wanted = set(query.all_regions)
        for folder in self._regions(prefix):
            region = folder.rstrip("/").rsplit("/", 1)[-1]
            if query.regions and region not in wanted:
                continue
            for day in _days(query):
                yield from self._list(f"{folder}{day:%Y/%m/%d}/")

    def _regions(self, prefix: str) -> Sequence[str]:
        """Return the folders of regions under a prefix at any level of the layout."""
        if "/CloudTrail/" in f"/{prefix}/":
            tail = f"/{prefix}/".split("/CloudTrail/", 1)[1].strip("/")
            return [f"{prefix}/"] if tail else self._folders(f"{prefix}/")
        base = f"{prefix}/" if prefix else ""
        if "AWSLogs" not in prefix.split("/"):
            base = f"{base}AWSLogs/"
        return [
            region
            for account in self._accounts(base)
            for region in self._folders(f"{account}CloudTrail/")
        ]

    def _accounts(self, base: str) -> list[str]:
        """Return the folders of accounts under AWSLogs/, those of an organisation included."""
        folders = self._folders(base)
        if any(each.endswith("/CloudTrail/") for each in folders):
            return [base]
        return [
            account
            for each in folders
            for account in (self._folders(each) if each[len(base) :].startswith("o-") else [each])
        ]

    def _folders(self, prefix: str) -> list[str]:
        return [
            str(each["Prefix"])
            for page in self._pages(Prefix=prefix, Delimiter="/")
            for each in page.get("CommonPrefixes", [])
        ]

    def _list(self, prefix: str) -> Iterator[_Object]:
        for page in self._pages(Prefix=prefix):
            for each in page.get("Contents", []):
                yield _Object(self._bucket, str(each["Key"]), int(each.get("Size", 0)))

    def _pages(self, **asked: Any) -> Iterator[dict[str, Any]]:
        token: dict[str, str] = {}
        while True:
            self.calls += 1
            with asking("s3:ListBucket", f"s3://{self._bucket}"):
                page = self._client.list_objects_v2(Bucket=self._bucket, **asked, **token)
            yield page
            if not page.get("IsTruncated"):
                return
            token = {"ContinuationToken": page["NextContinuationToken"]}


def _days(query: TrailQuery) -> Iterator[datetime]:
    """Yield the days of a window, and the one after it for late deliveries."""
    day = query.window.since.replace(hour=0, minute=0, second=0, microsecond=0)
    while day <= query.window.until + _LATE:
        yield day
        day += timedelta(days=1)
