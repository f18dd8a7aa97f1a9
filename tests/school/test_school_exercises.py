"""A learner's full run of each exercise: broken, hints, a wrong turn, mended, green."""

from __future__ import annotations

import pytest

from rumkit import practice, school
from rumkit.model import BadInput
from rumkit.sandbox.scenarios import find as scenario_of
from rumkit.school.lesson import HINTS
from rumkit.school.lessons import LESSONS
from rumkit.school.playing import find, take

NUMBERS = [lesson.number for lesson in LESSONS]


@pytest.fixture(autouse=True)
def headless(monkeypatch):
    """Keep the run out of the progress of whoever runs the tests, and stop the sandbox after."""
    monkeypatch.setenv("RUMKIT_HEADLESS", "1")
    yield
    practice.leave()


@pytest.mark.parametrize("number", NUMBERS)
def test_a_full_run_goes_from_broken_to_green(number):
    exercise = school.begin(number)
    broken = exercise.check()
    assert not broken.done
    cause = scenario_of(LESSONS[number - 1].scenario).root_cause
    assert cause is None or cause in broken.left
    hints = [exercise.hint().text for _ in range(HINTS)]
    assert len(set(hints)) == HINTS
    take(exercise, find(number).right)
    mended = exercise.check()
    assert mended.done, mended
    assert LESSONS[number - 1].learned in repr(mended)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_wrong_turn_stays_red_and_says_what_is_left(number):
    known = find(number)
    exercise = school.begin(number)
    take(exercise, known.wrong)
    evaluated = exercise.check()
    assert not evaluated.done
    assert known.stays in evaluated.left


def test_a_pair_is_mended_one_after_the_other():
    exercise = school.begin(12)
    header, trust = find(12).right.steps
    take(exercise, type(find(12).right)("", (header,)))
    between = exercise.check()
    take(exercise, type(find(12).right)("", (trust,)))
    assert between.left == ("guest-role-trust",)
    assert exercise.check().done


def test_another_exercise_ends_the_one_before():
    first = school.begin(2)
    school.begin(3)
    with pytest.raises(BadInput, match=r"school\.begin\(2\)"):
        first.check()


def test_begun_again_it_is_broken_again():
    take(school.begin(2), find(2).right)
    assert "sessionSampleRate: 0" not in school.page().html
    school.begin(2)
    assert "sessionSampleRate: 0" in school.page().html


def test_a_mending_by_a_star_is_not_good_enough():
    exercise = school.begin(6)
    step = find(6).right.steps[0]
    star = type(step)(step.kind, step.text.replace('"arn:aws:rum:', '"*", "Sid": "').replace(
        "eu-west-1:111122223333:appmonitor/shop-web", "Star"))  # fmt: skip
    take(exercise, type(find(6).right)("", (star,)))
    evaluated = exercise.check()
    assert not evaluated.done
    assert evaluated.left == ("guest-role-permission",)


@pytest.mark.parametrize("number", [0, 15])
def test_a_number_outside_the_course_is_refused(number):
    with pytest.raises(BadInput, match="the exercises are 1 to 14"):
        school.begin(number)


def test_an_answer_to_no_question_is_refused():
    exercise = school.begin(13)
    with pytest.raises(BadInput, match="status, calls, monitor"):
        exercise.answer(colour="red")


@pytest.mark.parametrize("number", NUMBERS)
def test_no_hint_gives_a_step_of_the_solution_away(number):
    lines = [
        line.strip()
        for step in find(number).right.steps
        for line in step.text.splitlines()
        if "import" not in line
    ]
    hints = " ".join(LESSONS[number - 1].hints)
    assert [line for line in lines if line in hints] == []


def test_the_scenarios_are_all_different_and_exist():
    names = [lesson.scenario for lesson in LESSONS]
    assert len(set(names)) == len(names) >= 10
    assert [name for name in names if scenario_of(name) is None] == []
