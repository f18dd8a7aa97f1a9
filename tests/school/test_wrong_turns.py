"""Each wrong turn has its own answer: it says why, works or not, and gives no diagnosis away."""

from __future__ import annotations

import json

import pytest

from rumkit import practice, school
from rumkit.checks import CHECKS
from rumkit.sandbox.scenarios import find as scenario_of
from rumkit.school.lessons import LESSONS
from rumkit.school.playing import find, take
from rumkit.school.solutions import Way, _hash, _permission, _python, _resource_policy, _shell
from rumkit.school.turns import TURNS

ARN = "arn:aws:rum:eu-west-1:111122223333:appmonitor/shop-web"
ROLE = "RUM-Monitor-shop-web-Unauth"
POOL = (
    "POOL=$(aws rum get-app-monitor --name shop-web --output text"
    " --query AppMonitor.AppMonitorConfiguration.IdentityPoolId)\n"
)


@pytest.fixture(autouse=True)
def headless(monkeypatch):
    monkeypatch.setenv("RUMKIT_HEADLESS", "1")
    yield
    practice.leave()


def header(change):
    return _python(
        "policy = school.page().policy\n"
        f"policy = {change}\n"
        'school.set_header("Content-Security-Policy", policy)'
    )


def trust(condition):
    return _shell(
        f"{POOL}aws iam update-assume-role-policy --role-name {ROLE} --policy-document "
        '\'{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",'
        ' "Principal": {"Federated": "cognito-identity.amazonaws.com"},'
        f' "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {condition}}}]}}\''
    )


AUD = '{"StringEquals": {"cognito-identity.amazonaws.com:aud": "\'"$POOL"\'"}}'
INLINE = "__import__('re').sub(r\"'sha256-[^']+'|sha256-\\S+\", \"'unsafe-inline'\", policy)"

# The exercise, what the learner does, whether events arrive with it, and a part of the answer.
CASES = {
    "the monitor instead of the page": (2, find(2).wrong.steps, False, "the page was not"),
    "a tenth of the sessions": (
        2,
        (_python('school.edit_page("sessionSampleRate: 0", "sessionSampleRate: 0.1")'),),
        True,
        "works, and is not accepted: nobody asked for a sample",
    ),
    "a role without a pool": (3, find(3).wrong.steps, False, "nobody to ask"),
    "guests shut out": (4, find(4).wrong.steps, False, "admits no guests"),
    "people who signed in": (5, find(5).wrong.steps, False, "are guests"),
    "every identity": (5, (trust(AUD),), True, "amr keeps a role"),
    "a wildcard resource": (6, (_permission("*"),), True, "name the one ARN"),
    "a wildcard at the end": (6, (_permission(f"{ARN}*"),), True, "name the one ARN"),
    "the id in the ARN": (6, find(6).wrong.steps, False, "ARNs the name"),
    "the host alone": (7, find(7).wrong.steps, False, "still signed for another region"),
    "the signature alone": (
        7,
        (_python("school.edit_page(\"'us-west-2'\", \"'eu-west-1'\")"),),
        False,
        "still go to another host",
    ),
    "unsafe-inline": (8, (header(INLINE),), True, "a hash allows the one text"),
    "unsafe-inline beside a hash": (
        8,
        (header('policy.replace("script-src", "script-src \'unsafe-inline\'")'),),
        False,
        "browsers then ignore it",
    ),
    "a hash without quotes": (8, (_hash(""),), False, "without its single quotes"),
    "no policy": (
        8,
        (_python('school.set_header("Content-Security-Policy", "")'),),
        True,
        "The policy is gone",
    ),
    "connect-src to all": (
        9,
        (header('__import__("re").sub(r"connect-src [^;]*", "connect-src *", policy)'),),
        True,
        "connect-src names the hosts",
    ),
    "the service that is not called": (9, find(9).wrong.steps, False, "never calls"),
    "no condition": (
        10,
        (
            _shell(
                "aws rum put-resource-policy --name shop-web --policy-document "
                '\'{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*",'
                f' "Action": "rum:PutRumEvents", "Resource": "{ARN}"}}]}}\''
            ),
        ),
        True,
        "has no condition",
    ),
    "the bare origin": (10, (_resource_policy("https://www.shop.example"),), False, "bare origin"),
    "tracing off": (11, find(11).wrong.steps, False, "enableXRay begins the trace"),
    "unsafe-inline for one of two": (
        12,
        (header(INLINE), *find(12).wrong.steps),
        True,
        "a hash allows the one text",
    ),
    "first in the body": (14, find(14).wrong.steps, False, "still stands in the body"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_wrong_turn_has_its_own_answer(name):
    number, steps, works, part = CASES[name]
    exercise = school.begin(number)
    take(exercise, Way("", tuple(steps)))
    evaluated = exercise.check()
    assert not evaluated.done
    assert part in " ".join(evaluated.sentences)
    [turn] = [turn for turn in exercise.turns() if part in turn.says]
    assert ("is not accepted" in turn.says) is works
    if works and name != "a tenth of the sessions":  # too few visitors for a tenth to be seen
        arrived = exercise._look(since="2h").finding("events-arriving")
        assert arrived.status == "pass"


@pytest.mark.parametrize("number", [lesson.number for lesson in LESSONS])
def test_a_check_says_part_by_part_and_gives_no_diagnosis(number):
    scenario = scenario_of(LESSONS[number - 1].scenario)
    exercise = school.begin(number)
    before = repr(exercise.check())
    assert not any(turn.says in before for turn in TURNS)
    for check in CHECKS:
        assert check.title not in before
        assert check.id not in before
    if scenario.root_cause:
        assert ": still " in before
    take(exercise, find(number).right)
    evaluated = exercise.check()
    after = repr(evaluated)
    assert evaluated.done
    assert not any(turn.says in after for turn in TURNS)
    if scenario.root_cause:
        assert "it was broken, and is mended." in after
        assert "still" not in after


def test_what_was_whole_and_is_broken_now_is_said_apart():
    exercise = school.begin(6)
    take(exercise, Way("", (_python('school.edit_page("sessionSampleRate: 1", "x: 1,'
                                    ' sessionSampleRate: 0")'),)))  # fmt: skip
    said = exercise.check().sentences
    assert any(s.startswith("✗ Session: broken now. It was not when the exercise") for s in said)


def test_a_look_at_the_answer_counts_as_a_hint_and_is_said(capsys):
    exercise = school.begin(2)
    exercise.arrival()
    assert exercise.check().help == ""
    exercise.hint()
    exercise.investigate()
    assert "it counts as a hint" in capsys.readouterr().out
    assert exercise.check().help == "With 1 hint and 1 look at the whole answer."
    assert "With 1 hint and 1 look" in repr(exercise.check())


def test_a_look_is_kept_in_the_progress(tmp_path, monkeypatch):
    monkeypatch.delenv("RUMKIT_HEADLESS")
    monkeypatch.setenv("RUMKIT_SCHOOL", str(tmp_path / "school.json"))
    exercise = school.begin(2)
    exercise.investigate()
    assert json.loads((tmp_path / "school.json").read_text())["2"]["hints"] == 1


@pytest.mark.parametrize(
    ("number", "given"),
    [
        (1, {"authorise": ARN}),
        (1, {"Authorise": f"`{ARN}`"}),
        (1, {"authorize": f"'{ARN}'"}),
        (1, {"Session": "100 %"}),
        (1, {"session": "every session"}),
        (1, {"ingest": "AWS/RUM  RumEventPayloadSize"}),
        (13, {"Calls": "none"}),
        (13, {"status": 403}),
        (13, {"monitor": "Shop-Web-Blog"}),
    ],
)
def test_answers_take_both_spellings_and_the_visible_names(number, given):
    exercise = school.begin(number)
    exercise.answer(**given)
    evaluated = exercise.check()
    [name] = given
    asked = "authorize" if name.casefold() == "authorise" else name.casefold()
    assert asked not in evaluated.left


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: str(lesson.number))
def test_a_title_does_not_give_the_answer_away(lesson):
    plain = lesson.title.casefold()
    telling = {"region", "resource", "trust", "hash", "rate", "sample", "credential", "pool",
               "signature", "referer", "flow", "condition", "inline", "quote"}  # fmt: skip
    assert not [word for word in telling if word in plain]
