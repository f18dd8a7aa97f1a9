"""Why was PutRumEvents refused: one cause for the first refusal, told from the wire."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from rumkit.aws.denial import denial_of, in_short
from rumkit.aws.errors import UNKNOWN_KEYS
from rumkit.aws_names import ACCOUNT, REGION, ROLE_NAME
from rumkit.checks import names
from rumkit.checks.observed import seen_in_part, seen_to_fail
from rumkit.checks.trail_causes import CHECK_OF_LAYER, WRONG_SCOPE
from rumkit.client.har.conversation import Call, Kind
from rumkit.client.har.place import DATA_PLANE_HOST
from rumkit.client.options import known_text

if TYPE_CHECKING:
    from rumkit.checks.names import CheckId
    from rumkit.client.har.conversation import PageLoad
    from rumkit.client.visit import Visit
    from rumkit.model import Fix, Outcome

# Seconds of clock skew from which on AWS refuses signatures.
MAX_SKEW = 300.0
_ROLE = re.compile(rf":assumed-role/({ROLE_NAME})/({ROLE_NAME})")
_ROLE_REGION = re.compile(rf"role/RUM-Monitor-({REGION})-{ACCOUNT}-")
_CLOCK_MESSAGE = re.compile(r"(?i)signature (?:expired|not yet current)|is now earlier than")
_CONTROL = re.compile(r"(?i)(?:service|resource) control policy")
# The names of the sessions that the client and Cognito begin; any other is the site's own.
_CLIENT_SESSIONS = ("cwr", "CognitoIdentityCredentials")


@dataclass(frozen=True)
class Refusal:
    """The first refused call, the check that its cause belongs to, and why."""

    call: Call
    check: CheckId | None
    why: str
    certain: bool = True


def refusal(visit: Visit) -> Refusal | None:
    """Return the cause of the first PutRumEvents call that was refused with 401 or 403.

    One that no later call healed comes before one that was.
    """
    lasting = [call for call in visit.denied if not visit.healed(call)]
    call = next(iter(lasting or visit.denied), None)
    if call is None:
        return None
    return (
        _region(visit, call)
        or _unsigned(call)
        or _signature(call)
        or _credentials(visit, call)
        or _permission(call)
    )


def data_plane_region(host: str) -> str:
    """Return the Region that a data plane's host names, empty for a custom endpoint."""
    match = DATA_PLANE_HOST.fullmatch(host)
    return match[1] if match else ""


def _region(visit: Visit, call: Call) -> Refusal | None:
    reached = data_plane_region(call.host)
    scope = call.signature.region if call.signature else ""
    snippets = visit.snippets_for(call)
    argument = snippets[0].region if snippets else None
    if reached and scope and reached != scope:
        why = f"the request went to {call.host} and is signed for {scope}"
        return Refusal(call, names.ENDPOINT_REGION, why)
    if WRONG_SCOPE.search(call.error_message):
        return Refusal(call, names.ENDPOINT_REGION, f"RUM says: {call.error_message}")
    if reached and not scope and isinstance(argument, str) and argument not in {"", reached}:
        why = f"the request went to {call.host}, and the page's region is {argument}"
        return Refusal(call, names.ENDPOINT_REGION, why, certain=False)
    return _region_of_role(visit, call, reached)


def _region_of_role(visit: Visit, call: Call, reached: str) -> Refusal | None:
    """Compare the region that RUM's console writes into the name of the role that it makes."""
    if not reached or call.error_type not in ("", "AccessDeniedException", "AccessDenied"):
        return None
    arns = [known_text(s.setting("guestRoleArn")) for s in visit.snippets_for(call)]
    load = visit.load_of(call)
    arns += [c.vending.role_arn for c in load.vending if c.vending]
    message = call.error_message if _vended(load, call) else ""
    regions = {m[1] for text in (message, *arns) for m in _ROLE_REGION.finditer(text)}
    if not regions or reached in regions:
        return None
    why = (
        f"the request went to {call.host}, and the guest role was made for an app monitor in "
        f"{', '.join(sorted(regions))}"
    )
    return Refusal(call, names.ENDPOINT_REGION, why, certain=False)


def _unsigned(call: Call) -> Refusal | None:
    if call.error_type.startswith("MissingAuthenticationToken"):
        lost = call.signature is not None and call.signature.state == "stripped"
        why = "RUM found no signature (MissingAuthenticationToken)"
        if lost:
            why += "; the browser sent the other headers of one, so a proxy may drop Authorization"
        return Refusal(call, names.SIGNING, why, certain=not lost)
    if not call.signature or call.signature.signed is not False:
        return None
    if call.error_type.startswith("AccessDenied"):
        why = "the request is unsigned, and RUM denies it: no resource policy lets it in as sent"
        return Refusal(call, names.RESOURCE_POLICY, why, certain=False)
    return Refusal(call, names.SIGNING, "the request is unsigned", certain=False)


def _signature(call: Call) -> Refusal | None:
    skew = call.clock_skew or 0.0
    by_type = any(word in call.error_type for word in ("Signature", "RequestExpired"))
    if _CLOCK_MESSAGE.search(call.error_message) or (by_type and abs(skew) > MAX_SKEW):
        ahead = "ahead of" if skew > 0 else "behind"
        by = f"{abs(skew):.0f} s {ahead} AWS's" if abs(skew) > MAX_SKEW else "wrong, as AWS says"
        return Refusal(call, names.SIGNING, f"this computer's clock is {by}")
    if by_type:
        why = f"the signature does not fit the request ({call.error_type}): a proxy may change it"
        return Refusal(call, names.SIGNING, why, certain=False)
    return None


def _credentials(visit: Visit, call: Call) -> Refusal | None:
    """Check whose credentials signed the call: fresh ones, or some that were stored before."""
    own = _own_credentials(visit, call)
    if call.error_type.startswith("ExpiredToken") and own:
        why = "the credentials that the page gave the client have expired, and it gave no new ones"
        return Refusal(call, names.CREDENTIALS_CONFIGURED, why)
    if call.error_type.startswith("ExpiredToken"):
        why = "the credentials have expired"
        return Refusal(call, names.STORED_CREDENTIALS, why, certain=False)
    load = visit.load_of(call)
    if _vended(load, call) and call.error_type in UNKNOWN_KEYS:
        why = (
            "Cognito gave these credentials on this page load, and RUM's host does not know them:"
            " likely its Region is one that an account has to switch on, or of another partition"
            " than the identity pool's"
        )
        return Refusal(call, None, why, certain=False)
    if _vended(load, call) or own:
        return None
    if call.error_type in UNKNOWN_KEYS:
        why = "AWS does not know the stored credentials (any more)"
        return Refusal(call, names.STORED_CREDENTIALS, why, certain=False)
    return _stored(visit, load, call)


def _vended(load: PageLoad, call: Call) -> bool:
    """Tell whether credentials were fetched in this page load before the call."""
    before = takewhile(lambda other: other.index != call.index, load.calls)
    vends = (Kind.GET_CREDENTIALS, Kind.ASSUME_ROLE)
    return any(c.kind in vends and c.ok and not c.preflight for c in before)


def _own_credentials(visit: Visit, call: Call) -> bool:
    role = _ROLE.search(call.error_message)
    if role and role[2] not in _CLIENT_SESSIONS:
        return True
    snippets = visit.snippets_for(call)
    flow = snippets[0].flow(visit.behaviour) if snippets else ""
    return flow == "own-credentials"


def _stored(visit: Visit, load: PageLoad, call: Call) -> Refusal | None:
    refused = [c for c in load.puts if c.status in (401, 403) and c.index != call.index]
    if any(_vended(load, later) for later in refused):
        return None
    earlier = [other for other in visit.loads if other.number < load.number]
    same_site = [other for other in earlier if other.origin == load.origin]
    if visit.healed(call):
        why = "the stored credentials are not this monitor's; with new ones the next batch passed"
        return Refusal(call, names.STORED_CREDENTIALS, why)
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
        return Refusal(call, names.STORED_CREDENTIALS, why)
    return None if own else _by_role(visit, load, call)


def _by_role(visit: Visit, load: PageLoad, call: Call) -> Refusal | None:
    role = _ROLE.search(call.error_message)
    arns = [known_text(s.setting("guestRoleArn")) for s in visit.snippets_for(call)]
    named = {arn.rpartition("/")[2] for arn in arns if arn}
    if role and named:
        if role[1] in named:
            return None
        why = f"the credentials are those of {role[1]}, not of the page's guest role"
        return Refusal(call, names.STORED_CREDENTIALS, why)
    if not load.whole or (call.signature and call.signature.state == "hidden"):
        return Refusal(
            call,
            None,
            "the recording does not begin with the page's document, so it can't show whether the "
            "credentials were fresh; record a reload with cleared storage",
            certain=False,
        )
    why = (
        "no credentials were fetched on this page load: it used stored ones (cwr_c), which likely "
        "belong to another app monitor on this origin; clear the site's storage and record again "
        "to rule out that the role itself lacks the permission"
    )
    return Refusal(call, names.STORED_CREDENTIALS, why, certain=False)


def _permission(call: Call) -> Refusal:
    denial = denial_of(call.error_message)
    # No check of its own reads what an organisation or an endpoint forbids.
    if denial and (control := _CONTROL.search(denial.words)):
        why = f"a {control[0].lower()} of the organisation denies it, whatever the role allows"
        return Refusal(call, names.PUT_EVENTS_DENIED, why)
    if denial and denial.layer == "endpoint":
        why = "the policy of the VPC endpoint that the request left by does not allow it"
        return Refusal(call, names.PUT_EVENTS_DENIED, why)
    if denial and CHECK_OF_LAYER.get(denial.layer) == names.RESOURCE_POLICY:
        return Refusal(call, names.RESOURCE_POLICY, in_short(call.error_message).rstrip("."))
    names_permission = "not authorized to perform" in call.error_message
    known = call.error_type.startswith("AccessDenied")
    if not known and not names_permission and (call.error_type or not data_plane_region(call.host)):
        why = "it names no permission, no signature and no Region"
        return Refusal(call, None, why, certain=False)
    if names_permission:
        why = in_short(call.error_message).rstrip(".")
    else:
        role = _ROLE.search(call.error_message)
        why = f"the credentials{f' of {role[1]}' if role else ''} are fresh and are refused"
    return Refusal(call, names.GUEST_ROLE_PERMISSION, why, certain=names_permission)


def refusal_of(visit: Visit, check: CheckId) -> Refusal | None:
    """Return the refusal whose cause belongs to a check."""
    first = refusal(visit)
    return first if first and first.check == check else None


def refused_outcome(
    visit: Visit, cause: Refusal, text: str, fixes: tuple[Fix, ...] = ()
) -> Outcome:
    """Return a failure for a refusal; a warning where later batches were accepted."""
    text += visit.of_another_monitor([cause.call])
    same = [c for c in visit.refused if c.status == cause.call.status]
    if visit.healed(cause.call):
        text = f"{text} Later batches were accepted."
        return seen_in_part(text, same, certain=cause.certain, fixes=fixes)
    return seen_to_fail(text, same, certain=cause.certain, fixes=fixes)


def other_regions(visit: Visit, call: Call) -> str:
    """Say that the identity pool is elsewhere, which is allowed but worth a look."""
    pools = {pool.partition(":")[0] for pool in visit.pool_ids}
    reached = data_plane_region(call.host)
    if not reached or not pools or reached in pools:
        return ""
    return (
        f" The identity pool is in {', '.join(sorted(pools))}, and the events go to {reached}: is "
        "the app monitor there?"
    )
