"""Why was PutRumEvents refused: one cause for the first refusal, told from the wire."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rumkit.client.har.conversation import Call, Kind
from rumkit.client.har.place import DATA_PLANE_HOST

if TYPE_CHECKING:
    from rumkit.client.diagnosis.case import Case
    from rumkit.client.har.conversation import PageLoad

MAX_SKEW = 300.0
_ROLE = re.compile(r":assumed-role/([\w+=,.@-]{1,64})/([\w+=,.@-]{1,64})")
_ROLE_REGION = re.compile(r"role/RUM-Monitor-([a-z]{2,4}(?:-[a-z]{1,12}){1,3}-\d)-\d{12}-")
_SCOPE_MESSAGE = re.compile(r"(?i)credential should be scoped to (?:a valid|correct) region")
_CLOCK_MESSAGE = re.compile(r"(?i)signature (?:expired|not yet current)|is now earlier than")
_RESOURCE_POLICY = re.compile(r"(?i)resource-based policy")
_ORGANISATION = re.compile(r"(?i)(?:service|resource) control policy")
_UNKNOWN_CLIENT = ("UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId")
_OWN_SESSIONS = ("cwr", "CognitoIdentityCredentials")


@dataclass(frozen=True)
class Denial:
    """The first refused call, the check that its cause belongs to, and why."""

    call: Call
    check: str
    why: str
    certain: bool = True


def denial(case: Case) -> Denial | None:
    """Return the cause of the first PutRumEvents call that was refused with 401 or 403."""
    refused = [call for call in case.refused if call.status in (401, 403)]
    lasting = [call for call in refused if not case.healed(call)]
    first = next(iter(lasting or refused), None)
    return _cause(case, first) if first else None


def _cause(case: Case, call: Call) -> Denial:
    return (
        _region(case, call)
        or _unsigned(call)
        or _signature(call)
        or _credentials(case, call)
        or _permission(call)
    )


def host_region(call: Call) -> str:
    """Return the region that a data plane host names, empty for a custom endpoint."""
    match = DATA_PLANE_HOST.fullmatch(call.host)
    return match[1] if match else ""


def _region(case: Case, call: Call) -> Denial | None:
    host = host_region(call)
    scope = call.signature.region if call.signature else ""
    snippets = case.snippets_for(call)
    argument = snippets[0].region if snippets else None
    if host and scope and host != scope:
        why = f"the request went to {call.host} and is signed for {scope}"
        return Denial(call, "endpoint-region", why)
    if _SCOPE_MESSAGE.search(call.error_message):
        return Denial(call, "endpoint-region", f"RUM says: {call.error_message}")
    if host and not scope and isinstance(argument, str) and argument and argument != host:
        why = f"the request went to {call.host}, and the page's region is {argument}"
        return Denial(call, "endpoint-region", why, certain=False)
    return _region_of_role(case, call, host)


def _region_of_role(case: Case, call: Call, host: str) -> Denial | None:
    """Compare the region that RUM's console writes into the name of the role that it makes."""
    if not host or call.error_type not in ("", "AccessDeniedException", "AccessDenied"):
        return None
    arns = [s.get("guestRoleArn") for s in case.snippets_for(call)]
    arns += [c.vending.role_arn for c in case.load_of(call).vending if c.vending]
    message = call.error_message if _vended(case.load_of(call), call) else ""
    texts = [message, *(arn for arn in arns if isinstance(arn, str))]
    regions = {m[1] for text in texts for m in _ROLE_REGION.finditer(text)}
    if not regions or host in regions:
        return None
    why = (
        f"the request went to {call.host}, and the guest role was made for an app monitor in "
        f"{', '.join(sorted(regions))}"
    )
    return Denial(call, "endpoint-region", why, certain=False)


def _unsigned(call: Call) -> Denial | None:
    signed = call.signature.signed if call.signature else None
    missing = call.error_type.startswith("MissingAuthenticationToken")
    if missing:
        lost = call.signature is not None and call.signature.state == "stripped"
        why = "RUM found no signature (MissingAuthenticationToken)"
        if lost:
            why += "; the browser sent the other headers of one, so a proxy may drop Authorization"
        return Denial(call, "signing", why, certain=not lost)
    if signed is not False:
        return None
    if call.error_type.startswith("AccessDenied"):
        why = "the request is unsigned, and RUM denies it: no resource policy lets it in as sent"
        return Denial(call, "resource-policy", why, certain=False)
    return Denial(call, "signing", "the request is unsigned", certain=False)


def _signature(call: Call) -> Denial | None:
    skew = call.clock_skew or 0.0
    by_type = any(word in call.error_type for word in ("Signature", "RequestExpired"))
    if _CLOCK_MESSAGE.search(call.error_message) or (by_type and abs(skew) > MAX_SKEW):
        ahead = "ahead of" if skew > 0 else "behind"
        why = f"this computer's clock is {abs(skew):.0f} s {ahead} AWS's"
        return Denial(call, "signing", why if skew else "the signature's time is refused")
    if by_type:
        why = f"the signature does not fit the request ({call.error_type}): a proxy may change it"
        return Denial(call, "signing", why, certain=False)
    return None


def _credentials(case: Case, call: Call) -> Denial | None:
    """Judge whose credentials signed the call: fresh ones, or some that were stored before."""
    if call.error_type.startswith("ExpiredToken"):
        return Denial(call, "stored-credentials", "the credentials have expired", certain=False)
    load = case.load_of(call)
    if _vended(load, call) or _own_credentials(case, call):
        return None
    if call.error_type in _UNKNOWN_CLIENT:
        why = "AWS does not know the stored credentials (any more)"
        return Denial(call, "stored-credentials", why, certain=False)
    return _stored(case, load, call)


def _vended(load: PageLoad, call: Call) -> bool:
    """Tell whether credentials were fetched in this page load before the call."""
    places = [place for place, other in enumerate(load.calls) if other.index == call.index]
    before = load.calls[: places[0]] if places else ()
    vends = (Kind.GET_CREDENTIALS, Kind.ASSUME_ROLE)
    return any(c.kind in vends and c.ok and not c.preflight for c in before)


def _own_credentials(case: Case, call: Call) -> bool:
    role = _ROLE.search(call.error_message)
    if role and role[2] not in _OWN_SESSIONS:
        return True
    snippets = case.snippets_for(call)
    flow = snippets[0].flow(case.behaviour) if snippets else ""
    return flow == "own-credentials"


def _stored(case: Case, load: PageLoad, call: Call) -> Denial | None:
    refused = [c for c in load.puts if c.status in (401, 403) and c.index != call.index]
    if any(_vended(load, later) for later in refused):
        return None
    earlier = [other for other in case.loads if other.number < load.number]
    same_site = [other for other in earlier if other.origin == load.origin]
    if case.healed(call):
        why = "after new credentials were fetched, the next batch was accepted"
        return Denial(call, "stored-credentials", why)
    others = {c.monitor_id for other in same_site for c in other.puts} - {call.monitor_id, ""}
    own = any(
        c.monitor_id == call.monitor_id and _vended(other, c)
        for other in same_site
        for c in other.puts
    )
    if others and not own:
        why = (
            "no credentials were fetched on this page load, so it used those that the page of "
            f"app monitor {', '.join(sorted(others))} had stored on the same origin"
        )
        return Denial(call, "stored-credentials", why)
    return None if own else _by_role(case, load, call)


def _by_role(case: Case, load: PageLoad, call: Call) -> Denial | None:
    role = _ROLE.search(call.error_message)
    arns = [s.get("guestRoleArn") for s in case.snippets_for(call)]
    named = {arn.rpartition("/")[2] for arn in arns if isinstance(arn, str)}
    if role and named:
        if role[1] in named:
            return None
        why = f"the credentials are those of {role[1]}, not of the page's guest role"
        return Denial(call, "stored-credentials", why)
    if not load.whole or (call.signature and call.signature.state == "hidden"):
        return Denial(
            call,
            "",
            "the recording does not begin with the page's document, so it can't show whether the "
            "credentials were fresh; record a reload with cleared storage",
            certain=False,
        )
    why = (
        "no credentials were fetched on this page load: it used stored ones (cwr_c), which likely "
        "belong to another app monitor on this origin; clear the site's storage and record again "
        "to rule out that the role itself lacks the permission"
    )
    return Denial(call, "stored-credentials", why, certain=False)


def _permission(call: Call) -> Denial:
    if _RESOURCE_POLICY.search(call.error_message) and "explicit deny" in call.error_message:
        return Denial(call, "resource-policy", call.error_message)
    if control := _ORGANISATION.search(call.error_message):
        # No check of its own reads what an organisation forbids its accounts.
        why = f"a {control[0].lower()} of the organisation denies it, whatever the role allows"
        return Denial(call, "put-events-denied", why)
    said = "not authorized to perform" in call.error_message
    known = call.error_type.startswith("AccessDenied")
    if not known and not said and (call.error_type or not host_region(call)):
        return Denial(call, "", f"the answer is {call.trouble}", certain=False)
    role = _ROLE.search(call.error_message)
    named = f" of {role[1]}" if role else ""
    why = f"the credentials{named} are fresh and are refused"
    if said:
        why = call.error_message.rstrip(".")
    return Denial(call, "guest-role-permission", why, certain=said)
