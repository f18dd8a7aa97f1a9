"""Event history, trails, and what a trail delivers to its log group and its bucket."""

from __future__ import annotations

import gzip
import json

import pytest


def _history(client, **asked):
    pages = client.get_paginator("lookup_events").paginate(**asked)
    return [json.loads(e["CloudTrailEvent"]) for page in pages for e in page["Events"]]


def test_event_history_never_holds_data_events(healthy, client_of):
    records = _history(client_of(healthy, "cloudtrail"))
    assert len(records) > 100
    assert all(record["managementEvent"] for record in records)


def test_event_history_is_of_one_region(denied, client_of):
    attribute = [{"AttributeKey": "EventName", "AttributeValue": "PutRolePolicy"}]
    counts = {
        region: len(
            _history(client_of(denied, "cloudtrail", region=region), LookupAttributes=attribute)
        )
        for region in ("eu-west-1", "us-east-1")
    }
    assert counts == {"eu-west-1": 0, "us-east-1": 1}


def test_event_history_is_newest_first_and_fifty_to_a_page(healthy, client_of):
    page = client_of(healthy, "cloudtrail").lookup_events()
    times = [event["EventTime"] for event in page["Events"]]
    assert len(times) == 50
    assert times == sorted(times, reverse=True)


ATTRIBUTES = [
    ("EventName", "AssumeRoleWithWebIdentity"),
    ("EventSource", "sts.amazonaws.com"),
    ("ResourceType", "AWS::IAM::Role"),
    ("ReadOnly", "true"),
]


@pytest.mark.parametrize(("key", "value"), ATTRIBUTES)
def test_event_history_is_filtered_by_an_attribute(healthy, client_of, key, value):
    look = client_of(healthy, "cloudtrail").lookup_events
    asked = [{"AttributeKey": key, "AttributeValue": value}]
    other = [{"AttributeKey": key, "AttributeValue": "none"}]
    assert look(LookupAttributes=asked)["Events"]
    assert not look(LookupAttributes=other)["Events"]


def test_a_change_is_written_down(sandbox_of, client_of):
    sandbox = sandbox_of()
    client_of(sandbox, "iam").delete_role_policy(
        RoleName=sandbox.installation.role.name, PolicyName="RUMPutBatchMetrics"
    )
    newest = _history(client_of(sandbox, "cloudtrail", region="us-east-1"))[0]
    assert newest["eventName"] == "DeleteRolePolicy"
    assert newest["requestParameters"]["policyName"] == "RUMPutBatchMetrics"


def test_the_trail_says_which_data_events_it_records(healthy, client_of):
    reply = client_of(healthy, "cloudtrail").get_event_selectors(TrailName="account-trail")
    fields = [f for s in reply["AdvancedEventSelectors"] for f in s["FieldSelectors"]]
    kinds = [f["Equals"] for f in fields if f["Field"] == "resources.type"]
    assert kinds == [["AWS::RUM::AppMonitor"], ["AWS::Cognito::IdentityPool"]]


def test_the_bucket_holds_the_data_events_too(denied, client_of):
    s3 = client_of(denied, "s3")
    prefix = "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/02/"
    keys = [o["Key"] for o in s3.list_objects_v2(Bucket="shop-trail", Prefix=prefix)["Contents"]]
    body = s3.get_object(Bucket="shop-trail", Key=keys[-1])["Body"].read()
    names = {record["eventName"] for record in json.loads(gzip.decompress(body))["Records"]}
    assert "PutRumEvents" in names


def test_folders_of_the_bucket_are_listed(denied, client_of):
    reply = client_of(denied, "s3").list_objects_v2(
        Bucket="shop-trail", Prefix="AWSLogs/111122223333/CloudTrail/", Delimiter="/"
    )
    regions = [each["Prefix"].split("/")[3] for each in reply["CommonPrefixes"]]
    assert regions == ["eu-west-1", "us-east-1"]


def test_unrecorded_data_events_reach_no_log_group(sandbox_of, client_of):
    logs = client_of(sandbox_of("permission-unrecorded"), "logs")
    started = logs.start_query(
        logGroupName="CloudTrail/account-trail",
        startTime=1_772_355_600,
        endTime=1_772_442_000,
        queryString="stats count(*) as n by eventCategory",
    )
    rows = logs.get_query_results(queryId=started["queryId"])["results"]
    assert [row[0]["value"] for row in rows] == ["Management"]
