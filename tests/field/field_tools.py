"""Recordings of other programs, storages as people paste them, pages of applications' shells."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from field_case import Case
from field_write import HTML, page, vended, visit
from har_builder import DENIED, IDENTITY, SESSION, Har

if TYPE_CHECKING:
    from collections.abc import Callable

_DOMAIN = "domain localhost does not match"
_EXPIRED = "2026-03-01T08:00:00.000Z"
_SESSION_OF = {"sessionId": SESSION, "record": True, "eventCount": 12}


def _cookie(**changed: Any) -> str:
    return base64.b64encode(json.dumps(_SESSION_OF | changed).encode()).decode()


def _saved(har: Har, **log: Any) -> str:
    document = har.document_object()
    document["log"] |= log
    return json.dumps(document)


def _denied() -> Har:
    message = DENIED.format(session="CognitoIdentityCredentials")
    return vended(visit()).put(403, "AccessDeniedException", message, wait=5).wait(5)


def _by(name: str, version: str) -> dict[str, Any]:
    return {"creator": {"name": name, "version": version}}


def _fiddler() -> str:
    har = _denied()
    for entry in har.entries:
        entry |= {"_clientIP": "127.0.0.1", "connection": "51234", "comment": "[#12]"}
    tunnel = json.loads(json.dumps(har.entries[0]))
    tunnel["request"] |= {
        "method": "CONNECT",
        "url": "https://dataplane.rum.eu-west-1.amazonaws.com:443",
    }
    tunnel["response"] |= {"status": 200, "content": {"size": 0}}
    har.entries.insert(1, tunnel)
    return _saved(har, **_by("Fiddler", "5.0.20243.10853"))


def _one_request() -> str:
    """Return what Insomnia or HTTP Toolkit saves of the one request that somebody repeated."""
    har = Har()
    har.put(
        403, "MissingAuthenticationTokenException", "Missing Authentication Token", signed=False
    )
    return _saved(har, **_by("Insomnia REST Client", "insomnia.desktop.app:v2023.5.8"))


def _recording(name: str, report: str, text: Callable[[], str], **more: object) -> Case:
    return Case(
        name,
        report,
        files={"session.har": text()},
        given={"recording": "session.har"},
        **more,  # type: ignore[arg-type]
    )


def _storage(name: str, report: str, text: str, **more: object) -> Case:
    return Case(name, report, files={"storage.txt": text}, given={"storage": "storage.txt"}, **more)  # type: ignore[arg-type]


_ROLE: dict[str, object] = {
    "verdict": "broken", "root": ("guest-role-permission",), "says": ("rum:PutRumEvents",),
}  # fmt: skip
_KEYS = json.dumps({"accessKeyId": "CANARY", "secretAccessKey": "CANARY", "sessionToken": "CANARY",
                    "expiration": _EXPIRED})  # fmt: skip


def _shell(url: str, *, status: int = 200) -> Har:
    har = Har(version="1.25.0", stated="1.25.0", installed="arw-module")
    har.document(url=url, html='<div id="root"></div><script src="main.js"></script>')
    vended(har)
    for _ in range(2):
        har.put(status, "ValidationException" if status >= 400 else "",
                _DOMAIN if status >= 400 else "", wait=5)  # fmt: skip
    return har.wait(3)


CASES = (
    _recording(
        "proxyman",
        "a HAR of Proxyman",
        lambda: _saved(_denied(), **_by("Proxyman", "5.8.0")),
        **_ROLE,
    ),
    _recording(
        "charles",
        "a HAR of Charles",
        lambda: _saved(_denied(), **_by("Charles Proxy", "4.6.6")),
        **_ROLE,
    ),
    _recording("fiddler", "a HAR of Fiddler, with its tunnels", _fiddler, **_ROLE),
    _recording(
        "one-request-repeated",
        "somebody repeated the request in a REST client, without a signature",
        _one_request,
        verdict="broken|unproven",
        root=("signing", "put-events-denied", None),
    ),
    Case(
        "capacitor-on-android",
        "an application of Capacitor is served from https://localhost, which the monitor's domains"
        " do not have",
        har=lambda: _shell("https://localhost/", status=400),
        verdict="broken",
        root=("monitor-domain",),
        says=("localhost",),
    ),
    Case(
        "capacitor-on-ios",
        "the same application under its own scheme, where events are accepted",
        har=lambda: _shell("capacitor://localhost/"),
        verdict="healthy|degraded",
        root=(None,),
    ),
    Case(
        "electron-from-a-file",
        "an Electron window that was loaded from a file",
        har=lambda: _shell("file:///Applications/Shop.app/Contents/Resources/app/index.html"),
        verdict="healthy|degraded",
        root=(None,),
    ),
    Case(
        "script-over-http",
        "the client's URL was typed with http, on a page of https",
        page=page(url="http://client.rum.us-east-1.amazonaws.com/1.25.0/cwr.js"),
        headers=HTML,
        verdict="broken|unproven|degraded",
        find={"client-script-loads": "fail|warn"},
        says=("(?i)https://client\\.rum|mixed content",),
    ),
    Case(
        "script-without-its-scheme",
        "the client's URL begins with two slashes, which is as good as https",
        page=page(url="//client.rum.us-east-1.amazonaws.com/1.25.0/cwr.js"),
        headers=HTML,
        verdict="unproven",
        root=(None,),
    ),
    _storage(
        "cookies-pasted",
        "the text of document.cookie: the session is not sampled",
        f"theme=dark; cwr_u=8b6a3f0e-0000-4000-8000-000000000001; cwr_s={_cookie(record=False)}",
        verdict="broken|unproven|degraded",
        find={"session-sample-rate": "warn|fail|unknown"},
        says=("(?i)sampl",),
    ),
    _storage(
        "session-at-its-limit",
        "the cookie counts exactly as many events as a session may have",
        f"cwr_s={_cookie(eventCount=200)}",
        verdict="broken|unproven|degraded",
        find={"session-event-limit": "fail|warn|unknown"},
        says=("200",),
    ),
    _storage(
        "state-of-playwright",
        "storageState of Playwright: credentials that have expired",
        json.dumps(
            {
                "cookies": [{"name": "cwr_s", "value": _cookie(), "domain": "www.shop.example"}],
                "origins": [
                    {
                        "origin": "https://www.shop.example",
                        "localStorage": [
                            {"name": "cwr_i", "value": json.dumps({"IdentityId": IDENTITY})},
                            {"name": "cwr_c", "value": _KEYS},
                        ],
                    }
                ],
            }
        ),
        verdict="broken|unproven|degraded",
        never=("CANARY",),
    ),
    _storage(
        "printed-by-the-console",
        "the console prints localStorage as an object",
        f"Storage {{cwr_i: '{json.dumps({'IdentityId': IDENTITY})}', cwr_c: '{_KEYS}', length: 2}}",
        verdict="unproven|degraded|broken",
        find={"snippet-present": "pass"},
        never=("CANARY",),
    ),
    _storage(
        "header-of-a-request",
        "the line of a request's headers that holds the cookies",
        f"Cookie: theme=dark; cwr_s={_cookie(record=False)}; cwr_u=8b6a3f0e-0000-4000-8000-01\n",
        verdict="broken|unproven|degraded",
        find={"session-sample-rate": "warn|fail|unknown"},
        says=("(?i)sampl",),
    ),
    _storage(
        "cookie-store",
        "what cookieStore.getAll() gives",
        json.dumps(
            [
                {
                    "domain": None,
                    "expires": 1772359205000,
                    "name": "cwr_s",
                    "path": "/",
                    "sameSite": "strict",
                    "secure": True,
                    "value": _cookie(record=False),
                }
            ]
        ),
        verdict="broken|unproven|degraded",
        find={"session-sample-rate": "warn|fail|unknown"},
        says=("(?i)sampl",),
    ),
    _storage(
        "lines-with-colons",
        "a storage panel of Firefox copies a row as name and value",
        f'cwr_s:"{_cookie(record=False)}"',
        verdict="broken|unproven|degraded",
        find={"session-sample-rate": "warn|fail|unknown"},
        says=("(?i)sampl",),
    ),
    _storage(
        "nothing-of-the-client",
        "a storage in which the client has left nothing",
        json.dumps({"theme": "dark", "ally-supports-cache": "{}"}),
        verdict="unproven",
        root=(None,),
    ),
)
