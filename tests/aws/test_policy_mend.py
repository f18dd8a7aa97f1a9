"""A change is small, keeps the other statements, and is proven to allow."""

from __future__ import annotations

from typing import Any

import pytest

from rumkit.aws.policy import Policies, PolicyDocument, decide
from rumkit.aws.policy.mend import Mending, PolicyChange, minimal_change
from rumkit.aws.rum_requests import put_rum_events_request, web_identity_request

MONITOR = "arn:aws:rum:eu-west-1:111122223333:appmonitor/shop-v2"
OLD = "arn:aws:rum:eu-west-1:111122223333:appmonitor/shop"
ID = "0c9b1b9c-4d3e-4f5a-8b6c-7d8e9f0a1b2c"
ROLE = "arn:aws:iam::111122223333:role/guest"
POOL = "eu-west-1:11111111-2222-4333-8444-555555555555"
OTHER_POOL = "eu-west-1:99999999-2222-4333-8444-555555555555"
PROVIDER = "cognito-identity.amazonaws.com"
GUEST = put_rum_events_request(MONITOR, role_arn=ROLE, pool_id=POOL, monitor_id=ID)
ANYONE = put_rum_events_request(MONITOR, alias="shop")
TOKEN = web_identity_request(POOL, ROLE)
S3 = {"Sid": "Assets", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}


def put(**changed: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "rum:PutRumEvents", "Resource": MONITOR, **changed}


def document(*statements: dict[str, Any], name: str = "inline") -> PolicyDocument:
    return PolicyDocument(name, {"Version": "2012-10-17", "Statement": list(statements)})


def mend(request: Any, policies: Policies) -> Mending:
    mending = minimal_change(request, policies)
    assert mending is not None
    assert decide(request, mending.policies).outcome == "allowed"
    return mending


def only_change(request: Any, policies: Policies) -> PolicyChange:
    (change,) = mend(request, policies).changes
    return change


def test_a_request_that_is_allowed_needs_no_change() -> None:
    assert mend(GUEST, Policies(identity=(document(put()),))).changes == ()


def test_the_monitor_is_added_to_a_statement_that_names_another_monitor() -> None:
    change = only_change(GUEST, Policies(identity=(document(S3, put(Resource=OLD)),)))
    assert change.after["Statement"] == [S3, put(Resource=[OLD, MONITOR])]


def test_an_arn_with_the_id_is_replaced() -> None:
    by_id = MONITOR.replace("shop-v2", ID)
    change = only_change(GUEST, Policies(identity=(document(put(Resource=[by_id])),)))
    assert change.after["Statement"] == [put(Resource=[MONITOR])]


def test_a_misspelt_action_is_replaced() -> None:
    change = only_change(GUEST, Policies(identity=(document(put(Action="rum:PutRumEvent")),)))
    assert change.after["Statement"] == [put()]


def test_the_monitor_is_not_added_to_a_statement_that_allows_more_than_put_rum_events() -> None:
    wide = put(Action="rum:*", Resource=OLD)
    change = only_change(GUEST, Policies(identity=(document(wide),)))
    assert change.after["Statement"] == [wide, put(Sid="AllowPutRumEvents")]


def test_a_role_without_policies_gets_one() -> None:
    change = only_change(GUEST, Policies())
    assert (change.before, change.name) == (None, "PutRumEvents")
    assert change.after["Statement"] == [put(Sid="AllowPutRumEvents")]


def test_a_policy_of_aws_is_left_alone() -> None:
    owned = PolicyDocument("AWSManaged", document(put(Resource=OLD)).document, editable=False)
    change = only_change(GUEST, Policies(identity=(owned,)))
    assert (change.before, change.name) == (None, "PutRumEvents")


def test_a_new_policy_takes_no_name_that_is_in_use() -> None:
    owned = PolicyDocument("PutRumEvents", document(S3).document, editable=False)
    assert only_change(GUEST, Policies(identity=(owned,))).name == "PutRumEvents-2"


def test_the_difference_is_a_unified_diff_of_the_json() -> None:
    change = only_change(GUEST, Policies(identity=(document(put(Action="rum:PutRumEvent")),)))
    changed = [line for line in change.difference if line[:1] in "+-"][2:]
    assert changed == [
        '-      "Action": "rum:PutRumEvent",',
        '+      "Action": "rum:PutRumEvents",',
    ]


def test_the_documents_given_are_not_changed() -> None:
    given = document(put(Resource=[OLD]))
    only_change(GUEST, Policies(identity=(given,)))
    assert given.document == document(put(Resource=[OLD])).document


def test_a_boundary_is_widened_by_one_statement() -> None:
    held = Policies(identity=(document(put()),), boundary=document(S3, name="limit"))
    change = only_change(GUEST, held)
    assert (change.layer, change.after["Statement"][0]) == ("boundary", S3)


def test_two_layers_are_changed_when_both_are_in_the_way() -> None:
    held = Policies(identity=(document(S3),), boundary=document(S3, name="limit"))
    assert [each.layer for each in mend(GUEST, held).changes] == ["identity", "boundary"]


@pytest.mark.parametrize(
    ("denial", "left"),
    [
        ({}, None),
        ({"Action": ["rum:PutRumEvents", "s3:*"]}, {"Action": ["s3:*"]}),
        ({"Resource": [MONITOR, OLD], "Action": "rum:*"}, {"Resource": [OLD], "Action": "rum:*"}),
        ({"Action": "*", "Resource": "*"}, {"Action": "*", "NotResource": MONITOR}),
    ],
    ids=["removed", "action taken out", "resource taken out", "monitor spared"],
)
def test_a_denial_is_narrowed_as_little_as_it_can(
    denial: dict[str, Any], left: dict[str, Any] | None
) -> None:
    held = Policies(identity=(document(put()), document(put(Effect="Deny", **denial), name="no")))
    change = only_change(GUEST, held)
    expected = None if left is None else [{"Effect": "Deny", **put_without(left)}]
    assert (change.after and change.after["Statement"]) == expected
    assert "statement 1 of identity-based policy no denies it" in change.words


def put_without(left: dict[str, Any]) -> dict[str, Any]:
    rest = {"Action": "rum:PutRumEvents", "Resource": MONITOR, **left}
    if "NotResource" in left:
        del rest["Resource"]
    return rest


def test_a_denial_with_not_action_learns_of_put_rum_events() -> None:
    denial = {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"}
    held = Policies(identity=(document(put()), document(denial, name="no")))
    assert only_change(GUEST, held).after["Statement"][0]["NotAction"] == [
        "s3:*",
        "rum:PutRumEvents",
    ]


def test_a_denial_in_a_policy_that_is_not_editable_has_no_change() -> None:
    denial = PolicyDocument("org", document(put(Effect="Deny")).document, editable=False)
    held = Policies(identity=(document(put()),), service_control=(denial,))
    assert minimal_change(GUEST, held) is None


def test_a_region_lock_learns_of_the_monitors_region() -> None:
    lock = put(
        Effect="Deny",
        Action="*",
        Resource="*",
        Condition={"StringNotEquals": {"aws:RequestedRegion": "us-east-1"}},
    )
    everything = document(put(Action="*", Resource="*"), name="full")
    held = Policies(
        identity=(document(put()),), service_control=(everything, document(lock, name="lock"))
    )
    condition = only_change(GUEST, held).after["Statement"][0]["Condition"]
    assert condition == {"StringNotEquals": {"aws:RequestedRegion": ["us-east-1", "eu-west-1"]}}


def test_the_level_that_does_not_allow_is_the_one_that_is_changed() -> None:
    full = put(Action="*", Resource="*")
    root = PolicyDocument("root", document(full).document, level="root")
    account = PolicyDocument("account", document(S3).document, level="account")
    held = Policies(identity=(document(put()),), service_control=(root, account))
    assert only_change(GUEST, held).name == "account"


def test_a_conditional_denial_of_the_monitors_policy_is_not_removed() -> None:
    asks = put(Effect="Deny", Principal="*", Condition={"StringNotEquals": {"rum:alias": "app"}})
    held = Policies(resource=document(put(Principal="*"), asks))
    assert minimal_change(put_rum_events_request(MONITOR), held) is None


def test_what_cannot_be_told_has_no_change() -> None:
    assert (
        minimal_change(GUEST, Policies(identity=(document(put()),), unknown=("boundary",))) is None
    )


def trust(**changed: Any) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"Federated": PROVIDER},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            "StringEquals": {f"{PROVIDER}:aud": POOL},
            "ForAnyValue:StringLike": {f"{PROVIDER}:amr": "unauthenticated"},
        },
        **changed,
    }


def test_a_trust_policy_keeps_whom_it_trusts_already() -> None:
    service = trust(Principal={"Service": "rum.amazonaws.com"})
    change = only_change(TOKEN, Policies(trust=document(service)))
    kept, added = change.after["Statement"]
    assert kept == service
    assert added == trust(Sid="AllowGuestsOfTheIdentityPool")


def of_pool(pool: str, **more: Any) -> dict[str, Any]:
    """Return a trust statement for the guests of a pool."""
    guests = {"ForAnyValue:StringLike": {f"{PROVIDER}:amr": "unauthenticated"}}
    return trust(Condition={"StringEquals": {f"{PROVIDER}:aud": pool}, **guests, **more})


def test_a_pool_is_added_to_the_pools_that_are_trusted() -> None:
    change = only_change(TOKEN, Policies(trust=document(of_pool(OTHER_POOL))))
    condition = change.after["Statement"][0]["Condition"]
    assert condition["StringEquals"] == {f"{PROVIDER}:aud": [OTHER_POOL, POOL]}


def test_a_pool_is_not_added_to_a_statement_that_takes_those_who_signed_in_too() -> None:
    wide = trust(Condition={"StringEquals": {f"{PROVIDER}:aud": OTHER_POOL}})
    change = only_change(TOKEN, Policies(trust=document(wide)))
    assert change.after["Statement"] == [wide, trust(Sid="AllowGuestsOfTheIdentityPool")]


def test_a_denial_that_keeps_the_public_out_is_not_lifted_for_the_role() -> None:
    policy = document(put(Principal="*"), put(Effect="Deny", Principal="*"))
    assert minimal_change(GUEST, Policies(identity=(document(put()),), resource=policy)) is None


def test_a_denial_that_keeps_other_monitors_apart_is_not_lifted_for_all() -> None:
    denial = {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"}
    held = Policies(identity=(document(put(Resource="*")), document(denial, name="no")))
    assert minimal_change(GUEST, held) is None


def test_a_pool_id_without_its_region_is_replaced() -> None:
    half = of_pool(POOL.partition(":")[2])
    change = only_change(TOKEN, Policies(trust=document(half)))
    assert change.after["Statement"][0]["Condition"]["StringEquals"][f"{PROVIDER}:aud"] == POOL


def test_a_statement_for_signed_in_users_is_not_opened_to_guests() -> None:
    signed_in = trust(Condition={"ForAnyValue:StringLike": {f"{PROVIDER}:amr": "authenticated"}})
    change = only_change(TOKEN, Policies(trust=document(signed_in)))
    assert change.after["Statement"][0] == signed_in


def test_a_role_without_trust_gets_the_pool_of_its_own_partition() -> None:
    pool = "us-gov-west-1:11111111-2222-4333-8444-555555555555"
    request = web_identity_request(pool, "arn:aws-us-gov:iam::111122223333:role/guest")
    statement = only_change(request, Policies()).after["Statement"][0]
    assert statement["Principal"] == {"Federated": "cognito-identity-us-gov.amazonaws.com"}


def test_an_unsigned_client_gets_a_policy_for_everyone() -> None:
    change = only_change(ANYONE, Policies())
    assert change.layer == "resource"
    assert change.after["Statement"] == [put(Sid="AllowPutRumEvents", Principal="*")]


def test_the_clients_alias_is_added_to_those_that_the_monitor_takes() -> None:
    asks = put(Principal="*", Condition={"StringEquals": {"rum:alias": "app"}})
    change = only_change(ANYONE, Policies(resource=document(asks)))
    assert change.after["Statement"][0]["Condition"]["StringEquals"]["rum:alias"] == ["app", "shop"]


def test_a_condition_of_the_monitors_policy_is_never_bypassed() -> None:
    asks = put(Principal="*", Condition={"StringEquals": {"rum:alias": "app"}})
    silent = put_rum_events_request(MONITOR)
    assert minimal_change(silent, Policies(resource=document(asks))) is None


def test_a_condition_on_who_calls_is_not_opened_to_unsigned_requests() -> None:
    account = {"StringEquals": {"aws:PrincipalAccount": "111122223333"}}
    held = Policies(resource=document(put(Principal="*", Condition=account)))
    assert minimal_change(ANYONE, held) is None


def test_a_document_that_is_no_policy_is_replaced_where_there_can_be_only_one() -> None:
    broken = PolicyDocument("trust", "{")
    change = only_change(TOKEN, Policies(trust=broken))
    assert (change.name, change.words) == ("trust", "replace the role trust policy")
    assert change.after["Statement"] == [trust(Sid="AllowGuestsOfTheIdentityPool")]


def test_an_identity_policy_that_is_no_policy_is_left_alone() -> None:
    change = only_change(GUEST, Policies(identity=(PolicyDocument("broken", "{"),)))
    assert change.words == "create the identity-based policy PutRumEvents"


@pytest.mark.parametrize(
    "action",
    ["rum:PutRumMetricsDestination", "rum:PutRumEventsInBulk", "rum:PutRumEven*x", "s3:Put"],
)
def test_another_action_is_not_taken_for_a_slip_of_the_pen(action: str) -> None:
    change = only_change(GUEST, Policies(identity=(document(put(Action=action)),)))
    assert change.after["Statement"] == [put(Action=action), put(Sid="AllowPutRumEvents")]


def test_a_malformed_statement_is_replaced_because_aws_would_not_store_it() -> None:
    broken = {"effect": "Allow", "Action": "rum:PutRumEvents", "Resource": MONITOR}
    change = only_change(GUEST, Policies(identity=(document(broken, S3),)))
    assert change.after["Statement"] == [S3, put(Sid="AllowPutRumEvents")]
