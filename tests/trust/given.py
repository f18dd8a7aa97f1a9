"""Inputs with a text in every field that an outsider can write: page, recording, trail, case."""

# ruff: noqa: E501 - inputs that are easier to read whole

from __future__ import annotations

import base64
import gzip
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from har_builder import IDENTITY, MONITOR, POOL, ROLE, Har  # type: ignore[import-not-found]

if TYPE_CHECKING:
    from pathlib import Path

SITE = "https://www.shop.example"
MONITOR_ID = "6f2d9c1a-0b3e-4c5d-8e7f-112233445566"


def page(folder: Path, text: str, *, options: tuple[str, ...] = ()) -> Path:
    """Write a page whose address, scripts, policy, options and text hold a text.

    `options` names members of the configuration whose value is the text.
    """
    folder.mkdir(parents=True, exist_ok=True)
    url = quote(text, safe="/:?&=#@%+", errors="replace")
    config: dict[str, Any] = {
        "sessionSampleRate": 1,
        "identityPoolId": POOL,
        "endpoint": "https://dataplane.rum.eu-west-1.amazonaws.com",
        "telemetries": ["errors", "http", text],
        "guestRoleArn": ROLE,
        "sessionAttributes": {text: text},
        "pagesToInclude": [text],
        "releaseId": text,
        **dict.fromkeys(options, text),
    }
    address = text if text.startswith("http") and "'" not in text else f"https://x.example/?q={url}"
    snippet = (
        "(function(n,i,v,r,s,c,x,z){x=window.AwsRumClient={q:[],n:n,i:i,v:v,r:r,c:c};window[n]="
        "function(c,p){x.q.push({c:c,p:p});};z=document.createElement('script');z.async=true;"
        "z.src=s;document.head.insertBefore(z,document.head.getElementsByTagName('script')[0]);})("
        f"'cwr', '{MONITOR_ID}', {_js(text)}, 'eu-west-1',"
        f" {_js(address)}, {_js(config)});"
    )
    html = (
        f"<!doctype html><html><head><title>{_attribute(text)}</title>"
        f'<meta name="csrf-token" content="{_attribute(text)}">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'self\'; '
        f'report-uri {_attribute(address.replace(";", "%3B").replace(",", "%2C"))}">'
        f"<script>{snippet}</script>"
        f'<script src="{_attribute(address)}"></script>'
        f'<script src="/{_attribute(url)}.js" integrity="{_attribute(text)}"></script>'
        f'</head><body><input name=password value="{_attribute(text)}">{_attribute(text)}'
        f"<!-- {_attribute(text)} --></body></html>"
    )
    path = folder / "page.html"
    path.write_text(html, "utf-8", "surrogatepass" if _halves(text) else "strict")
    line = " ".join(text.split())
    headers = [
        ["Content-Security-Policy", f"script-src 'self'; report-uri {address}"],
        ["Content-Security-Policy-Report-Only", f"img-src {line}"],
        ["Set-Cookie", f"sid={line}"],
        ["Authorization", line],
        ["Server", line],
        ["Location", address],
        ["X-Anything", line],
    ]
    (folder / "page.html.headers.json").write_text(json.dumps(headers))
    return path


def policy_page(folder: Path, text: str) -> Path:
    """Write a page with a sound snippet whose policies, which block it, hold a text everywhere."""
    folder.mkdir(parents=True, exist_ok=True)
    line = " ".join(text.split())
    config = {"sessionSampleRate": 1, "identityPoolId": POOL, "telemetries": ["errors"],
              "endpoint": "https://dataplane.rum.eu-west-1.amazonaws.com"}  # fmt: skip
    snippet = (
        "(function(n,i,v,r,s,c,x,z){x=window.AwsRumClient={q:[],n:n,i:i,v:v,r:r,c:c};window[n]="
        "function(c,p){x.q.push({c:c,p:p});};z=document.createElement('script');z.async=true;"
        "z.src=s;document.head.insertBefore(z,document.head.getElementsByTagName('script')[0]);})("
        f"'cwr', '{MONITOR_ID}', '1.0.0', 'eu-west-1',"
        f" 'https://client.rum.us-east-1.amazonaws.com/1.21.0/cwr.js', {_js(config)});"
    )
    meta = f"script-src 'self' {line}; {line}; report-uri {line}"
    html = (
        "<!doctype html><html><head><title>shop</title>"
        f'<meta http-equiv="Content-Security-Policy" content="{_attribute(meta)}">'
        f"<script>{snippet}</script></head><body></body></html>"
    )
    path = folder / "page.html"
    path.write_text(html, "utf-8", "surrogatepass" if _halves(text) else "strict")
    headers = [
        ["Content-Security-Policy", f"connect-src 'self' {line}; {line}; report-uri {line}"],
        ["Content-Security-Policy", f"default-src 'self'; sandbox allow-scripts; {line}"],
    ]
    (folder / "page.html.headers.json").write_text(json.dumps(headers))
    return path


def recording(folder: Path, text: str) -> Path:
    """Write a recording with console and storage whose every field holds a text."""
    folder.mkdir(parents=True, exist_ok=True)
    url = quote(text, safe="/:?&=#@%+", errors="replace")
    html = page(folder / "of-page", text).read_text("utf-8", "surrogatepass")
    har = Har().document(f"{SITE}/?{url}", html=html, server=text)
    har.client().get_id(400, text, text).sts(403, text, text)
    har.put(403, "AccessDeniedException", text).put(200)
    har.api(trace="x-amzn-trace-id")
    har.add("POST", f"{SITE}/{url}", 403, sent={"authorization": text, "cookie": text, text: text},
            received={"set-cookie": text, "location": url, text: text}, body=text, reply=text)  # fmt: skip
    har.add("GET", f"https://client.rum.us-east-1.amazonaws.com/{url}/cwr.js", 0, net=text)
    for entry in har.entries:
        entry["response"]["statusText"] = text
        entry["serverIPAddress"] = text
        entry["comment"] = text
        entry["_initiator"] = {"type": "script", "url": f"{SITE}/{url}", "stack": text}
    document = har.document_object()
    document["log"] |= {"creator": {"name": text, "version": text}, "comment": text}
    document["log"]["pages"] = [
        {"id": "page_1", "title": text, "startedDateTime": "2026-03-01T09:00:00Z"}
    ]
    (folder / "shop.har").write_text(json.dumps(document))
    lines = (
        text,
        (
            f"Refused to load the script '{SITE}/{url}' because it violates the following Content"
            f' Security Policy directive: "script-src {text}".'
        ),
        f"POST {SITE}/{url} net::ERR_FAILED {text}",
        f"Uncaught Error: {text}",
        f"[aws-rum-web] {text}",
    )
    (folder / "shop.console.txt").write_text("\n".join(lines), "utf-8", "surrogatepass")
    session = {"sessionId": text, "record": True, "eventCount": 3}
    cookies = [
        {"name": "cwr_u", "value": text},
        {"name": "cwr_s", "value": base64.b64encode(json.dumps(session).encode()).decode()},
        {"name": text, "value": text},
    ]
    keys = dict.fromkeys(("accessKeyId", "secretAccessKey", "sessionToken", "expiration"), text)
    local = {"cwr_c": json.dumps(keys), "cwr_i": json.dumps({"IdentityId": text}), text: text}
    (folder / "shop.storage.json").write_text(
        json.dumps({"localStorage": local, "cookies": cookies, "location": f"{SITE}/?{url}"})
    )
    return folder / "shop.har"


def records(text: str, arn: str, pool: str) -> list[dict[str, Any]]:
    """CloudTrail records of each kind that is read, with a text in every free field."""
    identity = {
        "type": text,
        "arn": f"arn:aws:sts::111122223333:assumed-role/{text}/{text}",
        "principalId": text,
        "accessKeyId": text,
        "userName": text,
        "sessionContext": {
            "sessionIssuer": {"arn": f"arn:aws:iam::111122223333:role/{text}", "principalId": text},
            "webIdFederationData": {"federatedProvider": text, "attributes": {text: text}},
        },
    }
    common = {
        "eventVersion": "1.11", "eventTime": "2026-03-02T08:00:00Z", "awsRegion": "eu-west-1",
        "recipientAccountId": "111122223333", "userIdentity": identity, "userAgent": text,
        "sourceIPAddress": text, "errorMessage": text, "requestID": text, "eventID": text,
        "vpcEndpointId": text, "tlsDetails": {"clientProvidedHostHeader": text},
        "additionalEventData": {text: text},
    }  # fmt: skip
    name = arn.rpartition("/")[2]
    kinds = (
        ("rum", "PutRumEvents", {"id": MONITOR, text: text}, "AccessDenied", "Data"),
        ("rum", "UpdateAppMonitor", {"Name": name, "Domain": text, text: text}, None, "Management"),
        ("cognito-identity", "GetId", {"identityPoolId": pool, text: text}, text, "Data"),
        ("sts", "AssumeRoleWithWebIdentity", {"roleArn": arn, "roleSessionName": text}, "AccessDenied", "Management"),
        ("iam", "PutRolePolicy", {"roleName": name, "policyName": text, "policyDocument": text}, None, "Management"),
        ("iam", "UpdateAssumeRolePolicy", {"roleName": name, "policyDocument": json.dumps({"Statement": [{"Effect": text, "Principal": {"AWS": text}, "Action": text, "Condition": {text: {text: text}}}]})}, None, "Management"),
    )  # fmt: skip
    return [
        common
        | {
            "eventSource": f"{source}.amazonaws.com",
            "eventName": operation,
            "requestParameters": parameters,
            "responseElements": {"credentials": {"accessKeyId": text, "sessionToken": text}, text: text},
            "resources": [{"ARN": text, "type": text}, {"ARN": arn}],
            "eventCategory": category,
        }
        | ({"errorCode": error} if error else {})
        for source, operation, parameters, error, category in kinds
    ]  # fmt: skip


def trail(folder: Path, text: str, arns: tuple[str, ...], pool: str) -> Path:
    """Write a folder of trail files; `arns` are those of the monitor and of the guest role."""
    folder.mkdir(parents=True, exist_ok=True)
    made = [record for arn in arns for record in records(text, arn, pool)]
    (folder / "trail.json.gz").write_bytes(gzip.compress(json.dumps({"Records": made}).encode()))
    return folder


def case(investigation: Any, text: str) -> dict[str, Any]:
    """Return a saved investigation with a text in every place that is not an enumeration."""
    kept = {"check", "condition", "hop", "kind", "root_cause", "section", "status", "verdict",
            "witness", "risk", "schema"}  # fmt: skip

    def inside(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: inside(item, name) for name, item in value.items()}
        if isinstance(value, list):
            return [inside(item, key) for item in value]
        return f"{value} {text}" if isinstance(value, str) and key not in kept else value

    made: dict[str, Any] = inside(investigation.to_dict())
    return made


def identity() -> str:
    """Return the identity that the recording's calls belong to."""
    return str(IDENTITY)


def _js(value: Any) -> str:
    return json.dumps(value).replace("</", "<\\/").replace("<!--", "<\\!--")


def _attribute(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")


def _halves(text: str) -> bool:
    return any("\ud800" <= sign <= "\udfff" for sign in text)
