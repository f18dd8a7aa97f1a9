"""What the rows of a trail say: which were refused and why, and what was changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rumkit.trail.changed import resource_kind
from rumkit.trail.names import CHANGES, KIND_OF
from rumkit.trail.query import attached_for_a_while

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from datetime import datetime

    from rumkit.trail.events import TrailEvent
    from rumkit.trail.query import TrailQuery

_REASON_WORDS: Final = (" because ", " with an explicit deny ")


@dataclass(frozen=True)
class ConfigurationChange:
    """One configuration change: when, who, on what, and what changed.

    `concerns` is whether it changed a resource that this installation is known to use; a change
    that only may concern it does not. `resource_kind` is monitor, pool, role or policy.
    """

    time: datetime
    name: str
    resource: str
    changed: str
    principal: str
    session_name: str
    source_address: str
    error_code: str
    event_id: str
    concerns: bool = True
    resource_kind: str = ""


def denied(row: TrailEvent) -> bool:
    """Return whether a call was refused for want of permission, not for another reason."""
    return row.failure == "denial"


def changes(
    rows: Iterable[TrailEvent], query: TrailQuery | None = None
) -> list[ConfigurationChange]:
    """Return configuration changes, newest first; those that were refused have an error code.

    With the query that gave the rows each change says whether it concerns what was asked for;
    without one all do.
    """
    events = of_kinds(rows, {CHANGES}, lambda _: True)
    ours = [row for row in events if query is not None and query.is_about(row)]
    attached = attached_for_a_while(ours)
    return [
        ConfigurationChange(
            row.time,
            row.name,
            row.resource,
            row.changed,
            row.principal,
            row.session_name,
            row.source_address,
            row.error_code,
            row.event_id,
            concerns=query is None or query.is_about(row, attached),
            resource_kind=resource_kind(row.source, row.name),
        )
        for row in reversed(events)
    ]


def reason_of(row: TrailEvent) -> str:
    """Return why a call failed, without the ids that make every message different.

    IAM's messages end in the reason ("because no identity-based policy allows ..."); other
    messages stand for themselves, and a call without one has its error code.
    """
    message = row.error_message
    for words in _REASON_WORDS:
        _, found, rest = message.partition(words)
        if found:
            return f"{words.strip()} {rest}".removeprefix("because ")
    return message or row.error_code


def of_kinds(
    rows: Iterable[TrailEvent], kinds: Collection[str], test: Callable[[TrailEvent], bool]
) -> list[TrailEvent]:
    """Return the rows of some kinds that pass a test, oldest first."""
    events = [row for row in rows if KIND_OF.get((row.source, row.name)) in kinds and test(row)]
    return sorted(events, key=lambda row: (row.time, row.event_id))
