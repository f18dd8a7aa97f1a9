"""Plots as SVG that follow the page's theme, each with a sentence that says what is seen."""

from __future__ import annotations

import re
from datetime import timedelta
from html import escape
from io import StringIO
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from rumkit.model import BadInput
from rumkit.show.style import wrap
from rumkit.show.views import Drawn
from rumkit.show.words import count, one_line
from rumkit.target import parse_moment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from rumkit.investigation import Investigation

# Okabe and Ito's blue and vermilion, and a grey that both themes carry.
_BLUE, _RED, _GREY = "#0072b2", "#d55e00", "#7f8a94"
# Stands for the page's text colour until the SVG is written.
_INK = "#010203"
_STEPS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 360, 1440))
_MAX_BARS = 400
_NO_ARRIVAL = (
    "No count of arrived events could be read for this window, so there is nothing to plot."
)
_NO_DENIALS = "No denied call was read in this window, so there is nothing to plot."
_NOTHING = "Neither arrivals, nor denials, nor changes were read in this window."


def arrival(investigation: Investigation) -> Drawn:
    """Return the events that RUM accepted over time."""
    frame = investigation.arrival
    if frame.empty:
        return _sentence(_NO_ARRIVAL)
    figure, (axes,) = _figure(1, investigation)
    _draw_arrival(axes, frame)
    return _drawn(figure, "arrival", arrival_sentence(frame))


def denials(investigation: Investigation) -> Drawn:
    """Return denied PutRumEvents calls over time, by the minute where the window allows it."""
    frame = investigation.denied_put_events
    if frame.empty:
        return _sentence(_NO_DENIALS)
    figure, (axes,) = _figure(1, investigation)
    _draw_denials(axes, frame, _span(investigation, frame))
    return _drawn(figure, "denials", denial_sentence(frame))


def timeline(investigation: Investigation) -> Drawn:
    """Return arrival, denials and configuration changes on one time line."""
    arrived, refused = investigation.arrival, investigation.denied_put_events
    changed = investigation.changes
    if arrived.empty and refused.empty and changed.empty:
        return _sentence(_NOTHING)
    figure, rows = _figure(3, investigation)
    _draw_arrival(rows[0], arrived)
    _draw_denials(rows[1], refused, _span(investigation, refused))
    _draw_changes(rows[2], changed)
    return _drawn(figure, "timeline", timeline_sentence(investigation))


def arrival_sentence(frame: pd.DataFrame) -> str:
    """Say how many events arrived, and since when none did."""
    arrived = frame[frame["events"] > 0]
    if arrived.empty:
        return (
            f"No event arrived between {_at(frame['time'].min())} and {_at(frame['time'].max())}."
        )
    total = count(int(frame["events"].sum()), "event")
    silent = silence(frame)
    last = _at(arrived["time"].max())
    if silent is None:
        return f"{total} arrived, the last in the period from {last}."
    return f"{total} arrived; none since the period from {last}."


def denial_sentence(frame: pd.DataFrame) -> str:
    """Say how many calls were denied, from when to when."""
    said = count(len(frame), "call of PutRumEvents was", "calls of PutRumEvents were")
    first, last = frame["time"].min(), frame["time"].max()
    return f"{said} denied between {_at(first)} and {_at(last)}."


def timeline_sentence(investigation: Investigation) -> str:
    """Say by when it began, and which change came last before that."""
    begun = onset(investigation)
    if begun is None:
        return "Neither silence nor denials begin within this window."
    changed = investigation.changes
    before = changed[changed["time"] <= begun]
    said = f"It began at {_at(begun)} or shortly before"
    if before.empty:
        return f"{said}; no configuration change was read before that."
    last = before.iloc[-1]
    name, what = one_line(last["name"]), one_line(last["changed"])
    return f"{said}. The last change before that: {_at(last['time'])}, {name}" + (
        f" ({what})." if what else "."
    )


def onset(investigation: Investigation) -> Any:
    """Return the moment by which denials or silence had begun, or None.

    The first denied call after the last arrival says it best; without one, silence counts from
    when it has lasted longer than any pause before it.
    """
    refused = investigation.denied_put_events["time"]
    silent = silence(investigation.arrival)
    if silent is None:
        return refused.min() if len(refused) else None
    last_arrival, noticed = silent
    since = refused[refused >= last_arrival]
    return min(since.min(), noticed) if len(since) else noticed


def silence(frame: pd.DataFrame) -> tuple[Any, Any] | None:
    """Return the last period that has events, and when the silence after it was unusual.

    None when nothing arrived at all, or when the pause at the end is no longer than an earlier
    one. `frame` has a row for each period, those without events too.
    """
    filled = [place for place, events in enumerate(frame["events"]) if events > 0]
    if not filled:
        return None
    pauses = [later - earlier - 1 for earlier, later in pairwise(filled)]
    unusual = filled[-1] + max(pauses, default=0) + 1
    if unusual >= len(frame):
        return None
    return frame["time"].iloc[filled[-1]], frame["time"].iloc[unusual]


def _figure(rows: int, investigation: Investigation) -> tuple[Figure, Sequence[Axes]]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.4, 2.5 if rows == 1 else 4.6), layout="constrained")
    heights = [2, 2, 1.2][:rows]
    all_axes = figure.subplots(rows, 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0]
    figure.patch.set_alpha(0)
    for axes in all_axes:
        _dress(axes)
    ends = _window(investigation)
    if ends:
        all_axes[-1].set_xlim(ends[0], ends[1])
    all_axes[-1].set_xlabel("time (UTC)", color=_INK)
    return figure, list(all_axes)


def _dress(axes: Axes) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    axes.patch.set_alpha(0)
    axes.tick_params(colors=_INK, labelsize=9)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(_GREY)
    locator = AutoDateLocator(tz="UTC", minticks=4, maxticks=9)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    names = ConciseDateFormatter(locator, tz="UTC", show_offset=False)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_formatter(names)


def _draw_arrival(axes: Axes, frame: pd.DataFrame) -> None:
    if frame.empty:
        axes.set_ylabel("events", color=_INK)
        _note(axes, "no arrival was read")
        return
    period = frame["time"].diff().min()
    each = "period" if len(frame) < 2 else _step_name(period.to_pytimedelta())
    axes.set_ylabel(f"events\nper {each}", color=_INK)
    axes.fill_between(frame["time"], frame["events"], step="post", color=_BLUE, alpha=0.35)
    axes.step(frame["time"], frame["events"], where="post", color=_BLUE, linewidth=1.8)
    axes.set_ylim(bottom=0)


def _draw_denials(axes: Axes, frame: pd.DataFrame, span: timedelta) -> None:
    from matplotlib.ticker import MaxNLocator

    step = next((step for step in _STEPS if span / step <= _MAX_BARS), _STEPS[-1])
    axes.set_ylabel(f"denied calls\nper {_step_name(step)}", color=_INK)
    if frame.empty:
        _note(axes, "no denied call was read")
        return
    counts = frame.groupby(frame["time"].dt.floor(step)).size()
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
    axes.vlines(counts.index, 0, counts.to_numpy(), color=_RED, linewidth=2.2)
    axes.set_ylim(bottom=0)


def _draw_changes(axes: Axes, frame: pd.DataFrame) -> None:
    axes.set_ylabel("changes", color=_INK)
    axes.set_yticks([])
    axes.set_ylim(0, 1)
    if frame.empty:
        _note(axes, "no change was read")
        return
    for row, (moment, name) in enumerate(zip(frame["time"], frame["name"], strict=True)):
        axes.axvline(moment, color=_GREY, linewidth=1.4)
        if row < 4:
            axes.annotate(
                _plain_text(one_line(name)[:40]),
                (moment, 0.8 - 0.22 * row),
                xytext=(4, 0),
                textcoords="offset points",
                color=_INK,
                fontsize=9,
            )


def _note(axes: Axes, text: str) -> None:
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", color=_INK)
    axes.set_yticks([])


def _plain_text(text: str) -> str:
    """Keep matplotlib from reading a name from outside as a formula."""
    return text.replace("$", r"\$")


def _drawn(figure: Figure, name: str, sentence: str) -> Drawn:
    body = (
        f"<figure>{_svg(figure, name, sentence)}"
        f"<figcaption>{escape(sentence)}</figcaption></figure>"
    )
    return Drawn(wrap(body, label=f"Plot: {name}"), sentence + "\n")


def _svg(figure: Figure, name: str, sentence: str) -> str:
    """Return inline SVG: text as text, ids of its own, the same on every run."""
    from matplotlib import rc_context

    held = StringIO()
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": f"rumkit-{name}"}):
        figure.savefig(held, format="svg", transparent=True, metadata={"Date": None})
    svg = held.getvalue()
    svg = svg[svg.index("<svg") :].replace(_INK, "currentColor")
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'\b(id="|#)([\w-]+)', rf"\1rk-{name}-\2", _keep_colours(svg))
    label = f'<svg role="img" aria-label="{escape(sentence)}" '
    return _colours_back(svg).replace("<svg ", label, 1)


def _keep_colours(svg: str) -> str:
    """Set colours aside, which look like references to ids."""
    return re.sub(r"#([0-9a-f]{6})\b", r"COLOUR\1", svg)


def _colours_back(svg: str) -> str:
    return re.sub(r"COLOUR([0-9a-f]{6})\b", r"#\1", svg)


def _sentence(text: str) -> Drawn:
    return Drawn(wrap(f"<p>{escape(text)}</p>", label="Plot"), text + "\n")


def _window(investigation: Investigation) -> tuple[datetime, datetime] | None:
    ends = [str(investigation.target.get(end) or "") for end in ("since", "until")]
    try:
        return parse_moment(ends[0]), parse_moment(ends[1])
    except BadInput:
        return None


def _span(investigation: Investigation, frame: pd.DataFrame) -> timedelta:
    ends = _window(investigation)
    if ends:
        return ends[1] - ends[0]
    return timedelta() if frame.empty else frame["time"].max() - frame["time"].min()


def _step_name(step: timedelta) -> str:
    minutes = int(step.total_seconds() // 60)
    if minutes < 60:
        return "minute" if minutes == 1 else f"{minutes} minutes"
    return "hour" if minutes == 60 else f"{minutes // 60} hours"


def _at(moment: Any) -> str:
    return str(moment.strftime("%Y-%m-%d %H:%M UTC"))
