"""A visitor's browser, as far as the sandbox needs one: it reads the page and walks the chain.

It calls the very functions that answer over HTTP, so what it leaves in the trail is what they
decide. Behaviour by client version follows the sources of aws-rum-web.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from rumkit.sandbox import cognito, rum_data, sts
from rumkit.sandbox.browsing import browser_allows, events_of, loader_inserts
from rumkit.sandbox.context import Context
from rumkit.sandbox.errors import AwsError
from rumkit.sandbox.ids import fraction, uuid_of
from rumkit.sandbox.record import Caller
from rumkit.sandbox.resources import Session
from rumkit.sandbox.snippet import CLIENT_HOST, Client, Source, read_snippet

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from rumkit.sandbox.installation import Installation
    from rumkit.sandbox.resources import Record
    from rumkit.sandbox.world import World

_VERSION = re.compile(r"/(\d+)\.(\d+|x)(?:\.(\d+|x))?/cwr(?:-slim)?\.js")
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
    if not loader_inserts(place.html):
        return
    if browser_allows(place, "script", client.url):
        with contextlib.suppress(AwsError, _Stopped):
            _Browser(world, place, visit, client).run()


class _Stopped(Exception):
    """The browser goes no further, without any call."""


@dataclass(frozen=True)
class _Browser:
    """A browser in which cwr.js runs."""

    world: World
    place: Installation
    visit: Visit
    client: Client

    @property
    def version(self) -> tuple[int, int, int]:
        """Return the client's version."""
        return version_of(self.client.url)

    def run(self) -> None:
        """Get credentials and send events, as far as this configuration does."""
        if not urlsplit(self._endpoint()).hostname:
            # The constructor throws before it asks for anything.
            raise _Stopped
        recorded = self._sampled() and self._on_page() and not self._throws()
        session: Session | None = None
        # Versions 1.17 to 1.25 ask for no credentials for a session that is not sampled.
        if recorded or not (1, 17) <= self.version[:2] <= (1, 25):
            session = self._credentials()
        if recorded and self.client.config.get("enableRumClient", True) is not False:
            self._send(session)

    def _sampled(self) -> bool:
        rate = self.client.config.get("sessionSampleRate", 1)
        return isinstance(rate, int | float) and fraction("sampled", self.visit.key) < rate

    def _throws(self) -> bool:
        """Tell whether the constructor throws after it has asked for credentials."""
        config = self.client.config
        patterns = [*(config.get("pagesToInclude") or []), *(config.get("pagesToExclude") or [])]
        plain = [p for p in patterns if not isinstance(p, Source)]
        return bool(plain) or isinstance(config.get("telemetries"), str)

    def _endpoint(self) -> str:
        default = f"https://dataplane.rum.{self.client.region}.amazonaws.com"
        if (3, 0, 0) <= self.version <= (3, 2, 0):
            default = "https://dataplane.rum.us-west-2.amazonaws.com"
        return str(self.client.config.get("endpoint") or default)

    def _on_page(self) -> bool:
        include, exclude = (
            self.client.config.get(name) for name in ("pagesToInclude", "pagesToExclude")
        )
        included = include is None or _any_matches(include, self.place.url)
        return included and not _any_matches(exclude or [], self.place.url)

    def _credentials(self) -> Session | None:
        config = self.client.config
        pool_id = config.get("identityPoolId")
        if self.client.url.endswith("/cwr-slim.js"):
            return None
        if config.get("signing") is False and (self.version >= (2, 0, 0) or not pool_id):
            return None
        if not isinstance(pool_id, str):
            raise _Stopped
        if self._carries_others():
            return self._stale()
        region = pool_id.partition(":")[0]
        if not self._connects(f"https://cognito-identity.{region}.amazonaws.com"):
            raise _Stopped
        enhanced = "guestRoleArn" not in config
        if enhanced and self.version < (1, 15, 0):
            # These took the pool's id for the identity's.
            params = {"IdentityId": pool_id}
            self._call(region, 1, cognito.get_credentials_for_identity, params)
        identity = self._call(region, 1, cognito.get_id, {"IdentityPoolId": pool_id})
        params = {"IdentityId": identity["IdentityId"]}
        if enhanced:
            given = self._call(region, 2, cognito.get_credentials_for_identity, params)
        else:
            given = self._basic(region, params)
        return self.world.sessions[given["Credentials"]["AccessKeyId"]]

    def _basic(self, region: str, identity: dict[str, Any]) -> dict[str, Any]:
        token = self._call(region, 2, cognito.get_open_id_token, identity)["Token"]
        if not self._connects(f"https://sts.{region}.amazonaws.com"):
            raise _Stopped
        params = {
            "RoleArn": self.client.config["guestRoleArn"],
            "RoleSessionName": "cwr",
            "WebIdentityToken": token,
        }
        return self._call(region, 3, sts.assume_role_with_web_identity, params)

    def _carries_others(self) -> bool:
        """Tell whether the browser holds credentials of the origin's other monitor."""
        own = (self.client.config.get("cookieAttributes") or {}).get("unique") is True
        # From 2.0 on the client throws them away after the first refusal.
        heals = self.version >= (2, 0, 0) or (own and self.version >= (1, 19, 0))
        stale = bool(self.place.stale_role) and fraction("stale", self.visit.key) < 0.5
        return stale and not heals

    def _stale(self) -> Session:
        """Return what another page of the origin left in the browser's storage."""
        key = uuid_of("stale", self.visit.key)
        arn = self.place.stale_role
        pool = next(p for p in self.world.pools.values() if arn in p.roles.values())
        access = f"ASIA{key.replace('-', '').upper()[:16]}"
        identity = f"{pool.region}:{key}"
        return Session(access, "", "", arn, "CognitoIdentityCredentials", pool.id, identity)

    def _connects(self, url: str) -> bool:
        return browser_allows(self.place, "connect", url)

    def _send(self, session: Session | None) -> None:
        client, visit = self.client, self.visit
        endpoint = self._endpoint()
        host = urlsplit(endpoint).hostname or ""
        if not self._connects(endpoint) or not host.startswith("dataplane.rum."):
            raise _Stopped
        region = host.split(".")[2]
        if session is not None and region != client.region:
            # The signature names another region than the host: refused before anybody looks.
            raise _Stopped
        for number, batch in enumerate(events_of(client, self.place, self.version, visit.key)):
            seconds = 5 + 30 * number
            moment = visit.when + timedelta(seconds=seconds)
            params = {
                "Id": client.monitor_id,
                "BatchId": uuid_of("batch", visit.key, number),
                "AppMonitorDetails": {"id": client.monitor_id, "version": client.version},
                "UserDetails": {
                    "userId": uuid_of("user", visit.key),
                    "sessionId": uuid_of("session", visit.key),
                },
                "RumEvents": [{**event, "timestamp": moment} for event in batch],
                "Alias": client.config.get("alias"),
            }
            self._call(region, seconds + 1, rum_data.put_rum_events, params, session)

    def _call(
        self,
        region: str,
        seconds: int,
        operation: Callable[[Context], dict[str, Any]],
        params: dict[str, Any],
        session: Session | None = None,
    ) -> dict[str, Any]:
        visit = self.visit
        caller = Caller(
            visit.when + timedelta(seconds=seconds),
            region,
            address=f"203.0.113.{1 + int(fraction('address', visit.key) * 250)}",
            key=f"{visit.key}/{seconds}",
        )
        return operation(
            Context(
                self.world,
                params,
                caller,
                visit.journal,
                visit.accepted,
                session,
                referer=self.place.url,
            )
        )


def _any_matches(patterns: Any, url: str) -> bool:
    if not isinstance(patterns, list):
        return False
    return any(re.search(_body(str(p)), url) for p in patterns)


def _body(pattern: str) -> str:
    """Return a regular expression literal without its slashes and flags, as Python reads it."""
    inner = pattern[1 : pattern.rindex("/")] if pattern.startswith("/") else pattern
    return inner.replace("\\/", "/")
