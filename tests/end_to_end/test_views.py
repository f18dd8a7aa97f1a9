"""What arrived, beside the site's traffic, and since when it is bad: on the sandbox's account."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from harness import investigate_in, run  # type: ignore[import-not-found]

from rumkit.investigation import Investigation
from rumkit.model import BadInput, Status
from rumkit.sandbox.runner import start

ALB = "alb:app/shop-web/50dc6c495c0c9188"


@pytest.fixture(scope="module")
def limited():
    with start("session-event-limit") as sandbox:
        yield investigate_in(sandbox)


@pytest.fixture(scope="module")
def stopped(denied):
    return investigate_in(denied, traffic=ALB)


@pytest.fixture(scope="module")
def silent():
    with start("events-arriving") as sandbox:
        yield sandbox


def test_only_the_size_at_exactly_the_limit_is_marked(limited):
    sizes = limited.sessions
    assert list(sizes[sizes["at_limit"]]["events"]) == [5]
    assert sizes["sessions"].sum() > sizes[sizes["at_limit"]]["sessions"].sum()


def test_the_shares_of_the_budget_make_one(limited):
    assert limited.budget["share"].sum() == pytest.approx(1)
    assert "page_view_event" in set(limited.budget["event_type"])


def test_the_client_s_version_is_counted_with_its_sessions(limited):
    (row,) = limited.client_versions.to_dict("records")
    assert row["client_version"] == "1.25.0"
    assert 1 < row["sessions"] <= row["events"]


@pytest.mark.parametrize(("scenario", "joined"), [("xray-header", False), ("healthy", True)])
def test_traces_say_whether_a_server_joined_them(scenario, joined):
    with start(scenario) as sandbox:
        found = investigate_in(sandbox).traces
    assert len(found)
    assert set(found["joined"]) == {joined}


def test_without_site_traffic_there_is_no_column_of_requests(limited):
    assert list(limited.arrival.columns) == ["time", "events"]


def test_arrival_stands_beside_the_requests_of_the_same_periods(stopped):
    after = stopped.arrival[stopped.arrival["time"] >= datetime(2026, 3, 2, 6, 30, tzinfo=UTC)]
    assert after["events"].sum() == 0
    assert after["requests"].sum() > 20


def test_cloudfront_counts_as_the_load_balancer_does(denied, stopped):
    name = f"cloudfront:{denied.installation.distribution}"
    assert investigate_in(denied, traffic=name).arrival.equals(stopped.arrival)


def test_silence_while_the_site_is_visited_is_broken_and_says_so(silent):
    found = investigate_in(silent, traffic=ALB).finding("events-arriving")
    assert found.status is Status.FAIL
    assert "The site had 28 requests since." in found.summary
    assert found.evidence[1].values == {"requests before the silence": 211, "requests in it": 28}


def test_traffic_that_was_never_seen_is_a_gap_and_not_an_empty_site(silent):
    found = investigate_in(silent, traffic="alb:app/another/50dc6c495c0c9188")
    assert found.finding("events-arriving").status is Status.FAIL
    assert found.arrival["requests"].isna().all()
    assert "traffic" in {gap.fact for gap in found.not_collected}


@pytest.mark.parametrize("text", ["shop", "alb:shop-web", "cloudfront:", "alb:app/a/b c", "ALB:x"])
def test_traffic_that_is_none_is_refused_with_what_to_write(healthy, text):
    with pytest.raises(BadInput, match=r"alb:app/NAME/ID.* or cloudfront:DISTRIBUTION_ID"):
        investigate_in(healthy, traffic=text)


def test_the_onset_is_dated_with_its_uncertainty(stopped):
    onset = stopped.onset
    assert (onset.what, onset.direction) == ("arrival", "stopped")
    assert onset.earliest <= "2026-03-02T06:10:00Z" <= onset.latest
    assert onset.latest <= "2026-03-02T06:20:00Z"


def test_the_nearest_change_by_the_onset_says_who_and_what(stopped):
    nearest = stopped.onset.changes[0]
    assert nearest["name"] == "PutRolePolicy"
    assert nearest["principal"].endswith("user/operator")
    assert "shop-web-2024" in nearest["changed"]
    assert nearest["time"] <= stopped.onset.latest


def test_the_onset_survives_json(stopped):
    assert Investigation.from_dict(json.loads(stopped.to_json())).onset == stopped.onset


def test_a_healthy_installation_has_no_onset(healthy):
    assert investigate_in(healthy).onset is None


def test_the_terminal_says_since_when_under_the_root_cause(denied):
    done = run(denied, "rumkit", "investigate", "--traffic", ALB, "--quiet", "--all")
    said = " ".join(done.stdout.partition("ROOT CAUSE")[2].partition("FIX")[0].split())
    assert "since about 2026-03-02 06:10 (06:" in said
    assert "nearest change, within that span: PutRolePolicy by operator (user) at 06:09." in said
