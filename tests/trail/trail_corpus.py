"""Trail files as an account delivers them: mostly other services' calls, invented throughout.

The mix: records of seven busy services, 1 in 200 about RUM (`share`), a few refused calls of
other services, a few writes to IAM that concern nobody's monitor. Files are gzipped, without
blanks, of sizes spread as a busy account's are, in the layout AWSLogs/ACCOUNT/CloudTrail/...
"""

from __future__ import annotations

import json
import random
import uuid
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNT = "111122223333"
REGION = "eu-west-1"
MONITOR = "shop"
MONITOR_ID = "5f0c1d2e-3a4b-4c5d-8e6f-708192a3b4c5"
POOL = "eu-west-1:0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/shop-guest"
MONITOR_ARN = f"arn:aws:rum:{REGION}:{ACCOUNT}:appmonitor/{MONITOR}"
START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)

_AGENTS = (
    "aws-sdk-go-v2/1.30.3 os/linux lang/go#1.22.5 md/GOOS#linux md/GOARCH#amd64 api/ec2#1.170.0",
    "Boto3/1.34.51 md/Botocore#1.34.51 ua/2.0 os/linux#5.10.205 md/arch#x86_64 lang/python#3.11.6",
    "aws-internal/3 aws-sdk-java/1.12.720 Linux/5.10.215 OpenJDK_64-Bit_Server_VM/25.372 java/1.8",
    "APN/1.0 HashiCorp/1.0 Terraform/1.7.4 (+https://www.terraform.io) aws-sdk-go-v2/1.24.1",
)
_BROWSER = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/133.0.0.0 Safari/537.36"
)


def _uuid(rng: random.Random) -> str:
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def _key(rng: random.Random) -> str:
    return "ASIA" + "".join(rng.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", k=16))


def _session(rng: random.Random, role: str, session: str, moment: str) -> dict:
    principal = "AROA" + f"{rng.randrange(10**16):016d}"
    return {
        "type": "AssumedRole",
        "principalId": f"{principal}:{session}",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{session}",
        "accountId": ACCOUNT,
        "accessKeyId": _key(rng),
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": principal,
                "arn": f"arn:aws:iam::{ACCOUNT}:role/{role}",
                "accountId": ACCOUNT,
                "userName": role,
            },
            "attributes": {"creationDate": moment, "mfaAuthenticated": "false"},
        },
    }


def _envelope(rng: random.Random, moment: str, source: str, name: str, **more: object) -> dict:
    return {
        "eventVersion": "1.09",
        "userIdentity": more.pop("identity"),
        "eventTime": moment,
        "eventSource": source,
        "eventName": name,
        "awsRegion": REGION,
        "sourceIPAddress": f"10.{rng.randrange(256)}.{rng.randrange(256)}.{rng.randrange(256)}",
        "userAgent": rng.choice(_AGENTS),
        **more,
        "requestID": _uuid(rng),
        "eventID": _uuid(rng),
        "readOnly": name.startswith(("Get", "List", "Describe", "Assume")),
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Management",
        "tlsDetails": {
            "tlsVersion": "TLSv1.3",
            "cipherSuite": "TLS_AES_128_GCM_SHA256",
            "clientProvidedHostHeader": source.replace(".", f".{REGION}.", 1),
        },
    }


def _other(rng: random.Random, moment: str) -> dict:
    """A record of somebody else's."""
    role = rng.choice(("ci-deploy", "node-group", "backup", "orders-api", "inventory-sync"))
    identity = _session(rng, role, f"i-{rng.getrandbits(68):017x}", moment)
    kind = rng.randrange(100)
    if kind < 26:
        name = rng.choice(("DescribeInstances", "DescribeVolumes", "DescribeNetworkInterfaces"))
        asked = {"instancesSet": {"items": [{"instanceId": f"i-{rng.getrandbits(68):017x}"}]}}
        more = {"requestParameters": {**asked, "filterSet": {}}, "responseElements": None}
        record = _envelope(rng, moment, "ec2.amazonaws.com", name, identity=identity, **more)
    elif kind < 46:
        arn = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{_uuid(rng)}"
        more = {
            "requestParameters": {
                "encryptionContext": {"aws:s3:arn": f"arn:aws:s3:::orders-{rng.randrange(40)}"},
                "encryptionAlgorithm": "SYMMETRIC_DEFAULT",
            },
            "responseElements": None,
            "resources": [{"accountId": ACCOUNT, "type": "AWS::KMS::Key", "ARN": arn}],
        }
        record = _envelope(rng, moment, "kms.amazonaws.com", "Decrypt", identity=identity, **more)
    elif kind < 66:
        service = {"type": "AWSService", "invokedBy": "ec2.amazonaws.com"}
        answer = {
            "credentials": {
                "accessKeyId": _key(rng),
                "sessionToken": "".join(
                    rng.choices("abcdefghijklmnopqrstuvwxyzABCDEF0123456789", k=360)
                ),
                "expiration": "Mar 2, 2026, 12:44:11 PM",
            }
        }
        more = {
            "requestParameters": {
                "roleArn": f"arn:aws:iam::{ACCOUNT}:role/{role}",
                "roleSessionName": f"i-{rng.getrandbits(68):017x}",
            },
            "responseElements": answer,
            "sharedEventID": _uuid(rng),
        }
        record = _envelope(rng, moment, "sts.amazonaws.com", "AssumeRole", identity=service, **more)
    elif kind < 80:
        group = f"/aws/lambda/orders-{rng.randrange(200)}"
        more = {
            "requestParameters": {
                "logGroupName": group,
                "logStreamName": f"2026/03/02/[$LATEST]{rng.getrandbits(128):032x}",
            },
            "responseElements": None,
            "apiVersion": "20140328",
        }
        record = _envelope(
            rng, moment, "logs.amazonaws.com", "CreateLogStream", identity=identity, **more
        )
    elif kind < 90:
        more = {
            "requestParameters": {
                "names": [f"/orders/{rng.randrange(900)}/token"],
                "withDecryption": True,
            },
            "responseElements": None,
        }
        record = _envelope(
            rng, moment, "ssm.amazonaws.com", "GetParameters", identity=identity, **more
        )
    elif kind < 98:
        more = {
            "requestParameters": {
                "bucketName": "orders-archive",
                "key": f"2026/{_uuid(rng)}.json",
                "Host": "orders-archive.s3.eu-west-1.amazonaws.com",
            },
            "responseElements": None,
            "additionalEventData": {
                "bytesTransferredIn": 0,
                "AuthenticationMethod": "AuthHeader",
                "x-amz-id-2": "".join(rng.choices("abcdefABCDEF0123456789+/", k=76)),
            },
        }
        record = _envelope(rng, moment, "s3.amazonaws.com", "GetObject", identity=identity, **more)
    else:
        more = {"requestParameters": {"roleName": role}, "responseElements": None}
        record = _envelope(rng, moment, "iam.amazonaws.com", "GetRole", identity=identity, **more)
    if rng.random() < 0.01:
        record["errorCode"] = "AccessDenied"
        record["errorMessage"] = f"User: {ACCOUNT} is not authorized to perform this action"
    return record


def denied_put(rng: random.Random, moment: str) -> dict:
    """A refused PutRumEvents."""
    identity = _session(rng, "shop-guest", "cwr", moment)
    message = (
        f"User: {identity['arn']} is not authorized to perform: rum:PutRumEvents on resource: "
        f"{MONITOR_ARN} because no identity-based policy allows the rum:PutRumEvents action"
    )
    record = _envelope(
        rng,
        moment,
        "rum.amazonaws.com",
        "PutRumEvents",
        identity=identity,
        errorCode="AccessDenied",
        errorMessage=message,
        requestParameters={"id": MONITOR_ID, "batchId": _uuid(rng)},
        responseElements=None,
        resources=[{"accountId": ACCOUNT, "type": "AWS::RUM::AppMonitor", "ARN": MONITOR_ARN}],
    )
    return record | {
        "userAgent": _BROWSER,
        "readOnly": False,
        "managementEvent": False,
        "eventCategory": "Data",
    }


def sts_failure(rng: random.Random, moment: str) -> dict:
    """A basic-flow session that the role's trust policy refuses."""
    identity_id = f"{REGION}:{_uuid(rng)}"
    record = _envelope(
        rng,
        moment,
        "sts.amazonaws.com",
        "AssumeRoleWithWebIdentity",
        identity={
            "type": "WebIdentityUser",
            "principalId": f"cognito-identity.amazonaws.com:{POOL}:{identity_id}",
            "userName": identity_id,
            "identityProvider": "cognito-identity.amazonaws.com",
        },
        errorCode="AccessDenied",
        errorMessage="An unknown error occurred",
        requestParameters={"roleArn": ROLE, "roleSessionName": "cwr"},
        responseElements=None,
        resources=[{"accountId": ACCOUNT, "type": "AWS::IAM::Role", "ARN": ROLE}],
    )
    return record | {"userAgent": _BROWSER}


def cognito_failure(rng: random.Random, moment: str) -> dict:
    """A classic-flow token that the pool refuses."""
    arn = f"arn:aws:cognito-identity:{REGION}:{ACCOUNT}:identitypool/{POOL}"
    record = _envelope(
        rng,
        moment,
        "cognito-identity.amazonaws.com",
        "GetOpenIdToken",
        identity={"type": "Unknown"},
        errorCode="InvalidParameterException",
        errorMessage="Basic (classic) flow is not enabled, please use enhanced flow.",
        requestParameters={"identityId": f"{REGION}:{_uuid(rng)}"},
        responseElements=None,
        resources=[{"accountId": ACCOUNT, "type": "AWS::Cognito::IdentityPool", "ARN": arn}],
    )
    return record | {
        "userAgent": _BROWSER,
        "readOnly": False,
        "managementEvent": False,
        "eventCategory": "Data",
    }


def role_change(rng: random.Random, moment: str) -> dict:
    """The permission to send events taken from the guest role."""
    record = _envelope(
        rng,
        moment,
        "iam.amazonaws.com",
        "DeleteRolePolicy",
        identity=_session(rng, "ci-deploy", "pipeline", moment),
        requestParameters={"roleName": "shop-guest", "policyName": "put-rum-events"},
        responseElements=None,
    )
    return record | {"awsRegion": "us-east-1", "readOnly": False}


_OURS = (denied_put,) * 7 + (sts_failure,) * 2 + (cognito_failure,)


def make_records(rng: random.Random, count: int, share: float, start: datetime) -> list[dict]:
    """Return `count` records of one delivery, `share` of them about RUM."""
    records = []
    for _ in range(count):
        moment = (start + timedelta(seconds=rng.randrange(300))).strftime("%Y-%m-%dT%H:%M:%SZ")
        if rng.random() < share:
            make = role_change if rng.random() < 0.005 else rng.choice(_OURS)
        else:
            make = _other
        records.append(make(rng, moment))
    return records


def _write(folder: Path, share: float, file: tuple[int, int]) -> tuple[int, int]:
    import deflate

    number, size = file
    rng = random.Random(number)
    start = START + timedelta(minutes=5 * (number % 288))
    records = make_records(rng, max(1, size // 1330), share, start)
    text = json.dumps({"Records": records}, separators=(",", ":")).encode()
    path = folder / layout(number, start)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(deflate.gzip_compress(text, 6))
    return len(text), path.stat().st_size


def layout(number: int, start: datetime) -> str:
    """Return a trail file's key."""
    day = start.strftime("%Y/%m/%d")
    name = f"{ACCOUNT}_CloudTrail_{REGION}_{start:%Y%m%dT%H%MZ}_{number:016d}.json.gz"
    return f"AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/{day}/{name}"


def write_corpus(folder: Path, size: int, *, share: float = 0.005) -> tuple[int, int, int]:
    """Write about `size` bytes of trail files; return files, bytes, and bytes when compressed."""
    rng = random.Random(7)
    files: list[tuple[int, int]] = []
    while sum(each for _, each in files) < size:
        each = int(min(12e6, max(2e4, rng.lognormvariate(14.2, 0.9))))
        files.append((len(files), each))
    with ProcessPoolExecutor(2) as pool:
        written = list(pool.map(partial(_write, folder, share), files, chunksize=4))
    return len(files), sum(plain for plain, _ in written), sum(packed for _, packed in written)
