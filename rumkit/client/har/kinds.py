"""What an entry is for: the kind of its resource, named or guessed, and the kind of its call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rumkit.client.har import body as har_body
from rumkit.client.har import fields
from rumkit.client.har.conversation import VENDING, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_TARGETS = {
    "GetId": Kind.GET_ID,
    "GetOpenIdToken": Kind.GET_OPEN_ID_TOKEN,
    "GetCredentialsForIdentity": Kind.GET_CREDENTIALS,
}
_OF_AN_SDK = ("x-amz-user-agent", "amz-sdk-invocation-id")
_SCRIPT_MIME = ("javascript", "ecmascript")
SUBRESOURCES = frozenset(
    {"image", "font", "stylesheet", "media", "css", "texttrack", "manifest", "imageset", "other"}
)
_SUBRESOURCE_MIME = ("image/", "font/", "video/", "audio/", "text/css")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: its method, its headers by lower-case name, and the type of what came back.

    The bodies are read only where they are needed.
    """

    method: str
    sent: Mapping[str, str]
    mime: str
    body: Callable[[], str]
    reply: Callable[[], str]


def named_resource(entry: Mapping[str, Any]) -> str:
    """Return the kind of resource that the exporter names, in lower case.

    Chrome writes `_resourceType`, WebPageTest `_request_type`; Firefox and Safari name none.
    """
    for key in ("_resourceType", "_request_type", "_type"):
        value = entry.get(key)
        if isinstance(value, str) and value:
            return value[:24].lower()
    return ""


def is_subresource(response: Mapping[str, Any]) -> bool:
    """Return whether an image, a font, a style sheet or the like came back."""
    mime = fields.mapping(response.get("content")).get("mimeType")
    return isinstance(mime, str) and mime[:6].lower().startswith(_SUBRESOURCE_MIME)


def guessed_resource(asked: Asked, kind: Kind | None) -> str:
    """Return what a request is for where the exporter names nothing, by headers and type."""
    dest = asked.sent.get("sec-fetch-dest", "")
    if dest in ("document", "iframe", "frame"):
        return "document"
    if dest == "empty":
        return "fetch"
    if dest:
        return dest[:24]
    mime = asked.mime
    if any(word in mime for word in _SCRIPT_MIME):
        return "script"
    if (
        mime.startswith("text/html")
        and asked.method == "GET"
        and "x-requested-with" not in asked.sent
    ):
        # chrome-har writes no Accept header; a navigation asks for an upgrade to https.
        asks = "text/html" in asked.sent.get("accept", "")
        asks = asks or "upgrade-insecure-requests" in asked.sent
        return "document" if asks or not asked.sent else "fetch"
    return "script" if kind is Kind.CLIENT_SCRIPT else "fetch"


def kind_of_call(asked: Asked, kind: Kind | None, resource: str) -> Kind | None:
    """Return what a call is for, None when it does not matter."""
    likely = _kind_of_call(asked, kind, resource)
    return Kind.SITE_TOKEN if likely in VENDING and _by_sdk(asked) else likely


def _by_sdk(asked: Asked) -> bool:
    """Return whether an AWS SDK of the site's own asks, by what RUM's client never sends.

    The client writes no header of the SDK's, and asks for guests only.
    """
    named = asked.sent.get("access-control-request-headers", "").lower()
    if any(name in asked.sent or name in named for name in _OF_AN_SDK):
        return True
    return asked.method == "POST" and har_body.signs_in(asked.body())


def _kind_of_call(asked: Asked, kind: Kind | None, resource: str) -> Kind | None:
    if "x-amz-target" in asked.sent:
        service, _, operation = asked.sent["x-amz-target"].rpartition(".")
        if service.endswith("AWSCognitoIdentityService"):
            return _TARGETS.get(operation, Kind.COGNITO)
    if kind is Kind.COGNITO and asked.method == "POST":
        return har_body.cognito_operation(asked.body(), asked.reply())
    if kind is not None:
        return None if kind is Kind.CLIENT_SCRIPT and resource == "document" else kind
    if resource in ("document", "html") and asked.method == "GET":
        return Kind.DOCUMENT
    if resource == "script":
        return Kind.SCRIPT
    if asked.method == "POST" and har_body.looks_like_batch(asked.body()):
        return Kind.PUT_EVENTS
    if resource in SUBRESOURCES:
        return None
    return Kind.APPLICATION
