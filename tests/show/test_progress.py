"""Progress at a terminal."""

from __future__ import annotations

import io

import examples

from rumkit.checks import CHECKS
from rumkit.show.progress import publish, terminal_progress


def test_each_finding_takes_the_place_of_the_one_before() -> None:
    stream = io.StringIO()
    show = terminal_progress(stream)
    for found in examples.broken().findings[:2]:
        show(found)
    lines = stream.getvalue().split("\r\x1b[2K")
    assert [line.split(" ")[0] for line in lines] == ["", f"1/{len(CHECKS)}", f"2/{len(CHECKS)}"]


def test_the_line_is_empty_after_the_last_finding() -> None:
    stream = io.StringIO()
    show = terminal_progress(stream)
    for _ in CHECKS:
        show(examples.broken().findings[0])
    assert stream.getvalue().endswith("\r\x1b[2K")


def test_hostile_text_cannot_move_the_cursor() -> None:
    stream = io.StringIO()
    terminal_progress(stream)(examples.hostile().findings[0])
    assert stream.getvalue().count("\x1b") == 1


def test_outside_a_kernel_nothing_is_published(capsys: object) -> None:
    publish(examples.broken().findings[0])
    assert capsys.readouterr() == ("", "")  # type: ignore[attr-defined]
