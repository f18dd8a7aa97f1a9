"""AWS's refusals and silences as `NotCollected`, with the IAM action that would help."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rumkit.model import NotCollected

if TYPE_CHECKING:
    from collections.abc import Iterator

_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "403"}
_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "UnrecognizedClientException"}


def error_code(error: Exception) -> str:
    """Return AWS's code of a botocore ClientError, or the name of any other error."""
    response = getattr(error, "response", None)
    code = response.get("Error", {}).get("Code") if isinstance(response, dict) else None
    return str(code or type(error).__name__)


@contextmanager
def asking(action: str, where: str, *, fact: str = "trail") -> Iterator[None]:
    """Turn what AWS answers to an IAM action (`cloudtrail:LookupEvents`) into NotCollected."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        code = error_code(error)
        if code in _DENIED:
            reason = f"{action} was refused in {where}: {code}."
            raise NotCollected(fact, reason, missing=[action]) from error
        if code in _EXPIRED:
            reason = f"{action} in {where}: the AWS credentials are not valid any more ({code})."
            raise NotCollected(fact, reason, missing=["input:profile"]) from error
        message = str(error.response.get("Error", {}).get("Message", ""))[:300]
        reason = f"{action} failed in {where}: {code} {message}".rstrip()
        raise NotCollected(fact, reason, missing=[action]) from error
    except BotoCoreError as error:
        reason = f"{action} got no answer in {where}: {type(error).__name__}."
        raise NotCollected(fact, reason, missing=[action]) from error
