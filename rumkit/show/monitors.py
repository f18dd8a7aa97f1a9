"""An account's app monitors in lines for a terminal: the newly silent first, ready to be picked."""

from __future__ import annotations

import shlex
from datetime import timedelta
from typing import TYPE_CHECKING

from rumkit.show.words import count, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from rumkit.aws.arrivals import AccountArrivals, Heard

_HOUR = timedelta(hours=1)
_MOST_SHOWN, _MOST_NAMES = 30, 3


def described(
    account: AccountArrivals, *, now: datetime, profile: str | None, sandbox: bool
) -> str:
    """Return whose account it is and its monitors with last arrival and silence."""
    return "\n".join(_lines(account, now=now, profile=profile, sandbox=sandbox))


def _lines(
    account: AccountArrivals, *, now: datetime, profile: str | None, sandbox: bool
) -> Iterator[str]:
    from rumkit.show.screen import SANDBOX

    if sandbox:
        yield SANDBOX
    whose = f", profile {one_line(profile)}" if profile else ""
    where = {each.region for each in account.monitors}
    asked = count(len(account.regions), "Region")
    yield f"account {account.id}{whose}: {count(len(account.monitors), 'app monitor')} in " + (
        f"{len(where)} of {asked}" if len(account.regions) > 1 else account.regions[0]
    )
    ordered = sorted(account.monitors, key=lambda each: _order(each, now))
    shown = ordered[:_MOST_SHOWN]
    names = max([len("monitor"), *(len(each.name) for each in shown)])
    regions = max([len("region"), *(len(each.region) for each in shown)])
    if shown:
        head = f"{'monitor':<{names}}  {'region':<{regions}}"
        yield f"    {head}  last hour with events, UTC"
    for each in shown:
        place = f"{one_line(each.name):<{names}}  {each.region:<{regions}}"
        yield f"  {_sign(each, now)} {place}  {silence(each, now)}"
    if len(ordered) > len(shown):
        more = count(len(ordered) - len(shown), "more app monitor")
        yield f"    and {more}: rumkit monitors --json"
    yield from _unread(account)
    if shown:
        yield "look at one:"
        first, option = shown[0], ["--profile", profile] if profile and not sandbox else []
        named = ["--monitor", one_line(first.name), "--region", first.region, *option]
        yield f"  {shlex.join(['rumkit', 'investigate', *named])}"


def silence(each: Heard, now: datetime) -> str:
    """Return when events arrived last, and how long it is silent."""
    if each.unread:
        return f"not known: {one_line(each.unread)}"
    if each.last is None:
        return "none in the last 15 days"
    seen = f"{each.last:%Y-%m-%d %H:%M}"
    quiet = now - (each.last + _HOUR)
    if quiet < _HOUR:
        return f"{seen}, arriving"
    return f"{seen}, silent for {_length(quiet)}"


def _length(span: timedelta) -> str:
    hours = int(span / _HOUR)
    return count(hours // 24, "day") if hours >= 48 else count(hours, "hour")


def _order(each: Heard, now: datetime) -> tuple[int, timedelta, str, str]:
    """Put the newly silent first, then the never heard of, then those whose events arrive."""
    quiet = now - (each.last + _HOUR) if each.last else timedelta()
    rank = 1 if each.last is None else 0 if quiet >= _HOUR else 2
    return rank, quiet, each.region, each.name


def _sign(each: Heard, now: datetime) -> str:
    if each.unread:
        return "?"
    return "✓" if each.last and now - (each.last + _HOUR) < _HOUR else "!"


def _unread(account: AccountArrivals) -> Iterator[str]:
    reasons: dict[str, list[str]] = {}
    for region, reason in account.unread:
        reasons.setdefault(one_line(reason).replace(region, "REGION"), []).append(region)
    for reason, regions in reasons.items():
        names = ", ".join(regions[:_MOST_NAMES])
        if len(regions) > _MOST_NAMES:
            names = f"{count(len(regions), 'Region')} ({names}, …)"
        yield f"  ? {names}: {reason}"
    if account.off:
        yield f"  - {count(len(account.off), 'Region')} not switched on for this account"
