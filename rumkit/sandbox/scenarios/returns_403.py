"""CloudWatch RUM returns 403."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.sandbox.installation import monitor_arn, put_events_policy, text
from rumkit.sandbox.scenarios.base import Scenario

if TYPE_CHECKING:
    from rumkit.sandbox.installation import Installation
    from rumkit.sandbox.world import World

_SECTION = "returns-403"


def _older_monitor(_world: World, place: Installation) -> None:
    document = put_events_policy(monitor_arn(f"{place.monitor.name}-2024"))
    place.role.inline["RUMPutBatchMetrics"] = document
    place.changed(
        "iam",
        "PutRolePolicy",
        roleName=place.role.name,
        policyName="RUMPutBatchMetrics",
        policyDocument=text(document),
    )


SCENARIOS = (
    Scenario(
        "guest-role-permission",
        "The guest role's policy names an older monitor",
        _SECTION,
        _older_monitor,
        "guest-role-permission",
        "command",
        also=("put-events-denied", "events-arriving"),
    ),
)
