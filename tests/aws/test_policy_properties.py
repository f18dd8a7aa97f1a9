"""What holds for every policy: denials only deny, order does not matter, nothing raises."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rumkit.aws.policy import Policies, PolicyDocument, decide
from rumkit.aws.policy.conditions import OPERATORS
from rumkit.aws.policy.excess import excess_permissions
from rumkit.aws.policy.mend import minimal_change
from rumkit.aws.rum_requests import put_rum_events_request, web_identity_request

MONITOR = "arn:aws:rum:eu-west-1:111122223333:appmonitor/shop"
ROLE = "arn:aws:iam::111122223333:role/guest"
POOL = "eu-west-1:11111111-2222-4333-8444-555555555555"
PROVIDER = "cognito-identity.amazonaws.com"
GUEST = put_rum_events_request(MONITOR, role_arn=ROLE, pool_id=POOL)
ANYONE = put_rum_events_request(MONITOR)
TOKEN = web_identity_request(POOL, ROLE)
QUICK = settings(max_examples=150, deadline=None)

operators = st.builds(
    lambda prefix, base, suffix: prefix + base + suffix,
    st.sampled_from(["", "ForAnyValue:", "ForAllValues:"]),
    st.sampled_from([*OPERATORS, "StringMatches"]),
    st.sampled_from(["", "IfExists"]),
)
keys = st.sampled_from(
    [
        *(f"{PROVIDER}:{claim}" for claim in ("aud", "amr", "sub")),
        *("aws:RequestedRegion", "aws:SourceIp", "rum:alias"),
        *("aws:PrincipalTag/app", "aws:username", "no:key"),
    ]
)
values = st.sampled_from(
    [
        *("eu-west-1", "us-*", "true", "7", "203.0.113.0/24", "*", "unauthenticated"),
        *(POOL, ROLE, "${aws:username}", "${aws:PrincipalTag/app}", "2026-03-01T09:00:00Z"),
    ]
)
conditions = st.dictionaries(
    operators, st.dictionaries(keys, st.lists(values, max_size=2), max_size=2), max_size=2
)
actions = st.sampled_from(["rum:PutRumEvents", "rum:*", "*", "s3:*", "sts:AssumeRole*"])
resources = st.sampled_from(
    [MONITOR, "*", MONITOR + "-v2", "arn:aws:rum:*:*:appmonitor/${aws:PrincipalTag/app}"]
)
principals = st.sampled_from(
    ["*", {"AWS": ROLE}, {"AWS": "111122223333"}, {"Federated": PROVIDER}, {"AWS": "*"}]
)


@st.composite
def statements(draw: st.DrawFn, layer: str, effect: str | None = None) -> dict[str, Any]:
    statement: dict[str, Any] = {
        "Effect": effect or draw(st.sampled_from(["Allow", "Allow", "Deny"])),
        draw(st.sampled_from(["Action", "Action", "NotAction"])): draw(actions),
    }
    if layer != "trust":
        statement[draw(st.sampled_from(["Resource", "Resource", "NotResource"]))] = draw(resources)
    if layer in ("trust", "resource"):
        statement["Principal"] = draw(principals)
    if draw(st.booleans()):
        statement["Condition"] = draw(conditions)
    return statement


def document(layer: str, *its: dict[str, Any]) -> PolicyDocument:
    return PolicyDocument(layer, {"Version": "2012-10-17", "Statement": list(its)})


@st.composite
def policies(draw: st.DrawFn) -> Policies:
    def one(layer: str) -> PolicyDocument:
        return document(layer, *draw(st.lists(statements(layer), max_size=4)))

    return Policies(
        identity=(one("identity"), replace(one("identity"), name="second")),
        boundary=draw(st.sampled_from([None, one("boundary")])),
        session=draw(st.sampled_from([None, one("session")])),
        service_control=draw(st.sampled_from([None, (), (one("service-control"),)])),
        resource=draw(st.sampled_from([None, one("resource")])),
        trust=draw(st.sampled_from([None, one("trust")])),
        unknown=tuple(draw(st.sets(st.sampled_from(["boundary", "identity"]), max_size=1))),
    )


requests = st.sampled_from([GUEST, ANYONE, TOKEN])


def with_statement(held: Policies, layer: str, statement: dict[str, Any]) -> Policies:
    old = getattr(held, layer)
    document_ = old[0] if isinstance(old, tuple) else old
    its = [*document_.document["Statement"], statement] if document_ else [statement]
    new = document(layer, *its)
    return replace(held, **{layer: (new, *old[1:]) if isinstance(old, tuple) else new})


@pytest.mark.parametrize("layer", ["identity", "trust", "resource"])
@QUICK
@given(request_=requests, held=policies(), data=st.data())
def test_an_added_deny_never_allows(
    layer: str, request_: Any, held: Policies, data: st.DataObject
) -> None:
    denial = data.draw(statements(layer, effect="Deny"))
    before = decide(request_, held).outcome
    after = decide(request_, with_statement(held, layer, denial)).outcome
    assert after != "allowed" or before == "allowed"


@pytest.mark.parametrize("layer", ["boundary", "session"])
@QUICK
@given(held=policies(), data=st.data())
def test_an_added_boundary_or_session_policy_never_allows(
    layer: str, held: Policies, data: st.DataObject
) -> None:
    held = replace(held, **{layer: None}, resource=None)
    added = document(layer, *data.draw(st.lists(statements(layer), max_size=3)))
    after = decide(GUEST, replace(held, **{layer: added})).outcome
    assert after != "allowed" or decide(GUEST, held).outcome == "allowed"


@QUICK
@given(request_=requests, held=policies(), layer=st.sampled_from(["identity", "resource", "trust"]))
def test_a_deny_of_everything_is_explicit(request_: Any, held: Policies, layer: str) -> None:
    everything = {"Effect": "Deny", "Action": "*"}
    if layer != "trust":
        everything["Resource"] = "*"
    if layer != "identity":
        everything["Principal"] = "*"
    bears = {"sts:AssumeRoleWithWebIdentity": {"trust"}}.get(
        request_.action, {"resource"} if request_ is ANYONE else {"identity", "resource"}
    )
    outcome = decide(request_, with_statement(held, layer, everything)).outcome
    assert (outcome == "explicitly-denied") or layer not in bears


@QUICK
@given(request_=requests, held=policies(), data=st.data())
def test_the_order_of_statements_and_of_policies_does_not_matter(
    request_: Any, held: Policies, data: st.DataObject
) -> None:
    def shuffled(one: PolicyDocument) -> PolicyDocument:
        its = data.draw(st.permutations(one.document["Statement"]))
        return document(one.name, *its)

    other = Policies(
        identity=tuple(shuffled(each) for each in reversed(held.identity)),
        boundary=held.boundary and shuffled(held.boundary),
        session=held.session and shuffled(held.session),
        service_control=held.service_control,
        resource=held.resource and shuffled(held.resource),
        trust=held.trust and shuffled(held.trust),
        unknown=held.unknown,
    )
    assert decide(request_, other).outcome == decide(request_, held).outcome


@QUICK
@given(
    name=st.text(max_size=30).filter(lambda name: name.removesuffix("IfExists") not in OPERATORS)
)
def test_an_unknown_operator_never_allows(name: str) -> None:
    base = name.rpartition(":")[2].removesuffix("IfExists")
    if base in OPERATORS:
        return
    allow = {
        "Effect": "Allow",
        "Action": "rum:PutRumEvents",
        "Resource": MONITOR,
        "Condition": {name: {"aws:RequestedRegion": "eu-west-1"}},
    }
    assert decide(GUEST, Policies(identity=(document("identity", allow),))).outcome == "cannot-tell"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | values,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(max_size=8)
            | st.sampled_from(
                ["Statement", "Effect", "Action", "Resource", "Principal", "Condition"]
            )
            | st.sampled_from(
                ["NotAction", "NotResource", "NotPrincipal", "AWS", "StringLike", "Sid"]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=25,
)
wild_statements = st.fixed_dictionaries(
    {},
    optional={
        "Effect": st.sampled_from(["Allow", "Deny"]) | json_values,
        "Action": actions | json_values,
        "NotAction": json_values,
        "Resource": resources | json_values,
        "NotResource": json_values,
        "Principal": principals | json_values,
        "NotPrincipal": principals | json_values,
        "Condition": conditions | st.dictionaries(operators, json_values, max_size=2) | json_values,
        "Sid": json_values,
    },
)
wild_documents = json_values | st.fixed_dictionaries(
    {"Statement": wild_statements | st.lists(wild_statements | json_values, max_size=3)},
    optional={"Version": st.just("2012-10-17") | json_values},
)


@pytest.mark.parametrize("request_", [GUEST, ANYONE, TOKEN], ids=["guest", "anyone", "token"])
@settings(max_examples=300, deadline=None)
@given(written=wild_documents, as_text=st.booleans())
def test_no_json_raises(request_: Any, written: Any, as_text: bool) -> None:
    one = PolicyDocument("any", json.dumps(written) if as_text else written)
    held = Policies((one,), one, one, (one,), (one,), one, one)
    decision = decide(request_, held)
    assert decision.explanation.lines()
    minimal_change(request_, held)
    minimal_change(request_, Policies(identity=(one,), resource=one, trust=one))
    excess_permissions(held, MONITOR)


@QUICK
@given(text=st.text(max_size=200))
def test_no_text_raises(text: str) -> None:
    one = PolicyDocument("text", text)
    assert decide(GUEST, Policies(identity=(one,))).outcome == "implicitly-denied"


@QUICK
@given(request_=requests, held=policies())
def test_a_change_is_only_returned_when_it_allows(request_: Any, held: Policies) -> None:
    mending = minimal_change(request_, held)
    if mending is not None:
        assert decide(request_, mending.policies).outcome == "allowed"


@QUICK
@given(request_=requests, held=policies())
def test_an_explanation_shows_every_statement_that_was_evaluated(
    request_: Any, held: Policies
) -> None:
    shown = sum(
        node.subject.startswith("statement ")
        for _, node in decide(request_, held).explanation.walk()
    )
    names = {"role-session": ("identity", "boundary", "session", "resource")}.get(
        request_.principal.kind, ("trust" if request_ is TOKEN else "resource",)
    )
    documents = [one for name in names for one in held.of(name)]  # type: ignore[arg-type]
    if request_ is GUEST:
        documents += held.service_control or ()
    assert shown == sum(len(one.document["Statement"]) for one in documents)


@pytest.mark.parametrize(
    "document_",
    [
        "[" * 100_000,
        {"Version": "2012-10-17", "Statement": [{"Effect": "Deny"}] * 501},
        "x" * 1_000_001,
        {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": ["a:b"] * 1001}},
    ],
    ids=["deep", "many statements", "long", "many actions"],
)
def test_what_is_too_large_is_never_allowed(document_: Any) -> None:
    allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    held = Policies(
        identity=(document("identity", allow),), boundary=PolicyDocument("b", document_)
    )
    assert decide(GUEST, held).outcome in ("cannot-tell", "implicitly-denied")


def test_many_wildcards_are_evaluated_in_a_moment() -> None:
    import time

    allow = {"Effect": "Allow", "Action": "*", "Resource": "arn:aws:rum:" + "*a" * 900 + "b"}
    long = put_rum_events_request(f"arn:aws:rum:eu-west-1:111122223333:appmonitor/{'a' * 2000}")
    held = Policies(identity=(document("identity", allow),), resource=None)
    start = time.perf_counter()
    decide(replace(long, principal=GUEST.principal), held)
    assert time.perf_counter() - start < 2
