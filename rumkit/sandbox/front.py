"""The front door: which service a request is for, who makes it, and what becomes of it."""

from __future__ import annotations

import contextlib
import gzip
import re
import sys
import time
import traceback
import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from rumkit.sandbox import (
    athena,
    cognito,
    iam,
    lake,
    logs_api,
    metrics_api,
    organizations,
    rum_api,
    s3,
    sts,
    trail_api,
    xray_api,
)
from rumkit.sandbox.context import Context
from rumkit.sandbox.errors import AwsError
from rumkit.sandbox.guard import check_caller, is_write
from rumkit.sandbox.ids import OPERATOR
from rumkit.sandbox.record import GUEST_AGENT, Caller, management
from rumkit.sandbox.resources import Call
from rumkit.sandbox.signature import Signed, read_signature
from rumkit.sandbox.wire.models import SERVICES
from rumkit.sandbox.wire.read import Http, Incoming, protocol_of, read_request
from rumkit.sandbox.wire.write import ModelMismatch, Reply, write_error, write_reply

if TYPE_CHECKING:
    from rumkit.sandbox.world import World

_HOST = re.compile(
    r"(?:(?:dataplane\.)?(?P<rum>rum)(?:-fips)?|(?P<service>cognito-identity|sts|iam|cloudtrail|"
    r"monitoring|logs|xray))\.(?P<region>[a-z]{2,4}(?:-[a-z]+)+-\d)\.(?:amazonaws\.com|api\.aws)"
)
_MAX_UNPACKED = 20_000_000
# Guests call these without credentials; everything else needs some.
_PUBLIC = {"GetId", "GetOpenIdToken", "GetCredentialsForIdentity", "AssumeRoleWithWebIdentity"}
_GLOBAL = {"iam": "us-east-1", "organizations": "us-east-1"}
_SOURCES = {"monitoring": "monitoring.amazonaws.com"}

SERVED: dict[str, dict[str, Any]] = {
    "rum": rum_api.OPERATIONS,
    "cognito-identity": cognito.OPERATIONS,
    "sts": sts.OPERATIONS,
    "iam": iam.OPERATIONS,
    "athena": athena.OPERATIONS,
    "cloudtrail": trail_api.OPERATIONS | lake.OPERATIONS,
    "monitoring": metrics_api.OPERATIONS,
    "logs": logs_api.OPERATIONS,
    "xray": xray_api.OPERATIONS,
    "organizations": organizations.OPERATIONS,
}


@dataclass(frozen=True)
class Target:
    """The service that a request is for, by signing name, and the region."""

    service: str
    region: str
    signed: Signed | None = None
    unreadable: str = ""


def target_of(http: Http, world: World) -> Target | None:
    """Return the service a request is for, by signature, host, target header, form or path."""
    signed, unreadable = None, ""
    try:
        signed = read_signature(http)
    except ValueError as error:
        unreadable = str(error)
    host = http.headers.get("host", "").partition(":")[0]
    match = _HOST.fullmatch(host)
    if match:
        return Target(match["rum"] or match["service"], match["region"], signed, unreadable)
    if signed is not None:
        return Target(signed.service, signed.region, signed)
    region = next((m.region for m in world.monitors.values()), "eu-west-1")
    target = http.headers.get("x-amz-target", "")
    if target.startswith("AWSCognitoIdentityService."):
        return Target("cognito-identity", region)
    if http.method == "POST" and b"Action=AssumeRoleWithWebIdentity" in http.body[:20_000]:
        return Target("sts", region)
    if http.path.startswith("/appmonitors/") and not world_page(world, host):
        return Target("rum", region, None, unreadable)
    return None


def world_page(world: World, host: str) -> bool:
    """Tell whether a host is that of a page of the sandbox."""
    return any(place.host == host for place in world.installations.values())


def answer(world: World, http: Http, target: Target) -> Reply:
    """Answer a request to a service, with the headers that a browser needs."""
    if http.method == "OPTIONS":
        return Reply(200, _cors(http, preflight=True), b"")
    if world.latency_ms:
        time.sleep(world.latency_ms / 1000)
    with world.lock:
        arrived = _Arrived(world, http, target, world.next_id("request"))
    if target.service == "s3":
        return _bucket(arrived)
    reply = _served(arrived) if target.service in SERVED else _unserved(arrived)
    return replace(reply, headers=(*reply.headers, *_cors(http, preflight=False)))


@dataclass(frozen=True)
class _Arrived:
    """A request that was understood to be for a service; `http` is as it was signed."""

    world: World
    http: Http
    target: Target
    request_id: str

    @property
    def service(self) -> str:
        """Return botocore's name of the service."""
        return SERVICES.get(self.target.service, (self.target.service,))[0]


def _served(arrived: _Arrived) -> Reply:
    world, service = arrived.world, arrived.service
    protocol = protocol_of(service, arrived.http)
    try:
        incoming = read_request(service, _unpacked(arrived.http))
        with world.lock:
            return _run(arrived, incoming)
    except AwsError as error:
        return write_error(service, protocol, error, arrived.request_id)
    except ModelMismatch as mismatch:
        defect = str(mismatch)
    except Exception:  # noqa: BLE001 - a defect must not look like an answer of AWS
        defect = traceback.format_exc()
    world.defects.append(defect)
    sys.stderr.write(f"rumkit sandbox: a defect of the sandbox itself: {defect}\n")
    failure = AwsError("InternalFailure", "The sandbox failed; see its standard error.", status=500)
    return write_error(service, protocol, failure, arrived.request_id)


def _run(arrived: _Arrived, incoming: Incoming) -> Reply:
    world, target = arrived.world, arrived.target
    call = _context(arrived, incoming)
    key = target.signed.access_key if target.signed else ""
    world.calls.append(Call(target.service, incoming.operation, incoming.params, call.region, key))
    if target.unreadable:
        raise AwsError("IncompleteSignatureException", target.unreadable, status=403)
    if incoming.operation not in _PUBLIC and incoming.operation != "PutRumEvents":
        check_caller(world, target.service, incoming, target.signed)
    operation = SERVED[target.service].get(incoming.operation)
    if operation is None:
        raise AwsError(
            "UnknownOperationException",
            f"The sandbox has no {target.service}:{incoming.operation}.",
            status=400,
        )
    reply = write_reply(incoming, operation(call), arrived.request_id)
    if is_write(incoming.operation):
        _note(call, target.service, incoming)
    return reply


def _context(arrived: _Arrived, incoming: Incoming) -> Context:
    world, http, signed = arrived.world, arrived.http, arrived.target.signed
    caller = Caller(
        world.live(),
        _GLOBAL.get(arrived.target.service, arrived.target.region),
        address=http.headers.get("x-forwarded-for", "203.0.113.7").split(",")[0].strip(),
        agent=http.headers.get("user-agent", GUEST_AGENT)[:256],
        key=str(world.counter),
    )
    return Context(
        world,
        incoming.params,
        caller,
        world.journal,
        world.accepted,
        session=world.sessions.get(signed.access_key) if signed else None,
        signed=signed,
        http=http,
    )


def _note(call: Context, service: str, incoming: Incoming) -> None:
    """Write a configuration change down, as CloudTrail shows it."""
    params = incoming.params
    if service in {"iam", "cognito-identity", "cloudtrail"}:
        params = {key[0].lower() + key[1:]: value for key, value in params.items()}
    source = _SOURCES.get(service, f"{service}.amazonaws.com")
    caller = replace(call.caller, address="198.51.100.20")
    call.record(management(caller, source, incoming.operation, params))


def _bucket(arrived: _Arrived) -> Reply:
    """Answer for S3, whose requests are too far from the other services' to be read as theirs."""
    world, target = arrived.world, arrived.target
    try:
        wanted = s3.read_request(arrived.http)
        incoming = Incoming("s3", wanted.operation, "rest", {"Bucket": wanted.bucket})
        with world.lock:
            params = {"Bucket": wanted.bucket, "Key": wanted.key, **wanted.params}
            world.calls.append(Call("s3", wanted.operation, params, target.region))
            check_caller(world, "s3", incoming, target.signed)
            return s3.answer(world, wanted)
    except AwsError as error:
        code = error.code.removesuffix("Exception")
        return s3.write_error(replace(error, code=code), arrived.request_id)


def _unserved(arrived: _Arrived) -> Reply:
    """Answer for a service that the account may not use."""
    http, target = arrived.http, arrived.target
    action = http.headers.get("x-amz-target", "").rsplit(".", 1)[-1] or http.path
    with arrived.world.lock:
        arrived.world.calls.append(Call(target.service, action, {}, target.region))
    error = AwsError(
        "AccessDeniedException",
        f"User: {OPERATOR} is not authorized to perform: {target.service}:{action}",
        status=400 if "x-amz-target" in http.headers else 403,
    )
    if target.service not in SERVICES:
        return Reply(error.status, (("content-type", "text/plain"),), str(error).encode())
    protocol = protocol_of(arrived.service, http)
    return write_error(arrived.service, protocol, error, arrived.request_id)


def _unpacked(http: Http) -> Http:
    if http.headers.get("content-encoding") != "gzip":
        return http
    with contextlib.suppress(OSError, EOFError, zlib.error):
        body = gzip.decompress(http.body)
        if len(body) <= _MAX_UNPACKED:
            return replace(http, body=body)
    return http


def _cors(http: Http, *, preflight: bool) -> tuple[tuple[str, str], ...]:
    origin = http.headers.get("origin")
    if not origin:
        return ()
    headers = [
        ("access-control-allow-origin", origin),
        ("access-control-expose-headers", "x-amzn-errortype,x-amzn-requestid"),
    ]
    if preflight:
        wanted = http.headers.get("access-control-request-headers", "")
        headers += [
            ("access-control-allow-headers", wanted),
            ("access-control-allow-methods", "POST, GET, PUT, OPTIONS"),
            ("access-control-max-age", "172800"),
        ]
    return tuple(headers)
