"""What to look at: Target and Window."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from rumkit.aws_names import MONITOR_ARN, MONITOR_NAME, arn_parts
from rumkit.model import BadInput

_DURATION = re.compile(r"(\d{1,6})\s*([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_MAX_DAYS = 366
_LOAD_BALANCER = re.compile(r"alb:(app/[A-Za-z0-9-]{1,32}/[0-9a-f]{8,32})")
_DISTRIBUTION = re.compile(r"cloudfront:(E[A-Z0-9]{5,31})")


# What names a target around a command, as `rumkit sandbox` does.
SURROUNDINGS = ("RUMKIT_MONITOR", "RUMKIT_PAGE")
# The profile by which the sandbox serves whoever practises in it.
SANDBOX_PROFILE = "rumkit-sandbox"


def in_sandbox(profile: str | None) -> bool:
    """Tell whether a profile is the sandbox's and this process's surroundings are the sandbox."""
    return profile == SANDBOX_PROFILE and bool(os.environ.get("RUMKIT_SANDBOX_URL"))


@dataclass(frozen=True)
class Window:
    """A half-open span of time, `since` up to `until`, both aware UTC."""

    since: datetime
    until: datetime

    @property
    def hours(self) -> float:
        """Return the length in hours."""
        return (self.until - self.since).total_seconds() / 3600

    def iso(self) -> tuple[str, str]:
        """Return both ends in ISO 8601 with a Z."""
        return iso(self.since), iso(self.until)


@dataclass(frozen=True)
class Target:
    """What an investigation looks at; every part may be missing.

    `monitor` is an app monitor's name or id, `page` a URL or a file, `recording` a HAR file
    (`console` and `storage` the files saved beside it, or without one), `source` the source file
    that constructs the client, `trail` a trail source (`auto`, `none`, `lookup`, `logs:GROUP`,
    `athena:DB.TABLE`, `lake:ID`, or a folder or glob of trail files),
    `traffic` what counts the site's requests (`alb:app/NAME/ID` or `cloudfront:ID`).
    """

    window: Window
    monitor: str | None = None
    page: str | None = None
    recording: str | None = None
    console: str | None = None
    storage: str | None = None
    source: str | None = None
    region: str | None = None
    profile: str | None = None
    trail: str = "auto"
    probe: bool = False
    traffic: str | None = None

    @property
    def seen_in_browser(self) -> str | None:
        """Return the file that says most of what a browser did; None when there is none."""
        return self.recording or self.console or self.storage


@dataclass(frozen=True)
class Site:
    """What counts a site's requests: a load balancer or a distribution, by its own name."""

    kind: Literal["alb", "cloudfront"]
    name: str


def parse_traffic(text: str) -> Site:
    """Read `alb:app/NAME/ID` or `cloudfront:DISTRIBUTION_ID`. Raises BadInput for another text."""
    balancer, distribution = _LOAD_BALANCER.fullmatch(text), _DISTRIBUTION.fullmatch(text)
    if balancer:
        return Site("alb", balancer[1])
    if distribution:
        return Site("cloudfront", distribution[1])
    raise BadInput(
        f"{text!r} names no site traffic: write alb:app/NAME/ID, as the load balancer's ARN ends,"
        " or cloudfront:DISTRIBUTION_ID."
    )


def iso(moment: datetime) -> str:
    """Return an aware moment as ISO 8601 UTC to the second, with a Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def now() -> datetime:
    """Return the present, or `RUMKIT_NOW` (ISO 8601) so that a run can be repeated."""
    fixed = os.environ.get("RUMKIT_NOW")
    return parse_moment(fixed) if fixed else datetime.now(UTC)


def parse_moment(text: str) -> datetime:
    """Read an ISO 8601 moment; one without a zone is taken as UTC. Raises BadInput."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise BadInput(
            f"{text!r} is not a moment: write it as 2026-03-01T09:00:00Z or as 24h."
        ) from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def parse_window(since: str, until: str | None = None) -> Window:
    """Make a window from `24h`, `3d`, `90m` before its end, or from two ISO 8601 moments.

    Raises BadInput when the text is neither, when it ends before it begins, or spans more than
    a year.
    """
    end = parse_moment(until) if until else now()
    match = _DURATION.fullmatch(since.strip().lower())
    if match:
        start = end - timedelta(**{_UNITS[match[2]]: int(match[1])})
    else:
        start = parse_moment(since)
    if start >= end:
        raise BadInput(f"The window ends ({iso(end)}) before it begins ({iso(start)}).")
    if end - start > timedelta(days=_MAX_DAYS):
        raise BadInput(f"The window is longer than a year: {since!r} to {iso(end)}.")
    return Window(start, end)


def parse_monitor(text: str, region: str | None = None) -> tuple[str, str | None]:
    """Read an app monitor's name, id or ARN; return name or id, and the Region.

    An ARN names a Region itself. Raises BadInput for what can't be a monitor, and for another
    Region beside an ARN.
    """
    wanted = text.strip()
    if re.fullmatch(MONITOR_ARN, wanted):
        arn = arn_parts(wanted)
        if region not in {None, arn.region}:
            raise BadInput(f"The app monitor's ARN names {arn.region}, and --region {region}.")
        return arn.name, arn.region
    if not re.fullmatch(MONITOR_NAME, wanted):
        page = " A page is named with --page." if "://" in wanted else ""
        raise BadInput(f"{text!r} can't be an app monitor: give its name, its id or its ARN.{page}")
    return wanted, region


def with_environment(
    monitor: str | None, page: str | None, other: str | None, *, files: bool = False
) -> tuple[str | None, str | None]:
    """Return monitor and page, with what `RUMKIT_MONITOR` and `RUMKIT_PAGE` add to them.

    The environment's page belongs to its monitor, so it is taken for that monitor alone, and a
    page, a recording or whatever else was named stands for itself; so do `files` of CloudTrail
    where the environment names nothing. Raises BadInput when nothing is named.
    """
    usual, its_page = (os.environ.get(name) or None for name in SURROUNDINGS)
    if page or other:
        return monitor, page
    if monitor:
        return monitor, its_page if monitor == usual else None
    if not (usual or its_page or files):
        raise BadInput(
            "Nothing to look at: name an app monitor (--monitor), a page (--page), a browser"
            " recording (--recording) or files of CloudTrail (--trail), or practise with"
            " `rumkit sandbox list`."
        )
    return usual, its_page
