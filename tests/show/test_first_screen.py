"""The first screen of ten situations, as a terminal of 80 or 120 columns shows it.

`RUMKIT_RENEW=1` writes the screens anew instead of comparing them.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path
from textwrap import indent

import examples
import pytest
from situations import FOLDER, NAMES, situation

from rumkit.model import Finding, Fix, Hop, Section, Status
from rumkit.show import screen, selection, words
from rumkit.show.needs import needs

SIGN_IN = "aws sso login --profile prod"
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def shown(name: str, width: int = 80, *, colour: bool = False) -> str:
    return screen.render(situation(name), width=width, colour=colour, sign_in=SIGN_IN)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("colour", [False, True], ids=["plain", "colour"])
def test_the_screen_is_the_kept_one(name: str, width: int, colour: bool) -> None:
    kept = Path(FOLDER, f"{name}.{width}{'.colour' if colour else ''}.txt")
    made = shown(name, width, colour=colour)
    if os.environ.get("RUMKIT_RENEW"):
        kept.write_text(made, encoding="utf-8")
    assert made == kept.read_text(encoding="utf-8")


def test_the_readme_shows_a_kept_screen() -> None:
    readme = Path(__file__).parents[2].joinpath("README.md").read_text(encoding="utf-8")
    assert indent(shown("permission"), "    ") in readme


def test_what_is_too_long_for_one_row_keeps_its_place_beside_the_label() -> None:
    layout = screen._Screen(situation("permission"), 60, colour=False, sign_in="")
    (row,) = layout.labelled("OR", f"--fix {', --fix '.join(['cloudformation'] * 4)}")
    assert row.startswith("OR        --fix cloudformation")
    assert row.endswith("…")
    assert len(row) <= 60


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [80, 120])
def test_the_screen_has_at_most_forty_rows(name: str, width: int) -> None:
    assert screen.rows_of(shown(name, width).splitlines(), width) <= 40


def test_nothing_is_cut_while_the_screen_has_rows() -> None:
    found = examples.broken()
    long = " ".join(["word"] * 90) + " end."
    (cause, *others) = sorted(found.findings, key=lambda each: each.check != found.root_cause)
    told = replace(found, findings=(replace(cause, summary=long), *others))
    assert " end.\n" in screen.render(told)
    fuller = replace(told, findings=(replace(cause, summary=long * 9), *others))
    assert screen.rows_of(screen.render(fuller).splitlines(), 80) <= screen.ROWS


def test_colour_takes_no_row() -> None:
    assert screen.rows_of([f"\x1b[31m{'x' * 78}\x1b[0m", "x" * 81], 80) == 3


@pytest.mark.parametrize("name", NAMES)
def test_colour_is_an_addition(name: str) -> None:
    assert COLOUR.sub("", shown(name, colour=True)) == shown(name)


@pytest.mark.parametrize("name", NAMES)
def test_only_what_is_pasted_is_wider_than_the_terminal(name: str) -> None:
    main = selection.main_finding(situation(name))
    pasted = main.fixes[0].text.splitlines() if main and main.fixes else []
    wide = [line for line in shown(name).splitlines() if len(line) > 80 and line not in pasted]
    # An ARN that is longer than the line stays whole.
    assert [line for line in wide if "arn:" not in line or len(line.split()) > 1] == []


@pytest.mark.parametrize("name", ["not-signed-in", "unreachable"])
def test_where_nothing_could_be_looked_at_there_are_three_lines(name: str) -> None:
    assert len(shown(name).splitlines()) == 3


def test_not_signed_in_names_the_command_that_signs_in() -> None:
    assert shown("not-signed-in").splitlines()[1].endswith(f"  {SIGN_IN}")


@pytest.mark.parametrize("kind", ["recording", "page", "console", "storage", "source"])
def test_what_was_given_is_not_asked_for_again(kind: str) -> None:
    nothing = situation("not-signed-in")
    given = replace(nothing, target={**nothing.target, kind: "empty.har"})
    lines = screen.render(given).splitlines()
    assert lines[1].startswith("  what was given:        ")
    assert not any("--recording" in line for line in lines)


def test_monitor_region_account_profile_and_window_are_said() -> None:
    lines = shown("permission").splitlines()
    assert lines[1].strip() == "monitor shop-web, eu-west-1, account 111122223333, profile prod"
    assert "2026-03-01 09:00 to 2026-03-02 09:00 UTC" in lines[2]


def test_the_fix_is_one_line_that_can_be_copied() -> None:
    cause = situation("permission").cause
    assert cause
    assert cause.fixes[0].text in shown("permission").splitlines()


def test_the_sandbox_is_said_first_and_only_where_it_is_the_source() -> None:
    assert shown("sandbox").startswith(screen.SANDBOX)
    assert "SANDBOX" not in shown("permission")


def test_the_symptoms_are_explained_and_the_second_fault_stands_apart() -> None:
    screen_ = shown("two-faults")
    assert re.search(r"^EXPLAINS +✗ events-arriving", screen_, re.MULTILINE)
    assert re.search(r"^ALSO +✗ guest-role-trust", screen_, re.MULTILINE)


def test_the_evidence_comes_when_asked_for() -> None:
    asked = screen.render(situation("permission"), evidence=True)
    assert "EVIDENCE" not in shown("permission")
    assert "iam:GetRolePolicy" in asked.partition("EVIDENCE")[2]


def test_a_fall_without_site_traffic_may_be_the_daily_rhythm() -> None:
    fell = replace(examples.broken(), onset=examples.onset(direction="fell"))
    assert "unless it is the daily rhythm of the site" in " ".join(screen.render(fell).split())


def test_a_change_of_something_else_is_not_said_to_be_the_cause_s() -> None:
    change = {**examples.onset().changes[0], "bears_on_cause": False}
    found = replace(examples.broken(), onset=examples.onset(changes=(change,)))
    assert "CHANGED   nothing that the cause is about" in screen.render(found)


def undecided(check: str, *missing: str) -> Finding:
    where = (Hop.PAGE, Section.BEYOND)
    return Finding(check, *where, Status.UNKNOWN, "title", "summary", missing=missing)


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        (["input:page"] * 2, "2 checks need a page: --page URL"),
        (["input:recording"], "1 check needs a browser's recording: --recording FILE, or --record"),
        (["input:credentials"], f"1 check needs AWS credentials: {SIGN_IN}"),
        (["iam:GetRole", "rum:GetAppMonitor"],
         "2 checks need permissions iam:GetRole, rum:GetAppMonitor: see rumkit permissions"),
        (["setting:make a trail"], "1 check needs a setting: make a trail"),
        (["network:rum.example"], "1 check needs rum.example to be reachable"),
    ],
)  # fmt: skip
def test_what_was_not_seen_is_grouped_by_what_would_show_it(missing: list[str], said: str) -> None:
    findings = [undecided(f"check-{number}", name) for number, name in enumerate(missing)]
    assert [str(need) for need in needs(findings, SIGN_IN)] == [said]


@pytest.mark.parametrize(
    ("principal", "said"),
    [
        ("arn:aws:iam::111122223333:user/operator", "operator (user)"),
        (
            "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Ops_0a1b/jane.doe@shop.example",
            "jane.doe@shop.example (role AWSReservedSSO_Ops_0a1b)",
        ),
        ("cloudformation.amazonaws.com", "cloudformation.amazonaws.com"),
        (None, "somebody unknown"),
    ],
)
def test_who_made_a_change_has_the_whole_name(principal: str | None, said: str) -> None:
    assert words.person(principal) == said


def test_a_fix_too_long_for_the_screen_says_how_to_get_it() -> None:
    cause = situation("permission").cause
    assert cause
    long = Fix("client-config", "Paste this", "\n".join(f"line {n}" for n in range(60)))
    found = replace(situation("permission"), findings=(replace(cause, fixes=(long,)),))
    made = screen.render(found, width=80)
    assert "60 lines to paste: --fix client-config" in made
    assert screen.rows_of(made.splitlines(), 80) <= 40


@pytest.mark.parametrize("width", [40, 80, 120])
def test_text_from_outside_breaks_neither_the_screen_nor_its_size(width: int) -> None:
    made = screen.render(examples.hostile(), width=width)
    assert re.findall(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", made) == []
    assert len(made.splitlines()) <= 40


def test_a_cut_value_ends_in_a_mark() -> None:
    assert screen.cut("short", 10) == "short"
    assert screen.cut("one two three four five six", 26) == "one two three four five …"
    assert screen.cut("x" * 50, 10) == "xxxxxxxxx…"
