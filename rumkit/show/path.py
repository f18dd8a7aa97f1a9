"""The delivery path as a picture: six hops, each state told by shape, sign and colour."""

from __future__ import annotations

import base64
from html import escape
from typing import TYPE_CHECKING

from rumkit.show import words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rumkit.investigation import Investigation
    from rumkit.model import Hop, HopState

# As wide as its longest label, so that neighbours never meet; the whole fits 800 pixels.
_STEP = 130
_MARGIN = 8
_MIDDLE = 40
_LONGEST_CAUSE = 40
_DRAWING = '<script type="image/svg+xml" class="rk-drawing">'
# Okabe and Ito's colours, which colour-blind readers tell apart; both themes carry them.
STYLE = """
.rk-path{color:#1b1f24;font:13px system-ui,sans-serif}
.rk-path .paper{fill:#fff}
.rk-path text{fill:currentColor;text-anchor:middle}
.rk-path .name{font-size:15px;font-weight:600}
.rk-path .state{font-size:13px}
.rk-path .what{font-size:12px;opacity:.85}
.rk-path .sign{font-size:21px;font-weight:700;fill:#fff}
.rk-path .pass{fill:#00785a;stroke:#00785a}
.rk-path .fail{fill:#c03d00;stroke:#c03d00}
.rk-path .warn{fill:#e69f00;stroke:#e69f00}
.rk-path .warn-sign{fill:#1b1f24}
.rk-path .unknown{fill:none;stroke:currentColor;stroke-dasharray:4 3}
.rk-path .configured{fill:none;stroke:#00785a}
.rk-path .unreached{fill:none;stroke:currentColor;opacity:.35}
.rk-path .skip{fill:none;stroke:currentColor;opacity:.55}
.rk-path .unknown-sign,.rk-path .skip-sign,.rk-path .configured-sign,
.rk-path .unreached-sign{fill:currentColor}
.rk-path .link{stroke:currentColor;stroke-width:2;opacity:.55}
.rk-path .cut{stroke:currentColor;stroke-width:2;stroke-dasharray:2 6;opacity:.45}
.rk-hops{display:none;list-style:none;margin:.4em 0;padding:0}
.rk-hops li{padding:.15em 0;border-bottom:1px solid var(--rk-line,#d0d7de)}
.rk-hops b{display:inline-block;min-width:7em}
.rk{container-type:inline-size}
.rk .rk-still{max-width:100%}
.rk-path~.rk-still{display:none}
@container (max-width:560px){.rk :is(.rk-path,.rk-still){display:none}.rk .rk-hops{display:block}}
@media print{.rk .rk-path{display:block}.rk .rk-hops{display:none}}
.rk-path .cause{fill:#c03d00;font-weight:700;font-size:13px}
.rk-path .ring{fill:none;stroke:#c03d00;stroke-width:2}
.jp-RenderedHTML .rk-path,.rk .rk-path{color:inherit}
@media (prefers-color-scheme:dark){.rk-path{color:#e6e9ec}
.rk-path .paper{fill:#161a1e}
.rk-path .cause{fill:#ff9a66}.rk-path .ring{stroke:#ff9a66}}
[data-jp-theme-light="true"] .rk-path .cause{fill:#c03d00}
[data-jp-theme-light="false"] .rk-path .cause{fill:#ff9a66}
"""
_SHAPES = {
    "pass": '<circle class="pass" cx="{x}" cy="{y}" r="20"/>',
    "fail": ('<path class="fail" d="M{x} {y}m-9 -21h18l12 12v18l-12 12h-18l-12 -12v-18z" />'),
    "warn": '<path class="warn" stroke-width="3" stroke-linejoin="round" '
    'd="M{x} {y}m0 -22l22 40h-44z"/>',
    "configured": '<circle class="configured" stroke-width="2.5" cx="{x}" cy="{y}" r="19"/>',
    "unknown": '<circle class="unknown" stroke-width="2.5" cx="{x}" cy="{y}" r="19"/>',
    "unreached": '<circle class="unreached" stroke-width="2.5" cx="{x}" cy="{y}" r="19"/>',
    "skip": '<rect class="skip" stroke-width="2" x="{left}" y="{top}" width="34" height="34" '
    'rx="4"/>',
}


def render(investigation: Investigation, *, standalone: bool = False) -> str:
    """Return the path of an investigation as SVG text; `standalone` adds the XML namespace."""
    cause = investigation.cause
    return draw(
        investigation.path,
        cause=cause.check if cause else "",
        broken=words.broken_hop(investigation),
        standalone=standalone,
    )


def drawing(investigation: Investigation) -> str:
    """Return the path as data that the views' script draws.

    Inline SVG would be cleaned away where no script runs, and its labels left as a heap of words.
    """
    return f"{_DRAWING}{render(investigation)}</script>"


def in_place(html: str) -> str:
    """Return a view's HTML with its drawings drawn, for a widget, which runs no script."""
    before, *parts = html.split(_DRAWING)
    return before + "".join(part.replace("</script>", "", 1) for part in parts)


def still(investigation: Investigation) -> str:
    """Return the path as an image, which shows where no script draws it.

    An untrusted notebook and most viewers of notebooks run none and clean inline SVG away.
    """
    picture = base64.b64encode(render(investigation, standalone=True).encode()).decode("ascii")
    said = "; ".join(
        f"{words.HOP_NAMES[step.hop]}: {step.condition}" for step in investigation.path
    )
    return (
        f'<img class="rk-still" alt="Delivery path: {escape(said)}"'
        f' src="data:image/svg+xml;base64,{picture}">'
    )


def draw(
    path: Sequence[HopState],
    *,
    cause: str = "",
    broken: Hop | None = None,
    standalone: bool = False,
) -> str:
    """Return the path as SVG text with a title and a description that tell the same."""
    width = _MARGIN * 2 + _STEP * len(path)
    height = 164 if cause else 142
    said = "; ".join(
        f"{index}. {words.HOP_NAMES[step.hop]}: {step.condition}"
        for index, step in enumerate(path, 1)
    )
    because = f" The path breaks because of {words.one_line(cause)}." if cause else ""
    space = ' xmlns="http://www.w3.org/2000/svg"' if standalone else ""
    parts = [
        f'<svg{space} class="rk-path" role="img" viewBox="0 0 {width} {height}"',
        f' style="width:100%;max-width:{width}px;height:auto">',
        f"<title>Delivery path</title><desc>{escape(said + '.' + because)}</desc>",
        f"<style>{STYLE}</style>",
        # Alone on a page it can't know the colour behind it, so it brings its own.
        f'<rect class="paper" width="{width}" height="{height}"/>' if standalone else "",
        *_links(path, broken),
        *(_hop(index, step) for index, step in enumerate(path)),
        *_call_out(path, cause, broken),
        "</svg>",
    ]
    return "".join(parts)


def _centre(index: int) -> int:
    return _MARGIN + _STEP * index + _STEP // 2


def _links(path: Sequence[HopState], broken: Hop | None) -> list[str]:
    """Return the lines between hops, dotted after the one that breaks."""
    lines, after = [], False
    for index, step in enumerate(path[:-1]):
        after = after or step.hop is broken
        kind = "cut" if after else "link"
        lines.append(
            f'<line class="{kind}" x1="{_centre(index) + 32}" y1="{_MIDDLE}" '
            f'x2="{_centre(index + 1) - 32}" y2="{_MIDDLE}"/>'
        )
    return lines


def _hop(index: int, step: HopState) -> str:
    x, look = _centre(index), words.LOOKS[step.condition]
    shape = _SHAPES[look].format(x=x, y=_MIDDLE, left=x - 17, top=_MIDDLE - 17)
    lines = _two_lines(step.hop.sentence)
    what = "".join(
        f'<text class="what" x="{x}" y="{_MIDDLE + 78 + 14 * row}">{escape(line)}</text>'
        for row, line in enumerate(lines)
    )
    return (
        f'<g data-hop="{step.hop}">{shape}'
        f'<text class="sign {look}-sign" x="{x}" y="{_MIDDLE + 7}">'
        f"{words.MARKS[step.condition]}</text>"
        f'<text class="name" x="{x}" y="{_MIDDLE + 42}">{words.HOP_NAMES[step.hop]}</text>'
        f'<text class="state" x="{x}" y="{_MIDDLE + 59}">{step.condition}</text>'
        f"{what}</g>"
    )


def _two_lines(sentence: str) -> list[str]:
    """Break a sentence near its middle when it is too long for one line."""
    if len(sentence) <= 22:
        return [sentence]
    spaces = [at for at, char in enumerate(sentence) if char == " "]
    at = min(spaces, key=lambda place: abs(place - len(sentence) / 2))
    return [sentence[:at], sentence[at + 1 :]]


def _call_out(path: Sequence[HopState], cause: str, broken: Hop | None) -> list[str]:
    hops = [step.hop for step in path]
    if not cause or broken not in hops:
        return []
    index = hops.index(broken)
    left = _centre(index) - _STEP // 2 + 3
    anchor, x = _anchor(index, len(path), left)
    return [
        f'<rect class="ring" x="{left}" y="6" width="{_STEP - 6}" height="134" rx="10"/>',
        f'<text class="cause" x="{x}" y="157" style="text-anchor:{anchor}">',
        f"breaks here: {escape(_cut(cause))}</text>",
    ]


def _cut(cause: str) -> str:
    text = words.one_line(cause)
    return text if len(text) <= _LONGEST_CAUSE else f"{text[: _LONGEST_CAUSE - 1]}…"


def as_list(investigation: Investigation) -> str:
    """Return the path as a list, which a phone shows in the picture's place."""
    broken = words.broken_hop(investigation)
    items = "".join(
        f"<li><b>{words.MARKS[step.condition]} {words.HOP_NAMES[step.hop]}</b> {step.condition}"
        f"{' ← breaks here' if step.hop is broken else ''}</li>"
        for step in investigation.path
    )
    return f'<ol class="rk-hops">{items}</ol>'


def _anchor(index: int, hops: int, left: int) -> tuple[str, int]:
    """Keep the call-out's text inside the picture at both ends."""
    if index <= 1:
        return "start", left
    if index >= hops - 2:
        return "end", left + _STEP - 6
    return "middle", _centre(index)
