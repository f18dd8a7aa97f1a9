"""What a guest role may do beyond its one job is said, and its one job is not."""

from __future__ import annotations

from typing import Any

import pytest

from rumkit.aws.policy import Policies, PolicyDocument
from rumkit.aws.policy.excess import excess_permissions

MONITOR = "arn:aws:rum:eu-west-1:111122223333:appmonitor/shop"


def policies(boundary: dict[str, Any] | None = None, **statement: Any) -> Policies:
    held = {"Effect": "Allow", "Action": "rum:PutRumEvents", "Resource": MONITOR, **statement}
    held = {key: value for key, value in held.items() if value is not None}
    limit = PolicyDocument("limit", wrapped(boundary)) if boundary else None
    return Policies(identity=(PolicyDocument("inline", wrapped(held)),), boundary=limit)


def wrapped(statement: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": statement}


def test_put_rum_events_on_this_monitor_is_no_excess() -> None:
    assert excess_permissions(policies(), MONITOR) == []


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ({"Action": "rum:*"}, "allows every action of rum (rum:*)"),
        ({"Action": "*"}, "allows every action of every service (*)"),
        ({"Action": ["rum:PutRumEvents", "s3:GetObject"]}, "allows s3:GetObject"),
        ({"Resource": "*"}, "allows rum:PutRumEvents on every monitor"),
        ({"Resource": MONITOR[:-4] + "*"}, "on all monitors that match"),
        ({"Resource": [MONITOR, MONITOR + "-v2"]}, "on another monitor too"),
        ({"Action": None, "NotAction": "iam:*"}, "allows everything except iam:*"),
        ({"Resource": None, "NotResource": MONITOR}, "on everything except"),
        ({"Resource": "*", "Condition": {"Bool": {"a:b": "true"}}}, ", under a condition"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_more_than_that_is_named(statement: dict[str, Any], sentence: str) -> None:
    assert sentence in "\n".join(excess_permissions(policies(**statement), MONITOR))


def test_a_denial_is_no_excess() -> None:
    assert excess_permissions(policies(Effect="Deny", Action="*"), MONITOR) == []


def test_what_the_boundary_holds_back_is_no_excess() -> None:
    limit = {"Effect": "Allow", "Action": "rum:PutRumEvents", "Resource": "*"}
    held = policies(limit, Action=["rum:PutRumEvents", "s3:*"])
    assert excess_permissions(held, MONITOR) == []


def test_what_the_boundary_lets_through_is_named() -> None:
    limit = {"Effect": "Allow", "Action": ["rum:*", "s3:Get*"], "Resource": "*"}
    (found,) = excess_permissions(policies(limit, Action=["rum:PutRumEvents", "s3:*"]), MONITOR)
    assert "s3:*" in found


def test_what_the_boundary_denies_is_not_let_through_by_it() -> None:
    limit = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}
    assert excess_permissions(policies(limit, Action=["s3:*"]), MONITOR) == []
