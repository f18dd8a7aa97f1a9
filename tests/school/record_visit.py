"""Writes the course's recording from what the sandbox answers; run it to renew the file."""

from __future__ import annotations

import hashlib
import json
import urllib.request
from pathlib import Path

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from rumkit.sandbox.runner import start

FILE = Path(__file__).parents[2] / "notebooks" / "training" / "data" / "visit.har"
SITE = "https://www.shop.example"
CLIENT = "https://client.rum.us-east-1.amazonaws.com/1.25.0/cwr.js"
SESSION = "5b0a4b0e-3c64-4f0c-9d0e-7f3f6a1f2c11"
BLOG = "shop-web-blog"


def record() -> str:
    """Return the HAR of a visitor who came from the blog, as a browser saves it sanitised."""
    with start("stored-credentials") as sandbox:
        world = sandbox.world
        credentials = _of_the_blog(sandbox)
        status, message = _refused(sandbox, credentials)
        monitor = sandbox.installation.monitor.id
        entries = [
            _entry(
                0, "GET", f"{SITE}/", 200, "text/html", _served(sandbox, "www.shop.example", "/")
            ),
            _entry(1, "GET", CLIENT, 200, "text/javascript", ""),
            _entry(2, "GET", f"{SITE}/app.js", 200, "text/javascript", ""),
            _entry(3, "GET", f"{SITE}/api/products", 200, "application/json", "[]"),
            _entry(
                8,
                "POST",
                f"https://dataplane.rum.eu-west-1.amazonaws.com/appmonitors/{monitor}",
                status,
                "application/json",
                json.dumps({"message": message}),
                sent=_batch(monitor),
                error="AccessDeniedException",
            ),
        ]
        assert ("eu-west-1", BLOG) in world.monitors
    log = {
        "version": "1.2",
        "creator": {"name": "WebInspector", "version": "537.36"},
        "pages": [],
        "entries": entries,
    }
    return json.dumps({"log": log}, indent=1) + "\n"


def _of_the_blog(sandbox) -> dict[str, str]:
    """Return the credentials that a page of the blog left in localStorage."""
    place = sandbox.world.monitors["eu-west-1", BLOG]
    client = _client(sandbox, "cognito-identity", signature_version=UNSIGNED)
    identity = client.get_id(IdentityPoolId=place.configuration["IdentityPoolId"])["IdentityId"]
    given = client.get_credentials_for_identity(IdentityId=identity)["Credentials"]
    return {
        "aws_access_key_id": given["AccessKeyId"],
        "aws_secret_access_key": given["SecretKey"],
        "aws_session_token": given["SessionToken"],
    }


def _refused(sandbox, credentials: dict[str, str]) -> tuple[int, str]:
    """Return status and message of the shop's PutRumEvents with the blog's credentials."""
    monitor = sandbox.installation.monitor.id
    batch = _batch(monitor)
    client = _client(sandbox, "rum", inject_host_prefix=False, **credentials)
    try:
        client.put_rum_events(
            Id=monitor,
            BatchId=batch["BatchId"],
            AppMonitorDetails={"id": monitor, "version": "1.0.0"},
            UserDetails=batch["UserDetails"],
            RumEvents=[],
        )
    except ClientError as error:
        reply = error.response
        return reply["ResponseMetadata"]["HTTPStatusCode"], reply["Error"]["Message"]
    raise AssertionError("the blog's credentials were let in")


def _client(sandbox, service: str, *, signature_version=None, inject_host_prefix=None, **keys):
    config = Config(
        signature_version=signature_version,
        inject_host_prefix=inject_host_prefix,
        retries={"max_attempts": 0},
    )
    return boto3.client(
        service, region_name="eu-west-1", endpoint_url=sandbox.url, config=config, **keys
    )


def _batch(monitor: str) -> dict[str, object]:
    return {
        "BatchId": SESSION,
        "AppMonitorDetails": {"id": monitor, "version": "1.0.0"},
        "UserDetails": {"userId": SESSION, "sessionId": SESSION},
        "RumEvents": [],
    }


def _served(sandbox, host: str, path: str) -> str:
    asked = urllib.request.Request(f"{sandbox.url}{path}", headers={"Host": host})
    with urllib.request.urlopen(asked, timeout=10) as reply:
        return reply.read().decode()


def _entry(at, method, url, *reply, sent=None, error="") -> dict[str, object]:
    status, mime, text = reply
    headers = [{"name": "content-type", "value": mime}]
    if error:
        headers.append({"name": "x-amzn-errortype", "value": error})
    request = {
        "method": method,
        "url": url,
        "httpVersion": "h2",
        "headers": [{"name": "user-agent", "value": "Mozilla/5.0"}],
        "queryString": [],
        "cookies": [],
        "headersSize": -1,
        "bodySize": -1,
    }
    if sent:
        body = json.dumps(sent)
        request["postData"] = {"mimeType": "application/json", "text": body}
        # A browser leaves Authorization out of a sanitised file, and these two in.
        signed = {
            "x-amz-content-sha256": hashlib.sha256(body.encode()).hexdigest(),
            "x-amz-date": f"20260302T0841{at:02d}Z",
        }
        request["headers"] += [{"name": name, "value": value} for name, value in signed.items()]
    kinds = {"text/html": "document", "text/javascript": "script"}
    return {
        "_resourceType": kinds.get(mime, "fetch"),
        "startedDateTime": f"2026-03-02T08:41:{at:02d}.000Z",
        "time": 40,
        "request": request,
        "response": {
            "status": status,
            "statusText": "",
            "httpVersion": "h2",
            "headers": headers,
            "cookies": [],
            "content": {"size": len(text), "mimeType": mime, "text": text},
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": -1,
        },
        "cache": {},
        "timings": {"send": 1, "wait": 38, "receive": 1},
    }


if __name__ == "__main__":
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(record(), encoding="utf-8")
