"""Rows and runs of fleets for tests: whatever a test does not name is an ordinary monitor's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rumkit.fleet.rows import Bad, MonitorRow
from rumkit.fleet.run import FleetRun

TIME = "2026-03-02T09:00:00Z"
HOPS = ("page", "session", "credentials", "authorize", "ingest", "trace")


def bad(check: str = "guest-role-permission", **more: Any) -> Bad:
    made = Bad(check, "authorize", "returns-403", "fail", f"{check} is not as it should be.")
    return replace(made, **more)


def row(state: str = "healthy", **more: Any) -> MonitorRow:
    made = MonitorRow(
        "20260302T090000Z-aaaaaa", TIME, "prod", "111122223333", "eu-west-1", "shop-web", state,
        hops=dict.fromkeys(HOPS, "works"), arrival=(3, 5, 4, 6), arrived=18,
    )  # fmt: skip
    if state == "broken":
        made = replace(
            made, cause="guest-role-permission", summary="The guest role may not send.",
            fix="aws iam put-role-policy --role-name x", findings=(bad(),),
            hops={**made.hops, "authorize": "broken", "ingest": "not reached"},
        )  # fmt: skip
    if state == "failed":
        made = replace(made, hops={}, arrival=(), arrived=None, error="ExpiredToken: expired")
    return replace(made, **more)


def run_of(*rows: MonitorRow, **more: Any) -> FleetRun:
    return replace(FleetRun("20260302T090000Z-aaaaaa", TIME, rows, (), 12.5), **more)


def many(count: int) -> FleetRun:
    states = ("healthy",) * 18 + ("broken", "degraded")
    return run_of(
        *(
            row(
                states[at % 20], monitor=f"web-{at:04d}", owner=f"team {at % 7}",
                files={"case": f"reports/web-{at:04d}.json"},
                arrival=tuple((at * step) % 50 for step in range(32)),
            )
            for at in range(count)
        )
    )  # fmt: skip
