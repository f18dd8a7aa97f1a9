"""Tunnels that a proxy's recording holds: a CONNECT is no call, but a refused one is evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rumkit.client.har import fields
from rumkit.client.har.answer import AnswerReader
from rumkit.client.har.console_network import FailedRequest
from rumkit.client.har.place import aws_host
from rumkit.client.har.silence import Silent, clause

if TYPE_CHECKING:
    from collections.abc import Mapping


def refused_tunnel(entry: Mapping[str, Any], url: object) -> FailedRequest | None:
    """Return the failed request of a CONNECT to one of AWS's hosts, None when it was let through.

    Exporters write the address as `host:443` or as `https://host:443`.
    """
    if not isinstance(url, str):
        return None
    host = url[:512].rpartition("://")[2].partition("/")[0].partition(":")[0].lower()
    answer = AnswerReader(entry, host, {})
    status, silence = answer.status, answer.silence
    if aws_host(host) is None or 0 < status < 400:
        return None
    kind = silence.kind if silence else Silent.PROXY
    outcome = f"CONNECT answered {status}" if status else "CONNECT was not answered"
    why = silence.text if silence else clause(kind, host, outcome)
    return FailedRequest(
        "", host, kind, why, status, "", fields.moment(entry.get("startedDateTime"))
    )
