"""Policy and page pairs for the comparison with Chromium, made by combination from one seed."""

from __future__ import annotations

import html
import random
import sys
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

from rumkit.client.csp.hashes import browser_hash

# The written cases live beside the library's own tests of policies.
sys.path.insert(0, str(Path(__file__).parents[1] / "client"))
from csp_written import CASES as WRITTEN
from csp_written import fill

__all__ = ["WRITTEN", "Case", "Meta", "all_cases", "written_case"]

CLIENT = "https://client.rum.us-east-1.amazonaws.com/1.x/cwr.js"
DATA = "https://dataplane.rum.us-east-1.amazonaws.com"
COGNITO = "https://cognito-identity.us-east-1.amazonaws.com"
STS = "https://sts.us-east-1.amazonaws.com"
SITE = "https://www.shop.example"
URLS = (
    f"{DATA}/appmonitors/1f3c2a60-7d53-4d38-9a2c-0c8f1f5f7e11",
    f"{COGNITO}/",
    f"{STS}/",
    f"{SITE}/api/rum",
    "https://rum.shop.example:8443/a/b.json?x=1",
)
LOADER = """
  window.snippetRan = true; window.loader = function (s) { var z = document.createElement('script');
    z.async = true; z.src = s; document.head.appendChild(z); };
  window.loader('CLIENT');
""".replace("CLIENT", CLIENT)
HASH = browser_hash(LOADER)
CLIENT_HOST = "https://client.rum.us-east-1.amazonaws.com"
NONCE = "cmFuZG9t"


@dataclass(frozen=True)
class Meta:
    """A meta policy; `place` is before or after the snippet in the head, or in the body."""

    value: str
    place: str = "before"


@dataclass(frozen=True)
class Case:
    """One page: its policies, the snippet's nonce and text, and where the page lives."""

    name: str
    headers: tuple[str, ...] = ()
    metas: tuple[Meta, ...] = ()
    report_only: tuple[str, ...] = ()
    nonce: str = ""
    text: str = LOADER
    site: str = SITE
    client: str = CLIENT
    urls: tuple[str, ...] = URLS
    only_inline: bool = field(default=False)

    @property
    def html(self) -> str:
        """Return the page."""
        nonce = f' nonce="{self.nonce}"' if self.nonce else ""
        return (
            "<!doctype html><html><head>"
            + self._metas("before")
            + f"<script{nonce}>{self.text}</script>"
            + self._metas("after")
            + "</head><body>"
            + self._metas("body")
            + "</body></html>"
        )

    def _metas(self, place: str) -> str:
        return "".join(
            '<meta http-equiv="Content-Security-Policy" content="'
            + html.escape(meta.value, quote=True)
            + '">'
            for meta in self.metas
            if meta.place == place
        )


SCRIPT_LISTS = {
    "empty": "",
    "none": "'none'",
    "self": "'self'",
    "hash": HASH,
    "hash384": browser_hash(LOADER, "sha384"),
    "hash512": browser_hash(LOADER, "sha512"),
    "hash-client": f"{HASH} {CLIENT_HOST}",
    "hash-none": f"{HASH} 'none'",
    "hash-no-padding": HASH.replace("=", ""),
    "hash-url-alphabet": HASH.replace("+", "-").replace("/", "_"),
    "hash-capital-prefix": HASH.replace("sha256", "SHA256"),
    "hash-dash-prefix": HASH.replace("sha256", "sha-256"),
    "hash-lower-value": HASH.lower(),
    "hash-unquoted": HASH.strip("'"),
    "hash-double-quotes": HASH.replace("'", '"'),
    "hash-newline": browser_hash(LOADER + "\n"),
    "hash-crlf": browser_hash(LOADER.replace("\n", "\r\n")),
    "hash-trimmed": browser_hash(LOADER.strip()),
    "inline-client": f"'unsafe-inline' {CLIENT_HOST}",
    "inline-star": "'unsafe-inline' *",
    "inline-other-hash": f"'unsafe-inline' 'sha256-{'A' * 43}='",
    "inline-short-hash": "'unsafe-inline' 'sha256-abcd'",
    "inline-broken-hash": "'unsafe-inline' 'sha256-abcde'",
    "inline-empty-hash": "'unsafe-inline' 'sha256-'",
    "inline-unquoted-hash": f"'unsafe-inline' {HASH.strip(chr(39))}",
    "inline-nonce": f"'unsafe-inline' 'nonce-{NONCE}'",
    "inline-empty-nonce": "'unsafe-inline' 'nonce-'",
    "inline-bad-nonce": "'unsafe-inline' 'nonce-a!b'",
    "inline-strict": "'unsafe-inline' 'strict-dynamic'",
    "inline-unsafe-hashes": f"'unsafe-inline' 'unsafe-hashes' {CLIENT_HOST}",
    "inline-capitals": f"'UNSAFE-INLINE' {CLIENT_HOST}",
    "inline-unquoted": f"unsafe-inline {CLIENT_HOST}",
    "nonce": f"'nonce-{NONCE}'",
    "nonce-client": f"'nonce-{NONCE}' {CLIENT_HOST}",
    "nonce-strict": f"'nonce-{NONCE}' 'strict-dynamic'",
    "nonce-capitals": f"'NONCE-{NONCE}' {CLIENT_HOST}",
    "nonce-other-case": f"'nonce-{NONCE.upper()}' {CLIENT_HOST}",
    "hash-strict": f"{HASH} 'strict-dynamic'",
    "hash-strict-hosts": f"{HASH} 'strict-dynamic' https: 'unsafe-inline'",
    "strict-alone": f"'strict-dynamic' {CLIENT_HOST}",
    "eval-only": f"'unsafe-eval' {CLIENT_HOST}",
    "report-sample": f"'report-sample' {HASH} {CLIENT_HOST}",
    "client-path": f"{HASH} {CLIENT_HOST}/",
    "client-exact": f"{HASH} {CLIENT}",
    "client-folder": f"{HASH} {CLIENT_HOST}/1.x/",
    "client-folder-no-slash": f"{HASH} {CLIENT_HOST}/1.x",
    "client-other-version": f"{HASH} {CLIENT_HOST}/1.2.1/cwr.js",
    "client-path-capitals": f"{HASH} {CLIENT_HOST}/1.X/CWR.js",
    "client-encoded": f"{HASH} {CLIENT_HOST}/1%2Ex/cwr.js",
    "client-query": f"{HASH} {CLIENT}?v=2",
    "client-fragment": f"{HASH} {CLIENT}#top",
    "client-no-scheme": f"{HASH} client.rum.us-east-1.amazonaws.com",
    "client-capitals": f"{HASH} HTTPS://CLIENT.rum.US-EAST-1.amazonaws.com",
    "client-http": f"{HASH} http://client.rum.us-east-1.amazonaws.com",
    "client-port": f"{HASH} {CLIENT_HOST}:443",
    "client-other-port": f"{HASH} {CLIENT_HOST}:8443",
    "client-any-port": f"{HASH} {CLIENT_HOST}:*",
    "client-wildcard": f"{HASH} https://*.amazonaws.com",
    "client-bare-domain": f"{HASH} https://amazonaws.com",
    "client-middle-wildcard": f"{HASH} https://client.rum.*.amazonaws.com",
    "client-trailing-dot": f"{HASH} {CLIENT_HOST}.",
    "client-https": f"{HASH} https:",
    "client-http-scheme": f"{HASH} http:",
    "client-data-scheme": f"{HASH} data: blob:",
    "client-comma": f"{HASH}, {CLIENT_HOST}",
    "client-quoted": f"{HASH} '{CLIENT_HOST}'",
    "client-monitor-region": f"{HASH} https://client.rum.eu-west-1.amazonaws.com",
}

CONNECT_LISTS = {
    "empty": "",
    "none": "'none'",
    "none-and-host": f"'none' {DATA}",
    "self": "'self'",
    "star": "*",
    "https": "https:",
    "http": "http:",
    "wss": "wss:",
    "ws": "ws:",
    "guide": f"{DATA} {COGNITO} {STS}",
    "data-only": DATA,
    "no-scheme": "dataplane.rum.us-east-1.amazonaws.com",
    "wildcard-region": "https://*.us-east-1.amazonaws.com",
    "wildcard-rum": "https://*.rum.us-east-1.amazonaws.com",
    "wildcard-domain": "*.amazonaws.com",
    "wildcard-middle": "https://dataplane.rum.*.amazonaws.com",
    "wildcard-glued": "https://*amazonaws.com",
    "bare-domain": "https://amazonaws.com",
    "global-sts": "https://sts.amazonaws.com",
    "http-host": "http://dataplane.rum.us-east-1.amazonaws.com",
    "http-host-80": "http://dataplane.rum.us-east-1.amazonaws.com:80",
    "http-host-443": "http://dataplane.rum.us-east-1.amazonaws.com:443",
    "https-host-80": f"{DATA}:80",
    "https-host-443": f"{DATA}:443",
    "host-80": "dataplane.rum.us-east-1.amazonaws.com:80",
    "any-port": "rum.shop.example:*",
    "one-port": "https://rum.shop.example:8443",
    "wrong-port": "https://rum.shop.example:8444",
    "no-port": "https://rum.shop.example",
    "port-folder": "https://rum.shop.example:8443/a/",
    "port-no-slash": "https://rum.shop.example:8443/a",
    "port-exact": "https://rum.shop.example:8443/a/b.json",
    "port-encoded": "https://rum.shop.example:8443/%61/b%2Ejson",
    "port-wildcard-host": "https://*:8443",
    "port-all": "*:*",
    "port-not-a-number": "https://rum.shop.example:https",
    "path-appmonitors": f"{DATA}/appmonitors/",
    "path-root": f"{DATA}/",
    "path-other-case": f"{DATA}/AppMonitors/",
    "self-wildcard": "https://*.shop.example",
    "self-host": "www.shop.example",
    "double-slash": "//dataplane.rum.us-east-1.amazonaws.com",
    "one-slash": "https:/dataplane.rum.us-east-1.amazonaws.com",
    "scheme-slashes": "https://",
    "underscore": "https://data_plane.example 'self'",
    "unquoted-self": "self",
    "double-quoted-self": '"self"',
    "nonce": f"'nonce-{NONCE}'",
    "keywords": "'unsafe-inline' 'strict-dynamic' *",
    "semicolonless": f"'self' script-src {DATA}",
    "comma": f"{DATA}, {COGNITO}",
    "tab-and-newline": f"{DATA}\t{COGNITO}",
}


def script_cases() -> list[Case]:
    """Return every script source list as script-src, and some as what overrides or stands in."""
    cases = [
        Case(f"script-src {name}", (f"script-src {value}",), nonce=NONCE if "nonce" in name else "")
        for name, value in SCRIPT_LISTS.items()
    ]
    for directive, name in product(
        ("script-src-elem", "default-src"),
        ("none", "hash", "hash-client", "inline-client", "nonce", "hash-strict", "client-http"),
    ):
        nonce = NONCE if "nonce" in name else ""
        cases.append(
            Case(f"{directive} {name}", (f"{directive} {SCRIPT_LISTS[name]}",), nonce=nonce)
        )
    return cases


def connect_cases() -> list[Case]:
    """Return every connect source list as connect-src, and some as default-src."""
    cases = [
        Case(f"connect-src {name}", (f"connect-src {value}",))
        for name, value in CONNECT_LISTS.items()
    ]
    for name in ("none", "guide", "star", "self", "https", "path-appmonitors"):
        value = f"default-src 'unsafe-inline' {CONNECT_LISTS[name]}"
        cases.append(Case(f"default-src as connect-src {name}", (value,)))
    return cases


def shape_cases() -> list[Case]:
    """Return the cases about policies rather than sources: order, place, malformed directives."""
    good = f"script-src {HASH} {CLIENT_HOST}; connect-src {DATA} {COGNITO} {STS}"
    bad = "script-src 'none'; connect-src 'none'"
    listed = {
        "elem overrides": f"script-src 'none'; script-src-elem {HASH} {CLIENT_HOST}",
        "elem overrides with a no": f"script-src {HASH} {CLIENT_HOST}; script-src-elem 'none'",
        "attr does not matter": f"script-src-attr 'none'; script-src {HASH} {CLIENT_HOST}",
        "default overridden": f"default-src 'none'; {good}",
        "first of two counts": f"connect-src {DATA}; connect-src *",
        "first of two counts for scripts": f"script-src 'self'; script-src {HASH}",
        "directive in capitals": f"CONNECT-SRC {DATA}; Script-Src {HASH}",
        "colon after the name": f"default-src 'self' 'unsafe-inline'; connect-src: {DATA}",
        "equals after the name": f"connect-src={DATA}",
        "misspelt name": f"connect-source {DATA}; default-src 'unsafe-inline'",
        "underscore in the name": "connect_src 'none'",
        "digit in the name": "connect-src1 'none'",
        "semicolons only": ";;;",
        "empty directives between": f";; connect-src {DATA};;",
        "no space after the semicolon": f"connect-src {DATA};script-src 'none'",
        "non-ASCII source": f"connect-src {DATA} https://café.example",
        "non-ASCII source, default-src behind": "connect-src 'none' é; default-src 'unsafe-inline'",
        "non-ASCII duplicate": f"connect-src é; connect-src {DATA}",
        "non-ASCII in another directive": f"img-src é; connect-src {DATA}",
        "no-break space": f"connect-src\u00a0{DATA}",
        "curly quotes": f"script-src \u2018{HASH.strip(chr(39))}\u2019",
        "comma splits": f"script-src {HASH}, {CLIENT_HOST}; connect-src 'none'",
        "comma between policies": f"{good}, connect-src {DATA}",
        "comma at the end": f"connect-src {DATA},",
        "frame-ancestors alone": "frame-ancestors 'none'",
        "report-uri alone": "report-uri /csp",
        "worker-src alone": "worker-src 'none'; child-src 'none'",
        "upgrade-insecure-requests": f"upgrade-insecure-requests; connect-src {DATA}",
        "block-all-mixed-content": f"block-all-mixed-content; connect-src {DATA}",
        "trusted types": f"require-trusted-types-for 'script'; {good}",
        "trusted types unquoted": f"require-trusted-types-for script; {good}",
        "trusted types in capitals": f"require-trusted-types-for 'SCRIPT'; {good}",
        "trusted types names only": f"trusted-types 'none'; {good}",
    }
    cases = []
    for name, value in listed.items():
        if all(ord(character) < 256 for character in value):
            cases.append(Case(f"header: {name}", (value,)))
        cases.append(Case(f"meta: {name}", metas=(Meta(value),)))
    cases += [
        Case("no policy at all"),
        Case("two headers that agree", (good, good)),
        Case("two headers, the second says no", (good, bad)),
        Case("two headers, the first says no", (bad, good)),
        Case("header and meta, meta says no to scripts", (good,), (Meta("script-src 'self'"),)),
        Case("header and meta, meta says no to connects", (good,), (Meta("connect-src 'self'"),)),
        Case("header says no, meta yes", (bad,), (Meta(good),)),
        Case("meta after the snippet", metas=(Meta(bad, "after"),)),
        Case("good header, meta after the snippet", (good,), (Meta(bad, "after"),)),
        Case("meta in the body", metas=(Meta(bad, "body"),)),
        Case("report-only header", report_only=(bad,)),
        Case("report-only beside an enforced one", (good,), report_only=(bad,)),
        Case("sandbox", ("sandbox",), only_inline=True),
        Case("sandbox allow-scripts", ("sandbox allow-scripts",), only_inline=True),
        Case("sandbox in capitals", ("sandbox ALLOW-SCRIPTS",), only_inline=True),
        Case("sandbox in meta", metas=(Meta("sandbox"),)),
        Case("sandbox report-only", report_only=("sandbox",)),
        Case("frame-ancestors in meta", metas=(Meta("frame-ancestors 'none'"),)),
        Case("wrong nonce on the element", (f"script-src 'nonce-{NONCE}'",), nonce="b3RoZXI="),
        Case("no nonce on the element", (f"script-src 'nonce-{NONCE}'",)),
        Case("nonce with spaces", (f"script-src 'nonce-{NONCE}'",), nonce=f" {NONCE} "),
    ]
    return cases


def origin_cases() -> list[Case]:
    """Return cases about the page's own origin and about data: and blob: URLs."""
    own = ("https://www.shop.example/api", "https://www.shop.example:8443/api", "data:text/plain,x")
    cases = []
    for site, value in product(
        ("https://www.shop.example", "https://www.shop.example:8443", "http://localhost:3000"),
        (
            "'self'",
            "www.shop.example",
            "www.shop.example:8443",
            "*",
            "data:",
            "http: ws:",
            "'self' data:",
        ),
    ):
        urls = (*own, f"{site}/same", f"{DATA}/")
        name = f"origin {site} {value}"
        cases.append(Case(name, (f"connect-src {value}",), site=site, urls=urls))
    for name, client, value in (
        ("own file under self", f"{SITE}/cwr.js", f"script-src {HASH} 'self'"),
        ("own file by path", f"{SITE}/assets/cwr.js", f"script-src {HASH} {SITE}/assets/"),
        ("own file, wrong path", f"{SITE}/assets/cwr.js", f"script-src {HASH} {SITE}/static/"),
        ("own file under another port", f"{SITE}:8443/cwr.js", f"script-src {HASH} 'self'"),
        ("own CDN", "https://cdn.shop.example/cwr.js", f"script-src {HASH} *.shop.example"),
    ):
        text = LOADER.replace(CLIENT, client)
        policy = value.replace(HASH, browser_hash(text))
        cases.append(Case(name, (policy,), text=text, client=client))
    return cases


def combined_cases(count: int = 80, seed: int = 7) -> list[Case]:
    """Return pages with one to three policies drawn from the lists above."""
    draw = random.Random(seed)
    cases = []
    for number in range(count):
        headers, metas = [], []
        for _ in range(draw.choice((1, 1, 2, 3))):
            value = "; ".join(_some_directives(draw))
            if draw.random() < 0.7:
                headers.append(value)
            else:
                metas.append(Meta(value, draw.choice(("before", "before", "after", "body"))))
        nonce = draw.choice(("", NONCE))
        cases.append(Case(f"combined {number}", tuple(headers), tuple(metas), nonce=nonce))
    return cases


def _some_directives(draw: random.Random) -> list[str]:
    script = ("script-src", "script-src-elem", "default-src", "script-src")
    chosen = []
    for _ in range(draw.choice((1, 2, 2, 3))):
        if draw.random() < 0.5:
            chosen.append(f"{draw.choice(script)} {draw.choice(list(SCRIPT_LISTS.values()))}")
        else:
            name = draw.choice(("connect-src", "connect-src", "default-src"))
            chosen.append(f"{name} {draw.choice(list(CONNECT_LISTS.values()))}")
    return chosen


def written_case(case: dict[str, Any]) -> Case:
    """Return a written case as a page; its expectation stays behind."""
    client = case.get("client", CLIENT)
    text = LOADER.replace(CLIENT, client)
    headers = tuple(fill(value, text) for value in case.get("headers", ()))
    return Case(
        case["name"],
        headers,
        tuple(Meta(fill(value, text), place) for place, value in case.get("metas", ())),
        tuple(fill(value, text) for value in case.get("report_only", ())),
        nonce=case.get("nonce", ""),
        text=text,
        site=case.get("site", SITE),
        client=client,
        urls=(case.get("url", URLS[0]),),
        only_inline=any("sandbox" in value for value in headers),
    )


def all_cases() -> list[Case]:
    """Return every case, in an order that never changes."""
    return [*script_cases(), *connect_cases(), *shape_cases(), *origin_cases(), *combined_cases()]
