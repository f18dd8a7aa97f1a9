"""The published web client in bundles of four bundlers: recognised, with version and configuration.

Needs npm once; what it builds stays in the user's cache.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import pytest
import real_client_bundles
from bundled_apps import APPS, MONITOR, OTHERS, POOL, App, Unavailable, missing, scripts

from rumkit.client.bundle import BundledClient, find_in_scripts
from rumkit.client.values import Expression

if TYPE_CHECKING:
    from rumkit.client.snippet import Snippet

pytestmark = [
    # One process builds them all, once.
    pytest.mark.xdist_group("published-bundles"),
    pytest.mark.timeout(1_800),
]
if why := missing():
    pytest.skip(why, allow_module_level=True)
each_app = pytest.mark.parametrize("app", APPS, ids=str)

CONFIG: dict[str, Any] = {
    "sessionSampleRate": 0.5,
    "guestRoleArn": "arn:aws:iam::111122223333:role/shop-guest",
    "identityPoolId": POOL,
    "endpoint": "https://dataplane.rum.eu-west-1.amazonaws.com",
    "telemetries": ["performance", "errors", ["http", {"addXRayTraceIdHeader": True}]],
    "allowCookies": True,
    "enableXRay": True,
}
UNLIMITED = {**CONFIG, "sessionEventLimit": 0}
UNKNOWN = Expression("")
# By the way in which an application is written: monitor, version, Region and options, and whether
# the construction waits for something.
TOLD: dict[str, tuple[tuple[Any, ...], bool]] = {
    "literal": ((MONITOR, "1.4.2", "eu-west-1", CONFIG), False),
    "environment": (
        (
            MONITOR,
            "1.4.2",
            "eu-west-1",
            {"sessionSampleRate": 1, "identityPoolId": POOL, "allowCookies": True},
        ),
        False,
    ),
    "unset": (
        (
            UNKNOWN,
            "1.0.0",
            UNKNOWN,
            {"sessionSampleRate": 1, "identityPoolId": UNKNOWN, "telemetries": ["errors"]},
        ),
        False,
    ),
    "imported": ((MONITOR, "1.4.2", "eu-west-1", UNLIMITED), True),
    "react": ((MONITOR, "1.4.2", "eu-west-1", UNLIMITED), True),
    "split": ((MONITOR, "1.4.2", "eu-west-1", CONFIG), True),
    "lazy": ((MONITOR, "1.4.2", "eu-west-1", CONFIG), False),
    "service": ((MONITOR, "1.4.2", "eu-west-1", CONFIG), True),
    "json": (
        (MONITOR, "1.4.2", "eu-west-1", {"sessionSampleRate": 1, "identityPoolId": POOL}),
        False,
    ),
    "required": ((MONITOR, "1.4.2", "eu-west-1", CONFIG), False),
}
CALLS = {"literal": "recordPageView", "environment": "recordPageView"}
CALLS |= {"service": "addSessionAttributes"}
# The releases before 1.13 do not carry their version: what their features tell of it.
BOUNDS = {"1.0.3": ((1, 0, 0), (1, 5, 0)), "1.5.0": ((1, 5, 0), (1, 6, 0))}


@pytest.fixture(scope="module", autouse=True)
def built() -> None:
    try:
        scripts(APPS[0])
    except Unavailable as error:
        pytest.skip(str(error))


@functools.cache
def client_of(app: App) -> BundledClient:
    found = find_in_scripts(scripts(app))
    assert found is not None
    return found


def told(snippet: Snippet) -> tuple[Any, ...]:
    return tuple(
        map(
            _plain,
            (snippet.app_monitor_id, snippet.app_version, snippet.region, dict(snippet.config)),
        )
    )


def _plain(value: Any) -> Any:
    """Take all expressions for equal: a bundler writes them its own way."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return UNKNOWN if isinstance(value, Expression) else value


@each_app
def test_the_client_is_recognised(app: App) -> None:
    found = client_of(app)
    assert (found.installed, found.build) == ("module", "slim" if app.slim else "full")
    named = dict(scripts(app))[found.url]
    assert "AppMonitorDetails" in named


@each_app
def test_its_version_is_told(app: App) -> None:
    found = client_of(app)
    if app.version in BOUNDS:
        assert (found.version, (found.since, found.before)) == ("", BOUNDS[app.version])
    else:
        assert found.version == app.version


@each_app
def test_its_configuration_is_read(app: App) -> None:
    (snippet,) = client_of(app).snippets
    expected, _ = TOLD[app.source]
    assert told(snippet) == expected
    assert (snippet.kind, snippet.build) == ("npm", "slim" if app.slim else "full")
    assert (snippet.config_open, snippet.problems) == (False, ())


@each_app
def test_what_the_construction_waits_for_is_kept(app: App) -> None:
    (snippet,) = client_of(app).snippets
    _, waits = TOLD[app.source]
    if (app.source, app.bundler) != ("required", "rollup"):
        # There rollup's helper for CommonJS looks like an early return.
        assert bool(snippet.conditional) == waits


@pytest.mark.parametrize("app", [app for app in APPS if app.source in CALLS], ids=str)
def test_calls_of_the_client_are_read(app: App) -> None:
    (snippet,) = client_of(app).snippets
    if (app.source, app.bundler) != ("environment", "webpack"):
        # There the client is called where it is made, and kept nowhere.
        assert [each.name for each in snippet.commands] == [CALLS[app.source]]


@pytest.mark.parametrize("name", OTHERS)
def test_a_program_without_the_client_has_none(name: str) -> None:
    texts = scripts(App("", name, "esbuild"))
    assert sum(len(text) for _, text in texts) > 50_000
    assert find_in_scripts(texts) is None


@pytest.mark.parametrize("generation", real_client_bundles.GENERATIONS, ids=lambda each: each.name)
def test_the_script_of_the_cdn_is_told_apart(generation: real_client_bundles.Generation) -> None:
    try:
        text = real_client_bundles.bundles()[generation.name].decode()
    except Unavailable as error:
        pytest.skip(str(error))
    found = find_in_scripts(
        [(f"https://client.rum.us-east-1.amazonaws.com{generation.path}", text)]
    )
    assert found is not None
    assert (found.installed, found.version) == ("script", generation.version)
    assert (found.build, found.snippets) == ("slim" if generation.slim else "full", ())
