"""The Logs Insights commands that rumkit uses, on a few events."""

from __future__ import annotations

import json

import pytest

from rumkit.sandbox.insights import run
from rumkit.sandbox.insights_parse import MalformedQuery

EVENTS = [
    (0, {"kind": "view", "user": {"id": "a"}, "size": 10, "aws:client": "script"}),
    (60_000, {"kind": "view", "user": {"id": "b"}, "size": 30}),
    (400_000, {"kind": "error", "user": {"id": "a"}, "size": 5, "errorCode": "AccessDenied"}),
    (401_000, {"kind": "click", "user": {"id": "a"}, "list": [{"x": 1}]}),
]

CASES = [
    ("stats count(*) as n", [["4"]]),
    ("filter kind = 'view' | stats count(*)", [["2"]]),
    ('filter kind != "view" | stats count(*)', [["2"]]),
    ("filter kind in ['view', \"click\"] | stats count(*)", [["3"]]),
    ("filter kind not in ['view'] | stats count(*)", [["2"]]),
    ("filter kind like /^vi/ | stats count(*)", [["2"]]),
    ("filter kind like 'lic' | stats count(*)", [["1"]]),
    ("filter not kind like /view/ and size < 10 | stats count(*)", [["1"]]),
    ("filter ispresent(errorCode) or kind = 'click' | stats count(*)", [["2"]]),
    (
        "filter size >= 10 | stats sum(size), min(size), max(size), avg(size)",
        [["40", "10", "30", "20"]],
    ),
    ("stats count_distinct(user.id) as users", [["2"]]),
    ("stats count(*) as n by user.id | sort n desc", [["a", "3"], ["b", "1"]]),
    (
        "stats count(*) as n by user.id as u | stats count(*) as m by n | sort n",
        [["1", "1"], ["3", "1"]],
    ),
    (
        "stats count(*) by bin(5m)",
        [["1970-01-01 00:00:00.000", "2"], ["1970-01-01 00:05:00.000", "2"]],
    ),
    ("filter ispresent(`aws:client`) | stats count(*) by `aws:client`", [["script", "1"]]),
    ("fields user.id, list.0.x | filter kind = 'click'", [["a", "1"]]),
    ("fields kind | sort size desc | limit 2", [["view"], ["view"]]),
    ("fields kind | sort @timestamp asc | dedup kind", [["view"], ["error"], ["click"]]),
    ("fields @timestamp | limit 1", [["1970-01-01 00:06:41.000"]]),
    ("filter size / 2 = 5 # half\n| display kind", [["view"]]),
    ("filter strcontains(kind, 'ro') = 1 | stats count(*)", [["1"]]),
]


@pytest.mark.parametrize(("query", "rows"), CASES, ids=[query for query, _ in CASES])
def test_a_query_answers(query, rows):
    events = [(when, json.dumps(message)) for when, message in EVENTS]
    assert [[value for _, value in row] for row in run(query, events)] == rows


@pytest.mark.parametrize(
    "query",
    ["", "nonsense", "stats", "filter", "filter (a = 1", "stats foo(x)", "parse @message x"],
)
def test_a_query_that_cannot_be_read_is_malformed(query):
    with pytest.raises(MalformedQuery):
        run(query, [(0, "{}")])


def test_nesting_is_bounded():
    with pytest.raises(MalformedQuery):
        run(f"filter {'(' * 500}a{')' * 500}", [])


def test_a_message_that_is_no_json_has_no_fields():
    assert run("filter ispresent(a) | stats count(*)", [(0, "plain")]) == [[("count(*)", "0")]]
