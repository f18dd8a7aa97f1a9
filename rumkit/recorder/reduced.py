"""Bodies without their secrets: only what decides is written, with the rest blanked or left out.

What a reader of recordings asks of a body (which pool, which role, was there a token, which
types of events) reads the same before and after.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode
from xml.sax.saxutils import escape

from rumkit.aws_names import REGION, UUID
from rumkit.client.har import body as har_body
from rumkit.client.har.masking import mask_page
from rumkit.client.har.redact import sentence
from rumkit.secret import hide_secrets

if TYPE_CHECKING:
    from rumkit.client.har.conversation import Batch

HIDDEN = "hidden"
_IDENTITY = re.compile(rf"({REGION}):{UUID}")
_MAX_ERROR_PAGE = 4096
_FORM_FIELDS = {"Action": 64, "Version": 16, "RoleArn": 256, "RoleSessionName": 64}


def identity(value: Any, pool: str = "") -> Any:
    """Return an identity id that keeps its shape: missing, malformed, or one of a Region.

    The identity pool's own id, given by mistake, stays what it is.
    """
    if not isinstance(value, str) or not value:
        return value if value is None or value == "" else HIDDEN
    if pool and value == pool:
        return value
    match = _IDENTITY.fullmatch(value)
    return f"{match[1]}:00000000-0000-4000-8000-000000000000" if match else HIDDEN


def cognito_request(body: str, pools: frozenset[str]) -> str:
    """Return a request to Cognito with the pool's id, and the identity as far as it decides."""
    asked = _object(body)
    kept: dict[str, Any] = {}
    for key in ("IdentityPoolId", "CustomRoleArn"):
        if isinstance(asked.get(key), str):
            kept[key] = sentence(asked[key], limit=256)
    if "IdentityId" in asked:
        given = asked["IdentityId"]
        kept["IdentityId"] = identity(given, given if given in pools else "")
    return json.dumps(kept) if asked else ""


def cognito_reply(body: str, status: int) -> str:
    """Return a reply of Cognito: that there was an identity, a token, credentials; not which."""
    answered = _object(body)
    if status >= 400 or "__type" in answered or not answered:
        return refusal(body)
    kept: dict[str, Any] = {}
    if "IdentityId" in answered:
        kept["IdentityId"] = identity(answered["IdentityId"])
    if "Token" in answered:
        kept["Token"] = HIDDEN
    credentials = answered.get("Credentials")
    if isinstance(credentials, dict):
        kept["Credentials"] = {"Expiration": credentials.get("Expiration")}
    return json.dumps(kept)


def role_request(body: str) -> str:
    """Return a request to STS with role and session name; of the token only whether it is one."""
    try:
        form = dict(parse_qsl(body[: har_body.MAX_BODY], keep_blank_values=True))
    except ValueError:
        return ""
    kept = {n: sentence(form[n], limit=limit) for n, limit in _FORM_FIELDS.items() if n in form}
    if "WebIdentityToken" in form:
        token = form["WebIdentityToken"]
        kept["WebIdentityToken"] = token if token in ("", "undefined") else HIDDEN
    return urlencode(kept)


def role_reply(body: str, status: int) -> str:
    """Return a reply of STS: that there were credentials, or the refusal."""
    if status >= 400 or "<Credentials>" not in body:
        return refusal(body)
    return (
        "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>"
        "</Credentials></AssumeRoleWithWebIdentityResult><ResponseMetadata><RequestId>"
        "</RequestId></ResponseMetadata></AssumeRoleWithWebIdentityResponse>"
    )


def events_request(batch: Batch) -> str:
    """Return a PutRumEvents body with what counts events and names client, monitor and session."""
    metadata = {"aws:client": batch.client, "aws:clientVersion": batch.client_version}
    metadata = {name: value for name, value in metadata.items() if value}
    types = [name for name, count in batch.event_types for _ in range(count)]
    events: list[dict[str, Any]] = [{"type": name} for name in types]
    if events and metadata:
        events[0]["metadata"] = json.dumps(metadata, separators=(",", ":"))
    details = {"id": batch.monitor_id, "version": batch.app_version}
    kept: dict[str, Any] = {"AppMonitorDetails": details, "RumEvents": events}
    kept["UserDetails"] = {"sessionId": batch.session_id}
    if batch.alias:
        kept["Alias"] = batch.alias
    return json.dumps(kept)


def refusal(body: str) -> str:
    """Return a reply that is no success: type and message, or the beginning of a page."""
    start = body.lstrip()
    error_type, message = har_body.error(body)
    if start[:1] == "{":
        if start.strip() == "{}":
            return "{}"
        kept = {"__type": sentence(error_type, limit=100), "message": sentence(message)}
        return json.dumps({name: value for name, value in kept.items() if value})
    if start.startswith(("<ErrorResponse", "<?xml", "<Error")) and error_type:
        return (
            f"<ErrorResponse><Error><Code>{escape(sentence(error_type, limit=100))}</Code>"
            f"<Message>{escape(sentence(message))}</Message></Error>"
            "<RequestId></RequestId></ErrorResponse>"
        )
    return hide_secrets(mask_page(body[:_MAX_ERROR_PAGE]).html)


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
