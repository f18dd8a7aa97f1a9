"""What gets events past whatever kept them from RUM, where no other check names the cause."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.checks import fixes
from rumkit.checks.in_between import at_that_place, own_endpoint
from rumkit.client.har.place import aws_host
from rumkit.client.har.silence import Silent

if TYPE_CHECKING:
    from rumkit.client.har.conversation import Call
    from rumkit.client.visit import Visit
    from rumkit.model import Fix

ELSEWHERE = fixes.advice(
    "Look from another browser and network",
    "Open the page without extensions, and from a network without a company's proxy or a DNS"
    " blocklist: where events arrive then, the installation is whole and these visitors are lost.",
)
ANSWER_PREFLIGHTS = fixes.advice(
    "Let the endpoint answer the preflight",
    "OPTIONS has to be answered with 2xx and Access-Control-Allow-Origin (the page's origin),"
    " Access-Control-Allow-Methods: POST and Access-Control-Allow-Headers: authorization,"
    " content-encoding, content-type, x-amz-content-sha256, x-amz-date, x-amz-security-token; the"
    " answer to POST needs Access-Control-Allow-Origin too, once: RUM's own and a proxy's are two,"
    " which no browser takes.",
)
_NO_SUCH_HOST = fixes.advice(
    "Correct the endpoint",
    "There is no host of this name anywhere; see endpoint-region for the one that there is.",
)
_ITSELF = fixes.advice(
    "Wait, and look whether others have it too",
    "An error of the service passes: clients from 1.6 on repeat a batch twice and then drop it. The"
    " AWS Health Dashboard tells of one that lasts. Nothing of this installation is to be changed"
    " for it.",
)
DEPLOYED = fixes.advice(
    "Deploy what the source says, or look at the other monitor",
    "The page that was recorded holds another app monitor's id than the source: a build of another"
    " stage, an older one, or settings that come from elsewhere. aws rum list-app-monitors shows"
    " which monitor has which id.",
)
UNREADABLE = "SerializationException"
_AS_SENT = fixes.advice(
    "Pass the body on as the client sends it",
    "Clients from 3.0 on pack larger batches with gzip: what forwards them must leave the body and"
    " its Content-Encoding as they are.",
)
NAMED_BESIDE = fixes.advice(
    "See the check that names the cause",
    "Lost events are what a cause leads to: the check that names it gives the fix. Where none does,"
    " the account decides: repeat with --monitor NAME and --profile PROFILE beside the recording.",
)
# What keeps requests from AWS's hosts in this visitor's browser or network.
_ON_THE_WAY = frozenset(
    {Silent.EXTENSION, Silent.ADMINISTRATOR, Silent.DNS, Silent.REFUSED, Silent.UNREACHABLE,
     Silent.TIMEOUT, Silent.TLS, Silent.PROXY, Silent.RESET}
)  # fmt: skip


def past(visit: Visit, call: Call) -> tuple[Fix, ...]:
    """Return what gets events past whatever stopped them; other checks name their own causes."""
    silence = call.silence
    if silence and silence.host_possible is False:
        return (_NO_SUCH_HOST,)
    if silence and silence.kind is Silent.CORS and not aws_host(call.host):
        return (ANSWER_PREFLIGHTS,)
    if silence and silence.kind is Silent.TLS and "clock" in silence.text:
        return (fixes.SET_CLOCK, ELSEWHERE)
    if silence and silence.kind in _ON_THE_WAY:
        way = (own_endpoint(visit),) if aws_host(call.host) else at_that_place(visit, call)
        return (*way, ELSEWHERE)
    if silence and silence.kind in {Silent.CORS, Silent.UNKNOWN}:
        return (ELSEWHERE,)
    if call.error_type.startswith(UNREADABLE):
        return (_AS_SENT,)
    if call.status >= 500:
        return (_ITSELF,) if aws_host(call.host) else at_that_place(visit, call)
    return (NAMED_BESIDE,)
