"""Every case of tests/aws/data, decided by one loop; each names the page that decides it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rumkit.aws.policy import Decision, KeyState, Policies, PolicyDocument, Request, decide
from rumkit.aws.rum_requests import put_rum_events_request, web_identity_request

DATA = Path(__file__).parent / "data"
CASES = [
    case
    for file in sorted(DATA.glob("policy_cases*.json"))
    for case in json.loads(file.read_text())
]
MONITOR = "arn:aws:rum:eu-west-1:111122223333:appmonitor/shop-v2"
ROLE = "arn:aws:iam::111122223333:role/shop/guest"
USER = "arn:aws:iam::111122223333:user/proxy"
POOL = "eu-west-1:11111111-2222-4333-8444-555555555555"


def request_of(case: dict) -> Request:
    asked = case["request"]
    context = {key: value_of(value) for key, value in asked.get("context", {}).items()}
    role = asked.get("role", ROLE)
    if asked["as"] == "web-identity":
        pool = asked.get("pool", POOL)
        return web_identity_request(
            pool, role, enhanced=asked.get("enhanced", False), context=context
        )
    caller = {
        "guest": {"role_arn": role, "pool_id": POOL},
        "user": {"user_arn": asked.get("user", USER)},
        "anonymous": {},
    }[asked["as"]]
    return put_rum_events_request(
        asked.get("monitor", MONITOR),
        **caller,
        alias=asked.get("alias"),
        monitor_id=asked.get("monitor_id", ""),
        context=context,
    )


def value_of(written: list[str] | str) -> tuple[str, ...] | KeyState:
    return tuple(written) if isinstance(written, list) else KeyState[written.upper()]


def policies_of(case: dict) -> Policies:
    held = dict(case["policies"])
    unknown = tuple(held.pop("unknown", ()))
    layers = {
        layer.replace("-", "_"): tuple(
            document_of(each, f"{layer}-{place}") for place, each in enumerate(written, 1)
        )
        if isinstance(written, list)
        else document_of(written, layer)
        for layer, written in held.items()
    }
    return Policies(**layers, unknown=unknown)


def document_of(written: dict, name: str) -> PolicyDocument:
    if "document" not in written:
        return PolicyDocument(name, written)
    return PolicyDocument(written["name"], written["document"], written.get("level", ""))


def decision_of(case: dict) -> Decision:
    return decide(request_of(case), policies_of(case))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_case_is_decided_as_its_page_says(case: dict) -> None:
    decision = decision_of(case)
    expected = case["expect"]
    assert decision.outcome == expected["outcome"], "\n".join(decision.explanation.lines())
    if "near_miss" in expected:
        assert expected["near_miss"] in "\n".join(decision.near_misses)
    if "error" in expected:
        assert decision.expected_error == expected["error"]
    if "caveat" in expected:
        assert expected["caveat"] in "\n".join(decision.caveats)


def test_there_are_at_least_250_cases_of_different_names_and_substance() -> None:
    substance = {json.dumps([case["request"], case["policies"]], sort_keys=True) for case in CASES}
    names = {case["name"] for case in CASES}
    assert len(CASES) == len(names) == len(substance) >= 250


def test_every_case_names_a_page_of_the_documentation() -> None:
    pages = {case["documentation"].split("/")[2] for case in CASES}
    assert pages <= {"docs.aws.amazon.com", "docs.amazonaws.cn"}
