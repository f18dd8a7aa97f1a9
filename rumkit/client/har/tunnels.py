"""Tunnels that a proxy's recording holds: a CONNECT is no call, and yet evidence.

A refused one kept the client's requests back; one that was let through hides them where the proxy
did not open TLS.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rumkit.client.har import fields
from rumkit.client.har.answer import AnswerReader
from rumkit.client.har.console_network import FailedRequest
from rumkit.client.har.place import aws_host
from rumkit.client.har.silence import Silent, clause

if TYPE_CHECKING:
    from collections.abc import Mapping


def tunnel_of(entry: Mapping[str, Any], url: object) -> FailedRequest | None:
    """Return a CONNECT to one of AWS's hosts; one that was let through has no kind of failure.

    Exporters write the address as `host:443` or as `https://host:443`.
    """
    if not isinstance(url, str):
        return None
    host = url[:512].rpartition("://")[2].partition("/")[0].partition(":")[0].lower()
    answer = AnswerReader(entry, host, {})
    status = answer.status
    if aws_host(host) is None:
        return None
    if 0 < status < 400:
        return FailedRequest("", host, None, "", status)
    silence = answer.silence
    kind = silence.kind if silence else Silent.PROXY
    outcome = f"CONNECT answered {status}" if status else "CONNECT was not answered"
    why = silence.text if silence else clause(kind, host, outcome)
    return FailedRequest(
        "", host, kind, why, status, "", fields.moment(entry.get("startedDateTime"))
    )
