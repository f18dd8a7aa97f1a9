"""The terminal view."""

from __future__ import annotations

import io
import re
import sys
from dataclasses import replace
from html import unescape
from typing import TYPE_CHECKING

import examples
import pytest

from rumkit.model import Fix, Status
from rumkit.printable import clean
from rumkit.show import html, text, words

if TYPE_CHECKING:
    from rumkit.investigation import Investigation

ALL = [examples.broken, examples.healthy, examples.unproven, examples.hostile]


def test_the_first_line_is_the_verdict_and_names_the_broken_hop() -> None:
    first = text.render(examples.broken()).splitlines()[0]
    assert first == "✗ BROKEN  The delivery path breaks at “PutRumEvents is authorised”."


def test_the_cause_comes_before_every_other_finding() -> None:
    shown = text.render(examples.broken())
    assert shown.index("guest-role-permission (broken)") < shown.index("snippet-present")


def test_a_fix_stands_before_the_evidence_of_its_finding() -> None:
    shown = text.render(examples.broken())
    assert shown.index("aws iam put-role-policy") < shown.index("evidence: iam:GetRolePolicy")


def test_a_fix_is_not_wrapped_however_narrow_the_terminal() -> None:
    shown = text.render(examples.broken(), width=50)
    for line in examples.permission_fix().text.splitlines():
        assert line in shown


@pytest.mark.parametrize("width", [60, 100])
def test_no_line_but_those_to_paste_is_wider_than_asked(width: int) -> None:
    pasted = examples.permission_fix().text.splitlines()
    wide = [
        line
        for line in text.render(examples.broken(), width=width).splitlines()
        if len(line) > width
        and line.strip() not in map(str.strip, pasted)
        # A single word that is longer than the line stays whole, so that it can be copied.
        and max(map(len, line.split())) < width - 20
    ]
    assert wide == []


def test_six_hops_are_listed_with_sign_and_words() -> None:
    shown = text.render(examples.broken())
    assert re.search(r"4 ✗ Authorise +broken .*breaks here", shown)
    assert re.search(r"6 \? Trace +not looked at", shown)


def test_what_was_not_collected_says_what_would_answer_it() -> None:
    assert "would answer it: xray:GetTraceSummaries" in text.gaps(examples.broken())


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("input:source", "the client's source (--source FILE)"),
        ("setting:record PutRumEvents", "a setting (record PutRumEvents)"),
        ("iam:GetRole", "iam:GetRole"),
        ("input:monitor", "an app monitor (--monitor NAME)"),
    ],
)
def test_what_would_answer_it_is_said_in_words(name: str, said: str) -> None:
    gap = replace(examples.broken().not_collected[0], missing=(name,))
    found = replace(examples.broken(), not_collected=(gap,))
    assert f"would answer it: {said}\n" in text.gaps(found)
    assert f"Would answer it: {said}</p>" in unescape(html.gaps(found))


def test_a_sentence_of_advice_is_folded_and_what_is_pasted_is_not() -> None:
    page = text.TextPage(44, colour=False)
    long = "word " * 20 + "end"
    folded = page.pasted(Fix("advice", "title", long), "  ")
    assert max(map(len, folded)) <= 40
    assert " ".join(line.strip() for line in folded) == long
    assert page.pasted(Fix("aws-cli", "title", long), "  ") == [f"  {long}"]
    difference = Fix("advice", "title", f"- {long}\n+ {long}")
    assert page.pasted(difference, "  ") == [f"  - {long}", f"  + {long}"]


def test_a_long_table_says_how_many_rows_it_left_out() -> None:
    assert "… and 3 more rows" in text.render(examples.broken())


@pytest.mark.parametrize("make", ALL)
def test_no_control_character_reaches_the_terminal(make: type[Investigation]) -> None:
    assert re.findall(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text.render(make())) == []


def test_a_terminal_escape_leaves_nothing_behind() -> None:
    assert clean("a\x1b[2Jb\x1b]0;title\x07c\x1b(Bd") == "abc(Bd"


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "surroundings", "expected"),
    [
        (io.StringIO(), {}, (80, False)),
        (io.StringIO(), {"COLUMNS": "100"}, (100, False)),
        (Terminal(), {"COLUMNS": "100"}, (100, True)),
        (Terminal(), {"COLUMNS": "100", "NO_COLOR": "1"}, (100, False)),
        (Terminal(), {"COLUMNS": "100", "NO_COLOR": ""}, (100, True)),
        (Terminal(), {"COLUMNS": "100", "TERM": "dumb"}, (100, False)),
        (Terminal(), {"COLUMNS": "400"}, (120, True)),
        (Terminal(), {"COLUMNS": "7"}, (40, True)),
    ],
)
def test_width_and_colour_are_the_terminal_s(
    stream: io.StringIO,
    surroundings: dict[str, str],
    expected: tuple[int, bool],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("COLUMNS", "NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in surroundings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "__stdout__", io.StringIO())
    assert text.terminal(stream) == expected


def test_with_whole_words_no_table_breaks_an_arn() -> None:
    arn = f"{examples.ROLE}/cwr"
    assert f" {arn}" not in text.render(examples.broken(), width=60)
    assert f" {arn}" in text.render(examples.broken(), width=60, whole_words=True)


def test_colour_is_an_addition_and_never_the_message() -> None:
    coloured = text.render(examples.broken(), colour=True)
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == text.render(examples.broken())


def test_one_hop_shows_its_findings_alone() -> None:
    shown = text.findings(examples.broken(), examples.Hop.SESSION)
    assert "session-sample-rate" in shown
    assert "snippet-present" not in shown


def test_a_section_without_a_fault_has_nothing_to_mend() -> None:
    assert text.fixes(examples.healthy(), None) == words.NOTHING_TO_MEND + "\n"


def test_every_status_has_a_sign_of_its_own() -> None:
    assert len({words.SIGNS[status] for status in Status}) == len(Status)


def test_under_the_root_cause_stands_since_when_and_the_nearest_change() -> None:
    said = " ".join(text.render(examples.broken()).partition("ROOT CAUSE")[2].split())
    assert (
        "since about 2026-03-02 08:10 (08:05\u201308:15 UTC); nearest change before: "
        "DeleteRolePolicy by operator (user) at 08:04." in said
    )


def test_a_fall_without_site_traffic_may_be_the_daily_rhythm() -> None:
    fell = replace(examples.broken(), onset=examples.onset(direction="fell"))
    compared = replace(fell, target={**fell.target, "traffic": "alb:app/shop/0123456789abcdef"})
    assert "daily rhythm" in text.render(fell)
    assert "daily rhythm" not in text.render(compared)


def test_an_onset_without_a_change_says_that_none_was_read() -> None:
    alone = replace(examples.broken(), onset=examples.onset(changes=()))
    assert "no configuration change was read before that." in " ".join(text.render(alone).split())


def test_a_change_inside_the_uncertainty_is_not_said_to_come_before() -> None:
    change = {**examples.onset().changes[0], "time": "2026-03-02T08:09:00Z"}
    inside = replace(examples.broken(), onset=examples.onset(changes=(change,)))
    said = " ".join(text.render(inside).split())
    assert "nearest change, within that span: DeleteRolePolicy" in said
    assert "nearest change before" not in said
