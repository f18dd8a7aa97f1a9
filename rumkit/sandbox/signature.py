"""Signature Version 4, verified with the secrets that the sandbox vended."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote

if TYPE_CHECKING:
    from rumkit.sandbox.wire.read import Http

_HEADER = re.compile(
    r"AWS4-HMAC-SHA256\s+Credential=(?P<credential>[^,\s]+)\s*,\s*"
    r"SignedHeaders=(?P<signed>[^,\s]+)\s*,\s*Signature=(?P<signature>[0-9a-f]{64})"
)
_EMPTY = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True)
class Signed:
    """What a signed request says of itself; nothing in it is proven before `verify`."""

    access_key: str
    date: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str
    moment: str
    token: str
    in_query: bool


def read_signature(http: Http) -> Signed | None:
    """Return the signature of a request, from its header or its query; None when unsigned.

    Raises ValueError for an Authorization header that is not a complete signature.
    """
    query = dict(parse_qsl(http.query, keep_blank_values=True))
    if "X-Amz-Signature" in query:
        return _signed(
            query.get("X-Amz-Credential", ""),
            query.get("X-Amz-SignedHeaders", ""),
            query["X-Amz-Signature"],
            query.get("X-Amz-Date", ""),
            query.get("X-Amz-Security-Token", ""),
            in_query=True,
        )
    header = http.headers.get("authorization", "")
    if not header:
        return None
    match = _HEADER.match(header)
    if match is None:
        raise ValueError("Authorization header requires Credential, SignedHeaders and Signature.")
    return _signed(
        match["credential"],
        match["signed"],
        match["signature"],
        http.headers.get("x-amz-date", ""),
        http.headers.get("x-amz-security-token", ""),
        in_query=False,
    )


def verify(http: Http, signed: Signed, secret: str) -> bool:
    """Tell whether the signature was made with this secret, for this very request."""
    expected = _signature(http, signed, secret)
    return any(
        hmac.compare_digest(expected_signature, signed.signature) for expected_signature in expected
    )


def _signed(
    credential: str, headers: str, signature: str, moment: str, token: str, *, in_query: bool
) -> Signed:
    parts = credential.split("/")
    if len(parts) != 5 or parts[4] != "aws4_request":
        raise ValueError("Credential must have five parts and end in aws4_request.")
    return Signed(
        parts[0],
        parts[1],
        parts[2],
        parts[3],
        tuple(headers.split(";")),
        signature,
        moment,
        token,
        in_query,
    )


def _signature(http: Http, signed: Signed, secret: str) -> list[str]:
    scope = f"{signed.date}/{signed.region}/{signed.service}/aws4_request"
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    parts = []
    for path in {http.raw_path or http.path, quote(http.raw_path or http.path, safe="/-_.~")}:
        for payload in _payload_hashes(http, signed):
            digest = hashlib.sha256(_canonical(http, signed, path, payload).encode()).hexdigest()
            text = f"AWS4-HMAC-SHA256\n{signed.moment}\n{scope}\n{digest}"
            parts.append(hmac.new(key, text.encode(), hashlib.sha256).hexdigest())
    return parts


def _canonical(http: Http, signed: Signed, path: str, payload: str) -> str:
    pairs = parse_qsl(http.query, keep_blank_values=True)
    query = "&".join(
        sorted(
            f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}"
            for name, value in pairs
            if name != "X-Amz-Signature"
        )
    )
    headers = "".join(
        f"{name}:{' '.join(http.headers.get(name, '').split())}\n" for name in signed.signed_headers
    )
    names = ";".join(signed.signed_headers)
    return f"{http.method}\n{path}\n{query}\n{headers}\n{names}\n{payload}"


def _payload_hashes(http: Http, signed: Signed) -> set[str]:
    body = hashlib.sha256(http.body).hexdigest()
    if not signed.in_query:
        stated = http.headers.get("x-amz-content-sha256", body)
        return {stated} if stated in {body, "UNSIGNED-PAYLOAD"} else set()
    # The web client's beacons hash the body; a presigned request may leave it out.
    return {body, _EMPTY}
