"""A log group as DescribeLogGroups describes it: how long it keeps what, and by which key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

STANDARD: Final = "STANDARD"


@dataclass(frozen=True)
class LogGroup:
    """The settings of a log group that decide what can be found in it.

    `retention` is in days, None for ever. `log_class` is STANDARD, INFREQUENT_ACCESS or DELIVERY.
    `key` is the ARN of the KMS key that encrypts it, "" where it has none of its own: what is
    written arrives only while that key lets CloudWatch Logs use it.
    """

    name: str
    retention: int | None = None
    log_class: str = STANDARD
    created: datetime | None = None
    key: str = ""
    stored_bytes: int = 0


def find_log_group(described: Iterable[Mapping[str, Any]], name: str) -> LogGroup | None:
    """Return the group of a name among described ones, None where it is not among them."""
    reply = next((group for group in described if group.get("logGroupName") == name), None)
    if reply is None:
        return None
    days, created = reply.get("retentionInDays"), reply.get("creationTime")
    return LogGroup(
        name,
        days if isinstance(days, int) else None,
        str(reply.get("logGroupClass") or STANDARD),
        datetime.fromtimestamp(created / 1000, UTC) if isinstance(created, int) else None,
        str(reply.get("kmsKeyId") or ""),
        int(reply.get("storedBytes") or 0),
    )
