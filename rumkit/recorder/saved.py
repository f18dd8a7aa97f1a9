"""One file, NAME.rum.zip: HAR, console, storage, page and what is known of the recording itself.

Everything goes through the allow-list on its way; the file appears under its name when it is
whole, or not at all.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rumkit import __version__
from rumkit.aws_names import IDENTITY_POOL_ID
from rumkit.client.har.console import console_from_text
from rumkit.client.har.masking import mask_header, mask_page
from rumkit.client.har.redact import bare_url, sentence
from rumkit.json_text import json_object
from rumkit.model import BadInput
from rumkit.recorder import held_back
from rumkit.recorder.allowed import (
    entry_of,
    iso,
    received_headers,
    safe_url,
    sent_body,
)
from rumkit.recorder.sessions import reduced_session

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rumkit.recorder.capture import Capture

ENDING = ".rum.zip"
_POOL = re.compile(rf"\b{IDENTITY_POOL_ID}\b")
_MAX_TEXT = 4_000
_LEFT_OUT = "(left out)"


@dataclass(frozen=True)
class Meta:
    """What is known of a recording itself; moments are seconds since 1970."""

    browser: str
    headless: bool
    dry: bool
    began: float
    ended: float
    unobserved: tuple[str, ...] = ()

    def written(self, capture: Capture) -> dict[str, Any]:
        """Return it as it is written."""
        return {
            "recorder": f"rumkit {__version__}",
            "browser": self.browser,
            "headless": self.headless,
            "dry": self.dry,
            "held_back": sum(e.puts for e in capture.exchanges) if self.dry else 0,
            "began": iso(self.began),
            "ended": iso(self.ended),
            "seconds": round(self.ended - self.began, 1),
            "pages": [
                {"id": page, "url": bare_url(url), "private": page in capture.private}
                for page, url, _ in capture.pages
            ],
            "states": [_state(state) for state in capture.states],
            "unobserved": list(self.unobserved),
        }


def save(capture: Capture, meta: Meta, file: Path) -> Path:
    """Write the recording. Raises BadInput where the file can't be written."""
    members = _members(capture, meta)
    try:
        handle, name = tempfile.mkstemp(prefix=".rumkit-", suffix=".part", dir=file.parent)
    except OSError as error:
        raise BadInput(f"{file} can't be written: {error.strerror}.") from None
    part = Path(name)
    try:
        with (
            os.fdopen(handle, "wb") as raw,
            zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as zipped,
        ):
            for member, text in members.items():
                zipped.writestr(member, text.encode("utf-8", "replace"))
        part.replace(file)
    except OSError as error:
        raise BadInput(f"{file} can't be written: {error.strerror}.") from None
    finally:
        with contextlib.suppress(OSError):
            part.unlink()
    return file


def _members(capture: Capture, meta: Meta) -> dict[str, str]:
    members = {
        "recording.har": _json(har(capture, meta)),
        "console.json": _json(console(capture, dry=meta.dry)),
        "storage.json": _json(storage(capture)),
        "meta.json": _json(meta.written(capture)),
    }
    first = next((e for e in capture.exchanges if e.resource == "document" and e.reply), None)
    if first is not None:
        members["page.html"] = mask_page(first.reply).html
        headers = received_headers(first.received)
        members["page.html.headers"] = "".join(f"{h['name']}: {h['value']}\n" for h in headers)
    return members


def har(capture: Capture, meta: Meta) -> dict[str, Any]:
    """Return the HAR 1.2, which opens in DevTools; what the recorder blocked is not in it."""
    pools = _pools(capture)
    kept = [e for e in capture.exchanges if not (meta.dry and e.puts)]
    entries = [entry for exchange in kept if (entry := entry_of(exchange, pools))]
    name, _, version = meta.browser.partition("/")
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "rumkit", "version": __version__},
            "browser": {"name": name, "version": version},
            "pages": [
                {
                    "startedDateTime": iso(moment),
                    "id": page,
                    "title": safe_url(url),
                    "pageTimings": {"onContentLoad": -1, "onLoad": -1},
                }
                for page, url, moment in capture.pages
            ],
            "entries": entries,
        }
    }


def _pools(capture: Capture) -> frozenset[str]:
    """Return the ids of the identity pools that the page or a GetId call names.

    An identity id looks alike; a pool's id stands in the page or its scripts.
    """
    texts = [e.reply for e in capture.exchanges if e.resource in ("document", "script")]
    texts += [sent_body(e) for e in capture.exchanges if e.aws and "IdentityPoolId" in e.body]
    return frozenset(pool for text in texts for pool in _POOL.findall(text))


def console(capture: Capture, *, dry: bool = False) -> dict[str, Any]:
    """Return the console, the policies' violations and the browser's own list of issues.

    What the browser says of events that the recorder held back is the recorder's own doing.
    """
    messages = [
        m for m in capture.messages if not (dry and held_back.PATH in f"{m['text']}{m.get('url')}")
    ]
    return {
        "messages": [_message(message) for message in messages],
        "violations": [_violation(violation) for violation in capture.violations],
        "issues": _once(map(_issue, capture.issues)),
    }


def _once(items: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return each item once, in the order of its first appearance."""
    return list({json.dumps(item): item for item in items}.values())


def _message(message: dict[str, Any]) -> dict[str, Any]:
    """Return a message; what the page says that tells nothing of delivery loses its text."""
    kept: dict[str, Any] = {"text": _text(message["text"]), "timestamp": message["timestamp"]}
    if message.get("url"):
        kept["url"] = bare_url(message["url"])
    if isinstance(message.get("line"), int):
        kept["line"] = message["line"]
    if message.get("stack"):
        kept["stack"] = " ".join(dict.fromkeys(bare_url(url) for url in message["stack"] if url))
    if message.get("type"):
        kept["type"] = message["type"]
    read = console_from_text(json.dumps([kept]))
    if not (read.violations or read.client or read.failed_requests or read.client_frames):
        kept["text"] = f"Uncaught Error: {_LEFT_OUT}" if read.uncaught else _LEFT_OUT
    return kept


def _text(text: object) -> str:
    """Return a message's text with its line ends, its addresses without queries and secrets."""
    lines = str(text)[: 2 * _MAX_TEXT].splitlines()[:50]
    return "\n".join(mask_header(sentence(line, limit=_MAX_TEXT)) for line in lines)[:_MAX_TEXT]


def _violation(told: dict[str, Any]) -> dict[str, Any]:
    line = told.get("line")
    return {
        "directive": sentence(told.get("directive"), limit=60),
        "blocked": _blocked(told.get("blocked")),
        "disposition": "report" if told.get("disposition") == "report" else "enforce",
        "policy": mask_header(sentence(told.get("policy"), limit=_MAX_TEXT)),
        "file": bare_url(told.get("file")),
        "line": line if isinstance(line, int) else None,
        "page": bare_url(told.get("page")),
        "timestamp": told.get("timestamp"),
    }


def _blocked(value: object) -> str:
    text = str(value or "")
    return bare_url(text) if "://" in text else sentence(text, limit=60)


def _issue(issue: dict[str, Any]) -> dict[str, Any]:
    """Return an issue with what names it and its reason, nothing else."""
    details = _mapping(next(iter(_mapping(issue.get("details")).values()), {}))
    cors = _mapping(details.get("corsErrorStatus"))
    request = _mapping(details.get("request") or details.get("affectedRequest"))
    reason = (
        cors.get("corsError")
        or details.get("reason")
        or details.get("contentSecurityPolicyViolationType")
        or details.get("error")
    )
    url = request.get("url") or details.get("blockedURL") or details.get("insecureURL")
    kept = {
        "code": sentence(issue.get("code"), limit=60),
        "reason": sentence(reason, limit=80),
        "directive": sentence(details.get("violatedDirective"), limit=60),
        "url": bare_url(url),
        "reportOnly": details.get("isReportOnly") is True,
    }
    return {name: value for name, value in kept.items() if value}


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def storage(capture: Capture) -> dict[str, Any]:
    """Return the storage of the last page that was not visited privately.

    Our script in the page already left values out; here only known names and shapes go on.
    """
    states = [state for state in capture.states if state["visit"] not in capture.private]
    if not states:
        return {"localStorage": None, "cookies": None, "clientState": {}}
    state = states[-1]
    local, cookies = state.get("localStorage"), state.get("cookies")
    return {
        "localStorage": _local(local) if isinstance(local, dict) else None,
        "cookies": _cookies(cookies) if isinstance(cookies, list) else None,
        "clientState": _state(state)["client"],
    }


def _local(pairs: dict[str, Any]) -> dict[str, str]:
    """Return the client's own keys; a page could have given the others any name and value."""
    kept: dict[str, str] = {}
    for key, value in list(pairs.items())[:200]:
        parsed = _parsed(value)
        if re.fullmatch(r"cwr_c(?:_[\w-]{1,100})?", key):
            whole = "hidden" if parsed.get("secretAccessKey") else ""
            expiration = sentence(parsed.get("expiration"), limit=40)
            kept[key] = json.dumps({"secretAccessKey": whole, "expiration": expiration})
        elif re.fullmatch(r"cwr_i(?:_[\w-]{1,100})?", key):
            kept[key] = json.dumps({"IdentityId": "hidden" if parsed.get("IdentityId") else ""})
    return kept


def _cookies(items: list[Any]) -> list[dict[str, str]]:
    kept = []
    for item in items[:200]:
        name = str(item.get("name")) if isinstance(item, dict) else ""
        if re.fullmatch(r"cwr_u(?:_[\w-]{1,100})?", name):
            kept.append({"name": name, "value": "hidden"})
        elif re.fullmatch(r"cwr_s(?:_[\w-]{1,100})?", name):
            kept.append({"name": name, "value": reduced_session(str(item.get("value", "")))})
    return kept


def _parsed(value: object) -> dict[str, Any]:
    return json_object(value) if isinstance(value, str) else _mapping(value)


def _state(state: dict[str, Any]) -> dict[str, Any]:
    client = _mapping(state.get("clientState"))
    queue, stub = client.get("queue"), client.get("cwrIsStub")
    policies = client.get("metaPolicies")
    return {
        "visit": sentence(state.get("visit"), limit=20),
        "page": bare_url(state.get("page")),
        "client": {
            "name": sentence(client.get("name"), limit=60),
            "cwrIsStub": stub if isinstance(stub, bool) else None,
            "queue": queue if isinstance(queue, int) else None,
            "serviceWorker": bare_url(client.get("serviceWorker")),
            "crossOriginIsolated": client.get("crossOriginIsolated") is True,
            "metaPolicies": [
                mask_header(sentence(policy, limit=_MAX_TEXT))
                for policy in (policies[:20] if isinstance(policies, list) else [])
            ],
            "visibility": sentence(client.get("visibility"), limit=20),
            "secure": client.get("secure") is True,
        },
    }


def _json(value: object) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False)
