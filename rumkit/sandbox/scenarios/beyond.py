"""What the guide does not tell, and several faults at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.sandbox.installation import put_events_policy
from rumkit.sandbox.scenarios import content_security_policy as csp
from rumkit.sandbox.scenarios import returns_403, token_vending
from rumkit.sandbox.scenarios.base import Scenario
from rumkit.sandbox.scenarios.parts import (
    SILENT,
    both,
    configure,
    policy,
    serve_policy,
    set_permissions,
)

if TYPE_CHECKING:
    from rumkit.sandbox.installation import Installation
    from rumkit.sandbox.world import World

_SECTION = "beyond-the-guide"


def _other_domain(_world: World, place: Installation) -> None:
    place.monitor.domains = ["shop-old.example"]
    place.changed("rum", "UpdateAppMonitor", Name=place.monitor.name, Domain="shop-old.example")


def _domain_pattern(_world: World, place: Installation) -> None:
    place.monitor.domains = ["localhost", "*.shop.*"]


def _throttled(world: World, place: Installation) -> None:
    world.throttled_monitors.add(place.monitor.id)


def _custom_events(_world: World, place: Installation) -> None:
    place.client.commands.append("cwr('recordEvent', {type: 'checkout', data: {step: 1}});")


def _drift(_world: World, place: Installation) -> None:
    place.monitor.configuration |= {"SessionSampleRate": 0.5, "AllowCookies": False}
    place.changed("rum", "UpdateAppMonitor", Name=place.monitor.name)


def _broad(_world: World, place: Installation) -> None:
    set_permissions(place, put_events_policy("*"))


def _pool_region(world: World, place: Installation) -> None:
    csp.move_pool(world, place)
    serve_policy(place, policy(place))


def _unique(world: World, place: Installation) -> None:
    returns_403.two_monitors(world, place)
    place.client.config["cookieAttributes"] = {"unique": True}
    place.files["/blog/"] = place.files["/blog/"].replace(
        "allowCookies: true", "allowCookies: true, cookieAttributes: {unique: true}"
    )


SINGLE = (
    Scenario(
        "healthy-pool-region",
        "The identity pool is in another region, and the policy names its hosts",
        "",
        _pool_region,
        None,
        why_not="nothing to mend",
    ),
    Scenario(
        "healthy-unique-credentials",
        "Two monitors on one origin, each with credentials of its own",
        "",
        _unique,
        None,
        why_not="nothing to mend",
    ),
    Scenario(
        "guest-role-broad",
        "The guest role may send to every monitor",
        _SECTION,
        _broad,
        None,
        "command",
        also=("guest-role-permission",),
        warns=True,
    ),
    Scenario(
        "throttling",
        "RUM throttles the monitor's events",
        _SECTION,
        _throttled,
        "throttling",
        why_not="a quota is raised by AWS, not by a command",
        also=SILENT,
    ),
    Scenario(
        "monitor-domain",
        "The page's host is not on the monitor's domain list",
        _SECTION,
        _other_domain,
        "monitor-domain",
        "command",
        also=SILENT,
    ),
    Scenario(
        "healthy-domain-pattern",
        "The monitor names its pages' host by a pattern",
        "",
        _domain_pattern,
        None,
        why_not="nothing to mend",
    ),
    Scenario(
        "custom-events",
        "The page records custom events, and the monitor drops them",
        _SECTION,
        _custom_events,
        "custom-events",
        "command",
    ),
    Scenario(
        "configuration-drift",
        "The deployed snippet differs from the monitor's configuration",
        _SECTION,
        _drift,
        None,
        "command",
        also=("configuration-drift",),
        warns=True,
    ),
)

PAIRS = (
    Scenario(
        "classic-flow+csp-connect",
        "The policy blocks Cognito, and the pool would refuse the basic flow",
        _SECTION,
        both(token_vending.classic_off, csp.no_cognito),
        "csp-connect",
        "header",
        also=("classic-flow", *SILENT),
    ),
    Scenario(
        "guest-role-permission+session-sample-rate",
        "No session is sampled, and the guest role could not send anyway",
        _SECTION,
        both(returns_403.older_monitor, configure(sessionSampleRate=0)),
        "session-sample-rate",
        "page",
        also=("guest-role-permission", *SILENT),
    ),
    Scenario(
        "guest-role-trust+csp-script",
        "The policy blocks the loader, and the guest role trusts another pool",
        _SECTION,
        both(token_vending.other_pool, csp.guide_command),
        "csp-script",
        "header",
        also=("guest-role-trust", *SILENT),
    ),
    Scenario(
        "endpoint-region+guest-role-trust",
        "The guest role trusts another pool, and the endpoint is in another region",
        _SECTION,
        both(token_vending.other_pool, returns_403.endpoint_elsewhere),
        "guest-role-trust",
        "command",
        also=("endpoint-region", *SILENT),
    ),
    Scenario(
        "guest-role-permission+xray-enabled",
        "The guest role may not send, and X-Ray is not enabled",
        _SECTION,
        both(returns_403.older_monitor, configure(enableXRay=False)),
        "guest-role-permission",
        "command",
        also=("xray-enabled", "put-events-denied", *SILENT),
    ),
)
