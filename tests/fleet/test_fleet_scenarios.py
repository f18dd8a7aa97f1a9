"""A fleet finds in each scenario what an investigation alone finds, trail and page included."""

from __future__ import annotations

import os

import pytest

import rumkit as library
from rumkit.fleet.plan import FleetPlan, Reach, practised
from rumkit.fleet.run import carry_out, new_run
from rumkit.fleet.store import FolderStore
from rumkit.sandbox.runner import start

# Those whose answer hangs on the trail, on roles and pools, or on another Region.
SCENARIOS = (
    "healthy", "healthy-basic", "guest-role-trust", "guest-role-trust-enhanced",
    "token-vending-failures", "put-events-denied", "stored-credentials", "endpoint-region",
    "trail-other-monitor", "trail-one-region", "trail-organisation", "trail-stopped",
    "healthy-pool-region", "guest-role-remade", "monitor-exists", "permission-boundary",
)  # fmt: skip


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_same_is_found(scenario, tmp_path, monkeypatch):
    with start(scenario) as sandbox:
        for name in set(os.environ) - set(sandbox.environment):
            monkeypatch.delenv(name)
        for name, value in sandbox.environment.items():
            monkeypatch.setenv(name, value)
        alone = library.investigate().to_dict()
        found = {}

        def finished(row, investigation):
            found[row.monitor] = investigation.to_dict()
            return row

        run, moment = new_run()
        plan = FleetPlan((Reach("practice"),), known=practised())
        carry_out(plan, FolderStore(tmp_path), run=run, moment=moment, finished=finished)
    shared = found[sandbox.installation.monitor.name]
    for part in ("verdict", "root_cause", "path", "tables", "onset", "not_collected"):
        assert shared[part] == alone[part], part
    told = [(each["check"], each["status"], each["certain"]) for each in shared["findings"]]
    assert told == [(each["check"], each["status"], each["certain"]) for each in alone["findings"]]
