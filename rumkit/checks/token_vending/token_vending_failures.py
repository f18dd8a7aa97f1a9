"""Do Cognito and STS refuse browsers? A symptom."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rumkit.checks import fixes, links, names
from rumkit.checks.base import Check, passed, unknown
from rumkit.checks.in_between import answered_sentence, at_that_place
from rumkit.checks.observed import not_told, seen_in_part, seen_to_fail, seen_to_work
from rumkit.checks.probed import refused
from rumkit.checks.trail_failures import failures_outcome, failures_proof, not_recorded
from rumkit.client.har.place import COGNITO_HOST, STS_HOST
from rumkit.client.har.silence import Silent
from rumkit.client.visit import silence_of
from rumkit.model import Fix, Hop, Outcome, Section
from rumkit.trail.names import COGNITO, POOL_CHANGES, STS, TRUST_CHANGES
from rumkit.trail.query import lost_records

if TYPE_CHECKING:
    from rumkit.client.har.console_network import FailedRequest
    from rumkit.client.har.conversation import Call
    from rumkit.client.visit import Visit
    from rumkit.evidence import Evidence


_ANOTHER_NETWORK = fixes.advice(
    "Look from another browser and network",
    "Open the page without extensions, and from a network without a company's proxy or a DNS"
    " blocklist: where credentials come then, the installation is whole and these visitors are"
    " lost. Cognito has no endpoint of the site's own; setAwsCredentials can take its place.",
)
_NO_SUCH_HOST = fixes.advice(
    "Correct the identity pool's id",
    "The client makes the host's name of the part of identityPoolId before the colon; see"
    " identity-pool for what stands there now.",
)
_AGAIN = fixes.advice(
    "Try again, and look at AWS's health dashboard",
    "An answer of 5xx is the service's own error; the client tries again with the next page.",
)
_READ_THE_ANSWER = fixes.advice(
    "Read AWS's answer above",
    "It names what it refuses; the check of that name beside this one gives the fix where one can"
    " be written.",
)


# The client reads any answer of STS as that of a success, and stumbles over a refusal.
# The client reads replies as streams, which only the browser's own fetch gives.
_REPLACED = re.compile(r"getReader is not a function|reading 'getReader'|body stream|'getReader'")
_OWN_FETCH = fixes.advice(
    "Let the client have the browser's own fetch",
    "It reads replies as streams. A polyfill, the mock of a test or an old web view in the place of"
    " window.fetch gives none: start the client before it is replaced, or drop what replaces it;"
    " in a test the message means nothing.",
)
_REFUSED_BY_STS = re.compile(r"reading 'split'|property 'split'|\.split\b")


def recorded(evidence: Evidence) -> Outcome | None:
    """Fail for AssumeRoleWithWebIdentity calls of browsers that STS refused."""
    seen = evidence.vending
    proof = failures_proof(seen)
    if seen.rows:
        return failures_outcome(evidence, seen.rows, seen, "token call", proof)
    if COGNITO not in seen.holds:
        # Others could not be read; the rest of the sentence says why.
        among = " among those that were read" if lost_records(seen.unread) else ""
        return not_recorded(evidence, COGNITO, f"No STS call of a browser failed{among}. ", proof)
    if STS not in seen.holds:
        return not_recorded(evidence, STS, "No Cognito call of a browser failed. ", proof)
    if not seen.complete:
        return unknown(
            f"No call of a browser failed among those that were read. {' '.join(seen.notes)}",
            proof,
            missing=("setting:deliver a trail to CloudWatch Logs", *evidence.to_record(STS)),
        )
    return passed("No call of a browser to Cognito or STS failed in the window.", proof)


def observed(evidence: Evidence) -> Outcome | None:
    """Collect every failed Cognito and STS call; a symptom."""
    visit = evidence.visit
    if elsewhere := visit.vending_in_between:
        text = f"{answered_sentence(elsewhere[0])} No credentials came."
        return seen_to_fail(text, elsewhere, fixes=at_that_place(visit, elsewhere[0]))
    bad = [call for call in visit.vending if call.failed]
    unrecorded = visit.unrecorded(COGNITO_HOST, STS_HOST)
    if unrecorded and not bad:
        return _by_console(unrecorded[0])
    if not bad:
        if good := [call for call in visit.vending if call.accepted]:
            words = "Every Cognito and STS call that was answered succeeded."
            return seen_to_work(words, good[:1])
        if visit.vending:
            return not_told("No Cognito or STS call was answered before the recording ended.")
        return _of_the_site(visit) or _by_message(visit)
    lasting = next((call for call in bad if not visit.healed(call)), None)
    first = lasting or bad[0]
    text, ways = _first_words(first), _fixes(first)
    if lasting is None:
        return seen_in_part(f"{text} {visit.healing(first)}", bad, fixes=ways)
    return seen_to_fail(text + _afterwards(visit), bad, fixes=ways)


def _of_the_site(visit: Visit) -> Outcome | None:
    """Name a refusal of the site's own SDK where a client may wait for its credentials."""
    if visit.puts or not visit.site_refusals:
        return None
    call = visit.site_refusals[0]
    return not_told(
        f"The client asked for no credentials. The site's own AWS SDK did, and {call.host} answered"
        f" {call.trouble}: where the page hands the client its credentials (setAwsCredentials),"
        " that is why none come."
    )


def _by_console(request: FailedRequest) -> Outcome:
    why = request.explained
    answers = f"answers {request.status}" if request.status else "could not be reached"
    text = f"The console says that {request.host} {answers}: {why}."
    return seen_to_fail(text, fixes=(_READ_THE_ANSWER if request.status else _ANOTHER_NETWORK,))


def _by_message(visit: Visit) -> Outcome | None:
    """Check by the client's own message, which no request of the recording explains."""
    reasons = ("cognito-identity", "openid-token", "cognito-credentials", "sts")
    message = visit.console.said(*reasons) if visit.console and not visit.puts else None
    if message is None:
        return None
    if message.reason == "sts" and _REFUSED_BY_STS.search(message.text):
        text = (
            "The console says that STS refused the client's request; why, only STS's answer tells:"
            " save the network panel as HAR with content. Most often the role does not trust the"
            " pool's guests, or the pool does not allow the basic flow."
        )
        return seen_to_fail(text, fixes=(_READ_THE_ANSWER,))
    text = f"The client got no credentials, as the console says: {message.text.rstrip('.')}."
    by_page = _REPLACED.search(message.text)
    return seen_to_fail(text, certain=False, fixes=(_OWN_FETCH if by_page else _ANOTHER_NETWORK,))


def _first_words(call: Call) -> str:
    if cause := silence_of(call):
        return f"{call.kind} got no reply: {cause}."
    return f"The first bad reply is {call.kind}'s: {call.trouble}."


def _fixes(call: Call) -> tuple[Fix, ...]:
    """Return what to do where no other check names the cause of this call's failure."""
    if call.silence and call.silence.host_possible is False:
        return (_NO_SUCH_HOST,)
    if call.silence and call.silence.kind is not Silent.POLICY:
        return (_ANOTHER_NETWORK,)
    if call.status >= 500:
        return (_AGAIN,)
    return (_READ_THE_ANSWER,)


def _afterwards(visit: Visit) -> str:
    if visit.behaviour.disables == "any-rejection" and visit.version.number:
        return f" After that {visit.label} stops sending until the page is loaded again."
    return ""


CHECK = Check(
    id=names.TOKEN_VENDING_FAILURES,
    hop=Hop.CREDENTIALS,
    section=Section.TOKEN_VENDING,
    title="Browsers get their credentials from Cognito and STS",
    observed=observed,
    recorded=recorded,
    probed=refused(names.TOKEN_VENDING_FAILURES),
    changes=POOL_CHANGES | TRUST_CHANGES,
    docs=(f"{links.COGNITO_GUIDE}/logging-using-cloudtrail.html",),
    symptom=True,
    table="token_failures",
)
