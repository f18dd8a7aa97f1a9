"""What changed policies let through beyond the one call is named, whatever lets it through."""

from __future__ import annotations

from typing import Any

import pytest

from rumkit.aws.policy import Policies, PolicyDocument
from rumkit.aws.policy.opened import opened
from rumkit.aws.rum_requests import put_rum_events_request, web_identity_request

MONITOR = "arn:aws:rum:eu-west-1:111122223333:appmonitor/shop"
ROLE = "arn:aws:iam::111122223333:role/guest"
POOL = "eu-west-1:11111111-2222-4333-8444-555555555555"
PROVIDER = "cognito-identity.amazonaws.com"
GUEST = put_rum_events_request(MONITOR, role_arn=ROLE, pool_id=POOL)
ANYONE = put_rum_events_request(MONITOR, alias="shop")
TOKEN = web_identity_request(POOL, ROLE)


def document(*statements: dict[str, Any]) -> PolicyDocument:
    return PolicyDocument("p", {"Version": "2012-10-17", "Statement": list(statements)})


def put(**changed: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "rum:PutRumEvents", "Resource": MONITOR, **changed}


def trust(**condition: Any) -> dict[str, Any]:
    mine = {
        "StringEquals": {f"{PROVIDER}:aud": POOL},
        "ForAnyValue:StringLike": {f"{PROVIDER}:amr": "unauthenticated"},
    }
    return {
        "Effect": "Allow",
        "Principal": {"Federated": PROVIDER},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": mine | condition,
    }


@pytest.mark.parametrize(
    ("request_", "after"),
    [
        (GUEST, Policies(identity=(document(put()),))),
        (GUEST, Policies(resource=document(put(Principal={"AWS": ROLE})))),
        (ANYONE, Policies(resource=document(put(Principal="*")))),
        (TOKEN, Policies(trust=document(trust()))),
    ],
    ids=["a role", "a monitor for a role", "a monitor for anyone", "a role's trust"],
)
def test_the_one_call_alone_opens_nothing_else(request_: Any, after: Policies) -> None:
    assert opened(request_, Policies(), after) == ()


TRUSTED = {"Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
WIDER = {
    "every action of RUM": (GUEST, "identity", put(Action="rum:*")),
    "more of RUM's actions": (GUEST, "identity", put(Action="rum:Put*")),
    "an action beside it": (GUEST, "identity", put(Action=["rum:PutRumEvents", "iam:PassRole"])),
    "an action on anything": (GUEST, "identity", put(Action="rum:PutRumEvents", Resource="*")),
    "what begins alike": (GUEST, "identity", put(Resource=f"{MONITOR}*")),
    "another Region": (GUEST, "identity", put(Resource=MONITOR.replace("eu-west-1", "*"))),
    "all but an action": (
        GUEST,
        "identity",
        {"Effect": "Allow", "NotAction": "iam:*", "Resource": MONITOR},
    ),
    "the public": (GUEST, "resource", put(Principal="*")),
    "another account": (GUEST, "resource", put(Principal={"AWS": "999999999999"})),
    "the whole account": (GUEST, "resource", put(Principal={"AWS": "111122223333"})),
    "more for the public": (ANYONE, "resource", put(Principal="*", Action="rum:*")),
    "every pool": (TOKEN, "trust", trust(StringEquals={})),
    "any pool of a Region": (
        TOKEN,
        "trust",
        trust(StringEquals={}, StringLike={f"{PROVIDER}:aud": "eu-west-1:*"}),
    ),
    "those who signed in": (
        TOKEN,
        "trust",
        trust(**{"ForAnyValue:StringLike": {f"{PROVIDER}:amr": "*authenticated"}}),
    ),
    "other ways to a role": (TOKEN, "trust", {**trust(), **TRUSTED, "Condition": {}}),
    "tags of a session": (
        TOKEN,
        "trust",
        {**trust(), "Action": ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]},
    ),
}


@pytest.mark.parametrize("what", WIDER)
def test_whatever_is_opened_beside_the_call_is_named(what: str) -> None:
    request, layer, statement = WIDER[what]
    held: Any = document(statement)
    after = Policies(**{layer: (held,) if layer == "identity" else held})
    assert opened(request, Policies(), after)


def test_what_was_open_before_is_nothing_new() -> None:
    wide = put(Action="*", Resource="*")
    before = Policies(identity=(document(wide),))
    assert opened(GUEST, before, Policies(identity=(document(wide, put()),))) == ()


def test_a_condition_that_is_dropped_opens() -> None:
    asks = put(Principal="*", Condition={"StringEquals": {"rum:alias": "shop"}})
    before = Policies(resource=document(asks))
    assert opened(ANYONE, before, Policies(resource=document(put(Principal="*"))))


def test_a_denial_that_is_dropped_opens_what_others_then_may() -> None:
    everyone = put(Principal="*", Action="rum:*", Resource="*")
    denial = {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}
    before = Policies(resource=document(everyone, denial))
    assert opened(ANYONE, before, Policies(resource=document(everyone)))
