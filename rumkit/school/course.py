"""The course: its exercises in order, and how far the learner has come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.school import progress
from rumkit.school.lessons import LESSONS
from rumkit.show import tables, words

if TYPE_CHECKING:
    from rumkit.school.progress import ProgressStep
    from rumkit.show.views import Drawn


def course() -> Drawn:
    """Return the exercises with what was done of them as a table."""
    known = progress.read()
    done = sum(1 for lesson in LESSONS if (step := known.get(lesson.number)) and step.done)
    rows = [
        [str(lesson.number), lesson.title, _state(known.get(lesson.number)), lesson.task]
        for lesson in LESSONS
    ]
    caption = f"{words.count(len(LESSONS), 'exercise')}, {done} done"
    return tables.drawn("course", caption, ["no.", "exercise", "state", "the task"], rows)


def _state(step: ProgressStep | None) -> str:
    if step is None or not step.begun:
        return "not begun"
    hints = f", {words.count(step.hints, 'hint')}" if step.hints else ""
    return ("✓ done" if step.done else "begun") + hints
