"""Whether an exercise is done: what an investigation still finds, and which answers are open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rumkit.model import Hop, Status, Verdict
from rumkit.school.cards import card
from rumkit.show import words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rumkit.investigation import Investigation
    from rumkit.model import Finding
    from rumkit.school.lesson import Lesson
    from rumkit.school.turns import Turn
    from rumkit.show.views import Drawn


@dataclass(frozen=True)
class ExerciseResult:
    """What `check` says. `left` are the ids of checks and the names of questions still open.

    `said` tells part by part what is mended and what is not, and of a wrong turn why it is one;
    the diagnosis is the learner's. `help` counts the hints that were taken.
    """

    number: int
    done: bool
    left: tuple[str, ...]
    sentences: tuple[str, ...]
    learned: str
    help: str = ""

    def _card(self) -> Drawn:
        helped = [self.help] if self.help else []
        if self.done:
            heading = f"✓ Exercise {self.number} is done: the path is healthy."
            return card(
                heading,
                f"What was learned. {self.learned}",
                *helped,
                items=self.sentences,
                state="pass",
            )
        return card("✗ Not yet.", *helped, items=self.sentences, state="fail")

    @property
    def html(self) -> str:
        """Return it as HTML."""
        return self._card().html

    def __repr__(self) -> str:
        return self._card().text

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return self._card()._repr_mimebundle_()


def broken_hops(investigation: Investigation) -> frozenset[Hop]:
    """Return the hops with a fault of their own; of symptoms where nothing else shows."""
    return frozenset(finding.hop for finding in _broken(investigation))


def evaluate(
    lesson: Lesson,
    investigation: Investigation,
    answers: Mapping[str, Any],
    *,
    before: frozenset[Hop] = frozenset(),
    turns: Sequence[Turn] = (),
    helped: str = "",
) -> ExerciseResult:
    """Check an exercise by an investigation of the time since the mending, and the answers.

    `before` are the hops that were broken when it began, `turns` the wrong turns that show.
    """
    broken = _broken(investigation)
    wrong = [
        question
        for question in lesson.questions
        if not question.is_right(answers.get(question.hop, ""), investigation)
    ]
    sentences = [*_parts(broken, before), *(turn.says for turn in turns)]
    sentences += [
        f"{question.hop}: {_open(answers.get(question.hop))}. {question.ask}" for question in wrong
    ]
    healthy = investigation.verdict is Verdict.HEALTHY
    if not healthy and not broken:
        sentences.append("No visitor's event has arrived since: the path is not proven.")
    return ExerciseResult(
        lesson.number,
        healthy and not wrong and not turns,
        (*(finding.check for finding in broken), *(question.hop for question in wrong)),
        tuple(sentences),
        lesson.learned,
        helped,
    )


def _broken(investigation: Investigation) -> list[Finding]:
    bad = [finding for finding in investigation.findings if finding.bad]
    # A symptom is told where nothing else explains the silence.
    return [finding for finding in bad if not finding.symptom] or bad


def _parts(broken: Sequence[Finding], before: frozenset[Hop]) -> list[str]:
    """Return a sentence for each part of the path that is or was broken."""
    now = {hop: [finding.status for finding in broken if finding.hop is hop] for hop in Hop}
    return [_part(hop, now[hop], hop in before) for hop in Hop if now[hop] or hop in before]


def _part(hop: Hop, statuses: Sequence[Status], was_broken: bool) -> str:
    name = words.HOP_NAMES[hop]
    if not statuses:
        return f"✓ {name}: it was broken, and is mended."
    state = "broken" if Status.FAIL in statuses else "at risk, or works only in part"
    if was_broken:
        return f"✗ {name}: still {state}."
    return f"✗ {name}: {state} now. It was not when the exercise began."


def _open(answer: Any) -> str:
    return "no answer yet" if not str(answer or "").strip() else "that is not it"
