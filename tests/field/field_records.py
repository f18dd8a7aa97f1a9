"""Records of CloudTrail in words of our own, as the services write them, made for tests."""

from __future__ import annotations

from typing import Any

from har_builder import IDENTITY, MONITOR, POOL, ROLE

GUEST = "RUM-Monitor-shop-Unauth"
SESSION = f"arn:aws:sts::111122223333:assumed-role/{GUEST}/CognitoIdentityCredentials"
ARN = "arn:aws:rum:eu-west-1:111122223333:appmonitor/shop"
REFUSED = f"User: {SESSION} is not authorized to perform: rum:PutRumEvents on resource: {ARN} "
LACKS = f"{REFUSED}because no identity-based policy allows the rum:PutRumEvents action"
DAY = {"since": "2026-03-01T00:00:00Z", "until": "2026-03-02T00:00:00Z"}
_ROLE: dict[str, Any] = {
    "type": "AssumedRole",
    "principalId": "AROAEXAMPLE:CognitoIdentityCredentials",
    "arn": SESSION,
    "accountId": "111122223333",
    "sessionContext": {
        "sessionIssuer": {
            "type": "Role",
            "arn": f"arn:aws:iam::111122223333:role/{GUEST}",
            "userName": GUEST,
        }
    },
}
WEB = {
    "type": "WebIdentityUser",
    "principalId": f"cognito-identity.amazonaws.com:{POOL}:{IDENTITY}",
    "userName": IDENTITY,
    "identityProvider": "cognito-identity.amazonaws.com",
}
ANONYMOUS = {"type": "Unknown", "principalId": "anonymous"}


def record(minute: int = 0, message: str = LACKS, **changed: Any) -> dict[str, Any]:
    """Return a refused PutRumEvents call at 09:0`minute`, with members of its own."""
    return {
        "eventVersion": "1.09",
        "userIdentity": _ROLE,
        "eventTime": f"2026-03-01T09:0{minute}:00Z",
        "eventSource": "rum.amazonaws.com",
        "eventName": "PutRumEvents",
        "awsRegion": "eu-west-1",
        "sourceIPAddress": "198.51.100.7",
        "userAgent": "Mozilla/5.0",
        "errorCode": "AccessDenied",
        "errorMessage": message,
        "requestParameters": {"id": MONITOR},
        "responseElements": None,
        "requestID": f"30000000-0000-4000-8000-00000000000{minute}",
        "eventID": f"10000000-0000-4000-8000-00000000000{minute}",
        "readOnly": False,
        "managementEvent": False,
        "recipientAccountId": "111122223333",
        "eventCategory": "Data",
    } | changed


def cognito(name: str, code: str, message: str, **changed: Any) -> dict[str, Any]:
    """Return a failed call of a browser to Cognito."""
    asked = {"identityPoolId": POOL} if name == "GetId" else {"identityId": IDENTITY}
    pool = f"arn:aws:cognito-identity:eu-west-1:111122223333:identitypool/{POOL}"
    given = {
        "eventSource": "cognito-identity.amazonaws.com",
        "eventName": name,
        "errorCode": code,
        "requestParameters": asked,
        "userIdentity": {"type": "Unknown"},
        "resources": [{"type": "AWS::Cognito::IdentityPool", "ARN": pool}],
    }
    return record(message=message) | given | changed


def sts(code: str, message: str, *, session: str = "cwr", **changed: Any) -> dict[str, Any]:
    """Return a failed AssumeRoleWithWebIdentity call."""
    given = {
        "eventSource": "sts.amazonaws.com",
        "eventName": "AssumeRoleWithWebIdentity",
        "errorCode": code,
        "requestParameters": {"roleArn": ROLE, "roleSessionName": session},
        "userIdentity": WEB,
        "managementEvent": True,
        "eventCategory": "Management",
    }
    return record(message=message) | given | changed
