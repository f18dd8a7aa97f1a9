"""Plots as SVG that follow the page's theme, each with a sentence that says what is seen."""

from __future__ import annotations

import re
from datetime import timedelta
from io import StringIO
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from rumkit.model import BadInput
from rumkit.show.template import fill
from rumkit.show.views import Drawn
from rumkit.show.words import count, one_line, onset_sentence
from rumkit.target import parse_moment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    import pandas as pd
    from markupsafe import Markup
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
    _draw_onset(rows, investigation)
    return _drawn(figure, "timeline", timeline_sentence(investigation))


def plot(investigation: Investigation, name: str) -> Drawn:
    """Return a plot by its name: `arrival`, `denials` or `timeline`. Raises BadInput."""
    known = {"arrival": arrival, "denials": denials, "timeline": timeline}
    if name not in known:
        raise BadInput(f"There is no plot {name!r}; the plots are {', '.join(known)}.")
    return known[name](investigation)


def arrival_sentence(frame: pd.DataFrame) -> str:
    """Say how many events arrived, and since when none did."""
    arrived = frame[frame["events"] > 0]
    if arrived.empty:
        return (
            f"No event arrived between {_at(frame['time'].min())} and {_at(frame['time'].max())}."
        )
    total = count(int(frame["events"].sum()), "event")
    last = arrived["time"].max()
    if not falls_silent(frame):
        return f"{total} arrived, the last in the period from {_at(last)}."
    sentence = f"{total} arrived; none since the period from {_at(last)}"
    if not _has_requests(frame):
        return f"{sentence}."
    missed = int(frame.loc[frame["time"] > last, "requests"].sum())
    return f"{sentence}, while the site had {count(missed, 'request')}."


def denial_sentence(frame: pd.DataFrame) -> str:
    """Say how many calls were denied, from when to when."""
    calls = count(len(frame), "call of PutRumEvents was", "calls of PutRumEvents were")
    first, last = frame["time"].min(), frame["time"].max()
    return f"{calls} denied between {_at(first)} and {_at(last)}."


def timeline_sentence(investigation: Investigation) -> str:
    """Say since when it is bad, and which change came last before that."""
    since = onset_sentence(investigation)
    if not since:
        return "Neither silence nor denials begin within this window."
    onset = investigation.onset
    what = f"{one_line(onset.what).capitalize()} {one_line(onset.direction)}: " if onset else ""
    return f"{what}{since} The grey band is when it began."


def falls_silent(frame: pd.DataFrame) -> bool:
    """Tell whether the pause at the end is longer than every earlier one.

    `frame` has a row for each period, those without events too.
    """
    filled = [place for place, events in enumerate(frame["events"]) if events > 0]
    pauses = [later - earlier - 1 for earlier, later in pairwise(filled)]
    return bool(filled) and len(frame) - 1 - filled[-1] > max(pauses, default=0)


def _has_requests(frame: pd.DataFrame) -> bool:
    return "requests" in frame and bool(frame["requests"].notna().any())


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
    if _has_requests(frame):
        _draw_requests(axes, frame, each)


def _draw_requests(axes: Axes, frame: pd.DataFrame, each: str) -> None:
    """Draw the site's requests on an axis of their own: their number is of another size."""
    beside = axes.twinx()
    beside.patch.set_alpha(0)
    beside.spines[["top", "left", "bottom"]].set_visible(False)
    beside.spines["right"].set_color(_GREY)
    beside.tick_params(colors=_INK, labelsize=9)
    beside.set_ylabel(f"requests (dashed)\nper {each}", color=_INK)
    requests = frame["requests"].astype("float64")
    beside.step(frame["time"], requests, where="post", color=_GREY, linewidth=1.4, linestyle="--")
    beside.set_ylim(bottom=0)


def _draw_onset(rows: Sequence[Axes], investigation: Investigation) -> None:
    onset = investigation.onset
    if onset is None:
        return
    # Matplotlib takes moments here, which its annotations do not say.
    ends: Any = parse_moment(onset.earliest), parse_moment(onset.latest)
    for axes in rows:
        axes.axvspan(ends[0], ends[1], color=_GREY, alpha=0.3, linewidth=0)


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
    html = fill("plot.html", label=f"Plot: {name}", sentence=sentence, drawing=_svg(figure, name))
    return Drawn(html, sentence + "\n")


def _svg(figure: Figure, name: str) -> Markup:
    """Return inline SVG behind its `<svg `: text as text, ids of its own, the same on every run."""
    from markupsafe import Markup
    from matplotlib import rc_context

    written = StringIO()
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": f"rumkit-{name}"}):
        figure.savefig(written, format="svg", transparent=True, metadata={"Date": None})
    svg = written.getvalue()
    svg = svg.partition("<svg ")[2].replace(_INK, "currentColor")
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    # Colours look like references to ids.
    svg = re.sub(r'(\bid="|#(?![0-9a-f]{6}\b))([\w-]+)', rf"\1rk-{name}-\2", svg)
    return Markup(svg)  # noqa: S704 - matplotlib escapes its texts


def _sentence(text: str) -> Drawn:
    return Drawn(fill("sentence.html", label="Plot", sentence=text), text + "\n")


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
