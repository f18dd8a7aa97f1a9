"""Progress at a terminal."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import examples

from rumkit.checks import CHECKS
from rumkit.notebook.progress import publish
from rumkit.show.progress import terminal_progress


def test_it_says_what_is_waited_for_from_the_first_moment() -> None:
    stream = io.StringIO()
    show = terminal_progress(stream)
    first, second, third = CHECKS[:3]
    for found in (first, second):
        show(replace(examples.broken().findings[0], check=found.id))
    lines = stream.getvalue().split("\r\x1b[2K")
    assert [line.split(" ")[0] for line in lines[1:]] == [f"{n}/{len(CHECKS)}" for n in range(3)]
    assert f"waiting for {first.id}, {second.id} and" in lines[1]
    assert f"waiting for {third.id}" in lines[3]


def test_the_line_is_empty_after_the_last_finding() -> None:
    stream = io.StringIO()
    show = terminal_progress(stream)
    for check in CHECKS:
        show(replace(examples.broken().findings[0], check=check.id))
    assert stream.getvalue().endswith("\r\x1b[2K")


def test_hostile_text_cannot_move_the_cursor() -> None:
    stream = io.StringIO()
    terminal_progress(stream)(replace(examples.hostile().findings[0], check=examples.HOSTILE))
    assert re.sub(r"\r\x1b\[2K", "", stream.getvalue()).isprintable()


def test_outside_a_kernel_nothing_is_published(capsys: object) -> None:
    publish(examples.broken().findings[0])
    assert capsys.readouterr() == ("", "")  # type: ignore[attr-defined]
