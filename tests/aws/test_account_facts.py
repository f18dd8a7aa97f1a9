"""What is read of the account: monitors and their neighbours, metrics, Regions, traces, roles."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from harness import environment  # type: ignore[import-not-found]

from rumkit.aws import metrics, monitor
from rumkit.aws.errors import AwsRefusal
from rumkit.aws.monitor import MonitorNotFound
from rumkit.aws.session import AwsSession
from rumkit.checks import CHECKS
from rumkit.checks.ask import ask
from rumkit.evidence import Evidence
from rumkit.model import Absent, NotCollected
from rumkit.sandbox.healthy import healthy_monitor
from rumkit.sandbox.runner import start
from rumkit.target import Target, Window

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = Window(NOW - timedelta(days=1), NOW)


def rumkit_check(name, evidence):
    return ask(next(check for check in CHECKS if check.id == name), evidence)


@pytest.fixture
def evidence_of():
    """Return the evidence of a scenario's sandbox, whose world may be changed first."""
    running = []

    def make(scenario="healthy", *, change=None, **target):
        sandbox = start(scenario)
        running.append(sandbox)
        if change:
            change(sandbox.world, sandbox.installation)
        entered = environment(sandbox.environment)
        entered.__enter__()
        running.append(entered)
        page = sandbox.environment["RUMKIT_PAGE"] or None
        told = {"window": DAY, "monitor": "shop-web", "page": page} | target
        return Evidence(Target(**told), AwsSession(region=target.get("region")))

    yield make
    for each in reversed(running):
        each.stop() if hasattr(each, "stop") else each.__exit__(None, None, None)


def not_found(evidence) -> MonitorNotFound:
    found = evidence.monitor_not_found
    assert isinstance(found, MonitorNotFound)
    return found


def test_a_misspelt_monitor_is_asked_back_by_the_nearest_name(evidence_of):
    found = not_found(evidence_of(monitor="shop-wbe"))
    assert found.close == (("shop-web", "eu-west-1"),)
    assert "did you mean shop-web in eu-west-1?" in found.reason
    assert found.account == "111122223333"


def move_to_oregon(world, place):
    """Let the monitor be in another Region than its page says."""
    found = world.monitors.pop((place.monitor.region, place.monitor.name))
    found.region = "us-west-2"
    world.monitors["us-west-2", found.name] = found


def test_a_monitor_of_another_region_is_found_by_looking_everywhere(evidence_of):
    evidence = evidence_of(change=move_to_oregon)
    by_name = not_found(evidence)
    assert by_name.close[0] == ("shop-web", "us-west-2")
    assert by_name.existing["us-west-2"] == ("shop-web",)
    ident = evidence.snippet.app_monitor_id
    with pytest.raises(MonitorNotFound) as by_id:
        monitor.find_monitor(evidence.session, ident, ("eu-west-1",))
    assert by_id.value.close == (("shop-web", "us-west-2"),)


def test_the_page_s_own_region_is_tried_beside_the_one_that_was_named(evidence_of):
    evidence = evidence_of(region="us-west-2")
    assert evidence.regions == ("us-west-2", "eu-west-1")
    assert evidence.monitor.region == "eu-west-1"


def test_a_name_that_is_like_no_other_gets_the_list(evidence_of):
    found = not_found(evidence_of(monitor="billing"))
    assert found.close == ()
    assert found.reason.endswith(", which has shop-web there")


def test_an_account_without_monitors_says_so(evidence_of):
    found = not_found(evidence_of(change=lambda world, _: world.monitors.clear()))
    assert "which has none there" in found.reason


def test_a_refused_region_is_no_proof_that_the_monitor_is_missing(evidence_of):
    evidence = evidence_of(
        change=lambda world, _: world.denied_actions.add("rum:GetAppMonitor"), monitor="shop-wbe"
    )
    with pytest.raises(NotCollected) as refused:
        _ = evidence.monitor
    assert refused.value.missing == ("rum:GetAppMonitor",)
    assert not refused.value.absent


def with_neighbours(number, host="www.shop.example"):
    def change(world, place):
        for each in range(number):
            other = healthy_monitor(f"other-{each:03d}", f"host-{each}.example")
            world.monitors[other.region, other.name] = other
        last = healthy_monitor("zzz-last", host)
        world.monitors[last.region, last.name] = last

    return change


def test_a_neighbour_is_found_behind_a_hundred_others(evidence_of):
    evidence = evidence_of(change=with_neighbours(120))
    assert [each.name for each in evidence.neighbours] == ["zzz-last"]
    assert (evidence.region_monitors.total, evidence.region_monitors.complete) == (121, True)


def test_no_neighbour_is_said_only_when_all_were_read(evidence_of, monkeypatch):
    monkeypatch.setattr(monitor, "_MOST_READ", 20)
    evidence = evidence_of(change=with_neighbours(30, host="elsewhere.example"))
    with pytest.raises(NotCollected, match="20 of 31 other monitors"):
        _ = evidence.neighbours


@pytest.mark.parametrize(
    ("pattern", "host", "named"),
    [
        ("example.com", "example.com", True),
        ("example.com", "www.example.com", False),
        ("*.example.com", "www.example.com", True),
        ("*.example.com", "a.b.example.com", True),
        ("*.example.com", "badexample.com", False),
        ("example.*", "example.co.uk", True),
        ("example.*", "www.example.com", False),
        ("*.example.*", "www.example.co.uk", True),
        ("*.example.*", "example.com", True),
        ("localhost", "localhost", True),
        ("192.0.2.7", "192.0.2.7", True),
        ("192.0.2.7", "192a0b2c7", False),
    ],
)
def test_a_domain_pattern_names_hosts_as_documented(pattern, host, named):
    assert monitor.names_host(monitor.Monitor("m", "i", "r", domains=(pattern,)), host) is named


# Metrics.


@pytest.mark.parametrize(
    ("days_ago", "hours", "period"),
    [
        (1, 24, 300),
        (14, 24, 300),
        (20, 24, 300),
        (62, 24, 300),
        (64, 24, 3600),
        (64, 1, 3600),
        (300, 24, 3600),
        (30, 24 * 20, 86_400),
    ],
)
def test_the_period_is_one_of_which_there_are_points(days_ago, hours, period, monkeypatch):
    monkeypatch.setenv("RUMKIT_NOW", NOW.isoformat())
    since = NOW - timedelta(days=days_ago)
    assert metrics.period_for(Window(since, since + timedelta(hours=hours))) == period


def test_an_hour_of_last_winter_still_has_its_points(evidence_of):
    def later(world, _place):
        world.clock += timedelta(days=100)

    evidence = evidence_of(change=later)
    assert evidence.arrival.total > 1000


def test_a_mobile_app_s_arrival_is_counted_in_metrics_of_its_own(evidence_of):
    evidence = evidence_of("healthy-mobile")
    assert evidence.monitor.mobile
    assert evidence.arrival.total > 1000
    assert evidence_of("healthy").monitor.mobile is False


# Regions.


def test_a_region_that_is_switched_off_is_no_matter_of_signing_in(evidence_of):
    evidence = evidence_of(
        change=lambda world, _: world.regions_off.add("me-south-1"), region="me-south-1", page=None
    )
    with pytest.raises(AwsRefusal) as refused:
        _ = evidence.monitor
    assert refused.value.kind == "region"
    assert refused.value.missing == ("setting:Region me-south-1",)
    assert "not switched on" in refused.value.reason


def test_unknown_keys_in_an_opt_in_region_are_a_matter_of_signing_in(evidence_of, monkeypatch):
    evidence = evidence_of(region="me-south-1", page=None)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIANOBODY")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_ENDPOINT_URL", evidence.session.client("rum").meta.endpoint_url)
    monkeypatch.delenv("AWS_PROFILE")
    stranger = AwsSession(region="me-south-1")
    with pytest.raises(AwsRefusal) as refused:
        monitor.find_monitor(stranger, "shop-web", ("me-south-1",))
    assert refused.value.kind == "credentials"


def test_a_partition_without_rum_is_said_to_have_none(evidence_of):
    evidence = evidence_of(region="cn-north-1", page=None)
    with pytest.raises(NotCollected, match="not offered in any Region of the partition aws-cn"):
        _ = evidence.monitor


# Traces, roles, log groups.


def test_traces_that_went_to_cloudwatch_logs_are_said_to_be_there(evidence_of):
    evidence = evidence_of("transaction-search")
    assert evidence.trace_destination == "CloudWatchLogs"
    with pytest.raises(NotCollected, match="Transaction Search") as refused:
        _ = evidence.traces
    assert not refused.value.absent


def test_a_guest_role_of_another_account_is_named_by_its_account(evidence_of):
    assert evidence_of("guest-role-other-account").foreign_role_account == "999988887777"
    assert evidence_of().foreign_role_account is None


def test_rum_s_own_role_is_looked_for(evidence_of):
    assert isinstance(evidence_of("service-linked-role").rum_service_role_lookup, Absent)
    assert evidence_of().rum_service_role_lookup.name == "AWSServiceRoleForCloudWatchRUM"


def test_a_role_that_was_made_again_is_told_from_the_old_one(evidence_of):
    evidence = evidence_of("guest-role-remade")
    assert evidence.guest_role.created >= evidence.target.window.since
    assert evidence_of().guest_role.created < evidence.target.window.since
    finding = rumkit_check("guest-role-permission", evidence)
    assert "was likely deleted and made again without its policies" in finding.summary


def test_a_key_that_keeps_events_out_of_the_log_group_is_named(evidence_of):
    finding = rumkit_check("session-event-limit", evidence_of("log-group-key"))
    assert "likely does not let CloudWatch Logs use it" in finding.summary
    assert finding.fixes


def test_the_key_of_the_monitor_s_log_group_is_read(evidence_of):
    assert ":key/" in evidence_of("log-group-key").monitor_log_group.key
    plain = evidence_of().monitor_log_group
    assert (plain.key, plain.retention, plain.log_class) == ("", 30, "STANDARD")


def test_a_pool_of_another_region_is_told_with_both(evidence_of):
    elsewhere = evidence_of("healthy-pool-region").pool_elsewhere()
    assert elsewhere == ("eu-central-1", "eu-west-1")
    assert evidence_of().pool_elsewhere() is None


def test_sessions_are_counted_in_a_log_group_that_knows_no_fields(evidence_of):
    from rumkit.sandbox.resources import LogGroup

    def infrequent(world, place):
        world.groups[place.monitor.log_group] = LogGroup(log_class="INFREQUENT_ACCESS")

    usual = evidence_of().session_sizes.sizes
    assert evidence_of(change=infrequent).session_sizes.sizes == usual
    assert sum(usual.values()) > 100


# Changes.


def test_a_change_says_what_kind_of_resource_it_is_about_and_whether_it_is_ours(evidence_of):
    evidence = evidence_of("guest-role-permission")
    (change,) = evidence.configuration_changes
    assert (change.name, change.resource_kind, change.concerns) == ("PutRolePolicy", "role", True)
