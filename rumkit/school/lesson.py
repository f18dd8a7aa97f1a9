"""What an exercise is: a hidden fault, a task, hints in steps, and what is learned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rumkit.investigation import Investigation

HINTS = 3


@dataclass(frozen=True)
class LessonQuestion:
    """Something to find out; `hop` names it in `Exercise.answer`.

    The right answer is one of `accepts`, or what the investigation has as evidence: a check's
    id and the name of the value.
    """

    hop: str
    ask: str
    accepts: tuple[str, ...] = ()
    check: str = ""
    value: str = ""

    def is_right(self, answer: Any, investigation: Investigation) -> bool:
        """Return whether an answer is right; letter case, space and quotes don't count."""
        return _plain(answer) in {_plain(right) for right in self._right(investigation)}

    def _right(self, investigation: Investigation) -> set[str]:
        if not self.check:
            return set(self.accepts)
        values = (
            proof.values.get(self.value) for proof in investigation.finding(self.check).evidence
        )
        return {str(value) for value in values if value is not None}


def _plain(text: object) -> str:
    return "".join(sign for sign in str(text).casefold() if sign not in " '\"`\u2019\u201c\u201d")


@dataclass(frozen=True)
class Lesson:
    """An exercise as data; `scenario` is what the learner is not told.

    Of the three hints the first says where to look, the second what to compare, the third how
    such a fault is mended, none of them what to paste.
    """

    number: int
    title: str
    scenario: str
    task: str
    hints: tuple[str, str, str]
    learned: str
    questions: tuple[LessonQuestion, ...] = ()
