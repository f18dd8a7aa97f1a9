"""Which check a failed Cognito or STS call belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.aws.errors import is_throttled
from rumkit.checks import names
from rumkit.checks.observed import seen_in_part, seen_to_fail
from rumkit.checks.trail_causes import BASIC_REFUSED, NO_GUESTS
from rumkit.client.har.conversation import COGNITO_CALLS, Call, Kind
from rumkit.client.har.silence import Silent
from rumkit.client.visit import IN_BETWEEN

if TYPE_CHECKING:
    from collections.abc import Callable

    from rumkit.checks.names import CheckId
    from rumkit.client.visit import Visit
    from rumkit.model import Fix, Outcome


def cause_of(visit: Visit, call: Call) -> CheckId | None:
    """Return the check that a failed Cognito or STS call belongs to, None when it says nothing."""
    if call.author in IN_BETWEEN:
        return None
    if is_throttled(call.error_type) or call.status == 429:
        return names.THROTTLING
    if call.kind is Kind.ASSUME_ROLE:
        return _sts_cause(visit, call)
    number = visit.version.number
    old = number < (1, 15, 0) if number else visit.asked_with_pool_id(call)
    if call.kind is Kind.GET_CREDENTIALS and old:
        return names.CLIENT_VERSION
    return _cognito_cause(visit, call)


def _cognito_cause(visit: Visit, call: Call) -> CheckId | None:
    if NO_GUESTS.search(call.error_message):
        return names.IDENTITY_POOL
    if call.kind is Kind.GET_OPEN_ID_TOKEN and call.error_type == "InvalidParameterException":
        without = bool(call.vending and call.vending.identity == "missing")
        unsaid = not call.error_message and not without
        return names.CLASSIC_FLOW if unsaid or BASIC_REFUSED.search(call.error_message) else None
    if call.error_type == "InvalidIdentityPoolConfigurationException":
        return names.POOL_GUEST_ROLE
    if call.kind is Kind.GET_ID:
        refused = 400 <= call.status < 500 and call.error_type != "InternalErrorException"
        return names.IDENTITY_POOL if refused or _no_such_host(call) else None
    if call.error_type == "ResourceNotFoundException" and visit.load_of(call).of(Kind.GET_ID):
        return names.IDENTITY_POOL
    return None


def _no_such_host(call: Call) -> bool:
    """Tell whether Cognito's host does not exist, so that the pool's id names no region."""
    silence = call.silence
    return silence is not None and silence.kind is Silent.DNS and silence.host_possible is False


def _sts_cause(visit: Visit, call: Call) -> CheckId | None:
    if call.vending and call.vending.token_undefined:
        return None
    before = [c for c in visit.load_of(call).of(*COGNITO_CALLS) if c.index < call.index]
    if before and before[-1].failed:
        return None
    if call.error_type == "RegionDisabledException" or call.status >= 500 or not call.status:
        return None
    if call.error_type == "InvalidIdentityToken" and "not a valid JWT" in call.error_message:
        return None
    return None if "Expired" in call.error_type else names.GUEST_ROLE_TRUST


def refused_call(
    visit: Visit,
    check: CheckId,
    sentence: Callable[[Call], tuple[str, bool]],
    fixes_for: Callable[[Call], tuple[Fix, ...]],
) -> Outcome | None:
    """Return the outcome of a check whose call failed; a warning when it worked later.

    `sentence` says of a call what happened, and whether that is certain.
    """
    for call in visit.vending:
        if not call.failed or cause_of(visit, call) != check:
            continue
        text, certain = sentence(call)
        same = [c for c in visit.vending if c.failed and c.kind is call.kind]
        fixes = fixes_for(call)
        if visit.healed(call):
            text = f"{text} {visit.healing(call)}"
            return seen_in_part(text, same, certain=certain, fixes=fixes)
        return seen_to_fail(text, same, certain=certain, fixes=fixes)
    return None
