"""Has the client a way to get credentials?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rumkit.checks import fixes, links, names
from rumkit.checks.base import Check, failed, passed, skipped, unknown, warned
from rumkit.checks.observed import not_told, seen_to_fail, seen_to_work
from rumkit.checks.refusal import refusal_of, refused_outcome
from rumkit.checks.ways_in import SLIM_SIGNS, ways_to_credentials
from rumkit.checks.words import VENDED, shown
from rumkit.checks.written import fits, sentence, wrong_value
from rumkit.client.generations import CDN_HOST
from rumkit.client.options import LeftOut
from rumkit.client.source.templates import is_template
from rumkit.model import Hop, Outcome, Proof, Section

if TYPE_CHECKING:
    from rumkit.client.visit import Visit
    from rumkit.evidence import Evidence


_GIVES = re.compile(r"\(\s*['\"`]setAwsCredentials['\"`]")
_NEWER = fixes.client_url(
    "Load a client that waits for its credentials", f"https://{CDN_HOST}/1.x/cwr.js"
)
_PROVIDER = fixes.advice(
    "Give the client a function that fetches credentials, not the credentials themselves",
    "setAwsCredentials takes either. A function is called again when what it returned has expired;"
    " what it returns needs an `expiration`, and it can be given at once, before the sign-in ends.",
)
_TITLES = {
    "enhanced": "The client asks the identity pool for credentials (enhanced flow).",
    "basic": "The client asks the identity pool for a token and STS for credentials (basic flow).",
}


def configured(evidence: Evidence) -> Outcome | None:
    """Fail for a snippet with neither `identityPoolId` nor `setAwsCredentials`."""
    snippet, flow = evidence.snippet, evidence.flow
    if not snippet.configured:
        return skipped("The snippet hands the client no configuration at all: see snippet-present.")
    proof = Proof(
        "snippet",
        {
            "flow": flow,
            "identityPoolId": shown(snippet.setting("identityPoolId")),
            "guestRoleArn": shown(snippet.setting("guestRoleArn")),
            "signing": shown(snippet.setting("signing")),
        },
    )
    if flow == "unsigned":
        return _unsigned(evidence, proof)
    if flow == "own-credentials":
        return _own(evidence, proof)
    if wrong := wrong_value(snippet, "identityPoolId"):
        if flow in VENDED:
            return unknown(f"{sentence(wrong)} See identity-pool.", proof)
        text = f"{sentence(wrong)} The client has no credentials and sends nothing."
        return failed(text, proof, fixes=ways_to_credentials(evidence))
    if flow in _TITLES:
        return passed(_TITLES[flow], proof)
    if flow == "unknown":
        return _not_read(evidence, proof)
    return _none(evidence, proof)


def _unsigned(evidence: Evidence, proof: Proof) -> Outcome:
    """Skip a client that needs no credentials; warn where the slim build ignores a pool."""
    slim = evidence.behaviour.build == "slim"
    pool = evidence.snippet.setting("identityPoolId") != LeftOut()
    if slim and pool:
        return warned(
            "The slim build ignores identityPoolId: it asks for no credentials and sends unsigned.",
            proof,
            fixes=(SLIM_SIGNS,),
        )
    unused = " Its identityPoolId is not used." if pool else ""
    return skipped(
        "The client sends unsigned: it needs no credentials, and the monitor's resource policy, or"
        f" a proxy that signs, has to admit its events.{unused}",
        proof,
    )


def _not_read(evidence: Evidence, proof: Proof) -> Outcome:
    """Say which option decides the flow, and what the source says instead of its value."""
    for name in ("identityPoolId", "guestRoleArn", "signing"):
        evidence.option(name)
    return unknown("How the client gets its credentials is not told by what was read.", proof)


def _none(evidence: Evidence, proof: Proof) -> Outcome:
    snippet = evidence.snippet
    meant_so = (name for name, meant in snippet.misspelt.items() if meant == "identityPoolId")
    if name := next(meant_so, ""):
        value = snippet.config[name]
        again = fixes.configuration(
            "Spell the option as the client knows it", fixes.member("identityPoolId", value)
        )
        return failed(
            f"The client is given no identity pool: {name} is not an option of the client, and"
            " identityPoolId was meant.",
            proof,
            fixes=(again,) if fits("identityPoolId", value) else ways_to_credentials(evidence),
        )
    if url := _script_that_gives(evidence):
        return unknown(
            f"{url} calls setAwsCredentials, so the page gives the client its own credentials;"
            " what they may do, only a recording or CloudTrail shows.",
            proof,
            missing=("input:recording",),
        )
    elsewhere = _may_be_given_elsewhere(evidence)
    words = (
        "The snippet names no identity pool and no script that was read calls setAwsCredentials:"
        " the client has no credentials and sends nothing"
    )
    words += ", unless a file that was not read gives it some." if elsewhere else "."
    if evidence.admits_anyone():
        words += (
            " The monitor's resource policy admits unsigned calls, and the client signs unless"
            " it is told not to."
        )
    return failed(
        words,
        proof,
        certain=not elsewhere,
        fixes=ways_to_credentials(evidence),
    )


def _script_that_gives(evidence: Evidence) -> str:
    """Return the URL of a script beside the snippet that gives the client credentials."""
    scripts = evidence.page_scripts_or_none()
    return next((each.url for each in scripts if _GIVES.search(each.text or "")), "")


def _may_be_given_elsewhere(evidence: Evidence) -> bool:
    """Tell whether a file that was not read can give the client credentials.

    An instance that an application made can be given them by any other of its files, and so can
    a client whose snippet stands in a file that is not the whole page.
    """
    page = evidence.page
    if evidence.snippet.kind == "npm" or page.language != "html" or is_template(page.html):
        return True
    return any(s.text is None or s.problem for s in evidence.page_scripts_or_none())


def _own(evidence: Evidence, proof: Proof) -> Outcome:
    if evidence.behaviour.late_credentials_disable:
        return warned(
            "The page gives the client its own credentials. In this version they must come"
            " within 5 seconds of the start: the first dispatch without them switches the"
            " client off for good.",
            proof,
            fixes=(_NEWER, _PROVIDER),
        )
    return unknown(
        "The page gives the client its own credentials with setAwsCredentials; what they may do,"
        " only a recording or CloudTrail shows.",
        proof,
    )


def observed(evidence: Evidence) -> Outcome | None:
    """Check whether the client has a way to get credentials."""
    visit = evidence.visit
    signed = [c for c in visit.puts if c.signature and c.signature.signed]
    vended = [call for call in visit.vending if call.accepted]
    if outcome := _expired(visit):
        return outcome
    if vended or signed:
        return seen_to_work("The client fetched or had AWS credentials.", (vended or signed)[:1])
    if visit.puts or visit.vending:
        return None
    if visit.console and visit.console.said("no-credentials"):
        return seen_to_fail(
            "The client says that it has no AWS credentials, and it asked for none.",
            fixes=ways_to_credentials(evidence),
        )
    return _without_calls(evidence, visit)


def _expired(visit: Visit) -> Outcome | None:
    """Check credentials that the page itself gave, and that were not renewed."""
    refused = refusal_of(visit, names.CREDENTIALS_CONFIGURED)
    if refused is None:
        return None
    text = f"PutRumEvents is refused: {refused.why}."
    return refused_outcome(visit, refused, text, (_PROVIDER,))


def _without_calls(evidence: Evidence, visit: Visit) -> Outcome | None:
    """Check a client that asked neither Cognito nor STS nor RUM for anything."""
    silent = visit.silent_loads
    if not silent or visit.pool_ids:
        return None
    flow = str(visit.snippets[0].flow(visit.behaviour)) if visit.snippets else ""
    if flow == "none":
        return seen_to_fail(
            "The snippet names no identityPoolId, and the client asked for nothing.",
            fixes=ways_to_credentials(evidence),
        )
    if flow in {"own-credentials", "unsigned"}:
        return None
    if _counts_without_credentials(visit) and visit.console:
        if visit.console.said("cognito-identity", "openid-token", "cognito-credentials", "sts"):
            return None
        if any(not v.report_only for v in visit.console.violations):
            return None
        return seen_to_fail(
            "The session is recorded (cwr_s counts events), yet the client has no credentials and "
            "never asked for any: no identityPoolId is configured, and setAwsCredentials was not "
            "called.",
            certain=False,
            fixes=ways_to_credentials(evidence),
        )
    if max(visit.seconds_alive(load) for load in silent) < visit.first_dispatch:
        return None
    return not_told(
        "The client ran and asked neither Cognito nor STS nor RUM for anything. Either no "
        "identityPoolId is configured (and setAwsCredentials was never called), the session is "
        "not sampled, or a policy blocks Cognito; the snippet, the console and the cookie cwr_s "
        "tell.",
        missing=("input:page", "input:console", "input:storage"),
    )


def _counts_without_credentials(visit: Visit) -> bool:
    """Tell whether what the browser keeps counts a session's events and has no credentials."""
    storage = visit.storage
    if storage is None or not storage.local_seen or storage.credentials:
        return False
    return any(session.record and session.event_count for session in storage.sessions)


CHECK = Check(
    id=names.CREDENTIALS_CONFIGURED,
    hop=Hop.CREDENTIALS,
    section=Section.EVENTS_NOT_SENT,
    title="The client has a way to get credentials",
    configured=configured,
    observed=observed,
    docs=(f"{links.CLIENT_DOCS}/concepts/auth.md",),
)
