"""A visitor's browser, as far as the sandbox needs one: it reads the page and walks the chain.

It calls the very functions that answer over HTTP, so what it leaves in the trail is what they
decide. Behaviour by client version follows the sources of aws-rum-web.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from rumkit.sandbox import cognito, rum_data, sts
from rumkit.sandbox.browsing import browser_allows, events_of
from rumkit.sandbox.context import Context
from rumkit.sandbox.errors import AwsError
from rumkit.sandbox.ids import fraction, uuid_of
from rumkit.sandbox.record import Caller
from rumkit.sandbox.snippet import CLIENT_HOST, Client, read_snippet
from rumkit.sandbox.world import Session

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from rumkit.sandbox.installation import Installation
    from rumkit.sandbox.world import Record, World

_VERSION = re.compile(r"/(\d+)\.(\d+|x)(?:\.(\d+|x))?/cwr\.js")
# What the floating addresses give today.
_FLOATING = {1: (1, 25, 0), 2: (2, 1, 0), 3: (3, 2, 1)}


@dataclass(frozen=True)
class Visit:
    """One visit: when, by whom, and where its traces go."""

    when: datetime
    key: str
    journal: list[Record]
    accepted: list[dict[str, Any]]


def version_of(url: str) -> tuple[int, int, int]:
    """Return the client version that an address of cwr.js stands for."""
    match = _VERSION.search(url)
    if match is None:
        return _FLOATING[1]
    major = int(match[1])
    if not match[2].isdigit():
        return _FLOATING.get(major, (major, 0, 0))
    return major, int(match[2]), int(match[3]) if (match[3] or "x").isdigit() else 99


def walk(world: World, place: Installation, visit: Visit) -> None:
    """Let one visitor load the page, and write down what the account sees of it."""
    client = read_snippet(place.html)
    if client is None or not client.url.startswith(CLIENT_HOST) or place.silent:
        return
    if not browser_allows(place, "script", client.url):
        return
    version = version_of(client.url)
    recorded = _sampled(client, visit.key) and _on_page(client, place.url)
    enabled = client.config.get("enableRumClient", True) is not False
    with contextlib.suppress(AwsError, _Stopped):
        session: Session | None = None
        # Versions 1.17 to 1.25 ask for no credentials for a session that is not sampled.
        if recorded or not (1, 17) <= version[:2] <= (1, 25):
            session = _credentials(world, place, client, version, visit)
        if recorded and enabled:
            _send(world, place, client, version, visit, session)


class _Stopped(Exception):
    """The browser goes no further, without any call."""


def _sampled(client: Client, key: str) -> bool:
    rate = client.config.get("sessionSampleRate", 1)
    return isinstance(rate, int | float) and fraction("sampled", key) < rate


def _on_page(client: Client, url: str) -> bool:
    def any_matches(name: str, default: bool) -> bool:
        patterns = client.config.get(name)
        if patterns is None:
            return default
        return any(re.search(str(p).strip("/").replace("\\/", "/"), url) for p in patterns)

    return any_matches("pagesToInclude", True) and not any_matches("pagesToExclude", False)


def _credentials(
    world: World, place: Installation, client: Client, version: tuple[int, int, int], visit: Visit
) -> Session | None:
    config = client.config
    pool_id = config.get("identityPoolId")
    if config.get("signing") is False and (version >= (2, 0, 0) or not pool_id):
        return None
    if not isinstance(pool_id, str):
        raise _Stopped
    region = pool_id.partition(":")[0]
    if place.stale_role and fraction("stale", visit.key) < 0.5:
        return _stale(world, place, visit)
    host = f"https://cognito-identity.{region}.amazonaws.com"
    if not browser_allows(place, "connect", host):
        raise _Stopped
    if version < (1, 15, 0) and "guestRoleArn" not in config:
        # These took the pool's id for the identity's.
        params = {"IdentityId": pool_id}
        _step(world, visit, region, 1, cognito.get_credentials_for_identity, params)
        raise _Stopped
    identity = _step(world, visit, region, 1, cognito.get_id, {"IdentityPoolId": pool_id})
    params = {"IdentityId": identity["IdentityId"]}
    if "guestRoleArn" not in config:
        given = _step(world, visit, region, 2, cognito.get_credentials_for_identity, params)
        return world.sessions[given["Credentials"]["AccessKeyId"]]
    token = _step(world, visit, region, 2, cognito.get_open_id_token, params)["Token"]
    if not browser_allows(place, "connect", f"https://sts.{region}.amazonaws.com"):
        raise _Stopped
    given = _step(
        world,
        visit,
        region,
        3,
        sts.assume_role_with_web_identity,
        {
            "RoleArn": config["guestRoleArn"],
            "RoleSessionName": "cwr",
            "WebIdentityToken": token,
        },
    )
    return world.sessions[given["Credentials"]["AccessKeyId"]]


def _stale(world: World, place: Installation, visit: Visit) -> Session:
    key = uuid_of("stale", visit.key)
    pool = next(p for p in world.pools.values() if place.stale_role in p.roles.values())
    identity = f"{pool.region}:{key}"
    name = "CognitoIdentityCredentials"
    return Session(
        f"ASIA{key.replace('-', '').upper()[:16]}",
        "",
        "",
        place.stale_role,
        name,
        pool.id,
        identity,
    )


def _send(
    world: World,
    place: Installation,
    client: Client,
    version: tuple[int, int, int],
    visit: Visit,
    session: Session | None,
) -> None:
    default = f"https://dataplane.rum.{client.region}.amazonaws.com"
    if (3, 0, 0) <= version <= (3, 2, 0):
        default = "https://dataplane.rum.us-west-2.amazonaws.com"
    endpoint = str(client.config.get("endpoint") or default)
    host = urlsplit(endpoint).hostname or ""
    if not browser_allows(place, "connect", endpoint) or not host.startswith("dataplane.rum."):
        raise _Stopped
    region = host.split(".")[2]
    if session is not None and region != client.region:
        # The signature names another region than the host: refused before anybody looks at it.
        raise _Stopped
    for number, batch in enumerate(events_of(client, place, version, visit.key)):
        params = {
            "Id": client.monitor_id,
            "BatchId": uuid_of("batch", visit.key, number),
            "AppMonitorDetails": {"id": client.monitor_id, "version": client.version},
            "UserDetails": {
                "userId": uuid_of("user", visit.key),
                "sessionId": uuid_of("session", visit.key),
            },
            "RumEvents": [
                {**event, "timestamp": visit.when + timedelta(seconds=5 + 30 * number)}
                for event in batch
            ],
            "Alias": client.config.get("alias"),
        }
        _step(
            world, visit, region, 6 + 30 * number, rum_data.put_rum_events, params, session, place
        )


def _step(
    world: World,
    visit: Visit,
    region: str,
    seconds: int,
    operation: Callable[[Context], dict[str, Any]],
    params: dict[str, Any],
    session: Session | None = None,
    place: Installation | None = None,
) -> dict[str, Any]:
    caller = Caller(
        visit.when + timedelta(seconds=seconds),
        region,
        address=f"203.0.113.{1 + int(fraction('address', visit.key) * 250)}",
        key=f"{visit.key}/{seconds}",
    )
    call = Context(world, params, caller, visit.journal, visit.accepted, session)
    if place is not None:
        call = replace(call, referer=place.url)
    return operation(call)
