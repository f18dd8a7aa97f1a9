"""Which rows answer a query: ours, and those that may be ours."""

from __future__ import annotations

import random

import pytest
import trail_corpus as corpus
import trail_records as sample

from rumkit.trail.events import TrailEvent, read_record

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
    ("policies", "wanted"), [((), True), (("arn:aws:iam::1:policy/a",), True), (("arn:x",), False)]
)
def test_a_managed_policy_s_change_counts_where_it_is_attached_or_that_is_not_known(
    policies, wanted
):
    record = CHANGE | {
        "eventName": "CreatePolicyVersion",
        "requestParameters": {"policyArn": "arn:aws:iam::1:policy/a"},
    }
    assert wants(record, policies=policies) is wanted


@pytest.mark.parametrize("kinds", [frozenset(), frozenset({"puts"})])
def test_a_query_for_kinds_that_there_are_not_is_refused(kinds):
    with pytest.raises(ValueError, match="kinds are some of"):
        sample.query(kinds=kinds)
