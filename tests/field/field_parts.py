"""Recordings that hold a part of a visit: some rows, some hosts, the middle, the beginning."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from field_case import Case, har_case
from field_write import page, vended, visit
from har_builder import DENIED, POOL, Har, entry

if TYPE_CHECKING:
    from collections.abc import Callable

_DENIAL = DENIED.format(session="CognitoIdentityCredentials")
_ROLE: dict[str, object] = {
    "verdict": "broken", "root": ("guest-role-permission",), "says": ("rum:PutRumEvents",),
}  # fmt: skip
_WELL: dict[str, object] = {"verdict": "healthy|degraded", "root": (None,)}


def _denied() -> Har:
    return vended(visit()).put(403, "AccessDeniedException", _DENIAL, wait=5).wait(5)


def _delivers() -> Har:
    return vended(visit()).put(wait=5).put(wait=5).wait(3)


def _by(har: Har, name: str, version: str = "1.0") -> str:
    document = har.document_object()
    document["log"]["creator"] = {"name": name, "version": version}
    return json.dumps(document)


def _file(
    name: str, report: str, text: Callable[[], str | bytes], file: str = "session.har", **more: Any
) -> Case:
    return Case(name, report, files={file: text()}, given={"recording": file}, **more)


def _only(har: Har, *, kind: str = "", last: int = 0) -> Har:
    """Keep the entries of one kind, or the last few: what was selected before it was saved."""
    if kind:
        har.entries = [each for each in har.entries if each["_resourceType"] == kind]
    har.entries = har.entries[-last:]
    return har


def _tunnel_to_the_plane() -> str:
    har = vended(visit())
    har.add("CONNECT", "https://dataplane.rum.eu-west-1.amazonaws.com:443", 200, kind="other")
    for each in har.wait(20).api().entries:
        each.pop("_resourceType")
    return _by(har, "Charles Proxy", "5.0.1")


def _short_beside_a_long_interval() -> Har:
    return vended(visit(page(dispatchInterval=60000))).wait(20).api()


def _revalidated() -> Har:
    har = Har(version="1.25.0", stated="1.25.0").document(html=page())
    return vended(har.client(304)).put(wait=5).put(wait=5).wait(3)


def _guests_out_alone() -> Har:
    message = "Unauthenticated access is not supported for this identity pool."
    return _only(visit().get_id(400, "NotAuthorizedException", message), last=1)


def _asked_of_cognito_alone() -> str:
    request = {"headers": [{"name": "x-amz-target",
                            "value": "AWSCognitoIdentityService.GetId"}],
               "postData": {"text": json.dumps({"IdentityPoolId": POOL})}}  # fmt: skip
    response = {"status": 200, "content": {"text": "{}"}}
    one = entry("https://cognito-identity.eu-west-1.amazonaws.com/", "POST", request=request,
                response=response)  # fmt: skip
    return json.dumps({"log": {"version": "1.2", "entries": [one]}})


CASES = (
    har_case(
        "fetches-alone-denied",
        "only what the filter Fetch/XHR shows was saved",
        lambda: _only(_denied(), kind="fetch"),
        **(_ROLE | {"find": {"client-script-loads": "pass|skip|unknown"}}),
    ),
    har_case(
        "fetches-alone",
        "the same of a visit that delivers",
        lambda: _only(_delivers(), kind="fetch"),
        **_WELL,
    ),
    har_case(
        "refusal-alone",
        "the one red row was saved: whose credentials these are, it cannot show",
        lambda: _only(_denied(), last=1),
        **(_ROLE | {"root": ("guest-role-permission", "put-events-denied")}),
    ),
    har_case(
        "refusal-of-cognito-alone",
        "the one red row is Cognito's",
        _guests_out_alone,
        verdict="broken",
        root=("identity-pool",),
        path={"page": "works|not looked at|configured"},
    ),
    _file(
        "question-to-cognito-alone",
        "one row that is good says nothing of the others",
        _asked_of_cognito_alone,
        verdict="unproven",
        root=(None,),
        find={"events-arriving": "unknown"},
    ),
    _file(
        "one-host-not-opened",
        "a proxy was told to open TLS for Cognito and not for the data plane",
        _tunnel_to_the_plane,
        verdict="unproven",
        root=(None,),
        find={"events-arriving": "unknown"},
        says=("(?i)tunnel|TLS",),
    ),
    har_case(
        "short-beside-a-long-interval",
        "dispatchInterval is a minute, the recording shorter",
        _short_beside_a_long_interval,
        verdict="unproven",
        root=(None,),
        find={"events-arriving": "unknown", "session-sample-rate": "pass|unknown"},
    ),
    har_case(
        "script-not-modified", "the script is asked for and answered 304", _revalidated, **_WELL
    ),
)
