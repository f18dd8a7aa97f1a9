"""The public verbs: their examples run, their frames are typed, and an empty one says why."""

from __future__ import annotations

import doctest
import importlib
import inspect
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import rumkit
from rumkit import frames, practice
from rumkit.checks.own import own_checks, remove_check
from rumkit.model import BadInput, Status

VERBS = ["arrival", "calls", "changes", "denied_put_events", "sessions", "token_failures"]
MODULES = ["rumkit.verbs", "rumkit.frames", "rumkit.checks.own"]
ATTRS = {"source", "since", "until", "query", "commands", "reason"}


@pytest.fixture(scope="module", autouse=True)
def sandbox():
    practice.enter("guest-role-permission")
    yield
    practice.leave()


@pytest.mark.parametrize("module", MODULES)
def test_the_examples_of_the_docstrings_run(module):
    done = doctest.testmod(importlib.import_module(module), extraglobs={"rumkit": rumkit})
    for own in own_checks():
        remove_check(own.id)
    assert (done.failed, done.attempted > 0) == (0, True)


@pytest.mark.parametrize("name", rumkit.__all__)
def test_every_public_name_is_documented(name):
    assert inspect.getdoc(getattr(rumkit, name))


@pytest.mark.parametrize("name", [*VERBS, "query", "check", "columns", "add_check"])
def test_every_verb_has_an_example(name):
    assert ">>> " in inspect.getdoc(getattr(rumkit, name))


@pytest.mark.parametrize("trail", ["auto", "none"])
@pytest.mark.parametrize("name", VERBS)
def test_a_frame_has_its_columns_and_dtypes_whether_there_are_rows_or_not(name, trail):
    given = {} if name in {"arrival", "sessions"} else {"trail": trail}
    made = getattr(rumkit, name)("shop-web", since="3h", **given)
    wanted = {column: dtype for column, (dtype, _) in frames.TABLES[name].items()}
    if name == "arrival":
        del wanted["requests"]
    assert {column: str(dtype) for column, dtype in made.dtypes.items()} == wanted
    assert set(made.attrs) == ATTRS
    assert bool(made.attrs["reason"]) == made.empty


@pytest.mark.parametrize("name", [*frames.TABLES, "denied-by-reason", "vended-then-denied"])
def test_every_column_is_explained(name):
    described = rumkit.columns(name)
    assert list(described) == ["column", "dtype", "meaning"]
    assert (described["meaning"].str.len() > 5).all()


def test_a_trail_that_is_not_asked_is_the_reason_of_an_empty_frame():
    made = rumkit.denied_put_events("shop-web", trail="none")
    assert made.empty
    assert made.attrs["reason"] == "no trail was to be asked."


def test_a_verb_and_an_investigation_give_the_same_rows():
    found = rumkit.investigate(monitor="shop-web")
    assert rumkit.denied_put_events("shop-web").equals(found.denied_put_events)
    assert rumkit.changes("shop-web").equals(found.changes)
    assert rumkit.arrival("shop-web").equals(found.arrival)


@pytest.mark.parametrize("name", [*VERBS, "check", "query"])
def test_a_monitor_that_does_not_exist_is_bad_input(name):
    first = {"check": ["signing"], "query": ["denied-by-reason"]}.get(name, [])
    with pytest.raises(BadInput, match="shop-wep"):
        getattr(rumkit, name)(*first, "shop-wep")


@pytest.mark.parametrize("name", ["denied_put_events", "changes", "arrival", "sessions"])
def test_the_commands_of_a_frame_can_be_run_as_they_stand(name):
    aws = Path(sys.executable).with_name("aws")
    if not aws.exists():
        pytest.skip("the AWS CLI is not installed")
    commands = getattr(rumkit, name)("shop-web").attrs["commands"]
    first = shlex.split(commands)
    words = first[: first.index("aws", 1)] if "aws" in first[1:] else first
    done = subprocess.run([str(aws), *words[1:]], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.strip()) == (0, "")


@pytest.mark.parametrize(
    ("text", "message"),
    [("denied", "There is no query 'denied'"), ("fields @message | limit 1", "takes text")],
)
def test_a_query_that_cannot_be_put_is_bad_input(text, message):
    with pytest.raises(BadInput, match=message):
        rumkit.query(text, "shop-web", trail="lookup")


@pytest.mark.parametrize(
    "text", ["DROP TABLE trail", "SELECT 1; DROP TABLE trail", "-- x\nINSERT INTO t SELECT 1"]
)
def test_a_statement_that_writes_is_refused_before_it_is_asked(text):
    from rumkit.trail.sql import refuse_writing

    with pytest.raises(BadInput, match="only reads"):
        refuse_writing(text)


def test_a_check_of_ones_own_is_part_of_an_investigation_in_its_hop():
    from rumkit.checks.base import failed

    @rumkit.add_check("consent-given", hop="session", title="Visitors gave their consent")
    def consent_given(evidence):
        return failed("The banner of this page was never answered.")

    try:
        found = rumkit.investigate(monitor="shop-web")
    finally:
        remove_check("consent-given")
    assert found.finding("consent-given").status is Status.FAIL
    here = [each.check for each in found.findings if each.hop == "session"]
    assert here[-1] == "consent-given"
    assert found.root_cause == "consent-given"
    assert "consent-given" in str(found)


def test_a_defect_of_a_check_of_ones_own_is_its_own_finding():
    @rumkit.add_check("breaks", hop="page", title="It does not break")
    def breaks(evidence):
        return 1 / 0

    try:
        found = rumkit.check("breaks", "shop-web")
    finally:
        remove_check("breaks")
    assert found.status is Status.UNKNOWN
    assert "ZeroDivisionError" in found.summary


@pytest.mark.parametrize("name", ["signing", "Consent", "a b", "x" * 80, "-x"])
def test_a_name_that_cannot_name_a_check_is_refused(name):
    with pytest.raises(BadInput):
        rumkit.add_check(name, hop="page", title="x")
