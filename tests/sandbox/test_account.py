"""The rest of the account: roles, metrics, logs, traces, and services it may not use."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

START, END = datetime(2026, 3, 1, 9, tzinfo=UTC), datetime(2026, 3, 2, 9, tzinfo=UTC)
DIMENSION = [{"Name": "application_name", "Value": "shop-web"}]


def test_a_role_is_returned_with_its_policies(healthy, client_of):
    iam, role = client_of(healthy, "iam"), healthy.installation.role
    found = iam.get_role(RoleName=role.name)["Role"]
    assert (found["Arn"], found["AssumeRolePolicyDocument"]) == (role.arn, role.trust)
    policy = iam.get_role_policy(RoleName=role.name, PolicyName="RUMPutBatchMetrics")
    assert policy["PolicyDocument"] == role.inline["RUMPutBatchMetrics"]


def test_a_boundary_is_a_managed_policy(sandbox_of, client_of):
    sandbox = sandbox_of("permission-boundary")
    iam, role = client_of(sandbox, "iam"), sandbox.installation.role
    arn = iam.get_role(RoleName=role.name)["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"]
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    found = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]
    assert found["Document"] == role.boundary.document


@pytest.mark.parametrize(
    ("scenario", "decision"),
    [
        ("healthy", "allowed"),
        ("permission-by-id", "implicitDeny"),
        ("permission-boundary", "implicitDeny"),
        ("permission-explicit-deny", "explicitDeny"),
        ("guest-role-trust", "allowed"),
    ],
)
def test_a_simulation_ignores_trust_alone(sandbox_of, client_of, scenario, decision):
    sandbox = sandbox_of(scenario)
    reply = client_of(sandbox, "iam").simulate_principal_policy(
        PolicySourceArn=sandbox.installation.role.arn,
        ActionNames=["rum:PutRumEvents"],
        ResourceArns=[sandbox.installation.monitor.arn],
    )
    assert [each["EvalDecision"] for each in reply["EvaluationResults"]] == [decision]


def test_two_sandboxes_in_one_process_keep_their_roles_apart(sandbox_of, client_of, error_of):
    one, other = sandbox_of(), sandbox_of(name="other-web")
    for sandbox in (one, other):
        name = sandbox.installation.role.name
        assert client_of(sandbox, "iam").get_role(RoleName=name)["Role"]["RoleName"] == name
    missing = other.installation.role.name
    assert error_of(lambda: client_of(one, "iam").get_role(RoleName=missing))[0] == "NoSuchEntity"


def _hours(sandbox, client_of):
    metric = {"Namespace": "AWS/RUM", "MetricName": "RumEventPayloadSize", "Dimensions": DIMENSION}
    query = {
        "Id": "arrived",
        "MetricStat": {"Metric": metric, "Period": 3600, "Stat": "SampleCount"},
    }
    reply = client_of(sandbox, "cloudwatch").get_metric_data(
        MetricDataQueries=[query], StartTime=START, EndTime=END, ScanBy="TimestampAscending"
    )["MetricDataResults"][0]
    return dict(zip([moment.hour for moment in reply["Timestamps"]], reply["Values"], strict=True))


def test_the_metric_counts_accepted_events(healthy, client_of):
    assert len(_hours(healthy, client_of)) == 24
    assert sum(_hours(healthy, client_of).values()) == len(
        healthy.world.events(healthy.installation.monitor)
    )


def test_the_metric_has_no_points_while_nothing_arrives(denied, client_of):
    assert {7, 8}.isdisjoint(_hours(denied, client_of))


def test_metrics_are_listed_and_summed_in_the_older_ways(healthy, client_of):
    cloudwatch = client_of(healthy, "cloudwatch")
    names = {m["MetricName"] for m in cloudwatch.list_metrics(Namespace="AWS/RUM")["Metrics"]}
    assert "SessionCount" in names
    points = cloudwatch.get_metric_statistics(
        Namespace="AWS/RUM",
        MetricName="SessionCount",
        Dimensions=DIMENSION,
        StartTime=START,
        EndTime=END,
        Period=86400,
        Statistics=["Sum"],
    )["Datapoints"]
    assert sum(point["Sum"] for point in points) == 239


def test_rum_keeps_its_events_in_the_monitors_log_group(healthy, client_of):
    name = healthy.installation.monitor.log_group
    reply = client_of(healthy, "logs").filter_log_events(
        logGroupName=name, filterPattern='{ $.event_type = "com.amazon.rum.session_start_event" }'
    )
    assert len(reply["events"]) == 239


def test_a_malformed_query_is_an_error(healthy, client_of, error_of):
    start = client_of(healthy, "logs").start_query
    asked = {"logGroupName": "CloudTrail/account-trail", "startTime": 0, "endTime": 1}
    assert error_of(lambda: start(**asked, queryString="x"))[0] == "MalformedQueryException"


@pytest.mark.parametrize(("scenario", "segments"), [("healthy", 2), ("xray-joined", 1)])
def test_a_trace_holds_the_servers_segment_when_joined(sandbox_of, client_of, scenario, segments):
    sandbox = sandbox_of(scenario)
    newest = sandbox.installation.traffic().traces[-1]["id"]
    reply = client_of(sandbox, "xray").batch_get_traces(TraceIds=[newest])
    assert len(reply["Traces"][0]["Segments"]) == segments


REFUSED = [
    ("accessanalyzer", "list_analyzers"),
    ("glue", "get_databases"),
]


@pytest.mark.parametrize(("service", "operation"), REFUSED)
def test_a_service_that_is_not_there_denies_access(
    healthy, client_of, error_of, service, operation
):
    call = getattr(client_of(healthy, service), operation)
    assert error_of(call)[0] == "AccessDeniedException"


def test_an_operation_that_is_not_there_is_unknown(healthy, client_of, error_of):
    call = client_of(healthy, "logs").create_log_group
    assert error_of(lambda: call(logGroupName="new"))[0] == "UnknownOperationException"


def test_unknown_keys_are_refused(healthy, client_of, error_of):
    keys = ("AKIANOBODY", "secret", None)
    call = client_of(healthy, "sts", keys=keys).get_caller_identity
    assert error_of(call) == ("InvalidClientTokenId", 403)


def test_a_guest_may_read_nothing(healthy, client_of, guest_of, error_of):
    call = client_of(healthy, "rum", keys=guest_of(healthy).enhanced()).get_app_monitor
    assert error_of(lambda: call(Name="shop-web")) == ("AccessDeniedException", 403)


def test_everything_asked_so_far_was_answered_without_a_defect(healthy, denied):
    assert healthy.world.defects == denied.world.defects == []


@pytest.mark.parametrize(
    ("namespace", "metric", "region"),
    [
        ("AWS/ApplicationELB", "RequestCount", "eu-west-1"),
        ("AWS/CloudFront", "Requests", "us-east-1"),
    ],
)
def test_visits_go_on_in_the_site_s_own_metrics_when_rum_is_silent(
    denied, client_of, namespace, metric, region
):
    cloudwatch = client_of(denied, "cloudwatch", region=region)
    (listed,) = cloudwatch.list_metrics(Namespace=namespace)["Metrics"]
    assert listed["MetricName"] == metric
    query = {"Metric": listed, "Period": 3600, "Stat": "Sum"}
    reply = cloudwatch.get_metric_data(
        MetricDataQueries=[{"Id": "seen", "MetricStat": query}], StartTime=START, EndTime=END
    )
    (found,) = reply["MetricDataResults"]
    assert {moment.hour for moment in found["Timestamps"]} == {*range(24)}
    assert sum(found["Values"]) == 239


@pytest.mark.parametrize(
    ("metric", "region", "dimensions"),
    [
        ("ApplicationELB/RequestCount", "us-east-1", {"LoadBalancer": "{alb}"}),
        ("ApplicationELB/RequestCount", "eu-west-1", {"LoadBalancer": "app/another/1"}),
        ("CloudFront/Requests", "us-east-1", {"DistributionId": "{distribution}"}),
        ("CloudFront/Requests", "eu-west-1",
         {"DistributionId": "{distribution}", "Region": "Global"}),
    ],
)  # fmt: skip
def test_traffic_of_another_region_name_or_dimension_has_no_data(
    healthy, client_of, metric, region, dimensions
):
    place = healthy.installation
    names = {"alb": place.load_balancer, "distribution": place.distribution}
    points = client_of(healthy, "cloudwatch", region=region).get_metric_statistics(
        Namespace=f"AWS/{metric.partition('/')[0]}",
        MetricName=metric.partition("/")[2],
        Dimensions=[{"Name": k, "Value": v.format(**names)} for k, v in dimensions.items()],
        StartTime=START,
        EndTime=END,
        Period=86400,
        Statistics=["Sum"],
    )["Datapoints"]
    assert points == []
