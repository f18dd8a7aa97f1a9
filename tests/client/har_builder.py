"""Writes invented HARs as the exporters of browsers and tools write them.

Every secret that a real HAR would hold is there and begins with CANARY, so that a test can look
for what survives.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

SITE = "https://www.shop.example"
REGION = "eu-west-1"
MONITOR = "6f2d9c1a-0b3e-4c5d-8e7f-112233445566"
OTHER_MONITOR = "0a1b2c3d-1111-4222-8333-445566778899"
POOL = f"{REGION}:11112222-3333-4444-8555-666677778888"
IDENTITY = f"{REGION}:99998888-7777-4666-8555-444433332222"
ROLE = "arn:aws:iam::111122223333:role/RUM-Monitor-shop-Unauth"
SESSION = "5e551011-aaaa-4bbb-8ccc-0123456789ab"
CANARY = "CANARY"
EXPORTERS = ("chrome", "chrome-sanitized", "firefox", "safari", "webpagetest", "playwright")
NOT_CLASSIC = "Basic (classic) flow is not enabled, please use enhanced flow."
NOT_JWT = (
    "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"
)
DENIED = (
    "User: arn:aws:sts::111122223333:assumed-role/RUM-Monitor-shop-Unauth/{session} is not "
    "authorized to perform: rum:PutRumEvents on resource: arn:aws:rum:eu-west-1:111122223333:"
    "appmonitor/shop because no identity-based policy allows the rum:PutRumEvents action"
)
_START = datetime(2026, 3, 1, 9, 0, 0, tzinfo=UTC)


@dataclass
class Har:
    """A recording in the making; `exporter` is one of EXPORTERS, `version` that of the script.

    `installed` and `stated` are the kind and version of the client that its events name.
    """

    exporter: str = "chrome"
    version: str = "2.1.0"
    region: str = REGION
    installed: str = "arw-script"
    stated: str = "2.0.0"
    entries: list[dict[str, Any]] = field(default_factory=list)
    clock: float = 0.0
    page: int = 0

    def wait(self, seconds: float) -> Har:
        self.clock += seconds
        return self

    def healthy(self) -> Har:
        """Add a page whose client delivers twice."""
        return self.document().client().get_id().credentials().put(wait=5).put(wait=5)

    def document(self, url: str = f"{SITE}/", html: str = "", **headers: str) -> Har:
        self.page += 1
        sent = {"accept": "text/html", "sec-fetch-dest": "document", "cookie": f"sid={CANARY}"}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        received = {"content-type": "text/html", "set-cookie": f"sid={CANARY}", **named}
        return self.add("GET", url, sent=sent, received=received, reply=html, kind="document")

    def client(
        self, status: int = 200, *, url: str = "", net: str | None = None, **more: Any
    ) -> Har:
        url = url or f"https://client.rum.us-east-1.amazonaws.com/{self.version}/cwr.js"
        sent = {"sec-fetch-dest": "script"}
        received = {"content-type": more.pop("mime", "text/javascript")} if status else {}
        return self.add(
            "GET", url, status, sent=sent, received=received, net=net, kind="script", **more
        )

    def cognito(
        self, operation: str, asked: dict[str, Any], status: int = 200, error: str = "",
        message: str = "", *, answered: dict[str, Any] | None = None,
        region: str = POOL.partition(":")[0], headers: dict[str, str] | None = None,
        text: str | None = None, sdk: str = "", **more: Any,
    ) -> Har:  # fmt: skip
        """Add a call of Cognito; `headers` and `text` are another's answer in its place.

        `sdk` is the name that an AWS SDK of the site's own gives, when that makes the call.
        """
        body = {"__type": error, "message": message} if error else (answered or {})
        received = {"x-amzn-errortype": f"{error}:"} if error else {}
        return self.add(
            "POST",
            f"https://cognito-identity.{region}.amazonaws.com/",
            status,
            sent={
                "x-amz-target": f"AWSCognitoIdentityService.{operation}",
                **({"x-amz-user-agent": sdk} if sdk else {}),
            },
            received=headers or {"content-type": "application/x-amz-json-1.1", **received},
            body=json.dumps(asked),
            reply=json.dumps(body) if text is None else text,
            **more,
        )

    def get_id(self, status: int = 200, error: str = "", message: str = "", **more: Any) -> Har:
        answered = {"IdentityId": IDENTITY}
        return self.cognito(
            "GetId", {"IdentityPoolId": POOL}, status, error, message, answered=answered, **more
        )

    def open_id_token(self, status: int = 200, error: str = "", message: str = "") -> Har:
        answered = {"IdentityId": IDENTITY, "Token": f"{CANARY}.jwt.token"}
        asked = {"IdentityId": IDENTITY}
        return self.cognito("GetOpenIdToken", asked, status, error, message, answered=answered)

    def credentials(
        self, status: int = 200, error: str = "", message: str = "", identity: str = IDENTITY
    ) -> Har:
        keys = {"AccessKeyId": CANARY, "SecretKey": CANARY, "SessionToken": CANARY, "Expiration": 1}
        answered = {"Credentials": keys, "IdentityId": IDENTITY}
        asked = {"IdentityId": identity}
        return self.cognito(
            "GetCredentialsForIdentity", asked, status, error, message, answered=answered
        )

    def sts(
        self, status: int = 200, error: str = "", message: str = "", token: str = CANARY
    ) -> Har:
        reply = (
            f"<Error><Type>Sender</Type><Code>{error}</Code><Message>{message}</Message></Error>"
        )
        if not error:
            reply = f"<Credentials><SecretAccessKey>{CANARY}</SecretAccessKey></Credentials>"
        body = (
            f"RoleArn={ROLE.replace(':', '%3A').replace('/', '%2F')}&RoleSessionName=cwr&"
            f"WebIdentityToken={token}&Action=AssumeRoleWithWebIdentity&Version=2011-06-15"
        )
        return self.add(
            "POST",
            f"https://sts.{POOL.partition(':')[0]}.amazonaws.com/",
            status,
            received={"content-type": "text/xml"},
            body=body,
            reply=reply,
        )

    def put(
        self, status: int = 200, error: str = "", message: str = "", *, wait: float = 0.0,
        monitor: str = MONITOR, host: str = "", scope: str = "", signed: bool = True,
        events: int = 3, types: tuple[str, ...] = (), session: str = SESSION, path: str = "",
        headers: dict[str, str] | None = None, text: str | None = None, **more: Any,
    ) -> Har:  # fmt: skip
        """Send a batch of events; `headers` and `text` are another's answer in RUM's place."""
        self.clock += wait
        host = host or f"dataplane.rum.{self.region}.amazonaws.com"
        received = {"x-amzn-errortype": error} if error else {}
        return self.add(
            "POST",
            f"https://{host}{path or f'/appmonitors/{monitor}'}",
            status,
            sent={"content-type": "application/json", **(self._signature(scope) if signed else {})},
            received=headers or {"content-type": "application/json", **received},
            body=json.dumps(self._batch(monitor, session, types or ("page_view_event",) * events)),
            reply=json.dumps({"message": message} if error else {}) if text is None else text,
            **more,
        )

    def beacon(self, status: int = 200, **more: Any) -> Har:
        query = (
            f"?X-Amz-Credential={CANARY}%2F20260301%2F{self.region}%2Frum%2Faws4_request"
            f"&X-Amz-Security-Token={CANARY}&X-Amz-Signature={CANARY}"
        )
        path = f"/appmonitors/{MONITOR}{query}"
        return self.put(status, signed=False, path=path, kind="ping", **more)

    def api(self, url: str = f"{SITE}/api/products", *, trace: str = "", **more: Any) -> Har:
        sent = {"sec-fetch-dest": "empty", "cookie": f"sid={CANARY}"}
        if trace:
            sent[trace] = f"Root=1-{CANARY}"
        return self.add(
            "GET", f"{url}?token={CANARY}", sent=sent, reply=f'{{"password":"{CANARY}"}}', **more
        )

    def preflight(
        self, url: str, asked: str, allowed: str, status: int = 200, net: str | None = None
    ) -> Har:
        return self.add(
            "OPTIONS",
            url,
            status,
            sent={"access-control-request-method": "GET", "access-control-request-headers": asked},
            received={"access-control-allow-headers": allowed, "access-control-allow-origin": "*"},
            kind="preflight",
            net=net,
        )

    def add(
        self, method: str, url: str, status: int = 200, *, sent: dict[str, str] | None = None,
        received: dict[str, str] | None = None, body: str = "", reply: str = "",
        net: str | None = None, kind: str = "fetch", cache: str = "", blocked: str = "",
        worker: bool = False,
    ) -> Har:  # fmt: skip
        """Add one entry in the exporter's own style, and let 0.1 s pass.

        `worker` says that the page's service worker had the request.
        """
        sent = {"user-agent": "Mozilla/5.0", **(sent or {})}
        received = {"date": self._http_date(), "x-amz-cf-id": CANARY, **(received or {})}
        if "amazonaws.com" in url and not net:
            received["access-control-allow-origin"] = "*"
        if self.exporter == "chrome-sanitized":
            sent = {k: v for k, v in sent.items() if k not in ("authorization", "cookie")}
        request: dict[str, Any] = {
            "method": method, "url": url, "headers": self._headers(sent), "queryString": [],
            "cookies": [{"name": "sid", "value": CANARY}], "headersSize": -1, "bodySize": len(body),
        }  # fmt: skip
        if body:
            request["postData"] = {"mimeType": sent.get("content-type", ""), "text": body}
        content = {"size": len(reply), "mimeType": received.get("content-type", "")}
        if reply:
            content |= self._content(reply)
        response: dict[str, Any] = {
            "status": status, "statusText": "", "cookies": [], "content": content,
            "headers": self._headers(received if status else {}), "redirectURL": "",
        }  # fmt: skip
        entry: dict[str, Any] = {
            "startedDateTime": self._iso(), "time": 40.0, "request": request, "response": response,
            "cache": {}, "timings": {"send": 0, "wait": 1, "receive": 1},
        }  # fmt: skip
        self._style(entry, kind=kind, net=net, cache=cache, blocked=blocked)
        if worker:
            response["_fetchedViaServiceWorker"] = True
        self.entries.append(entry)
        self.clock += 0.1
        return self

    def _style(
        self, entry: dict[str, Any], *, kind: str, net: str | None, cache: str, blocked: str
    ) -> None:
        response = entry["response"]
        if self.exporter.startswith("chrome"):
            entry |= {"_resourceType": kind, "pageref": f"page_{self.page}"}
            entry["_initiator"] = {"type": "script", "url": f"{SITE}/?secret={CANARY}"}
            response["_error"] = net
            if cache:
                entry["_fromCache"] = cache
        elif self.exporter == "webpagetest":
            entry |= {"_request_type": kind.title(), "_responseCode": str(response["status"])}
            entry |= {"pageref": f"page_{self.page}_0_1", "_error_code": 0}
            response["_error"] = net
        elif self.exporter == "playwright":
            entry |= {"pageref": f"page@{self.page}", "_monotonicTime": self.clock}
            response["status"] = response["status"] or -1
            if net:
                response["_failureText"] = net
        elif net:
            response["_error"] = net
        if blocked:
            entry["_blockedReason"] = blocked

    def _headers(self, headers: dict[str, str]) -> list[dict[str, str]]:
        """Name headers as HTTP/2 does, or as Firefox and Safari show HTTP/1.1."""
        classic = self.exporter in ("firefox", "safari")
        return [{"name": n.title() if classic else n, "value": v} for n, v in headers.items()]

    def _content(self, reply: str) -> dict[str, Any]:
        if self.exporter in ("firefox", "safari"):
            return {"text": base64.b64encode(reply.encode()).decode(), "encoding": "base64"}
        return {"text": reply}

    def _signature(self, scope: str) -> dict[str, str]:
        credential = f"{CANARY}/20260301/{scope or self.region}/rum/aws4_request"
        return {
            "authorization": f"AWS4-HMAC-SHA256 Credential={credential}, Signature={CANARY}",
            "x-amz-date": (_START + timedelta(seconds=self.clock)).strftime("%Y%m%dT%H%M%SZ"),
            "x-amz-security-token": CANARY,
            "x-amz-content-sha256": CANARY,
        }

    def _batch(self, monitor: str, session: str, types: tuple[str, ...]) -> dict[str, Any]:
        metadata = json.dumps({"aws:client": self.installed, "aws:clientVersion": self.stated})
        return {
            "BatchId": CANARY,
            "AppMonitorDetails": {"id": monitor, "version": "1.0.0"},
            "UserDetails": {"userId": CANARY, "sessionId": session},
            "RumEvents": [
                {"type": f"com.amazon.rum.{t}", "metadata": metadata, "details": CANARY}
                for t in types
            ],
        }

    def _iso(self) -> str:
        return (_START + timedelta(seconds=self.clock)).isoformat(timespec="milliseconds")

    def _http_date(self) -> str:
        return (_START + timedelta(seconds=self.clock)).strftime("%a, %d %b %Y %H:%M:%S GMT")

    def document_object(self) -> dict[str, Any]:
        return {"log": {"version": "1.2", "creator": {"name": "test"}, "entries": self.entries}}

    def text(self) -> str:
        return json.dumps(self.document_object())

    def write(self, folder: Path, name: str = "shop.har") -> Path:
        path = folder / name
        path.write_text(self.text(), encoding="utf-8")
        return path


def entry(url: str, method: str, *, at: float = 5.0, **fields: Any) -> dict[str, Any]:
    """Write one entry of any exporter; what is not given is left as empty as exporters leave it.

    `at` is in seconds from the start; `request` and `response` are laid over a bare one.
    """
    request = {"method": method, "url": url, "headers": [], **fields.pop("request", {})}
    response = {"status": 0, "headers": [], "content": {}, **fields.pop("response", {})}
    started = (_START + timedelta(seconds=at)).isoformat(timespec="milliseconds")
    bare = {"startedDateTime": started, "time": 40.0, "timings": {"wait": 1}}
    return {**bare, "request": request, "response": response, **fields}


def storage(folder: Path, *, session: dict[str, Any] | None = None, **local: Any) -> Path:
    """Write the storage file beside shop.har; `session` is what cwr_s holds."""
    cookies = [{"name": "cwr_u", "value": CANARY}, {"name": "sid", "value": CANARY}]
    if session is not None:
        value = base64.b64encode(json.dumps({"sessionId": SESSION, **session}).encode()).decode()
        cookies.append({"name": "cwr_s", "value": value})
    path = folder / "shop.storage.json"
    kept = {name: json.dumps(value) for name, value in local.items()}
    path.write_text(json.dumps({"localStorage": kept, "cookies": cookies}), encoding="utf-8")
    return path


def console(folder: Path, *lines: str) -> Path:
    """Write the console beside shop.har, as text."""
    path = folder / "shop.console.txt"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


STORED_KEYS = {
    "accessKeyId": CANARY, "secretAccessKey": CANARY, "sessionToken": CANARY,
    "expiration": "2026-03-01T10:00:00.000Z",
}  # fmt: skip
