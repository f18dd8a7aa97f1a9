"""CloudWatch RUM's data plane: PutRumEvents, from the signature to the stored event."""

from __future__ import annotations

import json
import re
from datetime import UTC
from typing import TYPE_CHECKING, Any

from rumkit.sandbox.authorise import Sender, check_put_rum_events
from rumkit.sandbox.errors import AwsError, invalid
from rumkit.sandbox.ids import OPERATOR_SECRET
from rumkit.sandbox.record import put_rum_events as put_record
from rumkit.sandbox.signature import verify

if TYPE_CHECKING:
    from datetime import datetime

    from rumkit.sandbox.context import Context
    from rumkit.sandbox.resources import Monitor
    from rumkit.sandbox.roles import Role

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_CUSTOM_TYPE = re.compile(r"[a-zA-Z0-9_.-]{1,256}")
_CUSTOM_SIZE = 6 * 1024
_OWN_TYPES = "com.amazon.rum."


def put_rum_events(call: Context) -> dict[str, Any]:
    """PutRumEvents. An answer of 200 does not mean that every event is kept."""
    _check_signature(call)
    monitor, session = _monitor(call), call.session
    shown = _shown(call.params)
    try:
        role = _admitted(call, monitor)
    except AwsError as error:
        # Whether a trail records a refused call without an identity is not known.
        if session is not None:
            role = call.world.roles.by_arn(session.role_arn)
            call.record(put_record(call.caller, monitor, session, role, shown, error=error))
        raise
    put = put_record(call.caller, monitor, session, role, shown, by_operator=call.by_operator)
    call.record(put)
    monitor.state = "ACTIVE"
    call.accepted.extend(_stored(call, monitor, call.params))
    return {}


def _admitted(call: Context, monitor: Monitor) -> Role | None:
    """Return the sender's role. Raises AwsError when the events are refused."""
    sender = Sender(
        call.session,
        call.caller.address,
        call.http.headers.get("referer", "") if call.http else call.referer,
        call.params.get("Alias") or "",
    )
    # The operator may do everything.
    role = None if call.by_operator else check_put_rum_events(call.world, monitor, sender)
    _check_ids(call.params)
    _check_domains(monitor, call.params)
    if monitor.id in call.world.throttled_monitors:
        raise AwsError(
            "ThrottlingException", "Rate exceeded", status=429, fields={"retryAfterSeconds": 1}
        )
    return role


def _check_signature(call: Context) -> None:
    signed = call.signed
    if signed is None or call.http is None:
        return
    if signed.service != "rum" or signed.region != call.region:
        raise AwsError(
            "InvalidSignatureException",
            f"Credential should be scoped to a valid region, not '{signed.region}'."
            if signed.service == "rum"
            else f"Credential should be scoped to correct service: 'rum', not '{signed.service}'.",
            status=403,
        )
    secret, token = OPERATOR_SECRET, ""
    if call.session is not None:
        secret, token = call.session.secret_key, call.session.token
    if (call.session is None and not call.by_operator) or signed.token != token:
        raise AwsError(
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
            status=403,
        )
    if not verify(call.http, signed, secret):
        raise AwsError(
            "InvalidSignatureException",
            "The request signature we calculated does not match the signature you provided.",
            status=403,
        )


def _monitor(call: Context) -> Monitor:
    monitor = call.world.monitor_by_id(call.params["Id"], call.region)
    if monitor is None:
        # Whatever the role may do, there is nothing here to be allowed on.
        raise AwsError(
            "ResourceNotFoundException",
            f"App monitor {call.params['Id']} not found.",
            status=404,
            fields={"resourceName": call.params["Id"]},
        )
    return monitor


def _check_ids(params: dict[str, Any]) -> None:
    ids = {
        "Id": params["Id"],
        "BatchId": params["BatchId"],
        "UserDetails.userId": params["UserDetails"].get("userId"),
        "UserDetails.sessionId": params["UserDetails"].get("sessionId"),
        **{f"RumEvents.{i}.id": e["id"] for i, e in enumerate(params["RumEvents"])},
    }
    for where, value in ids.items():
        if value is not None and not _UUID.fullmatch(value):
            raise invalid(f"Value at '{where}' failed to satisfy constraint: must be a UUID.")


def _check_domains(monitor: Monitor, params: dict[str, Any]) -> None:
    """Refuse events of a host that is not on the monitor's list, once the caller is authorised."""
    shared = _json(params.get("SessionMetadata"))
    for event in params["RumEvents"]:
        host = {**shared, **_json(event.get("metadata"))}.get("domain")
        if isinstance(host, str) and not any(_names(each, host) for each in monitor.domains):
            raise invalid(f"domain {host} does not match")


def _names(pattern: str, host: str) -> bool:
    """Tell whether a pattern of the list names a host: `*` stands for labels, at either end."""
    labels, wanted = pattern.lower().split("."), host.lower().split(".")
    if labels[-1] == "*" and len(labels) > 1:
        labels, wanted = labels[:-1], wanted[:-1]
        if labels[0] != "*":
            return wanted[: len(labels)] == labels
        core = labels[1:]
        return any(wanted[at : at + len(core)] == core for at in range(len(wanted)))
    if labels[0] == "*":
        return wanted[-len(labels) + 1 :] == labels[1:]
    return labels == wanted


def _shown(params: dict[str, Any]) -> dict[str, Any]:
    """Return the request as CloudTrail shows it: in camel case, contents withheld."""
    return {
        "id": params["Id"],
        "batchId": params["BatchId"],
        "appMonitorDetails": params["AppMonitorDetails"],
        "userDetails": params["UserDetails"],
        "rumEvents": [
            {
                "id": event["id"],
                "timestamp": _spelled(event["timestamp"]),
                "type": event["type"],
                "metadata": "{}",
                "details": "{}",
            }
            for event in params["RumEvents"]
        ],
    }


def _spelled(moment: datetime) -> str:
    """Return a moment as the data events of RUM spell it: May 16, 2024, 8:32:20 PM."""
    utc = moment.astimezone(UTC)
    return f"{utc:%b} {utc.day}, {utc.year}, {utc.hour % 12 or 12}:{utc:%M:%S %p}"


def _stored(call: Context, monitor: Monitor, params: dict[str, Any]) -> list[dict[str, Any]]:
    shared = _json(params.get("SessionMetadata"))
    when = int(call.caller.when.timestamp() * 1000)
    return [
        {
            "event_timestamp": when,
            "event_type": event["type"],
            "event_id": event["id"],
            "event_version": "1.0.0",
            "log_stream": call.caller.when.strftime("%Y-%m-%dT%H"),
            "application_id": monitor.id,
            "application_version": params["AppMonitorDetails"].get("version", ""),
            "metadata": {"version": "1.0.0", **shared, **_json(event.get("metadata"))},
            "user_details": dict(params["UserDetails"]),
            "event_details": _json(event["details"]),
        }
        for event in params["RumEvents"]
        if _kept(monitor, event)
    ]


def _kept(monitor: Monitor, event: dict[str, Any]) -> bool:
    if event["type"].startswith(_OWN_TYPES):
        return True
    return (
        monitor.custom_events == "ENABLED"
        and _CUSTOM_TYPE.fullmatch(event["type"]) is not None
        and len(event["details"]) < _CUSTOM_SIZE
    )


def _json(text: str | None) -> dict[str, Any]:
    try:
        parsed = json.loads(text or "{}")
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}
