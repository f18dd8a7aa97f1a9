"""Whether an exercise is done: what an investigation still finds, and which answers are open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rumkit.model import Status, Verdict
from rumkit.school.cards import card
from rumkit.show import words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rumkit.investigation import Investigation
    from rumkit.model import Finding
    from rumkit.school.lesson import Lesson
    from rumkit.show.views import Drawn

_WRONG = {
    Status.FAIL: "should be so and is not",
    Status.WARN: "is at risk",
}


@dataclass(frozen=True)
class Judgement:
    """What `check` says. `left` are the ids of checks and the names of questions still open."""

    number: int
    done: bool
    breaks_at: str
    left: tuple[str, ...]
    said: tuple[str, ...]
    learned: str

    def _card(self) -> Drawn:
        if self.done:
            heading = f"✓ Exercise {self.number} is done: the path is healthy."
            return card(heading, f"What was learned. {self.learned}", state="pass")
        where = f" The path breaks at “{self.breaks_at}”." if self.breaks_at else ""
        return card(f"✗ Not yet.{where}", items=self.said, state="fail")

    @property
    def html(self) -> str:
        """Return it as HTML."""
        return self._card().html

    def __repr__(self) -> str:
        return self._card().text

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return self._card()._repr_mimebundle_()


def judge(lesson: Lesson, found: Investigation, answers: Mapping[str, Any]) -> Judgement:
    """Judge an exercise by an investigation of the time since the mending, and the answers."""
    broken = [one for one in found.findings if one.status in _WRONG and not one.symptom]
    # A symptom is told where nothing else explains the silence.
    broken = broken or [one for one in found.findings if one.status in _WRONG]
    wrong = [one for one in lesson.questions if not one.is_right(answers.get(one.hop, ""), found)]
    said = [_sentence(one) for one in broken]
    said += [f"{one.hop}: {_open(answers.get(one.hop))}. {one.ask}" for one in wrong]
    healthy = found.verdict is Verdict.HEALTHY
    if not healthy and not said:
        said = ["No visitor's event has arrived since: the path is not proven."]
    return Judgement(
        lesson.number,
        healthy and not wrong,
        found.cause.hop.sentence if found.cause else "",
        (*(one.check for one in broken), *(one.hop for one in wrong)),
        tuple(said),
        lesson.learned,
    )


def _sentence(one: Finding) -> str:
    return f"{words.HOP_NAMES[one.hop]}: “{one.title}” {_WRONG[one.status]}."


def _open(answer: Any) -> str:
    return "no answer yet" if not str(answer or "").strip() else "that is not it"
