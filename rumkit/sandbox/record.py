"""CloudTrail records, in the shapes that AWS documents for RUM, Cognito, STS and IAM."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rumkit.sandbox.ids import ACCOUNT, OPERATOR, OPERATOR_KEY, stamp, uuid_of

if TYPE_CHECKING:
    from datetime import datetime

    from rumkit.sandbox.errors import AwsError
    from rumkit.sandbox.resources import Monitor, Pool, Record, Session
    from rumkit.sandbox.roles import Role

GUEST_AGENT = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/144.0.0.0 Safari/537.36"
)
_PROVIDER = "cognito-identity.amazonaws.com"
_OPERATOR_IDENTITY = {
    "type": "IAMUser",
    "principalId": "AIDASANDBOXOPERATOR00",
    "arn": OPERATOR,
    "accountId": ACCOUNT,
    "accessKeyId": OPERATOR_KEY,
    "userName": "operator",
}
_NOBODY = {"type": "AWSAccount", "principalId": "", "accountId": "ANONYMOUS_PRINCIPAL"}


@dataclass(frozen=True)
class Caller:
    """Who made a call, from where, when: what every record says."""

    when: datetime
    region: str
    address: str = "203.0.113.7"
    agent: str = GUEST_AGENT
    key: str = ""


def management(
    caller: Caller,
    source: str,
    name: str,
    params: dict[str, Any] | None,
    *,
    error: AwsError | None = None,
    read_only: bool = False,
) -> Record:
    """Return a configuration call of the account's operator."""
    record = _base(caller, source, name, params, error)
    record["userIdentity"] = dict(_OPERATOR_IDENTITY)
    record["readOnly"] = read_only
    return record


def web_identity(
    caller: Caller,
    session: Session,
    *,
    error: AwsError | None = None,
    token_known: bool = True,
) -> Record:
    """Return an AssumeRoleWithWebIdentity of a guest (basic flow) or of Cognito (enhanced)."""
    params = {"roleArn": session.role_arn, "roleSessionName": session.session_name}
    record = _base(caller, "sts.amazonaws.com", "AssumeRoleWithWebIdentity", params, error)
    record["userIdentity"] = {
        "type": "WebIdentityUser",
        "principalId": f"{_PROVIDER}:{session.pool_id}:{session.identity_id}",
        "userName": session.identity_id,
        "identityProvider": _PROVIDER,
    }
    if not token_known:
        record["userIdentity"] = {"type": "WebIdentityUser"}
    if session.flow == "enhanced":
        record["sourceIPAddress"] = record["userAgent"] = _PROVIDER
    record["readOnly"] = True
    record["resources"] = [_resource("AWS::IAM::Role", session.role_arn)]
    record["tlsDetails"] = {
        "tlsVersion": "TLSv1.3",
        "cipherSuite": "TLS_AES_128_GCM_SHA256",
        "clientProvidedHostHeader": f"sts.{caller.region}.amazonaws.com",
    }
    if error is None:
        record["responseElements"] = _web_identity_answer(caller, session)
    else:
        # CloudTrail never says which condition failed.
        record["errorCode"] = error.code
        record["errorMessage"] = (
            "An unknown error occurred" if error.code == "AccessDenied" else error.message
        )
    return record


def cognito(
    caller: Caller,
    name: str,
    pool: Pool | None,
    params: dict[str, Any],
    *,
    error: AwsError | None = None,
    answer: dict[str, Any] | None = None,
) -> Record:
    """Return a vending call to Cognito, a data event without an identity."""
    record = _base(caller, _PROVIDER, name, params, error)
    record["userIdentity"] = {"type": "Unknown"}
    record["responseElements"] = answer if error is None else None
    arn = pool.arn if pool else ""
    record["resources"] = [_resource("AWS::Cognito::IdentityPool", arn)] if arn else []
    return _data_event(record)


def put_rum_events(
    caller: Caller,
    monitor: Monitor,
    session: Session | None,
    role: Role | None,
    params: dict[str, Any],
    *,
    error: AwsError | None = None,
    by_operator: bool = False,
) -> Record:
    """Return a PutRumEvents, a data event of the app monitor."""
    record = _base(caller, "rum.amazonaws.com", "PutRumEvents", params, error)
    if by_operator:
        record["userIdentity"] = dict(_OPERATOR_IDENTITY)
    elif session:
        record["userIdentity"] = _guest(caller, session, role)
    else:
        record["userIdentity"] = dict(_NOBODY)
    if error is not None and error.code == "AccessDeniedException":
        record["errorCode"] = "AccessDenied"
    record["resources"] = [_resource("AWS::RUM::AppMonitor", monitor.arn)]
    return _data_event(record)


def assumed_role_arn(session: Session) -> str:
    """Return the ARN of a session of a role, as messages and records name it."""
    return f"arn:aws:sts::{ACCOUNT}:assumed-role/{session.role_name}/{session.session_name}"


def _base(
    caller: Caller,
    source: str,
    name: str,
    params: dict[str, Any] | None,
    error: AwsError | None,
) -> Record:
    when = stamp(caller.when)
    key = (source, name, when, caller.address, caller.key)
    record: Record = {
        "eventVersion": "1.11",
        "userIdentity": {},
        "eventTime": when,
        "eventSource": source,
        "eventName": name,
        "awsRegion": caller.region,
        "sourceIPAddress": caller.address,
        "userAgent": caller.agent,
    }
    if error is not None:
        record["errorCode"] = error.code
        record["errorMessage"] = error.message
    record |= {
        "requestParameters": params,
        "responseElements": None,
        "requestID": uuid_of("request", *key),
        "eventID": uuid_of("event", *key),
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Management",
    }
    return record


def _data_event(record: Record) -> Record:
    record["managementEvent"] = False
    record["eventCategory"] = "Data"
    return record


def _resource(kind: str, arn: str) -> dict[str, str]:
    return {"accountId": ACCOUNT, "type": kind, "ARN": arn}


def _guest(caller: Caller, session: Session, role: Role | None) -> dict[str, Any]:
    role_id = role.id if role else "AROA"
    return {
        "type": "AssumedRole",
        "principalId": f"{role_id}:{session.session_name}",
        "arn": assumed_role_arn(session),
        "accountId": ACCOUNT,
        "accessKeyId": session.access_key,
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": role_id,
                "arn": session.role_arn,
                "accountId": ACCOUNT,
                "userName": session.role_name,
            },
            "webIdFederationData": {
                "federatedProvider": _PROVIDER,
                "attributes": {
                    f"{_PROVIDER}:aud": session.pool_id,
                    f"{_PROVIDER}:sub": session.identity_id,
                    f"{_PROVIDER}:amr": '["unauthenticated"]',
                },
            },
            "attributes": {"creationDate": stamp(caller.when), "mfaAuthenticated": "false"},
        },
    }


def _web_identity_answer(caller: Caller, session: Session) -> dict[str, Any]:
    return {
        "credentials": {
            "accessKeyId": session.access_key,
            "sessionToken": "HIDDEN_DUE_TO_SECURITY_REASONS",
            "expiration": stamp(caller.when),
        },
        "subjectFromWebIdentityToken": session.identity_id,
        "assumedRoleUser": {
            "assumedRoleId": f"AROA:{session.session_name}",
            "arn": assumed_role_arn(session),
        },
        "packedPolicySize": 0,
        "provider": _PROVIDER,
        "audience": session.pool_id,
    }
