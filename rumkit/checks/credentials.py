"""The guide's subsection "No AWS Credentials"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.checks import fixes
from rumkit.checks.base import Check, failed, passed, skipped, unknown, warned
from rumkit.checks.words import shown
from rumkit.model import Hop, Proof, Section

if TYPE_CHECKING:
    from rumkit.evidence import Evidence
    from rumkit.model import Fix, Outcome

_AUTH = "https://github.com/aws-observability/aws-rum-web/blob/main/docs/concepts/auth.md"
_TITLES = {
    "enhanced": "The client asks the identity pool for credentials (enhanced flow).",
    "basic": "The client asks the identity pool for a token and STS for credentials (basic flow).",
}


def credentials_configured(evidence: Evidence) -> Outcome:
    """Fail for a snippet with neither `identityPoolId` nor `setAwsCredentials`."""
    snippet, flow = evidence.snippet, evidence.flow
    if not snippet.configured:
        return skipped("The snippet hands the client no configuration at all: see snippet-present.")
    proof = Proof(
        "snippet",
        {
            "flow": flow,
            "identityPoolId": shown(snippet.get("identityPoolId", "none")),
            "guestRoleArn": shown(snippet.get("guestRoleArn", "none")),
        },
    )
    if flow in _TITLES:
        return passed(_TITLES[flow], proof)
    if flow == "unsigned":
        return skipped("The client sends unsigned; it needs no credentials.", proof)
    if flow == "own-credentials":
        return _own(evidence, proof)
    if flow == "unknown":
        return unknown("The snippet's credentials are an expression.", proof)
    return failed(
        "The snippet names no identity pool and no script that was read calls"
        " setAwsCredentials: the client has no credentials and sends nothing.",
        proof,
        fixes=_give_credentials(evidence),
    )


def _own(evidence: Evidence, proof: Proof) -> Outcome:
    if evidence.behaviour.late_credentials_disable:
        return warned(
            "The page gives the client its own credentials. In this version they must come"
            " within 5 seconds of the start: the first dispatch without them switches the"
            " client off for good.",
            proof,
        )
    return unknown(
        "The page gives the client its own credentials with setAwsCredentials; what they may do,"
        " only a recording or CloudTrail shows.",
        proof,
    )


def _give_credentials(evidence: Evidence) -> tuple[Fix, ...]:
    pool = evidence.configured_or_none("IdentityPoolId")
    if pool:
        return (
            fixes.configuration(
                "Name the monitor's identity pool",
                fixes.member("identityPoolId", pool),
                side_effect=fixes.SCANNERS,
            ),
        )
    return (
        fixes.configuration(
            "Name an identity pool, or hand over credentials",
            "identityPoolId: 'REGION:POOL_ID'\n// or: cwr('setAwsCredentials', credentials)",
        ),
    )


CHECKS = (
    Check(
        "credentials-configured",
        Hop.CREDENTIALS,
        Section.EVENTS_NOT_SENT,
        "The client has a way to get credentials",
        credentials_configured,
        (_AUTH,),
    ),
)
