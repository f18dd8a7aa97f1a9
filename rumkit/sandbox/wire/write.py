"""A reply, or an error, → bytes on the wire, checked against the service's model first."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import TYPE_CHECKING, Any

from rumkit.sandbox.wire.models import error_status, service_model, wire_name

# botocore's shapes differ by type in what they hold; typed stubs know only the common part.
Shape = Any

if TYPE_CHECKING:
    from rumkit.sandbox.errors import AwsError
    from rumkit.sandbox.wire.read import Incoming

_CONTENT_TYPES = {
    "json": "application/x-amz-json-1.1",
    "rest": "application/json",
    "query": "text/xml",
}


@dataclass(frozen=True)
class Reply:
    """An HTTP reply."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class ModelMismatch(AssertionError):
    """A reply of the sandbox that AWS's service model does not allow; a defect of the sandbox."""


def write_reply(incoming: Incoming, result: dict[str, Any], request_id: str) -> Reply:
    """Serialise a result. Raises ModelMismatch when the model does not allow it."""
    model = service_model(incoming.service).operation_model(incoming.operation)
    shape = model.output_shape
    clean = _without_none(result)
    _check(incoming, shape, clean)
    if incoming.protocol == "query":
        body = _query_document(incoming, shape, clean, model.service_model.metadata, request_id)
    else:
        body = _json_body(shape, clean)
    headers = [("content-type", _CONTENT_TYPES[incoming.protocol])]
    headers.append(("x-amzn-requestid", request_id))
    status = int(model.http.get("responseCode", 200)) if incoming.protocol == "rest" else 200
    return Reply(status, tuple(headers), body)


def write_error(service: str, protocol: str, error: AwsError, request_id: str) -> Reply:
    """Serialise an error in the form of the protocol that the request came in."""
    default = 403 if protocol in {"rest", "query"} and "AccessDenied" in error.code else 400
    status = error.status or error_status(service, error.code, default)
    headers = [("content-type", _CONTENT_TYPES[protocol]), ("x-amzn-requestid", request_id)]
    if protocol == "query":
        return Reply(status, tuple(headers), _query_error(service, error, request_id))
    headers.append(("x-amzn-errortype", error.code))
    payload: dict[str, Any] = {"message": error.message, **error.fields}
    if protocol == "json":
        headers.append(("x-amzn-errormessage", error.message))
        payload = {"__type": error.code, **payload}
    return Reply(status, tuple(headers), json.dumps(payload).encode())


def _without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    if isinstance(value, (list, tuple)):
        return [_without_none(item) for item in value]
    return value


def _check(incoming: Incoming, shape: Shape | None, result: dict[str, Any]) -> None:
    from botocore.validate import ParamValidator

    where = f"{incoming.service}:{incoming.operation}"
    if shape is None:
        if result:
            raise ModelMismatch(f"{where} has no output, got {sorted(result)}")
        return
    unknown = set(result) - set(shape.members)
    report = ParamValidator().validate(result, shape)
    if report.has_errors() or unknown:
        raise ModelMismatch(f"{where}: {report.generate_report()} {sorted(unknown)}")


def _json_body(shape: Shape | None, result: dict[str, Any]) -> bytes:
    if shape is None:
        return b"{}"
    return json.dumps(_to_json(shape, result), separators=(",", ":")).encode()


def _to_json(shape: Shape, value: Any) -> Any:
    if shape.type_name == "structure":
        return {
            wire_name(member, name): _to_json(member, value[name])
            for name, member in shape.members.items()
            if name in value
        }
    if shape.type_name == "list":
        return [_to_json(shape.member, item) for item in value]
    if shape.type_name == "map":
        return {key: _to_json(shape.value, item) for key, item in value.items()}
    if shape.type_name == "timestamp" and isinstance(value, datetime):
        if shape.serialization.get("timestampFormat") == "iso8601":
            return _iso(value)
        return value.timestamp()
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _query_document(
    incoming: Incoming,
    shape: Shape | None,
    result: dict[str, Any],
    metadata: dict[str, Any],
    request_id: str,
) -> bytes:
    inner = ""
    if shape is not None:
        wrapper = shape.serialization.get("resultWrapper", f"{incoming.operation}Result")
        inner = _xml(wrapper, shape, result)
    name = f"{incoming.operation}Response"
    return (
        f'<{name} xmlns="{metadata.get("xmlNamespace", "")}">{inner}<ResponseMetadata>'
        f"<RequestId>{request_id}</RequestId></ResponseMetadata></{name}>"
    ).encode()


def _xml(tag: str, shape: Shape, value: Any) -> str:
    if shape.type_name == "structure":
        members = "".join(
            _xml(wire_name(member, name), member, value[name])
            for name, member in shape.members.items()
            if name in value
        )
        return f"<{tag}>{members}</{tag}>"
    if shape.type_name == "list":
        if shape.serialization.get("flattened"):
            return "".join(_xml(wire_name(shape.member, tag), shape.member, v) for v in value)
        item = wire_name(shape.member, "member")
        return f"<{tag}>{''.join(_xml(item, shape.member, v) for v in value)}</{tag}>"
    return f"<{tag}>{escape(_text(value))}</{tag}>"


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return _iso(value) if isinstance(value, datetime) else str(value)


def _query_error(service: str, error: AwsError, request_id: str) -> bytes:
    namespace = service_model(service).metadata.get("xmlNamespace", "")
    return (
        f'<ErrorResponse xmlns="{namespace}"><Error><Type>Sender</Type><Code>{error.code}</Code>'
        f"<Message>{escape(error.message)}</Message></Error>"
        f"<RequestId>{request_id}</RequestId></ErrorResponse>"
    ).encode()
