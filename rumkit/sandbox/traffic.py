"""The visits of the last day, and what they left in the trail, the metrics, logs and traces."""

from __future__ import annotations

import copy
import threading
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from rumkit.sandbox.browsing import trace_header_sent
from rumkit.sandbox.healthy import install
from rumkit.sandbox.ids import NOW, ONSET, fraction
from rumkit.sandbox.installation import SERVICE_ROLE
from rumkit.sandbox.record import Caller, management
from rumkit.sandbox.resources import Traffic
from rumkit.sandbox.snippet import read_snippet
from rumkit.sandbox.visitor import Visit, walk
from rumkit.sandbox.world import World

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from rumkit.sandbox.installation import Installation
    from rumkit.sandbox.resources import Record

HISTORY = timedelta(hours=24)
EVERY = timedelta(minutes=6)
_EVERY = 6 * 60
_GLOBAL = {"iam": "us-east-1"}


def visits(world: World, place: Installation, start: datetime, end: datetime) -> Traffic:
    """Let visitors come from start to end, one each six minutes or so, and return what is left."""
    found = Traffic()
    # The page as it is now, written out once.
    seen = copy.copy(place)
    seen.html = place.html
    count = int((end - start).total_seconds() // _EVERY)
    for number in range(count):
        begin = start + timedelta(seconds=number * _EVERY)
        key = f"{place.name}/{begin.isoformat()}"
        when = begin + timedelta(seconds=int(fraction("arrival", key) * (_EVERY - 150)))
        found.requests.append(when)
        visit = Visit(when, f"{key}@{int(when.timestamp())}", found.records, found.events)
        walk(world, seen, visit)
    found.traces.extend(_traces(world, seen, found.events))
    return found


def history(make: Callable[[], tuple[World, Installation, Callable[[], None]]]) -> Traffic:
    """Replay the last day in a world of its own: healthy until the onset, broken after it."""
    world, place, break_it = make()
    healthy, world.counter = _before_the_onset(place.name)
    break_it()
    broken = visits(world, place, ONSET, NOW)
    changes = [_change(place, number) for number in range(len(place.changes))]
    return Traffic(
        [*healthy.records, *changes, *broken.records],
        [*healthy.events, *broken.events],
        [*healthy.traces, *broken.traces],
        [*healthy.requests, *broken.requests],
    )


@lru_cache(maxsize=4)
def _before_the_onset(name: str) -> tuple[Traffic, int]:
    """Return what healthy visits left, and the ids given by then; every scenario begins with it."""
    world = World()
    healthy = visits(world, install(world, name), NOW - HISTORY, ONSET)
    return healthy, world.counter


def lazily(make: Callable[[], tuple[World, Installation, Callable[[], None]]]) -> Any:
    """Return a function that replays once, when first asked, whichever thread asks."""
    lock = threading.Lock()
    made: list[Traffic] = []

    def traffic() -> Traffic:
        with lock:
            if not made:
                made.append(history(make))
            return made[0]

    return traffic


def _change(place: Installation, number: int) -> Record:
    service, operation, params = place.changes[number]
    when = ONSET - timedelta(seconds=60 - number)
    region = _GLOBAL.get(service, place.monitor.region)
    caller = Caller(when, region, "198.51.100.20", "aws-cli/2.33.0", f"{place.name}/{number}")
    return management(caller, f"{service}.amazonaws.com", operation, params)


def _traces(
    world: World, place: Installation, events: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return the traces that RUM sends on to X-Ray: by its own role, if the monitor asks for it."""
    if not place.monitor.configuration.get("EnableXRay") or not world.roles.get(SERVICE_ROLE):
        return []
    client = read_snippet(place.html)
    joined = client is not None and trace_header_sent(client) and place.server_traced
    return [
        {
            "id": event["event_details"]["trace_id"],
            "at": event["event_timestamp"] / 1000,
            "client": event["event_details"],
            "joined": joined,
            "host": place.host,
        }
        for event in events
        if event["event_type"].endswith(".xray_trace_event")
    ]
