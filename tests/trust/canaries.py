"""Secrets as they stand in real texts, each with a mark that nothing that rumkit writes may hold.

They are made up. What is kept is the form: names, separators, lengths and beginnings.
"""

# ruff: noqa: E501 - secrets that are easier to read whole

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True)
class Canary:
    """A text with a secret in it: `mark` is the secret's own part, `around` may stay."""

    kind: str
    text: str
    mark: str
    around: str = ""


_JWT = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJldS13ZXN0LTEifQ.Zk7cnaryOidSig"
_LONG = "IQoJb3JpZ2luX2VjEHoaCWV1LXdlc3QtMSJHMEUCIQZk7cnarySession"

SECRETS = (
    Canary("access key id", "key AKIAZK7CNARYKEYID012 was used", "AKIAZK7CNARYKEYID012"),
    Canary("temporary key id", "(ASIAZK7CNARYTEMPO012)", "ASIAZK7CNARYTEMPO012"),
    Canary("secret key, ini", "aws_secret_access_key = Zk7cnaryIni/W7+kPxRfiCYzAAAA01234567890", "Zk7cnaryIni"),
    Canary("secret key, JSON", '{"SecretAccessKey":"Zk7cnaryJson/W7+kPxRfiCYz"}', "Zk7cnaryJson"),
    Canary("secret key, text", "secretAccessKey: Zk7cnarySak/W7kPxRf", "Zk7cnarySak"),
    Canary("session token", f"token {_LONG} end", "Zk7cnarySession"),
    Canary("session token, named", 'sessionToken="Zk7cnaryTok/abc=="', "Zk7cnaryTok"),
    Canary("OpenID token", f"WebIdentityToken {_JWT} was refused", "Zk7cnaryOidSig"),
    Canary("cookie", "Cookie: sid=Zk7cnarySid; theme=Zk7cnarySid2", "Zk7cnarySid"),
    Canary("set-cookie", "Set-Cookie: session=Zk7cnarySet; Path=/; HttpOnly", "Zk7cnarySet"),
    Canary("basic authorization", "Authorization: Basic Zk7cnaryBasic==", "Zk7cnaryBasic"),
    Canary("bearer", "authorization: Bearer Zk7cnaryBearer.x", "Zk7cnaryBearer"),
    Canary("digest", 'Proxy-Authorization: Digest username="u", response="Zk7cnaryDigest"', "Zk7cnaryDigest"),
    Canary(
        "signature",
        "AWS4-HMAC-SHA256 Credential=AKIAZK7CNARYKEYID012/20260302/eu-west-1/rum/aws4_request,"
        " SignedHeaders=host, Signature=Zk7cnarySigv4",
        "Zk7cnarySigv4",
    ),
    Canary(
        "signed S3 query",
        "https://b.example/x?X-Amz-Credential=AKIAZK7CNARYKEYID012%2F20260302&X-Amz-Signature=Zk7cnaryAmz",
        "Zk7cnaryAmz",
    ),
    Canary(
        "signed token in a query",
        "https://b.example/x?X-Amz-Security-Token=Zk7cnaryAmzTok&X-Amz-Date=20260302T000000Z",
        "Zk7cnaryAmzTok",
    ),
    Canary(
        "signed CloudFront query",
        "https://cdn.example/x?Policy=Zk7cnaryCfPol&Signature=Zk7cnaryCf&Key-Pair-Id=K2",
        "Zk7cnaryCf",
    ),
    Canary("token in a query", "https://api.example/x?lang=de&token=Zk7cnaryQuery#top", "Zk7cnaryQuery"),
    Canary("code in a fragment", "https://app.example/cb#access_token=Zk7cnaryFrag&state=1", "Zk7cnaryFrag"),
    Canary("password in a URL", "https://reader:Zk7cnaryPw@files.example/x", "Zk7cnaryPw"),
    Canary("password in a DSN", "postgres://svc:Zk7cnaryDsn@db.example:5432/shop", "Zk7cnaryDsn"),
    Canary("token as user", "https://Zk7cnaryUser@git.example/x.git", "Zk7cnaryUser"),
    Canary("password, named", "password=Zk7cnaryPlain and more", "Zk7cnaryPlain"),
    Canary("password, JSON", '{\\"password\\": \\"Zk7cnaryEsc\\"}', "Zk7cnaryEsc"),
    Canary("API key", "x-api-key: Zk7cnaryApi", "Zk7cnaryApi"),
    Canary("client secret", "client_secret=Zk7cnaryClient&grant_type=x", "Zk7cnaryClient"),
    Canary(
        "private key",
        "-----BEGIN PRIVATE KEY----- Zk7cnaryPem MIIB -----END PRIVATE KEY-----",
        "Zk7cnaryPem",
    ),
)  # fmt: skip
EMAIL = Canary("e-mail address", "zkcnary.person@zkcnarymail.example", "zkcnary")
MARKS = tuple(dict.fromkeys(each.mark for each in SECRETS))
# Every secret in one text, as a message that quotes a request would have them.
ALL = "; ".join(each.text for each in SECRETS)


def _written(mark: str) -> set[str]:
    """A mark as it stands, and as other writings of it would hold it."""
    raw = {base64.b64encode(b"\0" * pad + mark.encode()).decode()[4:-4] for pad in range(3)}
    return {mark, quote(mark, safe=""), *(each for each in raw if len(each) > 8)}


_ANY = re.compile(
    "|".join(re.escape(form) for mark in MARKS for form in _written(mark)), re.IGNORECASE
)


def survivors(text: str) -> set[str]:
    """Return the marks that a text holds, as they are or in another writing."""
    if not _ANY.search(text):
        return set()
    lowered = text.casefold()
    return {mark for mark in MARKS if any(form.casefold() in lowered for form in _written(mark))}
