"""Names that differ by partition: hosts, providers, ARNs, the console, the trail's rows."""

from __future__ import annotations

import json
from pathlib import Path

import botocore
import pytest

from rumkit.aws import partitions
from rumkit.aws.policy import Policies, PolicyDocument, decide
from rumkit.aws.rum_requests import web_identity_request
from rumkit.trail.events import TrailEvent, read_record

UUID = "0b1c2d3e-4f50-4a6b-8c7d-9e0f1a2b3c4d"
REGIONS = ("eu-west-1", "us-gov-west-1", "us-gov-east-1", "cn-north-1", "eusc-de-east-1")


def test_the_suffixes_are_botocore_s():
    folder = Path(botocore.__file__).parent / "data" / "partitions.json"
    known = {each["id"]: each["outputs"] for each in json.loads(folder.read_text())["partitions"]}
    for partition in partitions.PARTITIONS:
        outputs = known[partition.name]
        assert partition.dns_suffix == outputs["dnsSuffix"]
        assert partition.dual_stack_suffix == outputs["dualStackDnsSuffix"]


@pytest.mark.parametrize(
    ("region", "host", "dual_stack"),
    [
        (
            "eu-west-1",
            "dataplane.rum.eu-west-1.amazonaws.com",
            "dataplane.rum.eu-west-1.api.aws",
        ),
        (
            "us-gov-west-1",
            "dataplane.rum.us-gov-west-1.amazonaws.com",
            "dataplane.rum.us-gov-west-1.api.aws",
        ),
        (
            "cn-north-1",
            "dataplane.rum.cn-north-1.amazonaws.com.cn",
            "dataplane.rum.cn-north-1.api.amazonwebservices.com.cn",
        ),
        (
            "eusc-de-east-1",
            "dataplane.rum.eusc-de-east-1.amazonaws.eu",
            "dataplane.rum.eusc-de-east-1.api.amazonwebservices.eu",
        ),
    ],
)
def test_a_host_has_its_partition_s_suffix_in_both_stacks(region, host, dual_stack):
    assert partitions.data_plane_hosts(region)[:2] == (host, dual_stack)
    for each in partitions.data_plane_hosts(region):
        assert partitions.region_of_host(each) == region


@pytest.mark.parametrize(
    "host",
    [
        "eu-west-1.amazonaws.com",
        "rum.eu-west-1.amazonaws.com.evil.example",
        "rum.undefined.amazonaws.com",
        "rum.cn-north-1.amazonaws.com",
        "amazonaws.com",
        "",
    ],
)
def test_a_host_that_no_service_has_names_no_region(host):
    assert partitions.region_of_host(host) == ""


@pytest.mark.parametrize(
    ("region", "url"),
    [
        ("eu-west-1", "https://eu-west-1.console.aws.amazon.com/cloudwatch"),
        ("us-gov-west-1", "https://us-gov-west-1.console.amazonaws-us-gov.com/cloudwatch"),
        ("cn-north-1", "https://console.amazonaws.cn/cloudwatch"),
        ("eusc-de-east-1", "https://console.amazonaws-eusc.eu/cloudwatch"),
    ],
)
def test_the_console_has_a_domain_in_each_partition(region, url):
    assert partitions.console_url(region, "/cloudwatch") == url


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        ("eu-west-1", "aws"),
        ("us-gov-east-1", "aws-us-gov"),
        ("cn-northwest-1", "aws-cn"),
        ("eusc-de-east-1", "aws-eusc"),
    ],
)
def test_an_arn_begins_with_its_partition(region, partition):
    arn = partitions.app_monitor_arn(region, "111122223333", "shop")
    assert arn == f"arn:{partition}:rum:{region}:111122223333:appmonitor/shop"
    pool = partitions.identity_pool_arn("111122223333", f"{region}:{UUID}")
    assert pool.startswith(f"arn:{partition}:cognito-identity:{region}:")


def trust_of(region, pool):
    provider = partitions.cognito_provider(region)
    return {
        "Statement": {
            "Effect": "Allow",
            "Principal": {"Federated": provider.name},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {
                "StringEquals": {provider.key("aud"): pool},
                "ForAnyValue:StringLike": {provider.key("amr"): "unauthenticated"},
            },
        }
    }


@pytest.mark.parametrize("region", REGIONS)
def test_a_trust_by_the_region_s_own_provider_is_not_refused(region):
    pool, partition = f"{region}:{UUID}", partitions.partition_of(region).name
    request = web_identity_request(pool, f"arn:{partition}:iam::111122223333:role/guest")
    policies = Policies(trust=PolicyDocument("trust", trust_of(region, pool)))
    outcome = decide(request, policies).outcome
    certain = partitions.cognito_provider(region).certain
    assert outcome == ("allowed" if certain else "cannot-tell")


@pytest.mark.parametrize("region", REGIONS)
def test_a_row_of_any_partition_names_its_pool_and_its_source(region):
    provider = partitions.cognito_provider(region).name
    suffix = partitions.partition_of(region).dns_suffix
    pool = f"{region}:{UUID}"
    record = {
        "eventTime": "2026-03-02T06:00:00Z",
        "eventName": "AssumeRoleWithWebIdentity",
        "eventSource": f"sts.{suffix}",
        "userIdentity": {"type": "WebIdentityUser", "principalId": f"{provider}:{pool}:{pool}"},
    }
    row = read_record(record)
    assert isinstance(row, TrailEvent)
    assert (row.source, row.identity_pool) == ("sts.amazonaws.com", pool)
    attributes = {f"{provider}:aud": pool, f"{provider}:sub": "x"}
    put = record | {
        "eventName": "PutRumEvents",
        "eventSource": f"rum.{suffix}",
        "userIdentity": {
            "sessionContext": {"webIdFederationData": {"attributes": attributes}},
        },
    }
    row = read_record(put)
    assert isinstance(row, TrailEvent)
    assert (row.source, row.identity_pool) == ("rum.amazonaws.com", pool)


def test_a_stranger_s_provider_is_not_taken_for_cognito():
    record = {
        "eventTime": "2026-03-02T06:00:00Z",
        "eventName": "AssumeRoleWithWebIdentity",
        "eventSource": "sts.amazonaws.com",
        "userIdentity": {"principalId": f"oidc.example.com:eu-west-1:{UUID}:x"},
    }
    row = read_record(record)
    assert isinstance(row, TrailEvent)
    assert row.identity_pool == ""


def test_regions_that_every_account_has_are_not_opt_in():
    assert not partitions.is_opt_in("eu-west-1")
    assert partitions.is_opt_in("eu-south-1")
    assert not partitions.is_opt_in("us-gov-east-1")
    assert not partitions.is_opt_in("s3://bucket")
