"""Which rows answer a query: ours, and those that may be ours."""

from __future__ import annotations

import random

import pytest
import trail_corpus as corpus
import trail_records as sample

from rumkit.trail import views
from rumkit.trail.events import TrailEvent, read_record
from rumkit.trail.query import RowCollector

DENIED = corpus.denied_put(random.Random(1), sample.moment(1))
STS = corpus.sts_failure(random.Random(2), sample.moment(1))
CHANGE = corpus.role_change(random.Random(3), sample.moment(1))


def wants(record, **changed) -> bool:
    row = read_record(record)
    assert isinstance(row, TrailEvent)
    return sample.query(**changed).wants(row)


def of_role(record, arn):
    return record | {"requestParameters": {"roleArn": arn, "roleSessionName": "cwr"}}


def of_issuer(record, principal):
    return record | {"userIdentity": record["userIdentity"] | {"principalId": principal}}


CLUSTER = of_issuer(of_role(STS, "arn:aws:iam::1:role/pod"), "oidc:pod") | {
    "requestParameters": {"roleArn": "arn:aws:iam::1:role/pod", "roleSessionName": "pod"}
}


@pytest.mark.parametrize(
    ("record", "changed", "wanted"),
    [
        pytest.param(DENIED, {}, True, id="ours"),
        pytest.param(sample.of_monitor("other", "other-id"), {}, False, id="another monitor"),
        pytest.param(
            sample.of_monitor("other", "other-id"), {"monitors": ()}, True, id="any monitor"
        ),
        pytest.param(
            DENIED | {"awsRegion": "us-west-2"},
            {},
            True,
            id="our id in the region called by mistake",
        ),
        pytest.param(
            sample.of_monitor(corpus.MONITOR, "other-id") | {"awsRegion": "us-west-2"},
            {},
            False,
            id="a namesake in another region",
        ),
        pytest.param(DENIED | {"errorCode": None}, {}, False, id="a success"),
        pytest.param(
            DENIED | {"errorCode": None}, {"outcomes": "all"}, True, id="a success asked for"
        ),
        pytest.param(DENIED, {"kinds": frozenset({"sts"})}, False, id="another kind"),
        pytest.param(
            DENIED | {"eventTime": "2026-03-03T00:00:00Z"}, {}, False, id="the window's end"
        ),
        pytest.param(DENIED | {"eventTime": "2026-03-02T00:00:00Z"}, {}, True, id="its beginning"),
        pytest.param(STS, {}, True, id="our role"),
        pytest.param(STS, {"roles": ("shop-guest",)}, True, id="our role by its name"),
        pytest.param(STS, {"roles": (), "pools": ()}, True, id="any browser's session"),
        pytest.param(CLUSTER, {"roles": (), "pools": ()}, False, id="a cluster's session"),
        pytest.param(CLUSTER, {}, False, id="a cluster's session beside ours"),
        pytest.param(
            of_role(STS, "arn:aws:iam::1:role/other"), {}, True, id="our pool and another role"
        ),
        pytest.param(STS | {"awsRegion": "us-east-1"}, {}, True, id="the global STS endpoint"),
        pytest.param(CHANGE, {}, True, id="our role's policy"),
        pytest.param(CHANGE, {"roles": ("other",)}, False, id="another role's policy"),
        pytest.param(CHANGE, {"roles": ()}, True, id="any role's policy"),
    ],
)
def test_a_row_is_wanted_if_it_is_ours_or_may_be(record, changed, wanted):
    assert wants(record, **changed) is wanted


@pytest.mark.parametrize(
    ("policies", "wanted"),
    [(None, True), (("arn:aws:iam::1:policy/a",), True), (("arn:x",), False), ((), False)],
)
def test_a_managed_policy_s_change_counts_where_it_is_attached_or_that_is_not_known(
    policies, wanted
):
    record = CHANGE | {
        "eventName": "CreatePolicyVersion",
        "requestParameters": {"policyArn": "arn:aws:iam::1:policy/a"},
    }
    assert wants(record, policies=policies) is wanted


POLICY = "arn:aws:iam::1:policy/a"


def of_policy(name, minute, **parameters):
    at = {"eventTime": sample.moment(minute), "eventID": f"{name} {minute}", "eventName": name}
    return CHANGE | at | {"requestParameters": {"policyArn": POLICY, **parameters}}


@pytest.mark.parametrize(
    ("records", "names"),
    [
        ([of_policy("CreatePolicyVersion", 1)], []),
        (
            [
                of_policy("CreatePolicyVersion", 1),
                of_policy("DetachRolePolicy", 2, roleName="shop-guest"),
            ],
            ["DetachRolePolicy", "CreatePolicyVersion"],
        ),
        (
            [
                of_policy("CreatePolicyVersion", 1),
                of_policy("DetachRolePolicy", 2, roleName="another"),
            ],
            [],
        ),
    ],
    ids=["never attached", "attached until then", "attached to another role"],
)
def test_a_policy_s_change_counts_where_the_policy_was_attached_for_a_while(records, names):
    query = sample.query(policies=())
    collector = RowCollector(query, "test")
    collector.add({"Records": records})
    found = views.changes(collector.rows, query)
    assert [(change.name, change.concerns) for change in found] == [(n, True) for n in names]


def test_where_the_attached_policies_are_not_known_a_policy_s_change_only_may_be_ours():
    query = sample.query()
    collector = RowCollector(query, "test")
    collector.add({"Records": [of_policy("CreatePolicyVersion", 1), CHANGE]})
    found = {
        change.resource_kind: change.concerns for change in views.changes(collector.rows, query)
    }
    assert found == {"policy": False, "role": True}


@pytest.mark.parametrize(
    ("record", "wanted"),
    [
        pytest.param(DENIED | {"recipientAccountId": "2"}, True, id="our monitor's id"),
        pytest.param(
            sample.of_monitor(corpus.MONITOR, "other-id") | {"recipientAccountId": "2"},
            False,
            id="a namesake in another account",
        ),
        pytest.param(CHANGE | {"recipientAccountId": "2"}, False, id="another account's role"),
        pytest.param(CHANGE, True, id="our account's role"),
    ],
)
def test_an_organisation_s_trail_holds_namesakes_of_other_accounts(record, wanted):
    assert wants(record, account=corpus.ACCOUNT) is wanted


def test_a_refused_call_that_names_no_monitor_is_not_ours_where_its_pool_is_another():
    federation = {"attributes": {"cognito-identity.amazonaws.com:aud": "eu-west-1:another"}}
    context = DENIED["userIdentity"]["sessionContext"] | {"webIdFederationData": federation}
    record = DENIED | {
        "resources": [],
        "requestParameters": None,
        "errorMessage": "refused",
        "userIdentity": DENIED["userIdentity"] | {"sessionContext": context},
    }
    assert wants(record, pools=()) is True
    assert wants(record) is False


@pytest.mark.parametrize("kinds", [frozenset(), frozenset({"puts"})])
def test_a_query_for_kinds_that_there_are_not_is_refused(kinds):
    with pytest.raises(ValueError, match="kinds are some of"):
        sample.query(kinds=kinds)
