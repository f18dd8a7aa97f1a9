"""AWS's refusals and silences as `NotCollected`, in the words of a trail."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rumkit.aws.errors import AwsRefusal, refused, remedy
from rumkit.model import NotCollected

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["asking", "error_code", "remedy"]


def error_code(error: Exception) -> str:
    """Return AWS's code of a botocore ClientError, or the name of any other error."""
    response = getattr(error, "response", None)
    code = response.get("Error", {}).get("Code") if isinstance(response, dict) else None
    return str(code or type(error).__name__)


@contextmanager
def asking(
    action: str,
    where: str,
    *,
    advice: Mapping[str, tuple[str, str]] | None = None,
) -> Iterator[None]:
    """Turn what AWS answers to an IAM action (`cloudtrail:LookupEvents`) into NotCollected.

    `advice` gives a better sentence, and what is missing, for messages that hold a text.
    """
    try:
        with refused("trail", action, f"{action} in {where}", where.rsplit(" ", 1)[-1]):
            yield
    except AwsRefusal as refusal:
        for text, (sentence, missing) in (advice or {}).items():
            if text in refusal.reason:
                raise NotCollected("trail", sentence, missing=(missing,)) from None
        raise
