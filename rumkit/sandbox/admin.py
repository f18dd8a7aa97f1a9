"""The sandbox's own addresses under /_sandbox/: look at the calls, change the page, move on."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from rumkit.sandbox.ids import stamp
from rumkit.sandbox.wire.write import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from rumkit.sandbox.installation import Installation
    from rumkit.sandbox.wire.read import Http
    from rumkit.sandbox.world import World

_MAX_MINUTES = 7 * 24 * 60


def answer(world: World, http: Http) -> Reply:
    """Answer an admin request: JSON in, JSON out; a page's HTML goes in as it is."""
    action = _ACTIONS.get((http.method, http.path))
    if action is None:
        return _reply(404, {"error": f"no {http.method} {http.path}", "has": _known()})
    with world.lock:
        try:
            return _reply(200, action(world, http))
        except (ValueError, KeyError, TypeError) as error:
            return _reply(400, {"error": str(error)})


def _reply(status: int, value: object) -> Reply:
    body = json.dumps(value, default=str).encode()
    return Reply(status, (("content-type", "application/json"),), body)


def _known() -> list[str]:
    return [f"{method} {path}" for method, path in _ACTIONS]


def _place(world: World, http: Http) -> Installation:
    name = http.query.partition("installation=")[2].partition("&")[0]
    return world.installations[name] if name else next(iter(world.installations.values()))


def _calls(world: World, _http: Http) -> object:
    return [
        {"service": c.service, "operation": c.operation, "params": c.params, "region": c.region}
        for c in world.calls
    ]


def _forget_calls(world: World, _http: Http) -> object:
    world.calls.clear()
    return {}


def _get_page(world: World, http: Http) -> object:
    place = _place(world, http)
    return {"url": place.url, "html": place.html, "headers": place.headers}


def _put_page(world: World, http: Http) -> object:
    _place(world, http).html = http.body.decode()
    return {}


def _put_headers(world: World, http: Http) -> object:
    given: Any = json.loads(http.body)
    pairs = given.items() if isinstance(given, dict) else given
    _place(world, http).headers = [(str(name), str(value)) for name, value in pairs]
    return {}


def _put_denied(world: World, http: Http) -> object:
    world.denied_actions = {str(action) for action in json.loads(http.body)}
    return {}


def _put_latency(world: World, http: Http) -> object:
    world.latency_ms = int(json.loads(http.body))
    return {}


def _advance(world: World, http: Http) -> object:
    minutes = int(json.loads(http.body or b"{}").get("minutes", 60))
    if not 0 < minutes <= _MAX_MINUTES:
        raise ValueError("minutes must be from 1 to 10080")
    advance(world, minutes)
    return {"RUMKIT_NOW": stamp(world.clock)}


def _defects(world: World, _http: Http) -> object:
    return world.defects


_ACTIONS: dict[tuple[str, str], Callable[[World, Http], object]] = {
    ("GET", "/_sandbox/calls"): _calls,
    ("DELETE", "/_sandbox/calls"): _forget_calls,
    ("GET", "/_sandbox/page"): _get_page,
    ("PUT", "/_sandbox/page"): _put_page,
    ("PUT", "/_sandbox/headers"): _put_headers,
    ("PUT", "/_sandbox/deny"): _put_denied,
    ("PUT", "/_sandbox/latency"): _put_latency,
    ("POST", "/_sandbox/advance"): _advance,
    ("GET", "/_sandbox/defects"): _defects,
}


def advance(world: World, minutes: int) -> None:
    """Move the clock on; visitors keep coming meanwhile, and meet the world as it is now.

    They come at their own pace, however small the steps of the clock.
    """
    from rumkit.sandbox.traffic import EVERY, visits

    start = world.visited or world.clock
    world.clock += timedelta(minutes=minutes)
    world.visited = start + (world.clock - start) // EVERY * EVERY
    for place in world.installations.values():
        past_visits = visits(world, place, start, world.visited)
        world.journal.extend(past_visits.records)
        world.accepted.extend(past_visits.events)
        world.traces.extend(past_visits.traces)
        world.requests.setdefault(place.name, []).extend(past_visits.requests)
