"""Secrets that are masked on reading change no finding: each page as it was served, and recorded.

`test_field_masking` gives each of these twice, as a file and in a recording.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from field_case import Case
from field_write import CDN, COGNITO, PLANE, html, loader, script, vended, visit

from rumkit.client.csp.hashes import browser_hash

if TYPE_CHECKING:
    from har_builder import Har

# Made up, and shaped as the real ones are.
_KEY = "apiKey: 'zq8Kx0pWmN4rT7vB2cYd'"
_JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJzaG9wIn0.c2lnbmF0dXJlLW9mLXNob3A"
_LOADER = loader()


@dataclass(frozen=True)
class Masked:
    """A page whose scripts hold a secret, and the policy that it is served with."""

    name: str
    text: str
    policy: str = ""
    status: str = "pass"


def _hashed(*scripts: str, algorithm: str = "sha256") -> str:
    listed = " ".join(browser_hash(each, algorithm) for each in scripts)
    return f"script-src {listed} {CDN}; connect-src {PLANE} {COGNITO}"


def _beside(secret: str) -> str:
    return f"window.shop = {{ {secret} }};\n{_LOADER}"


_WITH_KEY = _beside(_KEY)
_WITH_TOKEN = f"window.csrfToken = 'q1w2e3r4t5y6u7i8o9p0';\n{_LOADER}"
_WITH_HEADERS = loader(headers={"Authorization": f"Bearer {_JWT}"})
_WITH_TEMPLATE = f"const password = `p4ss-w0rd-of-shop`;\n{_LOADER}"
_WITH_COMMENT = f'// password: "not-for-everyone"\n{_LOADER}'
_WITH_URL = f"fetch('/api?access_token=abcdef0123456789&x=1');\n{_LOADER}"
_WITH_CRLF = _beside(_KEY).replace("\n", "\r\n")
_WITH_AKIA = f"const id = 'AKIAIOSFODNN7SHOPXYZ';\n{_LOADER}"

_META = (
    '<meta http-equiv="Content-Security-Policy" content="script-src \'self\'; connect-src'
    ' https://tokens.shop.example https://csrf.shop.example">'
)

PAGES = (
    Masked("key-beside-the-snippet", html(script(_WITH_KEY)), _hashed(_WITH_KEY)),
    Masked("key-and-no-policy", html(script(_WITH_KEY))),
    Masked("token-beside-the-snippet", html(script(_WITH_TOKEN)), _hashed(_WITH_TOKEN)),
    Masked("bearer-in-the-options", html(script(_WITH_HEADERS)), _hashed(_WITH_HEADERS)),
    Masked("template-string", html(script(_WITH_TEMPLATE)), _hashed(_WITH_TEMPLATE)),
    Masked("comment", html(script(_WITH_COMMENT)), _hashed(_WITH_COMMENT)),
    Masked("address", html(script(_WITH_URL)), _hashed(_WITH_URL)),
    Masked("key-of-aws", html(script(_WITH_AKIA)), _hashed(_WITH_AKIA)),
    Masked("sha384", html(script(_WITH_KEY)), _hashed(_WITH_KEY, algorithm="sha384")),
    Masked("sha512", html(script(_WITH_KEY)), _hashed(_WITH_KEY, algorithm="sha512")),
    Masked("windows-line-ends", html(script(_WITH_CRLF)), _hashed(_WITH_KEY)),
    Masked("hash-of-another-text", html(script(_WITH_KEY)), _hashed(_LOADER), "fail"),
    Masked("hash-without-quotes-of-the-shell", html(script(_WITH_KEY)),
           _hashed(_WITH_KEY.replace("'", "") + "\n"), "fail"),
    Masked("policy-of-self", html(script(_WITH_KEY)), "script-src 'self'", "fail"),
    Masked("policy-that-names-a-host-of-tokens", html(_META, script(_WITH_KEY)), "", "fail"),
    Masked("key-in-another-script", html(script(f"var x = {{{_KEY}}}"), script(_LOADER)),
           _hashed(_LOADER)),
    Masked("nonce", html(script(_WITH_KEY, 'nonce="r4nd0mNonceOfShop"')),
           f"script-src 'nonce-r4nd0mNonceOfShop' {CDN}; connect-src {PLANE} {COGNITO}"),
)  # fmt: skip


def _delivers(text: str, policy: str) -> Har:
    headers = {"content_security_policy": policy} if policy else {}
    return vended(visit(text, **headers)).put(wait=5).put(wait=5).wait(3)


CASES = tuple(
    Case(
        f"delivers-{each.name}",
        "an API key or token in an inline script beside the snippet, as many sites have it",
        har=lambda each=each: _delivers(each.text, each.policy),  # type: ignore[misc]
        verdict="healthy|degraded",
        root=(None,),
        find={"snippet-present": "pass", "csp-script": "pass", "credentials-configured": "pass"},
        never=("does not parse", "syntax", "zq8Kx0pWmN4rT7vB2cYd", "eyJhbGci"),
    )
    for each in PAGES
    if each.status == "pass"
)
