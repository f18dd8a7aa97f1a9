"""Writes pages and source files as people write them."""

from __future__ import annotations

import json
from typing import Any

from har_builder import MONITOR, POOL, REGION, SITE, Har

CDN = "https://client.rum.us-east-1.amazonaws.com/1.25.0/cwr.js"
PLANE = f"https://dataplane.rum.{REGION}.amazonaws.com"
COGNITO = f"https://cognito-identity.{REGION}.amazonaws.com/"
# Where the client posts its events.
PUT = f"{PLANE}/appmonitors/{MONITOR}"
HTML = "content-type: text/html; charset=utf-8"
GOOD: dict[str, Any] = {
    "sessionSampleRate": 1,
    "identityPoolId": POOL,
    "endpoint": PLANE,
    "telemetries": ["errors", "performance", "http"],
    "allowCookies": True,
    "enableXRay": False,
}
# The console's loader and the repository's, which differ in the place where they insert.
_LOADER = (
    "(function(n,i,v,r,s,c,x,z){x=window.AwsRumClient={q:[],n:n,i:i,v:v,r:r,c:c};window[n]="
    "function(c,p){x.q.push({c:c,p:p});};z=document.createElement('script');z.async=true;z.src=s;"
    "document.head.insertBefore(z,document.head.getElementsByTagName('script')[0]);})"
)


class Code(str):
    """A piece of JavaScript, in place of a value."""

    __slots__ = ()


LEFT_OUT = Code("")


def js(value: Any) -> str:
    """Write a value as JavaScript."""
    if isinstance(value, Code):
        return value
    if isinstance(value, dict):
        members = (f"{key}: {js(item)}" for key, item in value.items())
        return "{" + ", ".join(members) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(js, value)) + "]"
    return f"'{value}'" if isinstance(value, str) else json.dumps(value)


def options(**changed: Any) -> str:
    """Write a good configuration with some options changed, or LEFT_OUT."""
    kept = {name: value for name, value in {**GOOD, **changed}.items() if value is not LEFT_OUT}
    return js(kept)


def loader(
    *,
    monitor: Any = MONITOR,
    version: Any = "1.0.0",
    region: Any = REGION,
    url: Any = CDN,
    config: str = "",
    **changed: Any,
) -> str:
    """Write the snippet of the RUM console."""
    given = ", ".join(map(js, ("cwr", monitor, version, region, url)))
    return f"{_LOADER}({given}, {config or options(**changed)});"


def script(text: str, attributes: str = "") -> str:
    """Write an inline script element."""
    return f"<script{' ' if attributes else ''}{attributes}>{text}</script>"


def html(*head: str, body: str = "<main>Shop</main>") -> str:
    """Write a page."""
    return (
        "<!doctype html>\n<html lang=en>\n<head>\n<title>Shop</title>\n"
        + "\n".join(head)
        + f"\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def page(*, before: str = "", after: str = "", **given: Any) -> str:
    """Write a page with the snippet in its head."""
    return html(before, script(loader(**given)), after)


SPA = html(
    body='<div id="root"></div>\n<script type="module" src="/assets/index-9f3c.js"></script>'
)


def npm(
    *,
    monitor: Any = MONITOR,
    version: Any = "1.0.0",
    region: Any = REGION,
    config: str = "",
    before: str = "",
    package: str = "aws-rum-web",
    **changed: Any,
) -> str:
    """Write a module that constructs the client of the NPM package."""
    given = ", ".join(map(js, (monitor, version, region)))
    return (
        f"import {{ AwsRum, AwsRumConfig }} from '{package}';\n{before}\n"
        f"const config: AwsRumConfig = {config or options(**changed)};\n"
        f"export const awsRum = new AwsRum({given}, config);\n"
    )


def visit(text: str = "", **headers: str) -> Har:
    """Begin a recording of a page whose client script loads."""
    return Har(version="1.25.0", stated="1.25.0").document(html=text or page(), **headers).client()


def bundled(text: str = SPA, **headers: str) -> Har:
    """Begin a recording of a page whose client is in its bundle."""
    har = Har(version="1.25.0", stated="1.25.0", installed="arw-module")
    har.document(html=text, **headers)
    return har.add(
        "GET",
        f"{SITE}/assets/index-9f3c.js",
        received={"content-type": "text/javascript"},
        reply="console.log('shop')",
        kind="script",
    )


def vended(har: Har) -> Har:
    """Let Cognito give the client its credentials."""
    return har.get_id().credentials()
