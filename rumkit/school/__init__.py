"""A course on the sandbox: hidden faults to find and mend, and an investigation that checks."""

from __future__ import annotations

from rumkit.school.course import course
from rumkit.school.exercise import Exercise, begin
from rumkit.school.playing import play, solution, solutions
from rumkit.school.recorded import recorded
from rumkit.school.site import edit_page, page, set_header

__all__ = [
    "Exercise",
    "begin",
    "course",
    "edit_page",
    "page",
    "play",
    "recorded",
    "set_header",
    "solution",
    "solutions",
]
