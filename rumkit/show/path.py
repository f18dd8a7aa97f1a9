"""The delivery path as a picture: six hops, each state told by shape, sign and colour."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rumkit.show import words
from rumkit.show.template import fill

if TYPE_CHECKING:
    from markupsafe import Markup

    from rumkit.investigation import Investigation
    from rumkit.model import HopState

# As wide as its longest label, so that neighbours never meet; the whole fits 800 pixels.
_STEP = 130
_MARGIN = 8
_LONGEST_CAUSE = 40


@dataclass(frozen=True)
class Spot:
    """A hop in the picture: its middle, its sentence, and the look of the line that follows."""

    state: HopState
    x: int
    lines: list[str]
    link: str


@dataclass(frozen=True)
class CallOut:
    """The ring around the hop that breaks, and what stands below it."""

    left: int
    x: int
    anchor: str
    text: str


@dataclass(frozen=True)
class Picture:
    """What the picture holds, in pixels; `states` tells the same in words."""

    spots: tuple[Spot, ...]
    cause: str
    call_out: CallOut | None
    step: int = _STEP

    @property
    def width(self) -> int:
        """Return its width."""
        return _MARGIN * 2 + _STEP * len(self.spots)

    @property
    def height(self) -> int:
        """Return its height, which has room for the call-out where there is one."""
        return 164 if self.cause else 142

    @property
    def states(self) -> list[str]:
        """Return each hop with its state."""
        return [f"{words.HOP_NAMES[s.state.hop]}: {s.state.condition}" for s in self.spots]


def picture(investigation: Investigation) -> Picture:
    """Return the picture of an investigation's path."""
    cause, broken = investigation.root_cause or "", words.broken_hop(investigation)
    hops = [step.hop for step in investigation.path]
    # Dotted after the hop that breaks.
    cut = hops.index(broken) if broken in hops else len(hops)
    spots = tuple(
        Spot(step, _centre(at), _two_lines(step.hop.sentence), "cut" if at >= cut else "link")
        for at, step in enumerate(investigation.path)
    )
    call_out = _call_out(cut, len(hops), cause) if cause and cut < len(hops) else None
    return Picture(spots, cause, call_out)


def render(investigation: Investigation, *, standalone: bool = False) -> Markup:
    """Return the path of an investigation as SVG; `standalone` makes it a file of its own."""
    return fill("path.svg", picture=picture(investigation), alone=standalone)


def still(investigation: Investigation) -> str:
    """Return the path as an image's base64, which shows where no script draws it.

    An untrusted notebook and most viewers of notebooks run none and clean inline SVG away.
    """
    return base64.b64encode(render(investigation, standalone=True).encode()).decode("ascii")


def _centre(index: int) -> int:
    return _MARGIN + _STEP * index + _STEP // 2


def _two_lines(sentence: str) -> list[str]:
    """Break a sentence near its middle when it is too long for one line."""
    if len(sentence) <= 22:
        return [sentence]
    spaces = [at for at, char in enumerate(sentence) if char == " "]
    at = min(spaces, key=lambda place: abs(place - len(sentence) / 2))
    return [sentence[:at], sentence[at + 1 :]]


def _call_out(index: int, hops: int, cause: str) -> CallOut:
    """Return the call-out of a hop; its text stays inside the picture at both ends."""
    left = _centre(index) - _STEP // 2 + 3
    text = words.one_line(cause)
    if len(text) > _LONGEST_CAUSE:
        text = f"{text[: _LONGEST_CAUSE - 1]}…"
    if index <= 1:
        return CallOut(left, left, "start", text)
    if index >= hops - 2:
        return CallOut(left, left + _STEP - 6, "end", text)
    return CallOut(left, _centre(index), "middle", text)
