"""What a URL of a recording names: hosts of every partition, custom endpoints, signed beacons."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from rumkit.client.har.conversation import Kind, Signature
from rumkit.client.har.redact import bare_url, printable

_AWS_SUFFIX = r"(?:amazonaws\.com(?:\.cn)?|amazonaws\.eu|api\.aws|api\.amazonwebservices\.com\.cn)"
_REGION = r"([a-z]{2,4}(?:-[a-z]+){1,3}-\d)"
COGNITO_HOST = re.compile(rf"cognito-identity(?:-fips)?\.{_REGION}\.{_AWS_SUFFIX}")
STS_HOST = re.compile(rf"sts(?:-fips)?(?:\.{_REGION})?\.{_AWS_SUFFIX}")
DATA_PLANE_HOST = re.compile(rf"dataplane\.rum(?:-fips)?\.{_REGION}\.{_AWS_SUFFIX}")
CLIENT_HOST = re.compile(rf"client\.rum\.{_REGION}\.{_AWS_SUFFIX}")
_CLIENT_FILE = re.compile(r"/cwr(?:-slim)?(?:\.min)?\.js$")
_MONITOR_PATH = re.compile(r"/appmonitors/([^/]{1,64})/?$")
_QUERY_SCOPE = re.compile(r"/(\d{8})/([a-z0-9-]{1,32})/([a-z0-9-]{1,32})/aws4_request")


@dataclass(frozen=True, slots=True)
class Place:
    """What a URL names: its bare form, and the operation as far as host and path tell."""

    url: str
    host: str
    path: str
    kind: Kind | None
    monitor_id: str
    query_signature: Signature | None


def place_of(url: str) -> Place | None:
    """Return what a URL names, None when it is no http URL."""
    if url[:4].lower() != "http":
        return None
    try:
        parts = urlsplit(url[:8192])
        host, path = (parts.hostname or "").lower().rstrip("."), parts.path
    except ValueError:
        return None
    monitor = _MONITOR_PATH.search(path[-128:])
    bare = bare_url(url)
    return Place(
        url=bare,
        host=host[:256],
        path=_path(bare),
        kind=_kind_of(host, path),
        monitor_id=printable(monitor[1]) if monitor else "",
        query_signature=_query_signature(url[:16_384]),
    )


def _kind_of(host: str, path: str) -> Kind | None:
    if COGNITO_HOST.fullmatch(host):
        return Kind.COGNITO
    if STS_HOST.fullmatch(host):
        return Kind.ASSUME_ROLE
    if DATA_PLANE_HOST.fullmatch(host):
        return Kind.PUT_EVENTS
    if CLIENT_HOST.fullmatch(host) or _CLIENT_FILE.search(path[-64:]):
        return Kind.CLIENT_SCRIPT
    return None


def _query_signature(url: str) -> Signature | None:
    if "x-amz-signature=" not in url.lower():
        return None
    match = _QUERY_SCOPE.search(re.sub("(?i)%2F", "/", url))
    return Signature("query", *match.groups()) if match else Signature("query")


def _path(url: str) -> str:
    return url[slash:] if (slash := url.find("/", 8)) > 0 else "/"
