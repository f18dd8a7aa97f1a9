"""Partitions, ARNs, and the requests that are built from them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from rumkit.aws.partitions import (
    app_monitor_arn,
    cognito_provider,
    identity_pool_arn,
    parse_arn,
    partition_of,
    session_arn,
)
from rumkit.aws.policy import ABSENT, PRESENT, UNKNOWN, Policies, PolicyDocument, decide
from rumkit.aws.rum_requests import put_rum_events_request, web_identity_request

POOL = "eu-west-1:11111111-2222-4333-8444-555555555555"
ROLE = "arn:aws:iam::111122223333:role/shop/guest"
MONITOR = "arn:aws:rum:eu-west-1:111122223333:appmonitor/shop"


@pytest.mark.parametrize(
    ("region", "name", "suffix"),
    [
        ("eu-west-1", "aws", "amazonaws.com"),
        ("il-central-1", "aws", "amazonaws.com"),
        ("cn-northwest-1", "aws-cn", "amazonaws.com.cn"),
        ("us-gov-east-1", "aws-us-gov", "amazonaws.com"),
        ("eusc-de-east-1", "aws-eusc", "amazonaws.eu"),
        ("mars-north-1", "aws", "amazonaws.com"),
    ],
)
def test_a_region_lies_in_its_partition(region: str, name: str, suffix: str) -> None:
    assert (partition_of(region).name, partition_of(region).dns_suffix) == (name, suffix)


def test_partitions_agree_with_botocore() -> None:
    import botocore.session

    loader = botocore.session.get_session().get_component("data_loader")
    for each in loader.load_data("partitions")["partitions"]:
        if each["id"] in ("aws", "aws-cn", "aws-us-gov", "aws-eusc"):
            regions = [region for region in each["regions"] if "global" not in region]
            assert {partition_of(region).name for region in regions} == {each["id"]}
            assert (
                partition_of(regions[0]).dual_stack_suffix == each["outputs"]["dualStackDnsSuffix"]
            )


@pytest.mark.parametrize(
    ("region", "name", "certain"),
    [
        ("eu-west-1", "cognito-identity.amazonaws.com", True),
        ("us-gov-west-1", "cognito-identity-us-gov.amazonaws.com", True),
        ("us-gov-east-1", "cognito-identity.us-gov-east-1.amazonaws.com", True),
        ("cn-north-1", "cognito-identity.cn-north-1.amazonaws.com.cn", True),
        ("eusc-de-east-1", "cognito-identity.amazonaws.eu", False),
    ],
)
def test_cognito_has_one_name_for_each_partition(region: str, name: str, certain: bool) -> None:
    provider = cognito_provider(region)
    assert (provider.name, provider.certain, provider.key("aud")) == (name, certain, f"{name}:aud")


def test_an_app_monitors_arn_holds_its_name() -> None:
    arn = app_monitor_arn("us-gov-west-1", "111122223333", "shop")
    assert arn == "arn:aws-us-gov:rum:us-gov-west-1:111122223333:appmonitor/shop"


def test_an_identity_pools_arn_takes_the_region_from_its_id() -> None:
    arn = identity_pool_arn("111122223333", POOL)
    assert arn == f"arn:aws:cognito-identity:eu-west-1:111122223333:identitypool/{POOL}"


def test_a_sessions_arn_leaves_out_the_roles_path() -> None:
    assert session_arn(ROLE, "cwr") == "arn:aws:sts::111122223333:assumed-role/guest/cwr"


@pytest.mark.parametrize(
    "text", ["", "arn", "arn:aws:rum", "shop", "ARN:aws:rum:a:b:c", "a" * 9999]
)
def test_what_is_no_arn_is_none(text: str) -> None:
    assert parse_arn(text) is None


def test_an_arns_resource_keeps_its_colons() -> None:
    arn = parse_arn("arn:aws:logs:eu-west-1:111122223333:log-group:a:*")
    assert arn is not None
    assert arn.resource == "log-group:a:*"


def test_a_guests_request_carries_what_aws_puts_into_its_context() -> None:
    request = put_rum_events_request(MONITOR, role_arn=ROLE, pool_id=POOL)
    assert request.value("AWS:PrincipalArn") == (ROLE,)
    assert request.value("cognito-identity.amazonaws.com:sub") is PRESENT
    assert request.value("rum:alias") is ABSENT
    assert request.value("aws:PrincipalTag/app") is UNKNOWN
    assert request.value("accounts.google.com:aud") is ABSENT


@pytest.mark.parametrize(
    ("operator", "wanted", "outcome"),
    [
        ("Bool", "true", "implicitly-denied"),
        ("BoolIfExists", "false", "allowed"),
        ("Bool", "false", "cannot-tell"),
        ("BoolIfExists", "true", "cannot-tell"),
        ("Null", "true", "cannot-tell"),
    ],
)
def test_a_guest_never_has_mfa_and_the_key_may_be_missing(
    operator: str, wanted: str, outcome: str
) -> None:
    condition = {operator: {"aws:MultiFactorAuthPresent": wanted}}
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    policies = Policies(identity=(PolicyDocument("own", document),))
    request = put_rum_events_request(MONITOR, role_arn=ROLE, pool_id=POOL)
    assert decide(request, policies).outcome == outcome


def test_tags_that_were_not_read_are_not_known() -> None:
    key = "aws:ResourceTag/team"
    assert put_rum_events_request(MONITOR).value(key) is UNKNOWN
    assert put_rum_events_request(MONITOR, monitor_tags={}).value(key) is ABSENT
    assert put_rum_events_request(MONITOR, monitor_tags={"team": "web"}).value(key) == ("web",)


def test_an_unsigned_request_has_no_principal() -> None:
    request = put_rum_events_request(MONITOR, alias="shop")
    assert request.value("aws:PrincipalArn") is ABSENT
    assert request.value("aws:PrincipalTag/app") is ABSENT
    assert request.value("rum:alias") == ("shop",)


def test_given_context_has_the_last_word() -> None:
    request = put_rum_events_request(MONITOR, context={"aws:SourceIp": ("203.0.113.9",)})
    assert request.value("aws:SourceIp") == ("203.0.113.9",)


def test_the_two_flows_differ_in_the_sessions_name_only_where_aws_says_so() -> None:
    basic = web_identity_request(POOL, ROLE)
    enhanced = web_identity_request(POOL, ROLE, enhanced=True)
    assert basic.value("sts:RoleSessionName") == ("cwr",)
    assert enhanced.value("sts:RoleSessionName") == ("CognitoIdentityCredentials",)
    assert enhanced.value("aws:RequestedRegion") is UNKNOWN
    assert enhanced.value("cognito-identity.amazonaws.com:aud") == (POOL,)


def test_a_role_arn_that_is_none_is_decided_all_the_same() -> None:
    request = put_rum_events_request("shop", role_arn="guest", pool_id="no region")
    assert decide(request, Policies()).outcome == "implicitly-denied"


def test_deciding_imports_no_third_party_module() -> None:
    script = (
        "import sys; from rumkit.aws import policy, rum_requests;"
        "from rumkit.aws.policy import mend, excess;"
        "policy.decide(rum_requests.put_rum_events_request('a'), policy.Policies()); "
        "print([m for m in sys.modules if m.split('.')[0] in ('boto3', 'botocore', 'pandas')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
