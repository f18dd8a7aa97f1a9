"""A request on the wire → the operation and its parameters, by the service's model."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from rumkit.sandbox.errors import AwsError
from rumkit.sandbox.wire.models import match_route, service_model, wire_name

# botocore's shapes differ by type in what they hold; typed stubs know only the common part.
Shape = Any

if TYPE_CHECKING:
    from collections.abc import Mapping


_MAX_MEMBERS = 10_000


@dataclass(frozen=True)
class Http:
    """What came over HTTP; header names are lower case, `path` is decoded, `query` is raw."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    raw_path: str = ""


@dataclass(frozen=True)
class Incoming:
    """An operation with its parameters, by the model's names, and the protocol it came in."""

    service: str
    operation: str
    protocol: str
    params: dict[str, Any] = field(default_factory=dict)


def read_request(service: str, http: Http) -> Incoming:
    """Parse and validate a request. Raises AwsError as the service would answer."""
    protocol, operation = _operation(service, http)
    model = service_model(service)
    if operation not in model.operation_names:
        raise AwsError("UnknownOperationException", f"Unknown operation {operation}", status=404)
    shape = model.operation_model(operation).input_shape
    if shape is None:
        return Incoming(service, operation, protocol)
    try:
        params = _PARSERS[protocol](service, shape, http)
    except (ValueError, TypeError, AttributeError, binascii.Error) as error:
        raise AwsError(
            "SerializationException", "The request could not be read.", status=400
        ) from error
    _validate(params, shape, protocol)
    return Incoming(service, operation, protocol, params)


def protocol_of(service: str, http: Http) -> str:
    """Return the protocol of a request without reading it, so that an error can be answered."""
    if "x-amz-target" in http.headers:
        return "json"
    return {"rest-json": "rest", "rest-xml": "rest"}.get(
        str(service_model(service).metadata["protocol"]), "query"
    )


def _operation(service: str, http: Http) -> tuple[str, str]:
    protocol = protocol_of(service, http)
    if protocol == "json":
        return protocol, http.headers["x-amz-target"].rsplit(".", 1)[-1]
    if protocol == "rest":
        match = match_route(service, http.method, http.raw_path or http.path)
        return protocol, match[0] if match else f"{http.method} {http.path}"
    return protocol, _form(http).get("Action", "")


def _form(http: Http) -> dict[str, str]:
    text = http.body.decode(errors="replace") if http.method == "POST" else http.query
    fields = parse_qs(text, keep_blank_values=True, max_num_fields=_MAX_MEMBERS)
    return {name: values[0] for name, values in fields.items()}


def _read_json(_service: str, shape: Shape, http: Http) -> dict[str, Any]:
    return _from_json(shape, json.loads(http.body or b"{}")) or {}


def _read_rest(service: str, shape: Shape, http: Http) -> dict[str, Any]:
    match = match_route(service, http.method, http.raw_path or http.path)
    labels = match[1] if match else {}
    query = parse_qs(http.query, keep_blank_values=True, max_num_fields=_MAX_MEMBERS)
    payload = shape.serialization.get("payload")
    body = json.loads(http.body) if http.body and not payload else {}
    params: dict[str, Any] = {}
    for name, member in shape.members.items():
        wire, place = wire_name(member, name), member.serialization.get("location")
        raw: Any
        if place == "uri":
            raw = labels.get(wire)
        elif place == "querystring":
            values = query.get(wire)
            raw = values if member.type_name == "list" else next(iter(values or ()), None)
        elif place in {"header", "headers"}:
            raw = http.headers.get(wire.lower())
        elif name == payload:
            raw = json.loads(http.body) if http.body else None
        else:
            raw = body.get(wire)
        if raw is not None:
            params[name] = _from_json(member, raw)
    return params


def _from_json(shape: Shape, raw: Any) -> Any:
    if raw is None:
        return None
    if shape.type_name == "structure":
        return {
            name: _from_json(member, raw[wire_name(member, name)])
            for name, member in shape.members.items()
            if raw.get(wire_name(member, name)) is not None
        }
    if shape.type_name == "list":
        return [_from_json(shape.member, item) for item in raw]
    if shape.type_name == "map":
        return {key: _from_json(shape.value, item) for key, item in raw.items()}
    return _scalar(shape, raw)


def _scalar(shape: Shape, raw: Any) -> Any:
    if shape.type_name == "timestamp":
        from botocore.utils import parse_timestamp

        return parse_timestamp(raw)
    if shape.type_name == "blob" and isinstance(raw, str):
        return base64.b64decode(raw)
    if isinstance(raw, str) and shape.type_name in {"integer", "long"}:
        return int(raw)
    if isinstance(raw, str) and shape.type_name in {"float", "double"}:
        return float(raw)
    if isinstance(raw, str) and shape.type_name == "boolean":
        return raw.lower() == "true"
    return raw


def _read_query(_service: str, shape: Shape, http: Http) -> dict[str, Any]:
    value = _from_query(shape, _form(http), "")
    return value if isinstance(value, dict) else {}


def _from_query(shape: Shape, form: dict[str, str], prefix: str) -> Any:
    if shape.type_name == "structure":
        if prefix and not any(key.startswith(f"{prefix}.") for key in form):
            return None
        members = {
            name: _from_query(member, form, _joined(prefix, wire_name(member, name)))
            for name, member in shape.members.items()
        }
        return {name: value for name, value in members.items() if value is not None}
    if shape.type_name == "list":
        return _query_list(shape, form, prefix)
    raw = form.get(prefix)
    return None if raw is None else _scalar(shape, raw)


def _query_list(shape: Shape, form: dict[str, str], prefix: str) -> list[Any] | None:
    if form.get(prefix) == "":
        return []
    flat = shape.serialization.get("flattened")
    stem = prefix if flat else f"{prefix}.{wire_name(shape.member, 'member')}"
    items: list[Any] = []
    while len(items) < _MAX_MEMBERS:
        item = _from_query(shape.member, form, f"{stem}.{len(items) + 1}")
        if item is None:
            break
        items.append(item)
    return items or None


def _joined(prefix: str, name: str) -> str:
    return f"{prefix}.{name}" if prefix else name


def _validate(params: dict[str, Any], shape: Shape, protocol: str) -> None:
    from botocore.validate import ParamValidator

    report = ParamValidator().validate(params, shape)
    if report.has_errors():
        code = "ValidationError" if protocol == "query" else "ValidationException"
        raise AwsError(code, report.generate_report().replace("\n", "; "), status=400)


_PARSERS = {"json": _read_json, "rest": _read_rest, "query": _read_query}
