"""Every scenario is healthy until the onset, and from then on broken in its own way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rumkit.sandbox.ids import NOW, ONSET
from rumkit.sandbox.runner import ALL, build, list_scenarios
from rumkit.sandbox.scenarios import find
from rumkit.sandbox.snippet import read_snippet

SCENARIOS = list_scenarios()
NAMES = [scenario.name for scenario in SCENARIOS]

# Every check of the delivery path; xray-cors needs a recording to be told.
CHECKS = [
    "snippet-present",
    "client-script-loads",
    "csp-script",
    "csp-connect",
    "client-version",
    "client-enabled",
    "session-sample-rate",
    "session-event-limit",
    "credentials-configured",
    "identity-pool",
    "classic-flow",
    "guest-role-trust",
    "pool-guest-role",
    "token-vending-failures",
    "endpoint-region",
    "stored-credentials",
    "guest-role-permission",
    "signing",
    "resource-policy",
    "put-events-denied",
    "monitor-exists",
    "monitor-domain",
    "events-arriving",
    "throttling",
    "custom-events",
    "configuration-drift",
    "xray-enabled",
    "xray-header",
    "xray-cors",
    "xray-joined",
]


@pytest.mark.parametrize("check", CHECKS)
def test_a_check_has_a_scenario_of_its_name_that_it_finds(check):
    scenario = find(check)
    assert check in {scenario.root_cause, *scenario.also}


def test_names_are_unique():
    assert len(set(NAMES)) == len(NAMES) >= 40


@pytest.mark.parametrize("scenario", SCENARIOS, ids=NAMES)
def test_what_cannot_be_mended_says_why(scenario):
    assert bool(scenario.mendable) != bool(scenario.why_not)


def _events(name):
    world = build(name)
    monitor = next(iter(world.installations.values())).monitor
    events = world.events(monitor)
    onset = ONSET.timestamp() * 1000
    before = [event for event in events if event["event_timestamp"] < onset]
    return len(before), len(events) - len(before)


SILENT = [s.name for s in SCENARIOS if "events-arriving" in {s.root_cause, *s.also}]
# Each fault is replayed here; they take a third of a second each.
REPLAYED = [
    "session-sample-rate",
    "csp-connect",
    "classic-flow",
    "guest-role-permission",
    "signing",
]


@pytest.mark.parametrize("name", REPLAYED)
def test_a_silencing_fault_stops_the_events_at_the_onset(name):
    assert name in SILENT
    before, after = _events(name)
    assert before > 1000
    assert after == 0


@pytest.mark.parametrize("name", ["healthy", "healthy-csp", "xray-joined"])
def test_events_go_on_without_a_silencing_fault(name):
    assert min(_events(name)) > 100


def test_the_event_limit_cuts_every_later_session():
    world = build("session-event-limit")
    monitor = next(iter(world.installations.values())).monitor
    sizes = {}
    for event in world.events(monitor):
        if event["event_timestamp"] >= ONSET.timestamp() * 1000:
            session = event["user_details"]["sessionId"]
            sizes[session] = sizes.get(session, 0) + 1
    assert set(sizes.values()) == {5}


def test_a_configuration_change_stands_just_before_the_onset():
    changes = [
        record
        for record in build("guest-role-permission").records()
        if record["eventName"] == "PutRolePolicy"
    ]
    assert [record["eventTime"] for record in changes] == ["2026-03-02T06:09:00Z"]


def test_the_record_repeats_exactly():
    assert build("classic-flow").records() == build("classic-flow").records()


def test_all_installations_live_side_by_side():
    world = build(ALL)
    assert set(world.installations) == {s.name for s in SCENARIOS if not s.alone}


@pytest.mark.parametrize(
    "name", [n for n in NAMES if n not in {"snippet-present", "snippet-initialize"}]
)
def test_the_page_names_the_client_that_visitors_run(name):
    place = next(iter(build(name).installations.values()))
    assert read_snippet(place.html) == replace(place.client, commands=[])


def test_the_record_holds_nothing_of_the_future():
    assert max(record["eventTime"] for record in build("healthy").records()) < NOW.isoformat()
