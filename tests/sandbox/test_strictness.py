"""Where AWS is strict the sandbox is: trails that stop, Regions that are off, hosts not listed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from rumkit.sandbox.ids import ONSET
from rumkit.sandbox.resources import LogGroup

START, END = datetime(2026, 3, 1, 9, tzinfo=UTC), datetime(2026, 3, 2, 9, tzinfo=UTC)
GROUP = "CloudTrail/account-trail"


def insights(client, text, group=GROUP):
    started = client.start_query(
        logGroupName=group,
        startTime=int(START.timestamp()),
        endTime=int(END.timestamp()),
        queryString=text,
    )
    rows = client.get_query_results(queryId=started["queryId"])["results"]
    return [{cell["field"]: cell["value"] for cell in row} for row in rows]


@pytest.mark.parametrize(
    ("scenario", "since", "until"),
    [
        ("trail-stopped", START, ONSET - timedelta(hours=1)),
        ("trail-delivers-nothing", START, ONSET - timedelta(hours=1)),
        ("trail-begun-late", ONSET + timedelta(hours=2), END),
    ],
)
def test_a_trail_holds_only_what_it_ran_for_and_could_deliver(
    sandbox_of, client_of, scenario, since, until
):
    text = "fields @message | sort @timestamp asc | limit 10000"
    rows = insights(client_of(sandbox_of(scenario), "logs"), text)
    times = [datetime.fromisoformat(json.loads(row["@message"])["eventTime"]) for row in rows]
    assert since <= min(times) <= max(times) < until


def test_a_trail_s_status_tells_when_it_ran_and_what_fails(sandbox_of, client_of):
    status = client_of(sandbox_of("trail-delivers-nothing"), "cloudtrail").get_trail_status(
        Name="account-trail"
    )
    assert status["IsLogging"] is True
    assert status["LatestDeliveryError"] == "NoSuchBucket"
    assert status["LatestCloudWatchLogsDeliveryError"] == "AccessDenied"
    assert status["LatestDeliveryTime"] == ONSET - timedelta(hours=1)


def test_a_selector_that_names_resources_records_those_alone(sandbox_of, client_of):
    sandbox = sandbox_of("trail-other-monitor")
    reply = client_of(sandbox, "cloudtrail").get_event_selectors(TrailName="account-trail")
    fields = [f for s in reply["AdvancedEventSelectors"] for f in s["FieldSelectors"]]
    named = [f["Equals"] for f in fields if f["Field"] == "resources.ARN"]
    assert [len(arns) for arns in named] == [1, 1]
    rows = insights(client_of(sandbox, "logs"), "stats count(*) as n by eventName")
    assert "PutRumEvents" not in {row["eventName"] for row in rows}


def test_fields_are_discovered_in_the_standard_class_alone(sandbox_of, client_of):
    sandbox = sandbox_of()
    logs, text = client_of(sandbox, "logs"), "filter eventName = 'GetId' | stats count(*) as n"
    assert insights(logs, text) == [{"n": "239"}]
    sandbox.world.groups[GROUP] = LogGroup(log_class="INFREQUENT_ACCESS")
    assert insights(logs, text) == [{"n": "0"}]
    parsed = r'parse @message /"eventName": "(?<name>\w+)"/ | filter name = "GetId"'
    assert insights(logs, f"{parsed} | stats count(*) as n") == [{"n": "239"}]


def test_a_group_of_the_delivery_class_takes_no_query(sandbox_of, client_of, error_of):
    sandbox = sandbox_of()
    sandbox.world.groups[GROUP] = LogGroup(log_class="DELIVERY")
    logs = client_of(sandbox, "logs")
    assert error_of(lambda: insights(logs, "limit 1"))[0] == "InvalidParameterException"


def test_a_group_drops_what_is_older_than_its_retention(sandbox_of, client_of):
    sandbox = sandbox_of()
    logs = client_of(sandbox, "logs")
    before = insights(logs, "stats count(*) as n")
    sandbox.world.clock += timedelta(hours=12)
    sandbox.world.groups[GROUP] = LogGroup(retention=1)
    assert 0 < int(insights(logs, "stats count(*) as n")[0]["n"]) < int(before[0]["n"])


def test_the_fields_of_a_message_end_at_two_hundred(sandbox_of, client_of):
    from rumkit.sandbox.insights import run

    message = json.dumps({f"field{number}": number for number in range(300)})
    rows = run("filter field150 = 150 | fields field150, field250", [(0, message)])
    assert [dict(row) for row in rows] == [{"field150": "150"}]


@pytest.mark.parametrize("service", ["rum", "cloudtrail"])
def test_a_region_that_is_off_does_not_know_the_account_s_keys(
    sandbox_of, client_of, error_of, service
):
    sandbox = sandbox_of()
    sandbox.world.regions_off.add("me-south-1")
    asked = {"rum": "list_app_monitors", "cloudtrail": "describe_trails"}
    call = getattr(client_of(sandbox, service, region="me-south-1"), asked[service])
    assert error_of(call)[0] == "UnrecognizedClientException"


@pytest.mark.parametrize(
    ("days", "period", "points"),
    [(0, 60, True), (20, 60, False), (20, 300, True), (70, 300, False)],
)
def test_short_periods_of_long_ago_have_no_points(sandbox_of, client_of, days, period, points):
    sandbox = sandbox_of()
    sandbox.world.clock += timedelta(days=days)
    reply = client_of(sandbox, "cloudwatch").get_metric_statistics(
        Namespace="AWS/RUM",
        MetricName="RumEventPayloadSize",
        Dimensions=[{"Name": "application_name", "Value": "shop-web"}],
        StartTime=END - timedelta(hours=3),
        EndTime=END - timedelta(hours=2, minutes=55),
        Period=period,
        Statistics=["SampleCount"],
    )
    assert bool(reply["Datapoints"]) is points


@pytest.mark.parametrize(
    ("domains", "refused"),
    [
        (["shop-old.example"], True),
        (["*.shop.example"], False),
        (["www.shop.*"], False),
        (["*.shop.*"], False),
        (["shop.example"], True),
        (["localhost", "www.shop.example"], False),
    ],
)
def test_events_of_a_host_that_is_not_listed_are_refused(
    sandbox_of, guest_of, error_of, batch, *, domains, refused
):
    sandbox = sandbox_of()
    sandbox.installation.monitor.domains = domains
    guest = guest_of(sandbox)
    events = batch(sandbox.installation.client.monitor_id)["RumEvents"]
    events[0]["metadata"] = json.dumps({"version": "1.0.0", "domain": "www.shop.example"})
    keys = guest.enhanced()
    answer = error_of(lambda: guest.send(keys, RumEvents=events))
    assert answer == (("ValidationException", 400) if refused else None)


def test_a_role_of_another_account_is_assumed_for_no_guest(sandbox_of, guest_of, error_of):
    guest = guest_of(sandbox_of("guest-role-other-account"))
    assert error_of(guest.enhanced)[0] == "InvalidIdentityPoolConfigurationException"


def test_a_visitor_s_address_is_seen_by_sts_and_not_by_cognito(sandbox_of, guest_of, error_of):
    assert error_of(guest_of(sandbox_of("healthy-trust-source-ip")).basic) is None
    enhanced = guest_of(sandbox_of("trust-source-ip")).enhanced
    assert error_of(enhanced)[0] == "InvalidIdentityPoolConfigurationException"


def test_without_rum_s_own_role_events_are_kept_and_not_counted(sandbox_of, client_of):
    sandbox = sandbox_of("service-linked-role")
    cloudwatch = client_of(sandbox, "cloudwatch")
    assert cloudwatch.list_metrics(Namespace="AWS/RUM")["Metrics"] == []
    events = client_of(sandbox, "rum").get_app_monitor_data(
        Name="shop-web", TimeRange={"After": int(ONSET.timestamp() * 1000)}
    )["Events"]
    assert events


def test_a_mobile_monitor_has_metrics_of_its_own(sandbox_of, client_of):
    cloudwatch = client_of(sandbox_of("healthy-mobile"), "cloudwatch")
    names = {m["MetricName"] for m in cloudwatch.list_metrics(Namespace="AWS/RUM")["Metrics"]}
    assert names == {"LogPayloadSize", "SpanPayloadSize"}


@pytest.mark.parametrize("scenario", ["xray-monitor-off", "service-linked-role"])
def test_segments_are_not_sent_on_where_nobody_asks_or_may(sandbox_of, scenario):
    traces = sandbox_of(scenario).installation.traffic().traces
    assert traces
    assert max(trace["at"] for trace in traces) < ONSET.timestamp()


def test_with_transaction_search_x_ray_has_no_traces(sandbox_of, client_of):
    sandbox = sandbox_of("transaction-search")
    newest = sandbox.installation.traffic().traces[-1]["id"]
    xray = client_of(sandbox, "xray")
    assert xray.batch_get_traces(TraceIds=[newest])["Traces"] == []
    assert xray.get_trace_segment_destination()["Destination"] == "CloudWatchLogs"


def test_an_organisation_s_files_lie_under_its_own_folder(sandbox_of, client_of):
    s3 = client_of(sandbox_of("trail-organisation"), "s3")
    reply = s3.list_objects_v2(Bucket="shop-trail", Prefix="AWSLogs/", Delimiter="/")
    assert [each["Prefix"] for each in reply["CommonPrefixes"]] == ["AWSLogs/o-sandboxorg/"]


def test_a_store_s_key_is_asked_of_the_caller(sandbox_of, client_of, error_of):
    from rumkit.sandbox.lake import store_id

    sandbox = sandbox_of(denied_actions=["kms:Decrypt"])
    store = sandbox.world.stores[0]
    store.key = "arn:aws:kms:eu-west-1:111122223333:key/1"
    call = client_of(sandbox, "cloudtrail").start_query
    text = f"SELECT eventName FROM {store_id(store)}"
    assert error_of(lambda: call(QueryStatement=text))[0] == "AccessDeniedException"
