"""Installations with which nothing is wrong, in the forms that are easily mistaken for faults."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.sandbox.installation import text
from rumkit.sandbox.scenarios import parts
from rumkit.sandbox.scenarios.base import Scenario
from rumkit.sandbox.snippet import CLIENT_HOST

if TYPE_CHECKING:
    from rumkit.sandbox.installation import Installation
    from rumkit.sandbox.world import World

_NOTHING = "nothing to mend"


def _healthy(_world: World, _place: Installation) -> None:
    """Break nothing."""


def _basic(world: World, place: Installation) -> None:
    parts.basic_flow(world, place)
    # An absent AllowClassicFlow allows it.
    place.pool.classic = None


def _policy(_world: World, place: Installation) -> None:
    parts.serve_policy(place, parts.policy(place))


def _report_only(_world: World, place: Installation) -> None:
    parts.serve_policy(place, "default-src 'self'", report_only=True)


def _unsigned(_world: World, place: Installation) -> None:
    send_unsigned(place)
    place.monitor.policy = text(open_policy(place))


def send_unsigned(place: Installation) -> None:
    """Configure the client, and the monitor in agreement with it, to send without credentials."""
    place.client.url = f"{CLIENT_HOST}/2.x/cwr.js"
    place.client.config.pop("identityPoolId")
    place.client.config["signing"] = False
    place.monitor.configuration.pop("IdentityPoolId")


def open_policy(place: Installation) -> dict[str, object]:
    """Return a resource policy that admits everyone."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "rum:PutRumEvents",
                "Resource": place.monitor.arn,
            }
        ],
    }


SCENARIOS = (
    Scenario("healthy", "Everything arrives", "", _healthy, None, why_not=_NOTHING),
    Scenario(
        "healthy-basic",
        "The basic flow, with AllowClassicFlow never set",
        "",
        _basic,
        None,
        why_not=_NOTHING,
    ),
    Scenario(
        "healthy-csp",
        "A content security policy that lets the client work, without sts",
        "",
        _policy,
        None,
        why_not=_NOTHING,
    ),
    Scenario(
        "healthy-csp-report-only",
        "A policy that would block everything, but only reports",
        "",
        _report_only,
        None,
        why_not=_NOTHING,
    ),
    Scenario(
        "healthy-unsigned",
        "Unsigned events, admitted by the monitor's resource policy",
        "",
        _unsigned,
        None,
        why_not=_NOTHING,
    ),
)
