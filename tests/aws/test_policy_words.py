"""What a decision says: the explanation's tree, near misses, caveats, statements by name."""

from __future__ import annotations

from typing import Any

import pytest

from rumkit.aws.policy import Decision, Policies, PolicyDocument, decide
from rumkit.aws.rum_requests import put_rum_events_request, web_identity_request

MONITOR = "arn:aws:rum:eu-west-1:111122223333:appmonitor/shop"
ROLE = "arn:aws:iam::111122223333:role/guest"
POOL = "eu-west-1:11111111-2222-4333-8444-555555555555"
GUEST = put_rum_events_request(MONITOR, role_arn=ROLE, pool_id=POOL)
OLD = MONITOR + "-old"


def put(**changed: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "rum:PutRumEvents", "Resource": MONITOR, **changed}


def document(*statements: dict[str, Any], name: str = "inline") -> PolicyDocument:
    return PolicyDocument(name, {"Version": "2012-10-17", "Statement": list(statements)})


def decided(*statements: dict[str, Any], **layers: Any) -> Decision:
    return decide(GUEST, Policies(identity=(document(*statements),), **layers))


def test_the_tree_goes_from_layer_to_policy_to_statement_to_element() -> None:
    lines = decided(put(Sid="Send")).explanation.lines()
    assert lines == [
        f"rum:PutRumEvents on {MONITOR}: matched (allowed)",
        "  identity-based policy: matched",
        "    inline: matched",
        "      statement 1 Send (Allow): matched",
        "        Action: matched (rum:PutRumEvents; the request is rum:PutRumEvents)",
        f"        Resource: matched ({MONITOR}; the request is for {MONITOR})",
    ]


def test_a_clause_that_fails_says_what_was_asked_and_what_there_is() -> None:
    condition = {"StringEquals": {"aws:RequestedRegion": ["us-east-1", "us-west-2"]}}
    nodes = {node.subject: node for _, node in decided(put(Condition=condition)).explanation.walk()}
    reason = nodes["StringEquals aws:RequestedRegion"].reason
    assert reason == "'us-east-1' or 'us-west-2'; this request has 'eu-west-1'"


def test_a_clause_that_cannot_be_told_says_why() -> None:
    condition = {"NumericEquals": {"aws:RequestedRegion": "seven"}}
    decision = decided(put(Condition=condition))
    assert "'eu-west-1' and 'seven' cannot be compared so" in decision.caveats[-1]


def test_a_long_list_is_shown_by_its_beginning() -> None:
    wide = put(Action=[f"s3:Get{number}" for number in range(7)])
    nodes = {node.subject: node for _, node in decided(wide).explanation.walk()}
    assert "s3:Get4 and 2 more; the request is" in nodes["Action"].reason


def test_a_short_list_is_shown_whole() -> None:
    nodes = {node.subject: node for _, node in decided(put()).explanation.walk()}
    assert "more" not in nodes["Action"].reason


def test_the_account_as_principal_is_explained() -> None:
    resource = document(put(Principal={"AWS": "111122223333"}), name="monitor")
    nodes = {node.subject: node for _, node in decided(resource=resource).explanation.walk()}
    assert "leaves the permission to identity-based policies" in nodes["Principal"].reason


def test_the_role_as_principal_is_no_account() -> None:
    resource = document(put(Principal={"AWS": ROLE}), name="monitor")
    nodes = {node.subject: node for _, node in decided(resource=resource).explanation.walk()}
    assert nodes["Principal"].reason == f"AWS: {ROLE}"


def test_an_allowed_request_has_no_near_misses() -> None:
    assert decided(put(), put(Resource=OLD)).near_misses == ()


def test_a_denial_that_does_not_match_is_no_near_miss() -> None:
    assert decided(put(Effect="Deny", Resource=OLD)).near_misses == ()


def test_another_services_statement_is_no_near_miss() -> None:
    assert decided(put(Action="s3:GetObject", Resource="*")).near_misses == ()


def test_a_statement_that_allows_is_no_near_miss_of_a_denied_request() -> None:
    decision = decided(put(), put(Effect="Deny", Sid="Stop"))
    assert decision.near_misses == (
        "statement 2 (Stop) of identity-based policy inline denies rum:PutRumEvents explicitly",
    )


def test_the_nearest_statement_comes_first() -> None:
    far = put(Action="rum:PutRumEvent", Resource=OLD)
    near = put(Resource=MONITOR + "-new")
    first, *_ = decided(far, near).near_misses
    assert first == "the resource names monitor `shop-new`, this monitor is `shop`"


def test_the_same_near_miss_is_said_once() -> None:
    assert len(decided(put(Resource=OLD), put(Resource=OLD)).near_misses) == 1


def test_near_misses_are_kept_to_a_dozen() -> None:
    assert len(decided(*(put(Resource=f"{OLD}-{n}") for n in range(30))).near_misses) == 12


def test_the_statement_that_allows_is_named() -> None:
    (name,) = decided(put(Resource=OLD), put(Sid="Send")).decisive
    assert str(name) == "statement 2 (Send) of identity-based policy inline"


def test_no_statement_decides_an_implicit_denial() -> None:
    assert decided(put(Resource=OLD)).decisive == ()


@pytest.mark.parametrize(("looked", "said"), [(None, True), ((), False)])
def test_resource_control_policies_matter_to_trust_until_they_are_looked_at(
    looked: tuple[PolicyDocument, ...] | None, said: bool
) -> None:
    decision = decide(web_identity_request(POOL, ROLE), Policies(resource_control=looked))
    caveat = "Resource control policies of an organisation were not looked at."
    assert (caveat in decision.caveats) is said


@pytest.mark.parametrize(("looked", "said"), [(None, True), ((), False)])
def test_service_control_policies_matter_to_a_role_until_they_are_looked_at(
    looked: tuple[PolicyDocument, ...] | None, said: bool
) -> None:
    caveat = "Service control policies of an organisation were not looked at."
    assert (caveat in decided(put(), service_control=looked).caveats) is said


@pytest.mark.parametrize(
    ("statement", "outcome"),
    [
        (put(Action=["a:b"] * 999 + ["rum:PutRumEvents"]), "allowed"),
        (put(Action=["a:b"] * 1000 + ["rum:PutRumEvents"]), "cannot-tell"),
        (put(Resource=[MONITOR, "arn:" + "a" * 2044]), "allowed"),
        (put(Resource=[MONITOR, "arn:" + "a" * 2045]), "cannot-tell"),
        (put(Condition={"StringLike": {"aws:RequestedRegion": ["eu-*", "a" * 2048]}}), "allowed"),
        (put(Condition={"StringLike": {"aws:RequestedRegion": "a" * 2049}}), "cannot-tell"),
        (put(Condition={"NumericEquals": {"a:b": 10**400}}), "cannot-tell"),
    ],
    ids=["1000 actions", "1001 actions", "2048 long", "2049 long", "value", "long value", "number"],
)
def test_what_is_larger_than_iam_takes_is_not_evaluated(
    statement: dict[str, Any], outcome: str
) -> None:
    assert decided(statement).outcome == outcome


def test_500_statements_are_evaluated_and_501_are_not() -> None:
    assert decided(*[put()] * 500).outcome == "allowed"
    assert decided(*[put()] * 501).outcome == "cannot-tell"


@pytest.mark.parametrize(
    ("aud", "says"),
    [
        ("eu-west-1_AbCdEfGhI", "aud names the user pool `eu-west-1_AbCdEfGhI`"),
        ("3n4b5urk1ft4fl3mg5e62d9ado", "which is not an identity pool's id (region:UUID)"),
        ("arn:aws:cognito-identity:eu-west-1:111122223333:identitypool/x", "which is not an"),
        ("eu-west-1:99999999-2222-4333-8444-555555555555", "aud names pool `eu-west-1:9999"),
    ],
)
def test_what_stands_in_the_place_of_the_pools_id_is_named(aud: str, says: str) -> None:
    claims = "cognito-identity.amazonaws.com"
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": claims},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {f"{claims}:aud": aud}},
    }
    request = web_identity_request(POOL, role_arn=ROLE)
    decision = decide(request, Policies(trust=document(statement)))
    assert says in decision.near_misses[0]
