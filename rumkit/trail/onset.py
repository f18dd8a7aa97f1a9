"""When did it begin: the moment at which a rate of events changed, and what was changed before.

Counts in bins of equal width are taken as Poisson with one rate before the change and another
after it. Every edge of a bin is weighed by its marginal likelihood (both rates integrated out
under a Gamma prior), against no change at all. The posterior gives the most likely edge, a
credible interval and how likely it is that there was a change. Raftery and Akman (1986) describe
the model.

A daily rhythm looks like a change to this model. Where site traffic is known, each bin's expected
count is in proportion to it, and the rhythm cancels out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime, timedelta

    from rumkit.target import Window
    from rumkit.trail.views import ConfigurationChange

Direction = Literal["stopped", "fell", "began", "rose", ""]
_LESS: Final = frozenset({"stopped", "fell"})
_MORE: Final = frozenset({"began", "rose"})

_LEAST_BINS: Final = 8
_LEAST_EVENTS: Final = 10
# A change must be this likely, and change the rate by this factor, to be called one.
_SURE: Final = 0.95
_FACTOR: Final = 2.0
# Gamma prior of a rate relative to the mean of all bins: a shape of 0.5 is wide and allows zero.
_SHAPE: Final = 0.5
# A change is this likely before anything is seen.
_PRIOR: Final = 0.1
# Rates that wander on their own have more variance than Poisson; likelihoods are tempered by it.
_MOST_DISPERSED: Final = 200.0


@dataclass(frozen=True)
class RateChange:
    """When a rate changed. `moment` is None when no change was found or there is too little data.

    The change lies between `earliest` and `latest` with a probability of 95 %, if there was one;
    `probability` says how likely that is. Rates are per bin, before and after. `note` says in a
    sentence what was found and what it rests on.
    """

    moment: datetime | None
    earliest: datetime | None
    latest: datetime | None
    direction: Direction
    probability: float
    before: float
    after: float
    note: str


@dataclass(frozen=True)
class Began:
    """When arrival stopped or fell, or denials began or rose, and the changes before it."""

    what: Literal["arrival", "denials"]
    onset: RateChange
    causes: tuple[EarlierChange, ...]


@dataclass(frozen=True)
class EarlierChange:
    """A change that came before an onset, and how long before; `within` the credible interval."""

    change: ConfigurationChange
    lead: timedelta
    within: bool


def bins_of(moments: Iterable[datetime], window: Window, *, count: int = 96) -> list[int]:
    """Count moments in `count` bins of equal width over a window; others are left out."""
    counts = [0] * count
    width = (window.until - window.since) / count
    for moment in moments:
        if window.since <= moment < window.until:
            counts[min(count - 1, int((moment - window.since) / width))] += 1
    return counts


def find_onset(
    counts: Sequence[float],
    since: datetime,
    width: timedelta,
    *,
    traffic: Sequence[float] | None = None,
) -> RateChange:
    """Return when the rate behind `counts` changed; each count covers `width`, from `since` on.

    `traffic` are counts of the same bins that should move together with `counts` (requests to
    the site); bins without traffic tell nothing and are left out. Raises ValueError where the
    lengths differ.
    """
    exposure = _exposure(counts, traffic)
    used = [index for index, weight in enumerate(exposure) if weight > 0]
    seen = [max(0.0, counts[index]) for index in used]
    weights = [exposure[index] for index in used]
    lacking = _too_little(seen)
    if lacking:
        return RateChange(None, None, None, "", 0.0, _mean(seen), _mean(seen), lacking)
    return _decide(seen, weights, used, since, width, rhythm=traffic is None)


def began(
    arrived: Sequence[tuple[datetime, int]],
    denied: Sequence[datetime],
    changes: Iterable[ConfigurationChange],
    window: Window,
    width: timedelta,
    *,
    traffic: Sequence[float] | None = None,
) -> Began | None:
    """Return since when it is bad: by what arrived, else by what was denied; None for neither.

    What came back to what it was before is over, and nothing is bad since then.

    `arrived` are (start of period, events), each period `width` long, with `traffic` in the same
    periods. A period that the window cuts short says nothing of the rate in it.
    """
    whole = [count for at, count in arrived if at + width <= window.until]
    # A site whose traffic was never seen beside its events is another site.
    beside = traffic if traffic is not None and any(traffic) else None
    if whole:
        seen = beside[: len(whole)] if beside is not None else None
        onset = find_onset(whole, arrived[0][0], width, traffic=seen)
        if onset.direction in _LESS and not _over(onset, whole, arrived[0][0], width, seen):
            return Began("arrival", onset, tuple(causes(onset, changes)))
    bins = max(1, round((window.until - window.since) / width))
    counts = bins_of(denied, window, count=bins)
    each = (window.until - window.since) / bins
    onset = find_onset(counts, window.since, each)
    if onset.direction in _MORE and not _over(onset, counts, window.since, each, None):
        return Began("denials", onset, tuple(causes(onset, changes)))
    return None


def _over(
    onset: RateChange,
    counts: Sequence[float],
    since: datetime,
    width: timedelta,
    traffic: Sequence[float] | None,
) -> bool:
    """Tell whether the rate changed once more since, back to what it was before."""
    if onset.moment is None:
        return False
    first = round((onset.moment - since) / width)
    beside = traffic[first:] if traffic is not None else None
    again = find_onset(counts[first:], onset.moment, width, traffic=beside)
    if again.moment is None:
        return False
    back = round((again.moment - since) / width)
    exposure = _exposure(counts, traffic)
    before = sum(counts[:first]) / (sum(exposure[:first]) or 1.0)
    after = sum(counts[back:]) / (sum(exposure[back:]) or 1.0)
    return _direction(before, after) not in (_LESS if onset.direction in _LESS else _MORE)


def _exposure(counts: Sequence[float], traffic: Sequence[float] | None) -> list[float]:
    if traffic is None:
        return [1.0] * len(counts)
    if len(traffic) != len(counts):
        raise ValueError("counts and traffic have different lengths")
    mean = _mean([weight for weight in traffic if weight > 0]) or 1.0
    return [max(0.0, weight) / mean for weight in traffic]


def _too_little(seen: Sequence[float]) -> str:
    if len(seen) < _LEAST_BINS:
        return f"Too little data to tell: {len(seen)} bins, {_LEAST_BINS} are needed."
    if sum(seen) < _LEAST_EVENTS:
        return f"Too little data to tell: {sum(seen):g} events, {_LEAST_EVENTS} are needed."
    return ""


def _decide(
    seen: Sequence[float],
    weights: Sequence[float],
    used: Sequence[int],
    since: datetime,
    width: timedelta,
    *,
    rhythm: bool,
) -> RateChange:
    posterior, probability = _posterior(seen, weights)
    edge = max(range(len(posterior)), key=posterior.__getitem__) + 1
    before = sum(seen[:edge]) / sum(weights[:edge])
    after = sum(seen[edge:]) / sum(weights[edge:])
    direction = _direction(before, after)
    low, high = _interval(posterior, 0.95)
    if probability < _SURE or not direction:
        note = "No change of rate that is more than chance."
        return RateChange(None, None, None, "", probability, before, after, note)
    moment = since + used[edge] * width
    # An edge says that the change lies somewhere in the bins on both sides of it.
    earliest = since + used[low - 1] * width
    latest = since + (used[high] + 1) * width
    return RateChange(
        moment,
        earliest,
        latest,
        direction,
        probability,
        before,
        after,
        _note(direction, moment, earliest, latest, before=before, after=after, rhythm=rhythm),
    )


def _posterior(seen: Sequence[float], weights: Sequence[float]) -> tuple[list[float], float]:
    """Return the weight of each inner edge, and the probability that there was a change."""
    mean = sum(seen) / sum(weights)
    temper = 1.0 / _dispersion(seen, weights)
    total = _evidence(sum(seen), sum(weights), mean)
    left_count = left_weight = 0.0
    logs: list[float] = []
    for count, weight in zip(seen[:-1], weights[:-1], strict=True):
        left_count += count
        left_weight += weight
        right_count, right_weight = sum(seen) - left_count, sum(weights) - left_weight
        both = _evidence(left_count, left_weight, mean) + _evidence(right_count, right_weight, mean)
        logs.append((both - total) * temper)
    top = max(logs)
    powers = [math.exp(value - top) for value in logs]
    mass = sum(powers)
    log_odds = top + math.log(mass / len(logs)) + math.log(_PRIOR / (1 - _PRIOR))
    probability = 1 / (1 + math.exp(-min(700.0, max(-700.0, log_odds))))
    return [power / mass for power in powers], probability


def _evidence(count: float, weight: float, mean: float) -> float:
    """Return the log marginal likelihood of a count, the rate integrated out over its prior."""
    scale = _SHAPE / mean
    return (
        _SHAPE * math.log(scale)
        - math.lgamma(_SHAPE)
        + math.lgamma(_SHAPE + count)
        - (_SHAPE + count) * math.log(scale + weight)
    )


def _dispersion(seen: Sequence[float], weights: Sequence[float]) -> float:
    """Return how much more neighbouring bins differ than Poisson counts do, at least 1.

    Differences of neighbours are hardly touched by one change of rate; the median ignores it.
    """
    ratios = []
    for index in range(1, len(seen)):
        rate = (seen[index] + seen[index - 1]) / (weights[index] + weights[index - 1])
        if rate > 0:
            difference = seen[index] / weights[index] - seen[index - 1] / weights[index - 1]
            expected = rate / weights[index] + rate / weights[index - 1]
            ratios.append(difference * difference / expected)
    if not ratios:
        return 1.0
    # The median of a chi-squared variable with one degree of freedom is 0.455.
    return min(_MOST_DISPERSED, max(1.0, sorted(ratios)[len(ratios) // 2] / 0.455))


def _interval(posterior: Sequence[float], mass: float) -> tuple[int, int]:
    """Return the first and last edge (from 1) of the smallest interval that holds a mass."""
    best = (1, len(posterior))
    start, held = 0, 0.0
    for end, weight in enumerate(posterior):
        held += weight
        while held - posterior[start] >= mass and start < end:
            held -= posterior[start]
            start += 1
        if held >= mass and end - start < best[1] - best[0]:
            best = (start + 1, end + 1)
    return best


def _direction(before: float, after: float) -> Direction:
    if after < before / _FACTOR:
        return "stopped" if after < before / 50 else "fell"
    if after > before * _FACTOR:
        return "began" if before < after / 50 else "rose"
    return ""


def _note(
    direction: Direction,
    moment: datetime,
    earliest: datetime,
    latest: datetime,
    *,
    before: float,
    after: float,
    rhythm: bool,
) -> str:
    sentence = (
        f"Events {direction} at about {moment:%Y-%m-%d %H:%M} UTC (95 % between "
        f"{earliest:%Y-%m-%d %H:%M} and {latest:%Y-%m-%d %H:%M}): "
        f"{before:.3g} before and {after:.3g} after, in each bin."
    )
    if rhythm and direction in {"fell", "rose"}:
        return f"{sentence} Site traffic was not compared: a daily rhythm can look like this."
    return sentence


def causes(onset: RateChange, changes: Iterable[ConfigurationChange]) -> list[EarlierChange]:
    """Return the changes that succeeded before the latest moment of an onset, nearest first.

    Those that are not known to concern this installation caused nothing here.
    """
    if onset.moment is None or onset.earliest is None or onset.latest is None:
        return []
    earlier = []
    for change in changes:
        if change.error_code or not change.concerns or change.time > onset.latest:
            continue
        inside = change.time >= onset.earliest
        earlier.append(EarlierChange(change, onset.moment - change.time, inside))
    return sorted(earlier, key=lambda cause: abs(cause.lead))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
