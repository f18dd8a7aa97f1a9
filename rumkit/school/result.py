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
    said: tuple[str, ...]
    learned: str
    help: str = ""

    def _card(self) -> Drawn:
        helped = [self.help] if self.help else []
        if self.done:
            heading = f"✓ Exercise {self.number} is done: the path is healthy."
            return card(
                heading, f"What was learned. {self.learned}", *helped, items=self.said, state="pass"
            )
        return card("✗ Not yet.", *helped, items=self.said, state="fail")

    @property
    def html(self) -> str:
        """Return it as HTML."""
        return self._card().html

    def __repr__(self) -> str:
        return self._card().text

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return self._card()._repr_mimebundle_()


def broken_hops(found: Investigation) -> frozenset[Hop]:
    """Return the hops with a fault of their own; of symptoms where nothing else shows."""
    return frozenset(one.hop for one in _broken(found))


def evaluate(
    lesson: Lesson,
    found: Investigation,
    answers: Mapping[str, Any],
    *,
    before: frozenset[Hop] = frozenset(),
    turns: Sequence[Turn] = (),
    helped: str = "",
) -> ExerciseResult:
    """Check an exercise by an investigation of the time since the mending, and the answers.

    `before` are the hops that were broken when it began, `turns` the wrong turns that show.
    """
    broken = _broken(found)
    wrong = [one for one in lesson.questions if not one.is_right(answers.get(one.hop, ""), found)]
    said = [*_parts(broken, before), *(turn.says for turn in turns)]
    said += [f"{one.hop}: {_open(answers.get(one.hop))}. {one.ask}" for one in wrong]
    healthy = found.verdict is Verdict.HEALTHY
    if not healthy and not broken:
        said.append("No visitor's event has arrived since: the path is not proven.")
    return ExerciseResult(
        lesson.number,
        healthy and not wrong and not turns,
        (*(one.check for one in broken), *(one.hop for one in wrong)),
        tuple(said),
        lesson.learned,
        helped,
    )


def _broken(found: Investigation) -> list[Finding]:
    bad = [one for one in found.findings if one.bad]
    # A symptom is told where nothing else explains the silence.
    return [one for one in bad if not one.symptom] or bad


def _parts(broken: Sequence[Finding], before: frozenset[Hop]) -> list[str]:
    """Return a sentence for each part of the path that is or was broken."""
    now = {hop: [one.status for one in broken if one.hop is hop] for hop in Hop}
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
