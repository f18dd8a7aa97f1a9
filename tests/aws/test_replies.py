"""What comes back in place of a reply: nothing of it is taken for "there is none"."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
    SSOTokenLoadError,
)
from harness import environment  # type: ignore[import-not-found]

from rumkit.aws import errors, metrics
from rumkit.aws.errors import AwsRefusal
from rumkit.aws.monitor import Monitor
from rumkit.aws.reads import READS
from rumkit.aws.session import AwsSession, Call
from rumkit.model import NotCollected
from rumkit.target import parse_window

REGION = "eu-west-1"
PARAMS = {
    "rum:GetAppMonitor": {"Name": "shop"},
    "rum:GetResourcePolicy": {"Name": "shop"},
    "rum:GetAppMonitorData": {"Name": "shop", "TimeRange": {"After": 1}},
    "cognito-identity:DescribeIdentityPool": {"IdentityPoolId": "eu-west-1:x"},
    "cognito-identity:GetIdentityPoolRoles": {"IdentityPoolId": "eu-west-1:x"},
    "cognito-identity:ListIdentityPools": {"MaxResults": 10},
    "iam:GetRole": {"RoleName": "r"},
    "iam:ListRolePolicies": {"RoleName": "r"},
    "iam:GetRolePolicy": {"RoleName": "r", "PolicyName": "p"},
    "iam:ListAttachedRolePolicies": {"RoleName": "r"},
    "iam:GetPolicy": {"PolicyArn": "arn:aws:iam::111122223333:policy/p"},
    "iam:GetPolicyVersion": {
        "PolicyArn": "arn:aws:iam::111122223333:policy/p",
        "VersionId": "v1",
    },
    "iam:SimulatePrincipalPolicy": {
        "PolicySourceArn": "arn:aws:iam::111122223333:role/r",
        "ActionNames": ["rum:PutRumEvents"],
    },
    "cloudwatch:GetMetricData": {"MetricDataQueries": [], "StartTime": 0, "EndTime": 1},
    "cloudtrail:GetEventSelectors": {"TrailName": "main"},
    "cloudtrail:GetTrailStatus": {"Name": "main"},
    "cloudtrail:GetEventDataStore": {"EventDataStore": "1f2e"},
    "cloudtrail:StartQuery": {"QueryStatement": "SELECT 1"},
    "cloudtrail:DescribeQuery": {"QueryId": "0" * 36},
    "cloudtrail:GetQueryResults": {"QueryId": "0" * 36},
    "logs:StartQuery": {"logGroupName": "g", "startTime": 0, "endTime": 1, "queryString": "x"},
    "logs:GetQueryResults": {"queryId": "q"},
    "athena:GetTableMetadata": {"CatalogName": "c", "DatabaseName": "d", "TableName": "t"},
    "athena:StartQueryExecution": {"QueryString": "SELECT 1"},
    "athena:GetQueryExecution": {"QueryExecutionId": "q"},
    "athena:GetQueryResults": {"QueryExecutionId": "q"},
    "s3:ListObjectsV2": {"Bucket": "b"},
    "s3:GetObject": {"Bucket": "b", "Key": "k"},
    "xray:BatchGetTraces": {"TraceIds": ["1-0-0"]},
}
OPERATIONS = [f"{read.service}:{read.operation}" for read in READS]
HTML = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Hello</body></html>"


class Body:
    """A body as botocore reads it."""

    def __init__(self, data):
        self.data = data

    def stream(self, *_, **__):
        yield self.data

    def read(self, *_):
        data, self.data = self.data, b""
        return data


@pytest.fixture(scope="module")
def asking(tmp_path_factory):
    """Ask an operation whose every request is answered with a status, headers and a body."""
    config = tmp_path_factory.mktemp("aws") / "config"
    config.write_text("[default]\nregion = eu-west-1\n")
    keys = {
        "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_CONFIG_FILE": str(config),
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    answers = []

    def instead(request, **_):
        if isinstance(answers[-1], Exception):
            raise answers[-1]
        status, headers, body = answers[-1]
        return AWSResponse(request.url, status, headers, Body(body))

    with environment(keys):
        once = {"total_max_attempts": 1}
        session = AwsSession(session=boto3.Session(region_name=REGION), retries=once)
        known = set()

        def ask(operation, answer):
            service, _, name = operation.partition(":")
            if service not in known:
                known.add(service)
                events = session.client(service, REGION).meta.events
                events.register_first("before-send.*.*", instead)
            answers.append(answer)
            # Not `read`, which would give the first answer to an operation again.
            return session.made(Call(service, name, REGION, PARAMS.get(operation, {})))

        yield ask


def by_aws(code, message="", status=400):
    """Return an error as services that speak JSON write it."""
    headers = {"x-amzn-requestid": "r", "content-type": "application/json"}
    body = json.dumps({"__type": code, "message": message}).encode()
    return status, headers, body


NOTHING = {
    "a sign-in page": (200, {"content-type": "text/html"}, HTML),
    "an empty body": (200, {}, b""),
    "an empty object": (200, {"content-type": "application/json"}, b"{}"),
    "an empty document": (200, {"content-type": "text/xml"}, b"<Reply/>"),
    "half of an object": (200, {"content-type": "application/json"}, b'{"AppMonitor": {"Na'),
    "a list": (200, {"content-type": "application/json"}, b"[1, 2]"),
    "garbage": (200, {}, b"\x00\xff\x80\x01" * 40),
    "a number": (200, {}, b"7"),
    "nesting": (200, {}, b"[" * 5000),
}


@pytest.mark.parametrize("what", NOTHING)
@pytest.mark.parametrize("operation", [each for each in OPERATIONS if each != "s3:GetObject"])
def test_a_reply_without_its_members_is_not_aws_s(asking, operation, what):
    with pytest.raises(AwsRefusal) as refused:
        asking(operation, NOTHING[what])
    # botocore itself takes a reply of S3 that it can't read for a failure of S3.
    of_s3 = {"unavailable"} if operation.startswith("s3:") else set()
    assert refused.value.kind in {"not-aws"} | of_s3
    assert not refused.value.absent
    assert refused.value.missing[0].startswith(("network:", "later:"))


@pytest.mark.parametrize("operation", ["s3:ListObjectsV2", "s3:GetObject"])
@pytest.mark.parametrize("status", [301, 302, 307])
def test_a_redirect_of_s3_without_a_region_is_not_s3_s(asking, operation, status):
    with pytest.raises(AwsRefusal) as refused:
        asking(operation, (status, {"location": "/login", "content-type": "text/html"}, HTML))
    assert refused.value.kind == "not-aws"


WRONG = {
    "rum:ListAppMonitors": b'{"AppMonitorSummaries": {"Name": "shop"}}',
    "rum:GetAppMonitor": b'{"AppMonitor": {"Name": 7, "Id": "x"}}',
    "cognito-identity:DescribeIdentityPool": (
        b'{"IdentityPoolId": "x", "IdentityPoolName": "y", "AllowUnauthenticatedIdentities": "no"}'
    ),
    "cognito-identity:GetIdentityPoolRoles": b'{"IdentityPoolId": "x", "Roles": ["a"]}',
    "cloudtrail:DescribeTrails": b'{"trailList": [{"Name": "main"}]}',
    "cloudtrail:GetEventSelectors": b'{"AdvancedEventSelectors": [{"Name": "x"}]}',
    "cloudtrail:GetTrailStatus": b'{"IsLogging": "yes"}',
    "cloudtrail:LookupEvents": b'{"Events": "none"}',
    "logs:GetQueryResults": b'{"status": "Complete", "results": [{"field": "x"}]}',
    "logs:DescribeLogGroups": b'{"logGroups": [1]}',
    "athena:GetQueryExecution": b'{"QueryExecution": {"QueryExecutionId": "q"}}',
    "xray:GetTraceSegmentDestination": b'{"Status": "ACTIVE"}',
}


@pytest.mark.parametrize("operation", WRONG)
def test_a_member_of_another_shape_is_not_aws_s(asking, operation):
    with pytest.raises(AwsRefusal) as refused:
        asking(operation, (200, {"content-type": "application/json"}, WRONG[operation]))
    assert refused.value.kind == "not-aws"


@pytest.mark.parametrize(
    ("operation", "body", "member"),
    [
        ("rum:ListAppMonitors", b'{"AppMonitorSummaries": []}', "AppMonitorSummaries"),
        ("cloudtrail:LookupEvents", b'{"Events": []}', "Events"),
        ("cognito-identity:GetIdentityPoolRoles", b'{"IdentityPoolId": "x"}', "IdentityPoolId"),
        ("cloudtrail:ListEventDataStores", b'{"EventDataStores": []}', "EventDataStores"),
    ],
)
def test_an_empty_list_is_an_answer(asking, operation, body, member):
    assert member in asking(operation, (200, {"content-type": "application/json"}, body))


REFUSALS = {
    "a denial": (
        by_aws("AccessDeniedException", "User: u is not authorized to perform: rum:GetAppMonitor"),
        "denied",
        "rum:GetAppMonitor",
    ),
    "a denial of a key": (
        by_aws("AccessDeniedException", "u is not authorized to perform: kms:Decrypt on k"),
        "denied",
        "kms:Decrypt",
    ),
    "an expired token": (by_aws("ExpiredTokenException"), "credentials", "input:credentials"),
    "unknown keys": (by_aws("UnrecognizedClientException"), "credentials", "input:credentials"),
    "a bad signature": (by_aws("InvalidSignatureException"), "credentials", "input:credentials"),
    "throttling": (by_aws("ThrottlingException", status=429), "throttled", "later:"),
    "a failure of AWS": (by_aws("InternalServerException", status=500), "unavailable", "later:"),
    "a page of 503": ((503, {"content-type": "text/html"}, HTML), "unavailable", "later:"),
    "a redirect": ((302, {"location": "https://login.example/"}, b""), "not-aws", "network:"),
    "a proxy's 403": ((403, {"content-type": "text/html"}, HTML), "not-aws", "network:"),
    "a proxy's 407": ((407, {}, b""), "not-aws", "network:"),
    "a wrong value": (by_aws("ValidationException", "Name is too long"), "other", ""),
    "a code of tomorrow": (by_aws("BrandNewException", "surprise"), "other", ""),
    "no connection": (
        EndpointConnectionError(endpoint_url="https://rum.eu-west-1.amazonaws.com"),
        "unavailable",
        "network:rum.eu-west-1.amazonaws.com",
    ),
    "no connection in time": (
        ConnectTimeoutError(endpoint_url="https://rum.eu-west-1.amazonaws.com"),
        "unavailable",
        "network:rum.eu-west-1",
    ),
    "no answer in time": (ReadTimeoutError(endpoint_url="x"), "unavailable", "network:"),
    "single sign-on": (SSOTokenLoadError(error_msg="expired"), "credentials", "input:credentials"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_refusal_has_the_remedy_that_helps(asking, case):
    answer, kind, missing = REFUSALS[case]
    with pytest.raises(AwsRefusal) as refused:
        asking("rum:GetAppMonitor", answer)
    assert refused.value.kind == kind
    assert "".join(refused.value.missing[:1]).startswith(missing)
    assert not refused.value.absent


def test_what_does_not_exist_is_absent(asking):
    with pytest.raises(AwsRefusal) as refused:
        asking("rum:GetAppMonitor", by_aws("ResourceNotFoundException", "no", status=404))
    assert refused.value.absent


def test_athena_s_catalogue_tells_a_denial_from_a_missing_table(asking):
    denied = "AccessDeniedException: u is not authorized to perform: glue:GetTable on resource: t"
    with pytest.raises(AwsRefusal) as refused:
        asking("athena:GetTableMetadata", by_aws("MetadataException", denied))
    assert (refused.value.kind, refused.value.missing) == ("denied", ("glue:GetTable",))


def test_a_missing_table_is_absent(asking):
    missing = by_aws("MetadataException", "EntityNotFoundException: Table t not found")
    with pytest.raises(AwsRefusal) as refused:
        asking("athena:GetTableMetadata", missing)
    assert refused.value.absent


def test_a_message_is_kept_whole(asking):
    message = "because " + "x" * 1000
    with pytest.raises(AwsRefusal, match="x" * 1000):
        asking("rum:GetAppMonitor", by_aws("AccessDeniedException", message))


def test_a_message_that_no_service_writes_is_cut_with_a_mark(asking):
    with pytest.raises(AwsRefusal) as refused:
        asking("rum:GetAppMonitor", by_aws("AccessDeniedException", "x" * 100_000))
    assert len(refused.value.reason) < 2000
    assert refused.value.reason.endswith("(cut)")


def test_a_region_that_may_be_off_says_that_and_the_other_reason():
    error = ClientError({"Error": {"Code": "UnrecognizedClientException"}}, "DescribeTrails")
    with pytest.raises(AwsRefusal) as refused, errors.explained("cloudtrail", "X", "me-south-1"):
        raise error
    assert refused.value.kind == "region"
    assert "sign in again" in refused.value.reason


def series(status, values=(1.0,), stamps=None):
    stamps = stamps if stamps is not None else [1_772_441_000.0 + n for n in range(len(values))]
    return {"Id": "counted", "Label": "x", "Timestamps": stamps, "Values": list(values),
            "StatusCode": status}  # fmt: skip


@pytest.mark.parametrize(
    ("found", "missing"),
    [
        ([series("InternalError")], "later:"),
        ([series("PartialData")], "later:"),
        ([series("Forbidden", ())], "cloudwatch:GetMetricData"),
        ([series("Complete", (1.0, 2.0), [1_772_441_000.0])], "later:"),
        ([], "later:"),
    ],
)
def test_metrics_that_are_not_all_there_are_not_counted(found, missing):
    class Answering:
        def read_all(self, *_, **__):
            return [
                each | {"Timestamps": [datetime.fromtimestamp(t, UTC) for t in each["Timestamps"]]}
                for each in found
            ]

    monitor = Monitor("shop", "id", REGION)
    with pytest.raises(NotCollected) as refused:
        metrics.read_window(Answering(), monitor, parse_window("24h"))
    assert refused.value.missing[0].startswith(missing)


def test_a_first_page_may_be_partial():
    moment = datetime(2026, 3, 2, 9, tzinfo=UTC)

    class Answering:
        def read_all(self, *_, **__):
            return [
                series("PartialData", (5.0,), [moment]),
                series("Complete", (3.0,), [moment.replace(hour=10)]),
            ]

    monitor = Monitor("shop", "id", REGION)
    counts = metrics.read_window(Answering(), monitor, parse_window("24h"))
    assert sum(counts.values()) == 8


@pytest.fixture
def listing(tmp_path):
    """List the monitors of a service that answers page after page."""
    (tmp_path / "config").write_text("[default]\nregion = eu-west-1\n")
    keys = {
        "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
    }
    with environment(keys):
        session = AwsSession(session=boto3.Session(region_name=REGION))
        asked = []

        def read(token_of):
            def instead(request, **_):
                asked.append(1)
                page = {"AppMonitorSummaries": [{"Name": f"m{len(asked)}", "Id": "x"}]}
                body = json.dumps(page | {"NextToken": token_of(len(asked))}).encode()
                return AWSResponse(request.url, 200, {"x-amzn-requestid": "r"}, Body(body))

            client = session.client("rum", REGION)
            client.meta.events.register_first("before-send.*.*", instead)
            return session.read_all("rum", "ListAppMonitors", "AppMonitorSummaries", region=REGION)

        yield read, asked


def test_a_token_that_is_repeated_is_noticed(listing):
    read, asked = listing
    with pytest.raises(AwsRefusal, match="twice"):
        read(lambda _: "again")
    assert len(asked) < 5


def test_a_list_without_end_is_not_taken_for_a_whole_one(listing):
    read, asked = listing
    with pytest.raises(NotCollected, match="more than 50 pages"):
        read(lambda number: f"page {number}")
    assert len(asked) <= 51


def test_a_list_of_several_pages_is_whole(listing):
    read, _ = listing
    assert len(read(lambda number: f"page {number}" if number < 4 else None)) == 4
