"""Witnesses that speak by the refusals of a trail.

For where no account was read: there the configuration itself answers, and better.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.checks import names
from rumkit.checks.base import failed, warned
from rumkit.checks.trail_causes import cause_of
from rumkit.checks.trail_failures import failures_proof, passed_since
from rumkit.checks.words import count
from rumkit.target import iso
from rumkit.trail.names import PUT_NAMES

if TYPE_CHECKING:
    from rumkit.checks.names import CheckId
    from rumkit.evidence import Evidence
    from rumkit.model import Fix, Outcome
    from rumkit.trail.events import TrailEvent

_PUT_CHECKS = frozenset(
    {names.GUEST_ROLE_PERMISSION, names.RESOURCE_POLICY, names.SIGNING, names.ENDPOINT_REGION}
)


def rows_of(
    evidence: Evidence, check: CheckId, *, undecided: bool = False
) -> tuple[TrailEvent, ...]:
    """Return the failed calls whose answers name what a check is about, oldest first.

    None are returned where the account itself can be asked, or no trail was named; but where the
    account leaves it `undecided`, what AWS answered decides.
    """
    unasked = evidence.target.trail in {"auto", "none"} or evidence.account_or_none() is not None
    if unasked and not undecided:
        return ()
    seen = evidence.put_events if check in _PUT_CHECKS else evidence.vending
    region = evidence.region_name() or ""
    return tuple(row for row in seen.rows if cause_of(row, region) == check)


def told(
    evidence: Evidence,
    rows: tuple[TrailEvent, ...],
    lead: str,
    fixes: tuple[Fix, ...],
    *,
    certain: bool = True,
) -> Outcome:
    """Return the failure that recorded calls tell of: what it means, and what AWS answered.

    It is a warning where calls of the same name have succeeded since.
    """
    last = rows[-1]
    seen = evidence.put_events if last.name in PUT_NAMES else evidence.vending
    answer = f"{last.error_code}: {last.error_message}".rstrip(" .:")
    text = (
        f"{lead} {count(len(rows), f'{last.name} call')} failed, the last at {iso(last.time)} with"
        f" {answer}."
    )
    proof = failures_proof(seen, rows)
    if since_then := passed_since(seen, rows):
        return warned(f"{text} {since_then}", proof, fixes=fixes, certain=certain)
    return failed(text, proof, fixes=fixes, certain=certain)
