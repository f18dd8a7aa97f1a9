"""Does the client sign, or does the monitor admit unsigned calls?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.checks import fixes, links, names
from rumkit.checks.base import Check, failed, passed, skipped, unknown, warned
from rumkit.checks.from_trail import rows_of, told
from rumkit.checks.mend import admit_anonymous
from rumkit.checks.observed import seen_in_part, seen_to_work
from rumkit.checks.policies import decision_proof
from rumkit.checks.probed import refused
from rumkit.checks.refusal import (
    MAX_SKEW,
    Refusal,
    data_plane_region,
    refusal_of,
    refused_outcome,
)
from rumkit.checks.ways_in import ADMIT, SLIM_SIGNS
from rumkit.checks.words import shown
from rumkit.client.generations import CDN_HOST
from rumkit.client.options import KnownOption, known_text
from rumkit.model import Fix, Hop, Outcome, Proof, Section
from rumkit.trail.names import RESOURCE_POLICY_CHANGES

if TYPE_CHECKING:
    from rumkit.client.visit import Visit
    from rumkit.evidence import Evidence


_SIGN = fixes.configuration("Let the client sign", "signing: true")
_LEAVE_AS_SENT = fixes.advice(
    "Let nothing on the way change the request",
    "A signature covers host, path, query and body: a proxy that rewrites one of them or drops"
    " Authorization makes it invalid. Let it pass requests as they are, or let it sign and set"
    " signing: false in the client.",
)


def configured(evidence: Evidence) -> Outcome | None:
    """Fail for `signing: false` on a monitor that admits no unsigned calls."""
    snippet, behaviour = evidence.snippet, evidence.behaviour
    asked_unsigned = evidence.option("signing") is False
    proof = Proof(
        "snippet",
        {
            "signing": shown(snippet.setting("signing")),
            "build": snippet.build,
            "client": behaviour.label,
        },
    )
    if evidence.flow == "none":
        return skipped(
            "The client has no credentials to sign with: see credentials-configured.", proof
        )
    if evidence.flow != "unsigned":
        if asked_unsigned:
            return warned(
                f"The snippet says signing: false and client {behaviour.label} signs all the"
                " same, since it has an identity pool. From 2.0 on the option is honoured and"
                " PutRumEvents would be refused.",
                proof,
                fixes=(fixes.configuration("Remove the option", "signing: true"),),
            )
        return passed("The client signs its requests.", proof)
    host = snippet.data_plane_host(behaviour)
    if host and not data_plane_region(host):
        return unknown(
            f"The client sends unsigned to {host}, which is not a host of AWS: a proxy there must"
            " sign the requests, and rumkit cannot see whether it does.",
            proof,
        )
    return _unsigned(evidence, proof)


def _unsigned(evidence: Evidence, proof: Proof) -> Outcome:
    decision = evidence.anonymous_decision
    seen = decision_proof("rum:GetResourcePolicy", decision, monitor=evidence.monitor.name)
    if decision.outcome == "allowed":
        return passed("The monitor's resource policy admits unsigned calls.", proof, seen)
    if evidence.resource_policy is not None:
        return skipped("The client sends unsigned; the monitor's resource policy decides.", proof)
    return failed(
        "The client sends unsigned and the monitor has no resource policy that admits it:"
        " PutRumEvents answers 403 MissingAuthenticationTokenException.",
        proof,
        seen,
        fixes=(_sign(evidence), *admit_anonymous(evidence)),
    )


def _sign(evidence: Evidence) -> Fix:
    """Return what makes the client sign: the full build, or the options."""
    snippet = evidence.snippet
    if snippet.build == "slim" and snippet.kind == "loader":
        version = snippet.version.text or "3.x"
        return fixes.client_url(
            "Load the full build, which signs with the identity pool's credentials",
            f"https://{CDN_HOST}/{version}/cwr.js",
        )
    own = known_text(snippet.setting("identityPoolId"))
    pool = own or evidence.configured_or_none("IdentityPoolId")
    lines = ["signing: true", *([fixes.member("identityPoolId", pool)] if pool else [])]
    return fixes.configuration(
        "Let the client sign (the full build does so with an identity pool)", ",\n".join(lines)
    )


def observed(evidence: Evidence) -> Outcome | None:
    """Check the signature, by Authorization or X-Amz-Signature."""
    visit = evidence.visit
    if refusal := refusal_of(visit, names.SIGNING):
        text = f"PutRumEvents is refused: {refusal.why}.{_why_unsigned(visit)}"
        return refused_outcome(visit, refusal, text, _sign_again(visit, refusal))
    skewed = [c for c in visit.delivered if abs(c.clock_skew or 0.0) > MAX_SKEW]
    if skewed:
        return seen_in_part(
            f"This computer's clock differs from AWS's by {abs(skewed[0].clock_skew or 0):.0f} s; "
            "beyond 5 minutes signatures are refused.",
            skewed,
            fixes=(fixes.SET_CLOCK,),
        )
    if not visit.delivered:
        return None
    states = {call.signature.state for call in visit.delivered if call.signature}
    words = "Events are accepted as they are signed."
    if states == {"none"}:
        words = "Unsigned events are accepted (a resource policy or a proxy admits them)."
    elif "stripped" in states:
        words = "Events are accepted; the export dropped Authorization, as is the default."
    return seen_to_work(words, visit.delivered[:1])


def _sign_again(visit: Visit, cause: Refusal) -> tuple[Fix, ...]:
    """Return what mends a signature: the clock, the option, or what changes the request."""
    if "clock" in cause.why:
        return (fixes.SET_CLOCK,)
    if cause.call.signature and cause.call.signature.signed is False:
        slim = visit.behaviour.build == "slim"
        return (SLIM_SIGNS if slim else _SIGN, ADMIT)
    return (_LEAVE_AS_SENT,)


def _why_unsigned(visit: Visit) -> str:
    if visit.behaviour.build == "slim":
        return " The slim build does not sign unless setSigningConfigFactory is given."
    if visit.setting("signing") == KnownOption(value=False):
        return " The page says signing: false."
    return ""


def recorded(evidence: Evidence) -> Outcome | None:
    """Fail for calls that reached RUM without a signature."""
    rows = rows_of(evidence, names.SIGNING)
    if not rows:
        return None
    lead = "The client sends unsigned, or a proxy drops the Authorization header."
    return told(evidence, rows, lead, (_SIGN, ADMIT), certain=False)


CHECK = Check(
    id=names.SIGNING,
    hop=Hop.AUTHORIZE,
    section=Section.RETURNS_403,
    title="The client signs its requests, or the monitor admits unsigned ones",
    configured=configured,
    observed=observed,
    recorded=recorded,
    probed=refused(names.SIGNING),
    changes=RESOURCE_POLICY_CHANGES,
    docs=(f"{links.MONITORING}/CloudWatch-RUM-get-started-authorization.html",),
)
