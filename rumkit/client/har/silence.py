"""Why a request got no reply: the kinds, their words in every browser and tool, and ours.

`answer` tells them from one entry; what only the whole recording tells (was the page left, did
the preflight fail, what does the console say) is added by `context`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Silent(StrEnum):
    """The kinds of silence.

    UNREACHABLE is DNS, refused or reset where the exporter does not tell them apart; WITHHELD is
    COEP or CORP; DEVTOOLS is request blocking in the developer tools.
    """

    POLICY = "policy"
    MIXED_CONTENT = "mixed-content"
    EXTENSION = "extension"
    ADMINISTRATOR = "administrator"
    DEVTOOLS = "devtools"
    DNS = "dns"
    REFUSED = "refused"
    RESET = "reset"
    TIMEOUT = "timeout"
    OFFLINE = "offline"
    UNREACHABLE = "unreachable"
    TLS = "tls"
    PROXY = "proxy"
    ORB = "orb"
    CONTENT_TYPE = "content-type"
    INTEGRITY = "integrity"
    WITHHELD = "withheld"
    LOCAL_NETWORK = "local-network"
    CORS = "cors"
    SERVICE_WORKER = "service-worker"
    ABORTED = "aborted-by-navigation"
    STILL_OPEN = "still-open"
    UNKNOWN = "unknown"


# Kinds that leave open what happened.
VAGUE = frozenset({Silent.UNKNOWN, Silent.UNREACHABLE, Silent.CORS})


@dataclass(frozen=True, slots=True)
class Silence:
    """Why no reply came: the kind, and a clause that says it.

    `certain` is false where it is inferred. `host_possible` (kind DNS) is false where no such host
    exists, true where AWS's host is spelt rightly, so that the visitor's network, DNS list or
    blocker is to blame, None for a host that is not AWS's.
    """

    kind: Silent
    text: str
    certain: bool = True
    host_possible: bool | None = None


class Shape(StrEnum):
    """How an exporter writes a request without a reply, where no error text says why.

    Firefox: UNSENT (stopped before the network, by a policy or as mixed content), STOPPED (so by
    an extension or tracking protection), UNREACHED (no connection), RESET (after TLS). Chromium:
    EMPTY (an empty error: blocked before it was sent), FAILED (net::ERR_FAILED), ABORTED.
    OPEN: nothing but the missing reply.
    """

    UNSENT = "unsent"
    STOPPED = "stopped"
    UNREACHED = "unreached"
    RESET = "reset"
    EMPTY = "empty"
    FAILED = "failed"
    ABORTED = "aborted"
    OPEN = "open"


_WORDS: dict[Silent, tuple[str, ...]] = {
    Silent.DEVTOOLS: (r"\binspector\b|blocked by devtools",),
    Silent.POLICY: (r"\bcsp\b|by_csp|content.security.policy",),
    Silent.MIXED_CONTENT: (r"mixed.content|\bmixed\b",),
    Silent.ADMINISTRATOR: (r"blocked_by_administrator|enterprise.policy",),
    Silent.EXTENSION: (
        r"blocked.by.client|blockedbyclient|content.?blocker|subresource.filter",
        r"tracking.protection|ns_error_tracking|blocked by an? extension",
    ),
    Silent.INTEGRITY: (r"\bintegrity\b|sri-message",),
    Silent.ORB: (r"by_orb|opaqueresponse|opaque.response|\borb\b",),
    Silent.WITHHELD: (
        r"blocked_by_response|\bcoep\b|corp-not-same|\bcorp\b|cross-origin-resource|dom_corp_",
    ),
    Silent.CONTENT_TYPE: (r"\bcontent-type\b|nosniff",),
    Silent.PROXY: (
        r"tunnel_connection|err_proxy|proxy_connection|ns_error_proxy|proxy_auth",
        r"err_mandatory_proxy|err_socks|unknown_proxy_host",
    ),
    Silent.DNS: (
        r"name_not_resolved|name_resolution|err_dns|unknown_host|unknownhost|icann_name",
        r"name or service not known|nodename nor servname|enotfound|eai_again|resolve host",
        r"hostname could not be found|error resolving|no such host|err_address_invalid",
        r"error 12007\b",
    ),
    Silent.OFFLINE: (
        r"internet_disconnected|ns_error_offline|network_changed|network_io_suspended",
        r"appears to be offline|\boffline\b",
    ),
    Silent.TIMEOUT: (r"timed.?out|timeout|error 12002\b",),
    Silent.REFUSED: (
        r"connection.refused|econnrefused|(?:could not|unable to) connect|address_unreachable",
        r"ehostunreach|connection_failed|network_access_denied|no route to host|error 12029\b",
    ),
    Silent.TLS: (
        r"err_cert|err_ssl|sec_error|ssl_error|mozilla_pkix|certificate|tls handshake|\btls\b",
    ),
    Silent.RESET: (
        r"connection.(?:reset|closed|aborted)|empty_response|net_reset|net_interrupt|econnreset",
        r"connection was lost|http2_|quic_|protocol_error|socket hang up",
        r"error 1203[01]\b",
    ),
    Silent.LOCAL_NETWORK: (r"address space|(?:local|private)_network_access",),
    Silent.CORS: (r"\bcors\b|access control",),
}
_KINDS = tuple((kind, re.compile("|".join(words), re.IGNORECASE)) for kind, words in _WORDS.items())


def kind_of(text: str) -> Silent | None:
    """Return the kind of silence that an error text or block reason names, None for none."""
    return next((kind for kind, words in _KINDS if words.search(text)), None)


def clause(kind: Silent, host: str, error: str = "") -> str:
    """Return the clause that says a kind of silence, `error` being the exporter's own words."""
    text = meaning(kind, host, error)
    return f"{text} ({error})" if error and kind in _QUOTED else text


def meaning(kind: Silent, host: str, error: str = "") -> str:
    """Return the clause without the exporter's words, by which some kinds are told apart."""
    text = _CLAUSES[kind].format(host=host or "the host")
    if kind is Silent.TLS and _OTHER_NAME.search(error):
        text = f"the certificate that answers for {host} is for other names"
    if kind is Silent.TLS and _OTHER_DATE.search(error):
        text = f"the certificate of {host} is of another time than this computer's clock"
    return text


_OTHER_DATE = re.compile(r"(?i)cert_date|expired_certificate|not_yet_valid|has expired")
_OTHER_NAME = re.compile(r"(?i)common_name|bad_cert_domain|hostname mismatch")
_QUOTED = frozenset(
    {Silent.REFUSED, Silent.RESET, Silent.TIMEOUT, Silent.OFFLINE, Silent.TLS, Silent.PROXY,
     Silent.UNKNOWN, Silent.UNREACHABLE}
)  # fmt: skip
_CLAUSES = {
    Silent.POLICY: "the page's content security policy blocked it",
    Silent.MIXED_CONTENT: "it is an http request on an https page (mixed content)",
    Silent.EXTENSION: "an extension, content blocker or tracking protection of this browser "
    "blocked it",
    Silent.ADMINISTRATOR: "the browser's administrator blocked the address",
    Silent.DEVTOOLS: "request blocking in the developer tools blocked it",
    Silent.DNS: "the host name {host} could not be resolved",
    Silent.REFUSED: "{host} refused the connection or could not be reached",
    Silent.RESET: "the connection to {host} broke off",
    Silent.TIMEOUT: "{host} did not answer in time",
    Silent.OFFLINE: "the computer was offline, or its network changed",
    Silent.UNREACHABLE: "{host} could not be reached: its name did not resolve, or the connection "
    "was refused or reset",
    Silent.TLS: "the TLS connection to {host} failed: a certificate is not trusted or a proxy "
    "opens TLS",
    Silent.PROXY: "a proxy between the browser and {host} did not let the connection through",
    Silent.ORB: "the browser withheld the reply because it is not a script (opaque response "
    "blocking)",
    Silent.CONTENT_TYPE: "the browser refused the reply for its content type",
    Silent.INTEGRITY: "the reply does not match its integrity attribute",
    Silent.WITHHELD: "the browser withheld the reply because of the page's "
    "Cross-Origin-Embedder-Policy or the reply's Cross-Origin-Resource-Policy",
    Silent.LOCAL_NETWORK: "the browser takes the address of {host} for one of the visitor's own "
    "network, which a page reaches only with the visitor's permission (Local Network Access)",
    Silent.CORS: "the browser withheld the reply from the page: its CORS headers do not let the "
    "page read it",
    Silent.SERVICE_WORKER: "the page's service worker took the request and gave no reply",
    Silent.ABORTED: "the page was left, or the request cancelled, before a reply came",
    Silent.STILL_OPEN: "its reply had not come when the recording ended",
    Silent.UNKNOWN: "no reply came",
}
