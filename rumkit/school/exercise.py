"""An exercise under way: the hidden fault runs, the learner looks, mends and asks for a check."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rumkit import isolated, practice
from rumkit.model import BadInput
from rumkit.school import progress, site
from rumkit.school.cards import card
from rumkit.school.lessons import LESSONS
from rumkit.school.result import ExerciseResult, broken_hops, evaluate
from rumkit.school.turns import PracticeSite, taken
from rumkit.show import plots, tables, words

if TYPE_CHECKING:
    from rumkit.investigation import Investigation
    from rumkit.model import Hop
    from rumkit.school.lesson import Lesson
    from rumkit.school.turns import Turn
    from rumkit.show.views import Drawn

# Visitors come for three hours after a mending, and the last two are looked at.
_MINUTES = 180
_SINCE = "2h"


class Exercise:
    """One exercise; it is made by `begin`."""

    def __init__(self, lesson: Lesson) -> None:
        self._lesson = lesson
        self._hints = 0
        self._looks = 0
        self._broken: frozenset[Hop] = frozenset()
        self._given: tuple[Turn, ...] = ()
        self._place = PracticeSite()
        self._answers: dict[str, Any] = {}
        self._investigation: Investigation | None = None

    @property
    def number(self) -> int:
        """Return its number in the course."""
        return self._lesson.number

    @property
    def title(self) -> str:
        """Return its title, which does not give the fault away."""
        return self._lesson.title

    def investigate(self, **arguments: Any) -> Investigation:
        """Investigate as in production, with fixes: it tells the answer, and counts as a hint."""
        investigation = self._look(**arguments)
        self._looks += 1
        progress.note(self.number, hints=self._hints + self._looks)
        sys.stdout.write("This shows the answer, so it counts as a hint.\n")
        return investigation

    def _look(self, **arguments: Any) -> Investigation:
        import rumkit

        self._stay()
        return rumkit.investigate(**arguments)

    def begun(self) -> Exercise:
        """Note what is broken at the beginning, and return the exercise."""
        self._broken = broken_hops(self._seen())
        # What looks like a wrong turn and was there from the beginning is none of the learner's.
        self._place = PracticeSite()
        _ = self._place.monitor
        self._given = taken(self.number, self._place)
        return self

    def turns(self) -> tuple[Turn, ...]:
        """Return the wrong turns that show now."""
        now = taken(self.number, PracticeSite(self._place))
        return tuple(turn for turn in now if turn not in self._given)

    def denied(self) -> Drawn:
        """Return the denied PutRumEvents calls as a table."""
        return tables.table(self._seen(), "denied_put_events")

    def failures(self) -> Drawn:
        """Return the failed STS and Cognito calls as a table."""
        return tables.table(self._seen(), "token_failures")

    def changes(self) -> Drawn:
        """Return the configuration changes as a table."""
        return tables.table(self._seen(), "changes")

    def arrival(self) -> Drawn:
        """Return a plot of the events that arrived."""
        return plots.arrival(self._seen())

    def timeline(self) -> Drawn:
        """Return arrival, denials and changes on one time line."""
        return plots.timeline(self._seen())

    def visit(self) -> Drawn:
        """Record the page in a real browser and return what its console and network show."""
        from rumkit.school.browser import visit

        self._stay()
        return visit(site.page().url)

    def hint(self) -> Drawn:
        """Return the next hint of three."""
        hints = self._lesson.hints
        if self._hints == len(hints):
            return card(
                "There are no more hints",
                "exercise.investigate() shows the cause with its fix, as it does in production.",
            )
        self._hints += 1
        progress.note(self.number, hints=self._hints + self._looks)
        return card(f"Hint {self._hints} of {len(hints)}", hints[self._hints - 1])

    def answer(self, **answers: Any) -> Drawn:
        """Write answers down, by the name of their question; `check` reads them.

        Raises BadInput for a question that this exercise does not ask.
        """
        names = [question.hop for question in self._lesson.questions]
        answers = {_spelled(name): given for name, given in answers.items()}
        for name in answers:
            if name not in names:
                asked = f"its questions are {', '.join(names)}" if names else "it asks nothing"
                raise BadInput(f"There is no question {name!r} in this exercise: {asked}.")
        self._answers |= answers
        left = [question.ask for question in self._lesson.questions if self._open(question.hop)]
        return card(f"{words.count(len(names) - len(left), 'answer')} written down", items=left)

    def check(self) -> ExerciseResult:
        """Let visitors come for three hours, investigate again, and say what is still broken."""
        self._stay()
        site.let_visitors_come(_MINUTES)
        investigation = self._look(since=_SINCE)
        self._investigation = None
        result = evaluate(
            self._lesson,
            investigation,
            self._answers,
            before=self._broken,
            turns=self.turns(),
            helped=self._help(),
        )
        if result.done:
            progress.note(self.number, done=True)
        return result

    def _help(self) -> str:
        """Say which help was taken; a look at the whole answer counts as a hint."""
        parts = [words.count(self._hints, "hint")] if self._hints else []
        if self._looks:
            parts.append(words.count(self._looks, "look at the whole answer",
                                     "looks at the whole answer"))  # fmt: skip
        return f"With {' and '.join(parts)}." if parts else ""

    def _open(self, name: str) -> bool:
        return not str(self._answers.get(name, "")).strip()

    def _seen(self) -> Investigation:
        """Return one look at the state before the next check."""
        if self._investigation is None:
            self._investigation = self._look()
        return self._investigation

    def _stay(self) -> None:
        if practice.running() != self._lesson.scenario:
            raise BadInput(
                f"Exercise {self.number} is not running; `school.begin({self.number})` begins it."
            )

    def _card(self) -> Drawn:
        questions = [f"{question.hop}: {question.ask}" for question in self._lesson.questions]
        return card(
            f"Exercise {self.number} of {len(LESSONS)}: {self.title}",
            self._lesson.task,
            "hint() helps in three steps, check() says what is left. To begin afresh, run this"
            " cell again.",
            items=questions,
        )

    def __repr__(self) -> str:
        return self._card().text

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return self._card()._repr_mimebundle_()


def begin(number: int) -> Exercise:
    """Begin an exercise, or begin it afresh: its installation becomes this process's AWS.

    Raises BadInput for a number that is not in the course.
    """
    lesson = next((each for each in LESSONS if each.number == number), None)
    if lesson is None:
        raise BadInput(f"There is no exercise {number!r}; the exercises are 1 to {len(LESSONS)}.")
    practice.restart(lesson.scenario)
    _offer_aws_command()
    progress.note(number, begun=True, hints=0)
    return Exercise(lesson).begun()


def _spelled(name: str) -> str:
    """Return the name of a question as it is asked: both spellings and the visible name do."""
    plain = name.strip().casefold()
    return "authorize" if plain == "authorise" else plain


def _offer_aws_command() -> None:
    """Let `!aws` find the command that is installed beside this interpreter."""
    beside = Path(sys.executable).parent
    if isolated.which("aws") is None and (beside / "aws").exists():
        os.environ["PATH"] = f"{beside}{os.pathsep}{os.environ.get('PATH', '')}"
