"""Plays a solution as a learner would, for the teacher's page; it gives the answers away."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rumkit import isolated
from rumkit.model import BadInput, RumkitError
from rumkit.school.exercise import Exercise, begin
from rumkit.school.lessons import LESSONS
from rumkit.school.solutions import SOLUTIONS
from rumkit.show.template import fill
from rumkit.show.views import Drawn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rumkit.school.result import ExerciseResult
    from rumkit.school.solutions import Solution, SolutionStep, Way

_SECONDS = 120.0


@dataclass(frozen=True)
class Played:
    """What the checks said before, after the wrong turn, and after the right way."""

    number: int
    before: ExerciseResult
    after_wrong: ExerciseResult
    after_right: ExerciseResult

    @property
    def stages(self) -> tuple[tuple[str, ExerciseResult], ...]:
        """Return the results in order, each with its occasion."""
        return (
            ("As it was found", self.before),
            ("After the wrong turn", self.after_wrong),
            ("Begun afresh, after the solution", self.after_right),
        )

    def __repr__(self) -> str:
        return "\n".join(f"{when}:\n{result}" for when, result in self.stages)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        html = fill("played.html", label="Played", stages=self.stages)
        return {"text/plain": repr(self), "text/html": str(html)}


def play(number: int) -> Played:
    """Play an exercise: check, go wrong and check, begin afresh, mend and check."""
    known = find(number)
    exercise = begin(number)
    before = exercise.check()
    take(exercise, known.wrong)
    after_wrong = exercise.check()
    exercise = begin(number)
    take(exercise, known.right)
    return Played(number, before, after_wrong, exercise.check())


def find(number: int) -> Solution:
    """Return the solution of an exercise. Raises BadInput for a number not in the course."""
    known = next((solution for solution in SOLUTIONS if solution.number == number), None)
    if known is None:
        raise BadInput(f"There is no exercise {number!r}; the exercises are 1 to {len(SOLUTIONS)}.")
    return known


def take(exercise: Exercise, way: Way) -> None:
    """Do the steps of a way and write its answers down."""
    for step in way.steps:
        run(step)
    if way.answers:
        facts = _facts(exercise)
        exercise.answer(**{name: text.format(**facts) for name, text in way.answers.items()})


def run(step: SolutionStep) -> None:
    """Run a step in a process of its own. Raises RumkitError when it fails."""
    shell = step.kind == "shell"
    argv = ["/bin/sh", "-ec", step.text] if shell else isolated.python(step.text)
    done = subprocess.run(  # noqa: S603 - the course's own steps
        argv,
        capture_output=True,
        text=True,
        check=False,
        timeout=_SECONDS,
        env=os.environ,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        error = (done.stderr.strip().splitlines() or ["it printed no error"])[-1]
        raise RumkitError(f"A step of the solution failed: {error}")


def solution(number: int) -> Drawn:
    """Return a solution with its wrong turn, to read and to paste."""
    return _drawn([find(number)], label="Solution", unfolded=True)


def solutions() -> Drawn:
    """Return all solutions, folded."""
    return _drawn(SOLUTIONS, label="Solutions", unfolded=False)


def _drawn(shown: Sequence[Solution], *, label: str, unfolded: bool) -> Drawn:
    html = fill(
        "solutions.html",
        label=label,
        unfolded=unfolded,
        solutions=shown,
        title=_title,
        typed=_typed,
    )
    return Drawn(html, "\n".join(map(_text, shown)))


def _facts(exercise: Exercise) -> dict[str, str]:
    """Return the ids that an answer may name, from the evidence of an investigation."""
    investigation = exercise.investigate(since="2h")
    values = {
        name: value
        for check in ("snippet-present", "credentials-configured")
        for proof in investigation.finding(check).evidence
        for name, value in proof.values.items()
    }
    named = {"monitor_id": "app monitor id", "pool": "identityPoolId"}
    return {name: str(values.get(key, "")) for name, key in named.items()}


def _title(known: Solution) -> str:
    lesson = LESSONS[known.number - 1]
    return f"{known.number}. {lesson.title} ({lesson.scenario})"


def _typed(way: Way) -> str:
    cells = [_cell(step) for step in way.steps]
    if way.answers:
        cells.append(f"exercise.answer(**{json.dumps(dict(way.answers), indent=2)})")
    return "\n\n".join(cells)


def _cell(step: SolutionStep) -> str:
    """Return a step as a notebook's cell."""
    return f"%%bash\n{step.text}" if step.kind == "shell" else step.text


def _text(known: Solution) -> str:
    return (
        f"{_title(known)}\n{known.right.why}\n\n{_typed(known.right)}\n\n"
        f"A wrong turn, after which {known.stays} stays open: {known.wrong.why}\n\n"
        f"{_typed(known.wrong)}\n"
    )
