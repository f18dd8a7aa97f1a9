"""Trail files in S3, listed by the key layout that CloudTrail uses, day by day."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlsplit

from rumkit.model import BadInput, NotCollected
from rumkit.threads import Workers
from rumkit.trail.coverage import Gap, days_of, distinct
from rumkit.trail.files import Tally, may_hold, plan_of
from rumkit.trail.query import Clients, RowCollector, TrailQuery, TrailResult
from rumkit.trail.recorders import of_trails
from rumkit.trail.refused import asking
from rumkit.trail.scan import ScannedFile, ScanPlan, scan_bytes
from rumkit.trail.waiting import pages

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rumkit.trail.coverage import Coverage
    from rumkit.trail.trails import Trail

_BATCH: Final = 32
# S3 fills its pages; so many in a row that hold nothing are no list.
_MAX_EMPTY_PAGES: Final = 50


class _Object(NamedTuple):
    key: str
    size: int


class S3Source:
    """Trail files in S3, listed by the key layout that CloudTrail uses, day by day.

    `location` is `s3://BUCKET/PREFIX` where AWSLogs/ lies under the prefix, or any place below it;
    what lies below a Region's folder is read by the days of the window.
    `trails` are those that deliver to the bucket, None where that could not be read.
    """

    name = "s3"

    def __init__(
        self,
        location: str,
        clients: Clients,
        *,
        region: str,
        trails: Sequence[Trail] | None = None,
        deadline: float = 900.0,
        max_bytes: int = 20_000_000_000,
    ) -> None:
        self._bucket, prefix = split_location(location)
        self._prefix, self._region = _down_to_region(prefix)
        self._client = clients("s3", region)
        self._trails = trails
        self._deadline = deadline
        self._max_bytes = max_bytes

    def fetch(self, query: TrailQuery) -> TrailResult:
        """Return the events of a query. Raises NotCollected when no file can be read."""
        until = time.monotonic() + self._deadline
        lister = _Lister(self._client, self._bucket, until)
        plan = plan_of(query)
        tally = Tally(RowCollector(query, f"s3://{self._bucket}"))
        refusals: list[NotCollected] = []
        cut: list[Gap] = []
        read = 0
        objects = (
            each for each in lister.objects(self._prefix, query) if may_hold(each.key, query)
        )
        with Workers(8) as pool:
            for batch in _until_refused(_batches(objects), cut, tally):
                for scanned in pool.map(lambda each: self._scan(each, plan, refusals), batch):
                    tally.add(scanned)
                read += sum(each.size for each in batch)
                lister.calls += len(batch)
                if time.monotonic() > until or read > self._max_bytes:
                    tally.late = True
                    break
        if refusals and len(refusals) == tally.files:
            raise refusals[0]
        return tally.result(
            self._covered(of_trails(self._trails, query, "bucket", f"s3://{self._bucket}")),
            source=self.name,
            known=bool(self._trails),
            calls=lister.calls,
            gaps=(*cut, *_refused(refusals)),
            location=f"s3://{self._bucket}/{self._prefix}",
        )

    def _covered(self, coverage: tuple[Coverage, ...]) -> tuple[Coverage, ...]:
        """Return what of a bucket's coverage the location holds: it may name one Region."""
        if not self._region:
            return coverage
        reason = f"s3://{self._bucket}/{self._prefix} holds the files of {self._region} only"
        return tuple(
            each
            if each.region in {"", self._region}
            else replace(each, gaps=(Gap.of(each.window, reason, "input:trail"),))
            for each in coverage
        )

    def _scan(self, each: _Object, plan: ScanPlan, refusals: list[NotCollected]) -> ScannedFile:
        """Return what a file holds; one that is refused costs what is in it, and is noted."""
        try:
            with asking("s3:GetObject", f"s3://{self._bucket}"):
                body = self._client.get_object(Bucket=self._bucket, Key=each.key)["Body"].read()
        except NotCollected as refusal:
            refusals.append(refusal)
            return ScannedFile()
        return scan_bytes(body, plan)


def _until_refused(
    batches: Iterator[list[_Object]], cut: list[Gap], tally: Tally
) -> Iterator[list[_Object]]:
    """Yield batches until the list can't be read on, which is a gap; at its start a refusal."""
    try:
        yield from batches
    except NotCollected as refusal:
        if not tally.files:
            raise
        cut.append(Gap.left_by(refusal))


def _refused(refusals: Sequence[NotCollected]) -> list[Gap]:
    """Return a gap for each of the first three reasons why files could not be read."""
    lead = f"{len(refusals)} of its files could not be read"
    gaps = distinct(Gap.left_by(refusal) for refusal in refusals)
    return [replace(gap, reason=f"{lead}: {gap.reason}") for gap in gaps[:3]]


def split_location(location: str) -> tuple[str, str]:
    """Return bucket and prefix of an `s3://` location. Raises BadInput."""
    parts = urlsplit(location)
    if parts.scheme != "s3" or not parts.netloc:
        raise BadInput(f"{location!r} is not a location in S3: write s3://BUCKET/PREFIX.")
    return parts.netloc, parts.path.strip("/")


def _down_to_region(prefix: str) -> tuple[str, str]:
    """Return a prefix, and the Region that it names; what is below it is the window's to say."""
    head, layout, tail = f"/{prefix}/".partition("/CloudTrail/")
    region = tail.partition("/")[0]
    return f"{head}{layout}{region}".strip("/"), region


def _batches(objects: Iterator[_Object]) -> Iterator[list[_Object]]:
    while batch := list(islice(objects, _BATCH)):
        yield batch


class _Lister:
    """Walks AWSLogs/[organisation/]ACCOUNT/CloudTrail/REGION/yyyy/mm/dd/ for a window."""

    def __init__(self, client: Any, bucket: str, until: float) -> None:
        self._client = client
        self._bucket = bucket
        self._until = until
        self.calls = 0

    def objects(self, prefix: str, query: TrailQuery) -> Iterator[_Object]:
        """Yield the objects of the days of a window."""
        wanted = set(query.all_regions)
        for folder in self._regions(prefix, query.account):
            region = folder.rstrip("/").rsplit("/", 1)[-1]
            if query.regions and region not in wanted:
                continue
            for day in days_of(query.window):
                yield from self._list(f"{folder}{day:%Y/%m/%d}/")

    def _regions(self, prefix: str, ours: str) -> Sequence[str]:
        """Return the folders of regions under a prefix at any level of the layout.

        Of an organisation's accounts only ours is read, where it is known and there.
        """
        if "/CloudTrail/" in f"/{prefix}/":
            tail = f"/{prefix}/".split("/CloudTrail/", 1)[1].strip("/")
            return [f"{prefix}/"] if tail else self._folders(f"{prefix}/")
        base = f"{prefix}/" if prefix else ""
        if "AWSLogs" not in prefix.split("/"):
            base = f"{base}AWSLogs/"
        accounts = self._accounts(base)
        own = [each for each in accounts if ours and each.endswith(f"/{ours}/")]
        return [
            region
            for account in own or accounts
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
                yield _Object(str(each["Key"]), int(each.get("Size", 0)))

    def _pages(self, **asked: Any) -> Iterator[Mapping[str, Any]]:
        def ask(token: str = "") -> Mapping[str, Any]:
            self.calls += 1
            more = {"ContinuationToken": token} if token else {}
            with asking("s3:ListBucket", f"s3://{self._bucket}"):
                return dict(self._client.list_objects_v2(Bucket=self._bucket, **asked, **more))

        what = f"the list of s3://{self._bucket}"
        empty = 0
        for page in pages(
            ask, "NextContinuationToken", first=ask(), what=what, deadline=self._until
        ):
            yield page
            empty = 0 if page.get("Contents") or page.get("CommonPrefixes") else empty + 1
            if empty == _MAX_EMPTY_PAGES:
                reason = f"AWS gave {empty} pages of {what} with nothing on them."
                raise NotCollected("trail", reason, missing=[f"answer:{what}"])
            if page.get("IsTruncated") and not page.get("NextContinuationToken"):
                raise NotCollected("trail", f"AWS gave only a part of {what}, and no way to go on.")
