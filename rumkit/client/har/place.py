"""What a URL of a recording names: hosts of every partition, custom endpoints, signed beacons."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from rumkit.aws_names import REGION, known_regions
from rumkit.client.har.conversation import Kind, Signature
from rumkit.client.har.redact import bare_url, printable

_AWS_SUFFIX = r"(?:amazonaws\.com(?:\.cn)?|amazonaws\.eu|api\.aws|api\.amazonwebservices\.com\.cn)"
_REGION = f"({REGION})"
COGNITO_HOST = re.compile(rf"cognito-identity(?:-fips)?\.{_REGION}\.{_AWS_SUFFIX}")
STS_HOST = re.compile(rf"sts(?:-fips)?(?:\.{_REGION})?\.{_AWS_SUFFIX}")
DATA_PLANE_HOST = re.compile(rf"dataplane\.rum(?:-fips)?\.{_REGION}\.{_AWS_SUFFIX}")
CLIENT_HOST = re.compile(rf"client\.rum\.{_REGION}\.{_AWS_SUFFIX}")
# The hosts that the client talks to, whatever stands where the Region should.
_AWS_HOST = re.compile(
    rf"(cognito-identity|sts|dataplane\.rum|client\.rum)(?:-fips)?(?:\.(.{{0,200}}))?\.{_AWS_SUFFIX}"
)
_SERVICES = {
    "cognito-identity": Kind.COGNITO,
    "sts": Kind.ASSUME_ROLE,
    "dataplane.rum": Kind.PUT_EVENTS,
    "client.rum": Kind.CLIENT_SCRIPT,
}
_CDN_REGION = "us-east-1"
_CLIENT_FILE = re.compile(r"/cwr(?:-slim)?(?:\.min)?\.js$")
MONITOR_PATH = re.compile(r"/appmonitors/([^/]{1,64})/?$")
_QUERY_SCOPE = re.compile(r"/(\d{8})/([a-z0-9-]{1,32})/([a-z0-9-]{1,32})/aws4_request")


@dataclass(frozen=True, slots=True)
class AwsHost:
    """A host name of AWS that the client talks to; `region` is what stands in the Region's place.

    `possible` is false where no such host can exist: `undefined`, a misspelt Region, a second CDN.
    """

    kind: Kind
    region: str
    possible: bool


def aws_host(host: str) -> AwsHost | None:
    """Return what a host name of AWS names, None for any other host."""
    match = _AWS_HOST.fullmatch(host[:300])
    if not match:
        return None
    kind, region = _SERVICES[match[1]], match[2]
    if region is None:
        return AwsHost(kind, "", kind is Kind.ASSUME_ROLE)
    cdn = kind is Kind.CLIENT_SCRIPT
    possible = region == _CDN_REGION if cdn else region in known_regions()
    return AwsHost(kind, printable(region), possible)


@dataclass(frozen=True, slots=True)
class NamedByUrl:
    """What a URL names: its bare form, and the operation as far as host and path tell."""

    url: str
    host: str
    path: str
    kind: Kind | None
    monitor_id: str
    query_signature: Signature | None
    aws: AwsHost | None = None


def place_of(url: str) -> NamedByUrl | None:
    """Return what a URL names, None when it is no http URL."""
    if url[:4].lower() != "http":
        return None
    try:
        parts = urlsplit(url[:8192])
        host, path = (parts.hostname or "").lower().rstrip("."), parts.path
    except ValueError:
        return None
    monitor = MONITOR_PATH.search(path[-128:])
    bare = bare_url(url)
    aws = aws_host(host)
    kind = Kind.CLIENT_SCRIPT if _CLIENT_FILE.search(path[-64:]) else None
    return NamedByUrl(
        url=bare,
        host=host[:256],
        path=_path(bare),
        kind=aws.kind if aws else kind,
        monitor_id=printable(monitor[1]) if monitor else "",
        query_signature=_query_signature(url[:16_384]),
        aws=aws,
    )


def _query_signature(url: str) -> Signature | None:
    if "x-amz-signature=" not in url.lower():
        return None
    match = _QUERY_SCOPE.search(re.sub("(?i)%2F", "/", url))
    return Signature("query", *match.groups()) if match else Signature("query")


def _path(url: str) -> str:
    return url[slash:] if (slash := url.find("/", 8)) > 0 else "/"
