"""What the witnesses of a check say together: the table, its properties, and the README's copy."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rumkit.checks.ask import ask
from rumkit.checks.base import Check
from rumkit.checks.combine import TABLE, Inferred, Seen, combine, row_for
from rumkit.checks.names import SIGNING
from rumkit.evidence.given import evidence_of
from rumkit.model import Fix, Hop, NotCollected, Outcome, Section, Status, Witness

README = Path(__file__).parents[2] / "README.md"
CHECK = Check(SIGNING, Hop.AUTHORIZE, Section.RETURNS_403, "The client signs")
SEEING = (Witness.OBSERVED, Witness.RECORDED, Witness.PROBED)
PASS, FAIL, WARN = Status.PASS, Status.FAIL, Status.WARN

# How fast examples are made is the machine's affair.
_RELAXED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def outcome(status, *, words="Said.", **more):
    return Outcome(status, words, **more)


WORKED = outcome(PASS, words="It worked.", works=True, moment="2026-03-01T10:00:00Z")
FAILED = outcome(FAIL, words="It failed.", fixes=(Fix("advice", "Seen", "do this"),))
LIKELY = outcome(FAIL, words="It likely failed.", certain=False)
CANNOT = outcome(FAIL, words="It cannot work.", fixes=(Fix("advice", "Written", "do that"),))
FITS = outcome(PASS, words="It is configured well.")
RISKY = outcome(WARN, words="It is risky.")


def both(seen, configured, *, outdated=""):
    answers = {Witness.OBSERVED: seen, Witness.CONFIGURED: configured}
    return combine(CHECK, answers, outdated=outdated)


def test_every_pair_of_states_has_a_row():
    for seen, inferred in product(Seen, Inferred):
        assert row_for(seen, inferred) in TABLE


def test_every_row_is_reached():
    rows = [row_for(seen, inferred) for seen, inferred in product(Seen, Inferred)]
    assert {id(row) for row in rows} == {id(row) for row in TABLE}


def test_the_readme_shows_the_rows_that_the_code_runs():
    listed = [
        f"| {_states(row.seen)} | {_states(row.inferred)} | {row.status} | {row.lead} |"
        f" {row.meaning} |"
        for row in TABLE
    ]
    text = README.read_text(encoding="utf-8")
    assert "\n".join(listed) in text, "\n".join(listed)


def _states(states):
    return ", ".join(states) or "anything"


def test_what_was_seen_to_work_refutes_an_inference_which_becomes_a_remark():
    found = both(WORKED, CANNOT)
    assert found.status is PASS
    assert found.seen
    assert found.summary == "It worked. What is configured says otherwise: It cannot work."
    assert not found.fixes


def test_what_worked_before_things_changed_refutes_nothing_and_both_are_shown_with_the_time():
    found = both(WORKED, CANNOT, outdated="the page has changed since")
    assert found.status is FAIL
    assert "It cannot work." in found.summary
    assert "2026-03-01T10:00:00Z" in found.summary
    assert "the page has changed since" in found.summary


@pytest.mark.parametrize("seen", [FAILED, LIKELY], ids=["certain", "likely"])
def test_an_inference_that_it_works_never_removes_a_failure_that_was_seen(seen):
    found = both(seen, FITS)
    assert found.status is FAIL
    assert found.summary.startswith(seen.summary)
    assert FITS.summary in found.summary


def test_the_configuration_explains_a_failure_and_its_exact_fix_comes_first():
    found = both(FAILED, CANNOT)
    assert found.summary == "It failed. What is configured explains it: It cannot work."
    assert [fix.title for fix in found.fixes] == ["Written", "Seen"]


def test_that_it_works_takes_no_risk_away():
    found = both(WORKED, RISKY)
    assert (found.status, found.summary) == (WARN, "It is risky.")


def test_configured_well_is_a_pass_that_nobody_saw():
    found = combine(CHECK, {Witness.CONFIGURED: FITS})
    assert (found.status, found.seen) == (PASS, False)


def test_a_witness_that_could_not_look_says_nothing_where_another_did():
    def refused(_):
        raise NotCollected("trail", "the trail was refused", missing=("logs:StartQuery",))

    check = Check(
        SIGNING,
        Hop.AUTHORIZE,
        Section.RETURNS_403,
        "x",
        configured=lambda _: FITS,
        recorded=refused,
    )
    assert ask(check, evidence_of()).summary == FITS.summary
    alone = Check(SIGNING, Hop.AUTHORIZE, Section.RETURNS_403, "x", recorded=refused)
    found = ask(alone, evidence_of())
    assert found.status is Status.UNKNOWN
    assert found.missing == ("logs:StartQuery",)


def test_an_unknown_names_what_any_of_its_witnesses_missed():
    def refused(_):
        raise NotCollected("trail", "refused", missing=("logs:StartQuery",))

    unsure = outcome(Status.UNKNOWN, words="Cannot be told.", missing=("input:page",))
    check = Check(
        SIGNING, Hop.AUTHORIZE, Section.RETURNS_403, "x",
        configured=lambda _: unsure, recorded=refused,
    )  # fmt: skip
    assert set(ask(check, evidence_of()).missing) == {"input:page", "logs:StartQuery"}


outcomes = st.builds(
    Outcome,
    status=st.sampled_from(Status),
    summary=st.sampled_from(["One.", "Two.", "Three."]),
    certain=st.booleans(),
    works=st.booleans(),
)
answers = st.dictionaries(st.sampled_from(Witness), outcomes)


def seen_in(given_answers):
    return [given_answers[witness] for witness in SEEING if witness in given_answers]


@_RELAXED
@given(answers, st.sampled_from(["", "since then events have stopped"]))
def test_a_failure_that_was_seen_stands_whatever_else_is_said(given_answers, outdated):
    found = combine(CHECK, given_answers, outdated=outdated)
    if any(each.status is FAIL for each in seen_in(given_answers)):
        assert found.status is FAIL


@_RELAXED
@given(answers, st.sampled_from(["", "since then events have stopped"]))
def test_no_data_is_never_a_pass_and_never_a_fail(given_answers, outdated):
    found = combine(CHECK, given_answers, outdated=outdated)
    said = {each.status for each in given_answers.values()}
    if found.status in {PASS, FAIL, WARN}:
        assert found.status in said
    if not said & {PASS, FAIL, WARN, Status.SKIP}:
        assert found.status is Status.UNKNOWN


@_RELAXED
@given(answers)
def test_green_means_that_somebody_saw_it_work(given_answers):
    found = combine(CHECK, given_answers)
    if found.status is PASS and found.seen:
        assert any(each.status is PASS and each.works for each in seen_in(given_answers))


@_RELAXED
@given(answers, st.sampled_from(SEEING))
def test_a_witness_that_cannot_tell_takes_nothing_away(given_answers, witness):
    """More input never makes an answer worse: an unsure witness more changes no status."""
    before = combine(CHECK, given_answers)
    if witness in given_answers or not given_answers:
        return
    more = {**given_answers, witness: outcome(Status.UNKNOWN, words="Unsure.")}
    after = combine(CHECK, more)
    assert after.status is before.status


@_RELAXED
@given(answers)
def test_every_answer_is_kept(given_answers):
    found = combine(CHECK, given_answers)
    assert {each.witness for each in found.answers} == given_answers.keys()
