"""What a trail does not hold: calls are denied, and not every trail can show it.

The fault is the same in all of them, a service control policy of the organisation, which nothing
but the trail's records can tell.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from rumkit.sandbox.ids import ONSET
from rumkit.sandbox.resources import LogGroup
from rumkit.sandbox.scenarios.base import Scenario
from rumkit.sandbox.scenarios.parts import SILENT
from rumkit.sandbox.scenarios.returns_403 import service_control

if TYPE_CHECKING:
    from rumkit.sandbox.installation import Installation
    from rumkit.sandbox.world import World

_SECTION = "returns-403"
_EARLIER = ONSET - timedelta(hours=1)
_LATER = ONSET + timedelta(hours=2)
_NOT_OURS = "the policy belongs to the organisation's management account"


def _stopped(world: World, place: Installation) -> None:
    service_control(world, place)
    for trail in (*world.trails, *world.stores):
        trail.logging, trail.stopped = False, _EARLIER


def _begun_late(world: World, place: Installation) -> None:
    service_control(world, place)
    for trail in (*world.trails, *world.stores):
        trail.started = _LATER


def _group_refuses(world: World, place: Installation) -> None:
    service_control(world, place)
    world.stores.clear()
    trail = world.trails[0]
    trail.group_error, trail.failing = "AccessDenied", _EARLIER


def _nothing_delivered(world: World, place: Installation) -> None:
    _group_refuses(world, place)
    world.trails[0].bucket_error = "NoSuchBucket"


def _other_monitor(world: World, place: Installation) -> None:
    service_control(world, place)
    for trail in (*world.trails, *world.stores):
        trail.only = (f"{place.monitor.arn}-2024", place.pool.arn)


def _one_region(world: World, place: Installation) -> None:
    service_control(world, place)
    for trail in (*world.trails, *world.stores):
        trail.region, trail.multi_region = "us-east-1", False


def _organisation(world: World, place: Installation) -> None:
    service_control(world, place)
    world.stores.clear()
    world.trails[0].owner = "444455556666"


def _infrequent_access(world: World, place: Installation) -> None:
    service_control(world, place)
    world.stores.clear()
    group = world.trails[0].log_group or ""
    world.groups[group] = LogGroup(log_class="INFREQUENT_ACCESS")


SCENARIOS = (
    Scenario(
        "trail-stopped",
        "Calls are denied, and the trail was stopped an hour before it began",
        _SECTION,
        _stopped,
        "events-arriving",
        why_not=_NOT_OURS,
        unknown=("put-events-denied", "token-vending-failures", "throttling"),
        alone=True,
    ),
    Scenario(
        "trail-begun-late",
        "Calls are denied, and the trail was made two hours after it began",
        _SECTION,
        _begun_late,
        "put-events-denied",
        why_not=_NOT_OURS,
        also=SILENT,
        alone=True,
    ),
    Scenario(
        "trail-group-refuses",
        "Calls are denied, and the trail's log group takes no deliveries; its bucket does",
        _SECTION,
        _group_refuses,
        "put-events-denied",
        why_not=_NOT_OURS,
        also=SILENT,
        alone=True,
    ),
    Scenario(
        "trail-delivers-nothing",
        "Calls are denied, and the trail can deliver to neither its log group nor its bucket",
        _SECTION,
        _nothing_delivered,
        "events-arriving",
        why_not=_NOT_OURS,
        unknown=("put-events-denied", "token-vending-failures", "throttling"),
        alone=True,
    ),
    Scenario(
        "trail-other-monitor",
        "Calls are denied, and the trail records those of another monitor only",
        _SECTION,
        _other_monitor,
        "events-arriving",
        why_not=_NOT_OURS,
        unknown=("put-events-denied", "throttling"),
        alone=True,
    ),
    Scenario(
        "trail-one-region",
        "Calls are denied, and the trail records another Region only",
        _SECTION,
        _one_region,
        "events-arriving",
        why_not=_NOT_OURS,
        unknown=("put-events-denied", "throttling"),
        alone=True,
    ),
    Scenario(
        "trail-organisation",
        "Calls are denied, and the trail and its log group are the organisation's",
        _SECTION,
        _organisation,
        "put-events-denied",
        why_not=_NOT_OURS,
        also=SILENT,
        alone=True,
    ),
    Scenario(
        "trail-infrequent-access",
        "Calls are denied, and the trail's log group is of a class without fields",
        _SECTION,
        _infrequent_access,
        "put-events-denied",
        why_not=_NOT_OURS,
        also=SILENT,
        alone=True,
    ),
)
