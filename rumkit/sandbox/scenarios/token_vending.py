"""AWS token vending (Cognito or STS) fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.sandbox.scenarios.base import Scenario
from rumkit.sandbox.scenarios.parts import (
    UNVENDED,
    another_pool_trust,
    basic_flow,
    both,
    note_pool_update,
    set_trust,
)

if TYPE_CHECKING:
    from rumkit.sandbox.installation import Installation
    from rumkit.sandbox.world import World

_SECTION = "token-vending"


def _no_guests(_world: World, place: Installation) -> None:
    place.pool.guests = False
    note_pool_update(place)


def _pool_deleted(world: World, place: Installation) -> None:
    del world.pools[place.pool.id]
    place.changed("cognito-identity", "DeleteIdentityPool", identityPoolId=place.pool.id)


def classic_off(world: World, place: Installation) -> None:
    """Let the client choose the basic flow, which the pool does not allow."""
    basic_flow(world, place)
    place.pool.classic = False
    note_pool_update(place)


def other_pool(_world: World, place: Installation) -> None:
    """Let the guest role trust the pool of an older installation."""
    set_trust(place, another_pool_trust(place))


def _trusts_rum(_world: World, place: Installation) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "rum.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    set_trust(place, {"Version": "2012-10-17", "Statement": [statement]})


def _authenticated(_world: World, place: Installation) -> None:
    document = another_pool_trust(place)
    condition = document["Statement"][0]["Condition"]
    condition["StringEquals"]["cognito-identity.amazonaws.com:aud"] = place.pool.id
    any_value = condition["ForAnyValue:StringLike"]
    any_value["cognito-identity.amazonaws.com:amr"] = "authenticated"
    set_trust(place, document)


def _no_role(_world: World, place: Installation) -> None:
    place.pool.roles = {}
    place.changed(
        "cognito-identity", "SetIdentityPoolRoles", identityPoolId=place.pool.id, roles={}
    )


def _role_deleted(world: World, place: Installation) -> None:
    world.roles.remove(place.role.name)
    place.changed("iam", "DeleteRole", roleName=place.role.name)


def _throttled(_world: World, place: Installation) -> None:
    place.pool.throttled = True


SCENARIOS = (
    Scenario(
        "identity-pool",
        "The identity pool lets no guests in",
        _SECTION,
        _no_guests,
        "identity-pool",
        "command",
        also=UNVENDED,
    ),
    Scenario(
        "identity-pool-deleted",
        "The identity pool was deleted",
        _SECTION,
        _pool_deleted,
        "identity-pool",
        why_not="a pool that is gone does not come back under its id; a new one needs a new page",
        also=("events-arriving",),
    ),
    Scenario(
        "classic-flow",
        "The client uses the basic flow, and the pool does not allow it",
        _SECTION,
        classic_off,
        "classic-flow",
        "command",
        also=UNVENDED,
    ),
    Scenario(
        "guest-role-trust",
        "The guest role trusts another identity pool (basic flow)",
        _SECTION,
        both(basic_flow, other_pool),
        "guest-role-trust",
        "command",
        also=UNVENDED,
    ),
    Scenario(
        "guest-role-trust-enhanced",
        "The guest role trusts another identity pool (enhanced flow)",
        _SECTION,
        other_pool,
        "guest-role-trust",
        "command",
        also=UNVENDED,
    ),
    Scenario(
        "trusts-rum-service",
        "The guest role trusts rum.amazonaws.com instead of Cognito",
        _SECTION,
        _trusts_rum,
        "guest-role-trust",
        "command",
        also=UNVENDED,
    ),
    Scenario(
        "trusts-authenticated",
        "The guest role trusts authenticated identities only",
        _SECTION,
        _authenticated,
        "guest-role-trust",
        "command",
        also=UNVENDED,
    ),
    Scenario(
        "pool-guest-role",
        "The pool has no role for guests",
        _SECTION,
        _no_role,
        "pool-guest-role",
        "command",
        also=UNVENDED,
    ),
    Scenario(
        "guest-role-deleted",
        "The pool's guest role was deleted",
        _SECTION,
        _role_deleted,
        "pool-guest-role",
        "command",
        also=UNVENDED,
    ),
    Scenario(
        "token-vending-failures",
        "Cognito throttles; only the trail shows it",
        _SECTION,
        _throttled,
        "token-vending-failures",
        why_not="a quota is raised by AWS, not by a command",
        also=("events-arriving",),
    ),
)
