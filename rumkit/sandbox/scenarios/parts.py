"""What several scenarios change: the page's policy, the client's settings, the flow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rumkit.sandbox.installation import text, trust_policy
from rumkit.sandbox.snippet import CLIENT_HOST, script_hash, write_snippet

if TYPE_CHECKING:
    from collections.abc import Callable

    from rumkit.sandbox.installation import Installation
    from rumkit.sandbox.world import World


SILENT = ("events-arriving",)
DENIED = ("put-events-denied", "events-arriving")
UNVENDED = ("token-vending-failures", "events-arriving")


def configure(**settings: Any) -> Callable[[World, Installation], None]:
    """Return a fault that sets fields of the client's configuration; None takes one away."""

    def break_(_world: World, place: Installation) -> None:
        for key, value in settings.items():
            if value is None:
                place.client.config.pop(key, None)
            else:
                place.client.config[key] = value

    return break_


def both(
    *faults: Callable[[World, Installation], None],
) -> Callable[[World, Installation], None]:
    """Return the faults as one, in this order."""

    def break_(world: World, place: Installation) -> None:
        for fault in faults:
            fault(world, place)

    return break_


def basic_flow(_world: World, place: Installation) -> None:
    """Let the client use the basic (classic) flow, and the pool allow it."""
    place.client.config["guestRoleArn"] = place.role.arn
    place.monitor.configuration["GuestRoleArn"] = place.role.arn
    place.pool.classic = True


def loader_hash(place: Installation) -> str:
    """Return the hash that a browser computes for the page's loader."""
    return script_hash(write_snippet(place.client))


def policy(place: Installation, *, script: str = "", connect: str | None = None) -> str:
    """Return a content security policy; by default one that the healthy page works under."""
    pool = place.pool.region
    hosts = connect
    if hosts is None:
        hosts = (
            f"https://dataplane.rum.{place.monitor.region}.amazonaws.com "
            f"https://cognito-identity.{pool}.amazonaws.com"
        )
    sources = script or f"{loader_hash(place)} {CLIENT_HOST}"
    return (
        f"default-src 'self'; script-src 'self' {sources}; connect-src 'self' {hosts}; "
        "object-src 'none'; base-uri 'self'"
    )


def serve_policy(place: Installation, value: str, *, report_only: bool = False) -> None:
    """Serve a content security policy with the page."""
    suffix = "-Report-Only" if report_only else ""
    place.headers.append((f"Content-Security-Policy{suffix}", value))


def set_trust(place: Installation, document: dict[str, Any]) -> None:
    """Give the guest role another trust policy, and note the change."""
    place.role.trust = document
    place.changed(
        "iam",
        "UpdateAssumeRolePolicy",
        roleName=place.role.name,
        policyDocument=text(document),
    )


def set_permissions(place: Installation, document: dict[str, Any]) -> None:
    """Give the guest role another inline policy, and note the change."""
    place.role.inline["RUMPutBatchMetrics"] = document
    place.changed(
        "iam",
        "PutRolePolicy",
        roleName=place.role.name,
        policyName="RUMPutBatchMetrics",
        policyDocument=text(document),
    )


def note_pool_update(place: Installation) -> None:
    """Note that the pool was updated to what it is now."""
    place.changed(
        "cognito-identity",
        "UpdateIdentityPool",
        identityPoolId=place.pool.id,
        identityPoolName=place.pool.name,
        allowUnauthenticatedIdentities=place.pool.guests,
        allowClassicFlow=place.pool.classic,
    )


def another_pool_trust(place: Installation) -> dict[str, Any]:
    """Return a trust policy that names the pool of an older installation."""
    return trust_policy(f"{place.pool.region}:{place.monitor.id}")
