"""Waiting for a query that AWS runs, and for all of its answer, up to a deadline."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from rumkit.model import NotCollected
from rumkit.trail.names import CHANGES, KIND_OF_NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from rumkit.trail.coverage import Gap
    from rumkit.trail.query import TrailQuery

T = TypeVar("T")
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 3.0
_MAX_PAGES = 2000


def on_loopback(client: Any) -> bool:
    """Return whether a client talks to this machine, where there is no rate to respect."""
    endpoint = str(getattr(getattr(client, "meta", None), "endpoint_url", ""))
    return urlsplit(endpoint).hostname in _LOOPBACK


def wait_until(
    ask: Callable[[], T],
    done: Callable[[T], bool],
    *,
    deadline: float,
    what: str,
    quick: bool = False,
) -> T:
    """Return the first answer that is done. Raises NotCollected at the deadline (monotonic)."""
    pause = 0.005 if quick else _FIRST_PAUSE
    while True:
        answer = ask()
        if done(answer):
            return answer
        if time.monotonic() + pause > deadline:
            raise NotCollected("trail", f"{what} did not end in time.", missing=["input:since"])
        time.sleep(pause)
        pause = min(pause * 1.5, _LONGEST_PAUSE)


def pages(
    ask: Callable[[str], Mapping[str, Any]],
    token: str,
    *,
    first: Mapping[str, Any],
    what: str,
    deadline: float,
) -> Iterator[Mapping[str, Any]]:
    """Yield an answer's first page and those after it; `token` is the member that names the next.

    botocore has a paginator for two of the five operations that are read so and a waiter for none
    of the queries; a paginator knows neither a deadline nor a largest number of pages.

    Raises NotCollected for an answer that gives one token twice, has more than 2,000 pages
    or is not read to its end by the deadline (monotonic): what was read is then only a part.
    """
    page, seen = first, set[str]()
    while True:
        yield page
        following = page.get(token)
        if not following:
            return
        if following in seen:
            raise NotCollected(
                "trail",
                f"AWS gave one page of {what} twice, so the rest can't be read.",
                missing=[f"answer:{what}"],
            )
        if len(seen) + 1 >= _MAX_PAGES or time.monotonic() > deadline:
            reason = f"Not all of {what} was read: it is too long."
            raise NotCollected("trail", reason, missing=["input:since"])
        seen.add(following)
        page = ask(str(following))


def whole(rows: Iterable[T], gaps: Sequence[Gap]) -> list[T]:
    """Return all rows of an answer. Raises NotCollected where reading them left a gap."""
    found = list(rows)
    for gap in gaps:
        raise NotCollected("trail", gap.reason, missing=[gap.missing] if gap.missing else [])
    return found


def successes(
    query: TrailQuery, count: Callable[[], Iterable[Mapping[str, object]]]
) -> dict[str, int] | None:
    """Return how many calls of each kind succeeded, None where that could not be counted.

    `count` asks for rows of an event name and its number of calls. Where calls that succeeded are
    wanted themselves, nothing is counted.
    """
    kinds = query.kinds - {CHANGES}
    if query.outcomes == "all" or not kinds:
        return None
    counts = dict.fromkeys(sorted(kinds), 0)
    try:
        for row in count():
            cells = {str(key).lower(): str(value) for key, value in row.items()}
            kind, calls = KIND_OF_NAME.get(cells.get("eventname", "")), cells.get("calls", "")
            if kind in counts and calls.isdigit():
                counts[kind] += int(calls)
    except NotCollected:
        return None
    return counts
