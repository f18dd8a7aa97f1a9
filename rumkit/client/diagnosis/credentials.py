"""What a recording says on the third hop: Cognito and STS, judged from the first bad reply.

A Cognito failure makes clients before 1.16.2 go on to STS with `WebIdentityToken=undefined`, so
an STS reply counts only when every Cognito reply before it was good.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rumkit.client.diagnosis.case import (
    Case,
    RecordingVerdict,
    failed,
    passed,
    unknown,
    warned,
)
from rumkit.client.har.conversation import COGNITO_CALLS, Call, Kind

if TYPE_CHECKING:
    from collections.abc import Callable

_THROTTLED = ("TooManyRequestsException", "ThrottlingException", "Throttling")
_CLASSIC = re.compile(r"(?i)classic\) flow is not (enabled|supported)")
_GUESTS = re.compile(r"(?i)unauthenticated access is not supported")


def cause_of(case: Case, call: Call) -> str:
    """Return the check that a failed Cognito or STS call belongs to, or an empty text."""
    if call.error_type in _THROTTLED or call.status == 429:
        return "throttling"
    if call.kind is Kind.ASSUME_ROLE:
        return _sts_cause(case, call)
    number = case.version.number
    old = number < (1, 15, 0) if number else case.asked_with_pool_id(call)
    if call.kind is Kind.GET_CREDENTIALS and old:
        return "client-version"
    return _cognito_cause(case, call)


def _cognito_cause(case: Case, call: Call) -> str:
    asked = case.load_of(call).of(Kind.GET_ID)
    if _GUESTS.search(call.error_message):
        return "identity-pool"
    if call.kind is Kind.GET_OPEN_ID_TOKEN and call.error_type == "InvalidParameterException":
        without = bool(call.vending and call.vending.identity == "missing")
        unsaid = not call.error_message and not without
        return "classic-flow" if unsaid or _CLASSIC.search(call.error_message) else ""
    if call.error_type == "InvalidIdentityPoolConfigurationException":
        return "pool-guest-role"
    if call.kind is Kind.GET_ID:
        reached = call.status >= 400
        unresolved = "could not be resolved" in case.why_silent(call)
        refused = call.error_type != "InternalErrorException" and call.status < 500
        return "identity-pool" if (reached and refused) or unresolved else ""
    if call.error_type == "ResourceNotFoundException" and asked:
        return "identity-pool"
    return ""


def _sts_cause(case: Case, call: Call) -> str:
    if call.vending and call.vending.token_undefined:
        return ""
    before = [c for c in case.load_of(call).of(*COGNITO_CALLS) if c.index < call.index]
    if before and before[-1].failed:
        return ""
    if call.error_type == "RegionDisabledException" or call.status >= 500 or not call.status:
        return ""
    if call.error_type == "InvalidIdentityToken":
        return "" if "not a valid JWT" in call.error_message else "guest-role-trust"
    expired = "Expired" in call.error_type
    return "" if expired else "guest-role-trust"


def decisive(case: Case) -> Call | None:
    """Return the first Cognito or STS call that failed and never worked later."""
    return next((c for c in case.vending if c.failed and not case.healed(c)), None)


def _judged(
    case: Case, check: str, sentence: Callable[[Call], tuple[str, bool]]
) -> RecordingVerdict | None:
    """Return the verdict of a check whose call failed; a warning when it worked later."""
    for call in case.vending:
        if not call.failed or cause_of(case, call) != check:
            continue
        text, certain = sentence(call)
        same = [c for c in case.vending if c.failed and c.kind is call.kind]
        if case.healed(call):
            return warned(f"{text} It worked later in the recording.", same, certain=certain)
        return failed(text, same, certain=certain)
    return None


def identity_pool(case: Case) -> RecordingVerdict | None:
    """Judge GetId: the pool exists, in this region, and admits guests."""
    verdict = _judged(case, "identity-pool", lambda call: _pool_sentence(case, call))
    if verdict:
        return verdict
    good = [c for c in case.vending if c.kind is not Kind.ASSUME_ROLE and c.ok]
    return passed("Cognito knows the identity pool and admits guests.", good[:1]) if good else None


def _pool_sentence(case: Case, call: Call) -> tuple[str, bool]:
    pools = ", ".join(sorted(case.pool_ids)) or "the identity pool"
    if _GUESTS.search(call.error_message):
        return (
            (
                f"Cognito refuses guests: unauthenticated access is switched off for {pools} "
                "(AllowUnauthenticatedIdentities)."
            ),
            True,
        )
    if call.error_type == "ResourceNotFoundException":
        return (
            (
                f"Cognito does not know {pools} in the region of {call.host}: it was deleted, "
                "or its id is wrong."
            ),
            True,
        )
    if call.error_type == "ValidationException":
        return (f"Cognito does not take {pools} for an identity pool's id.", True)
    if not call.status:
        return (
            (
                f"{call.host} can't be resolved: the region in front of the identity pool's id "
                f"({pools}) has no Cognito."
            ),
            False,
        )
    if call.error_type == "NotAuthorizedException":
        return (f"Cognito refuses {pools}: guest access is likely off.", False)
    return (f"{call.kind} answers {call.trouble}.", bool(call.error_type))


def classic_flow(case: Case) -> RecordingVerdict | None:
    """Judge GetOpenIdToken: the pool allows the basic (classic) flow."""
    verdict = _judged(case, "classic-flow", lambda call: _classic_sentence(case, call))
    if verdict:
        return verdict
    tokens = [c for c in case.vending if c.kind is Kind.GET_OPEN_ID_TOKEN]
    good = [c for c in tokens if c.ok and not (c.vending and c.vending.token_undefined)]
    if good:
        return passed("The identity pool allows the basic (classic) flow.", good[:1])
    if not tokens and case.flow == "enhanced":
        return passed("The client uses the enhanced flow, which needs no classic flow.")
    return None


def _classic_sentence(case: Case, call: Call) -> tuple[str, bool]:
    number = case.version.number
    remedy = (
        "remove guestRoleArn from the page's configuration, or set AllowClassicFlow: true"
        if number is None or number >= (1, 15, 0)
        else "set AllowClassicFlow: true, or use client 1.15 or newer without guestRoleArn"
    )
    follows = any(c.vending and c.vending.token_undefined for c in case.vending)
    consequence = (
        " The STS reply (InvalidIdentityToken) is its consequence: this client goes on with "
        "WebIdentityToken=undefined."
        if follows
        else ""
    )
    said = f": {call.error_message}" if call.error_message else ""
    return (
        (
            f"GetOpenIdToken answers {call.status} {call.error_type}{said.rstrip('.')}. The page "
            f"chooses the basic (classic) flow, which the identity pool does not allow; {remedy}."
            f"{consequence}"
        ),
        bool(call.error_message),
    )


def guest_role_trust(case: Case) -> RecordingVerdict | None:
    """Judge AssumeRoleWithWebIdentity: the guest role trusts this pool's guests."""

    def sentence(call: Call) -> tuple[str, bool]:
        role = call.vending.role_arn if call.vending else ""
        named = f" for {role}" if role else ""
        if call.error_type in ("ValidationError", "ValidationException"):
            return (
                f"STS does not take guestRoleArn for a role's ARN{named}: {call.trouble}.",
                True,
            )
        return (
            (
                f"Cognito gave a token, and STS answers {call.status} {call.error_type}"
                f"{named}: the role's trust policy likely does not admit this pool's guests. "
                "A missing role or a service control policy looks the same from here."
            ),
            False,
        )

    verdict = _judged(case, "guest-role-trust", sentence)
    good = [c for c in case.vending if c.kind is Kind.ASSUME_ROLE and c.ok]
    return verdict or (passed("STS let the guest assume the role.", good[:1]) if good else None)


def pool_guest_role(case: Case) -> RecordingVerdict | None:
    """Judge GetCredentialsForIdentity: the pool has a guest role that Cognito can assume."""

    def sentence(call: Call) -> tuple[str, bool]:
        return (
            (
                f"GetCredentialsForIdentity answers {call.trouble}: the pool has no role for "
                "guests, or that role's trust policy does not admit the pool."
            ),
            True,
        )

    verdict = _judged(case, "pool-guest-role", sentence)
    good = [c for c in case.vending if c.kind is Kind.GET_CREDENTIALS and c.ok]
    if verdict or not good:
        return verdict
    return passed("Cognito gave credentials of the pool's guest role.", good[:1])


def token_vending_failures(case: Case) -> RecordingVerdict | None:
    """Collect every failed Cognito and STS call; a symptom."""
    bad = [call for call in case.vending if call.failed]
    if not bad:
        if any(call.ok for call in case.vending):
            return passed("Every Cognito and STS call that was answered succeeded.")
        if case.vending:
            return unknown("No Cognito or STS call was answered before the recording ended.")
        return None
    first = decisive(case) or bad[0]
    cause = case.why_silent(first)
    text = (
        f"{first.kind} got no reply: {cause}."
        if cause
        else f"The first bad reply is {first.kind}'s: {first.trouble}."
    )
    if decisive(case) is None:
        return warned(f"{text} It worked later in the recording.", bad)
    return failed(text + _afterwards(case), bad)


def _afterwards(case: Case) -> str:
    if case.behaviour.disables == "any-rejection" and case.version.number:
        return f" After that {case.label} stops sending until the page is loaded again."
    return ""
