"""Each printed policy mends, and opens nothing else, by the word of another evaluator than ours."""

from __future__ import annotations

import json
import shlex

import pytest
from harness import each_scenario, found_at_first  # type: ignore[import-not-found]
from policy_simulator import (  # type: ignore[import-not-found]
    ACCOUNT,
    Unavailable,
    missing,
    put_events,
    simulate,
    take_role,
)

from rumkit.sandbox.runner import build, list_scenarios

if why := missing():
    pytest.skip(why, allow_module_level=True)
MONITOR, REGION = "shop-web", "eu-west-1"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/RUM-Monitor-shop-web-Unauth/Visitor"
# RUM's own condition key is not in the simulator's data; another key of text stands in for it.
ALIAS, STAND_IN = "rum:alias", "aws:UserAgent"
# What the page's own calls carry.
VISIT = {STAND_IN: "shop", "aws:Referer": "https://www.shop.example/"}
EVERYTHING = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
OTHER_POOL = "eu-west-1:00000000-1111-4222-8333-444444444444"
CHECKS = {
    "guest-role-permission",
    "pool-guest-role",
    "guest-role-trust",
    "signing",
    "resource-policy",
}
NAMES = [
    each.name for each in list_scenarios() if each.root_cause in CHECKS and "+" not in each.name
]


def printed(text):
    """Yield each command that carries a policy: its name, its words and the policy."""
    for line in text.splitlines():
        words = shlex.split(line)
        command = next((word for word in words[1:3] if word in PEERS), None)
        if command:
            text = after(words, "--policy-document")
            yield command, words, json.loads(text.replace(ALIAS, STAND_IN))


def answers(*asked):
    try:
        return simulate(*asked)
    except Unavailable as why:
        pytest.skip(str(why))


def after(words, option):
    return words[words.index(option) + 1]


@each_scenario(NAMES)
def test_a_printed_policy_mends_and_opens_nothing_else(name):
    found = found_at_first(name)
    (place,) = build(name).installations.values()
    pool = place.pool.id
    fixes = [fix for fix in found.cause.fixes if fix.kind == "aws-cli"]
    policies = [each for fix in fixes for each in printed(fix.text)]
    undone = [each for fix in fixes for each in printed(fix.undo)]
    assert policies
    for command, words, policy in policies:
        PEERS[command](words, policy, pool)
    for command, words, policy in undone:
        assert BEFORE[command](words, policy, pool) != "Allowed", (
            "it worked before, says the reference"
        )


def of_role(_words, policy, _pool):
    one = put_events(MONITOR, REGION, principal=SESSION, identity=[policy])
    others = [
        {**one, "action": "rum:DeleteAppMonitor"},
        {**one, "action": "s3:ListAllMyBuckets", "resource": "*"},
    ]
    allowed, *rest = answers(one, *others)
    assert allowed == "Allowed"
    assert "Allowed" not in rest


def of_boundary(_words, policy, _pool):
    one = put_events(MONITOR, REGION, principal=SESSION, identity=[EVERYTHING], boundary=policy)
    allowed, deleted = answers(one, {**one, "action": "rum:DeleteAppMonitor"})
    assert (allowed, deleted == "Allowed") == ("Allowed", False)


def of_trust(words, policy, pool):
    role = after(words, "--role-name")
    mine, strange, signed_in, nobody = answers(
        take_role(role, pool, amr="unauthenticated", trust=policy),
        take_role(role, OTHER_POOL, amr="unauthenticated", trust=policy),
        take_role(role, pool, amr="authenticated", trust=policy),
        take_role(role, None, amr="unauthenticated", trust=policy),
    )
    assert mine == "Allowed"
    assert "Allowed" not in (strange, nobody)
    assert signed_in != "Allowed" or '"authenticated"' in json.dumps(policy)


def of_monitor(words, policy, _pool):
    name, region = after(words, "--name"), after(words, "--region")
    one = put_events(name, region, principal="*", onResource=policy, context=VISIT)
    allowed, deleted, bare = answers(
        one, {**one, "action": "rum:DeleteAppMonitor"}, {**one, "context": {}}
    )
    assert allowed == "Allowed"
    assert deleted != "Allowed"
    assert (bare == "Allowed") == ("Condition" not in json.dumps(policy))


def role_before(_words, policy, _pool):
    return answers(put_events(MONITOR, REGION, principal=SESSION, identity=[policy]))[0]


def trust_before(words, policy, pool):
    role = after(words, "--role-name")
    asked = take_role(role, pool, amr="unauthenticated", trust=policy)
    return answers(asked)[0]


def monitor_before(words, policy, _pool):
    name, region = after(words, "--name"), after(words, "--region")
    asked = put_events(name, region, principal="*", onResource=policy, context=VISIT)
    return answers(asked)[0]


PEERS = {
    "put-role-policy": of_role,
    "create-policy-version": of_boundary,
    "update-assume-role-policy": of_trust,
    "put-resource-policy": of_monitor,
}
BEFORE = {
    "put-role-policy": role_before,
    "create-policy-version": role_before,
    "update-assume-role-policy": trust_before,
    "put-resource-policy": monitor_before,
}
