"""An account's monitors in a terminal: the newly silent first."""

from __future__ import annotations

from datetime import UTC, datetime

import examples

from rumkit.aws.arrivals import AccountArrivals, Heard
from rumkit.show.monitors import described

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HEARD = (
    Heard("well", "eu-west-1", datetime(2026, 3, 2, 8, 0, tzinfo=UTC)),
    Heard("never", "eu-west-1"),
    Heard("silent-for-days", "us-east-1", datetime(2026, 2, 25, 8, 0, tzinfo=UTC)),
    Heard("newly-silent", "us-east-1", datetime(2026, 3, 2, 5, 0, tzinfo=UTC)),
    Heard("unread", "us-east-1", unread="cloudwatch:GetMetricData was refused"),
)


def lines(*heard: Heard, sandbox: bool = False, **more: object) -> list[str]:
    account = AccountArrivals(
        "111122223333", ("eu-west-1", "us-east-1", "af-south-1"), heard, **more
    )  # type: ignore[arg-type]
    return described(account, now=NOW, profile="prod", sandbox=sandbox).splitlines()


def test_the_account_and_the_profile_come_first() -> None:
    assert (
        lines(*HEARD)[0] == "account 111122223333, profile prod: 5 app monitors in 2 of 3 Regions"
    )


def test_the_newly_silent_come_first_and_those_that_are_heard_last() -> None:
    names = [line.split()[1] for line in lines(*HEARD)[2:7]]
    assert names == ["newly-silent", "silent-for-days", "never", "unread", "well"]


def test_each_line_says_the_last_hour_and_the_silence() -> None:
    said = {line.split()[1]: line.split("  ")[-1].strip() for line in lines(*HEARD)[2:7]}
    assert said == {
        "newly-silent": "2026-03-02 05:00, silent for 3 hours",
        "silent-for-days": "2026-02-25 08:00, silent for 5 days",
        "never": "none in the last 15 days",
        "unread": "not known: cloudwatch:GetMetricData was refused",
        "well": "2026-03-02 08:00, arriving",
    }


def test_the_first_is_ready_to_be_picked() -> None:
    assert lines(*HEARD)[-1].strip() == (
        "rumkit investigate --monitor newly-silent --region us-east-1 --profile prod"
    )


def test_regions_that_gave_no_answer_are_named_once_for_each_reason() -> None:
    refused = tuple((name, f"refused in {name}") for name in ("eu-west-1", "us-east-1"))
    said = lines(*HEARD[:1], unread=refused, off=("af-south-1",))
    assert "  ? eu-west-1, us-east-1: refused in REGION" in said
    assert "  - 1 Region not switched on for this account" in said


def test_many_monitors_are_cut_with_the_way_to_the_rest() -> None:
    many = [Heard(f"shop-{number:03d}", "eu-west-1") for number in range(80)]
    assert len(lines(*many)) <= 40
    assert any("50 more app monitors: rumkit monitors --json" in line for line in lines(*many))


def test_an_account_without_monitors_says_so() -> None:
    assert lines() == ["account 111122223333, profile prod: 0 app monitors in 0 of 3 Regions"]


def test_hostile_names_reach_no_terminal() -> None:
    shown = "".join(lines(Heard(examples.HOSTILE, "eu-west-1")))
    assert "\x1b" not in shown
    assert "\u202e" not in shown
