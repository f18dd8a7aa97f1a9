"""Content security policy blocks the web client."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.sandbox.ids import uuid_of
from rumkit.sandbox.installation import trust_policy
from rumkit.sandbox.scenarios.base import Scenario
from rumkit.sandbox.scenarios.parts import SILENT, loader_hash, policy, serve_policy
from rumkit.sandbox.snippet import CLIENT_HOST, guide_hash, write_snippet

if TYPE_CHECKING:
    from rumkit.sandbox.installation import Installation
    from rumkit.sandbox.world import World

_SECTION = "content-security-policy"
_POOL_REGION = "eu-central-1"


def guide_command(_world: World, place: Installation) -> None:
    """Serve the hash that the guide's shell command prints."""
    wrong = guide_hash(write_snippet(place.client))
    serve_policy(place, policy(place, script=f"{wrong} {CLIENT_HOST}"))


def _unquoted(_world: World, place: Installation) -> None:
    bare = loader_hash(place).strip("'")
    serve_policy(place, policy(place, script=f"{bare} {CLIENT_HOST}"))


def _no_client_host(_world: World, place: Installation) -> None:
    serve_policy(place, policy(place, script=loader_hash(place)))


def no_cognito(_world: World, place: Installation) -> None:
    """Leave Cognito out of connect-src."""
    host = f"https://dataplane.rum.{place.monitor.region}.amazonaws.com"
    serve_policy(place, policy(place, connect=host))


def _no_data_plane(_world: World, place: Installation) -> None:
    host = f"https://cognito-identity.{place.pool.region}.amazonaws.com"
    serve_policy(place, policy(place, connect=host))


def move_pool(world: World, place: Installation) -> None:
    """Use an identity pool of another region than the monitor's."""
    old = place.pool.id
    del world.pools[old]
    place.pool.id = f"{_POOL_REGION}:{uuid_of('pool', place.name, _POOL_REGION)}"
    world.pools[place.pool.id] = place.pool
    place.role.trust = trust_policy(place.pool.id)
    place.monitor.configuration["IdentityPoolId"] = place.pool.id
    place.client.config["identityPoolId"] = place.pool.id


def _pool_elsewhere(world: World, place: Installation) -> None:
    move_pool(world, place)
    region = place.monitor.region
    hosts = (
        f"https://dataplane.rum.{region}.amazonaws.com "
        f"https://cognito-identity.{region}.amazonaws.com https://sts.{region}.amazonaws.com"
    )
    serve_policy(place, policy(place, connect=hosts))


def _second_policy(_world: World, place: Installation) -> None:
    serve_policy(place, policy(place))
    place.head = '\n  <meta http-equiv="Content-Security-Policy" content="connect-src \'self\'">'


SCENARIOS = (
    Scenario(
        "csp-script",
        "script-src holds the hash that the guide's command prints",
        _SECTION,
        guide_command,
        "csp-script",
        "header",
        also=SILENT,
    ),
    Scenario(
        "csp-hash-unquoted",
        "script-src holds the right hash without quotes",
        _SECTION,
        _unquoted,
        "csp-script",
        "header",
        also=SILENT,
    ),
    Scenario(
        "csp-client-host",
        "script-src lets the loader run, but not cwr.js load",
        _SECTION,
        _no_client_host,
        "csp-script",
        "header",
        also=SILENT,
    ),
    Scenario(
        "csp-connect",
        "connect-src lacks Cognito's host",
        _SECTION,
        no_cognito,
        "csp-connect",
        "header",
        also=SILENT,
    ),
    Scenario(
        "csp-data-plane",
        "connect-src lacks the data plane's host",
        _SECTION,
        _no_data_plane,
        "csp-connect",
        "header",
        also=SILENT,
    ),
    Scenario(
        "csp-pool-region",
        "connect-src names Cognito in the monitor's region, the pool is in another",
        _SECTION,
        _pool_elsewhere,
        "csp-connect",
        "header",
        also=SILENT,
    ),
    Scenario(
        "csp-second-policy",
        "The header allows all hosts, a meta element none of them",
        _SECTION,
        _second_policy,
        "csp-connect",
        "page",
        also=SILENT,
    ),
)
