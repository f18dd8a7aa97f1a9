"""What AWS's refusals mean: botocore's exceptions as NotCollected."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rumkit.aws.reads import find_read
from rumkit.model import NotCollected

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore.exceptions import ClientError

_DENIED = frozenset(
    {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError",
     "NotAuthorizedException"}
)  # fmt: skip
_CREDENTIALS = frozenset(
    {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "InvalidClientTokenId",
     "UnrecognizedClientException", "SignatureDoesNotMatch", "InvalidSignatureException",
     "AuthFailure", "InvalidAccessKeyId", "InvalidToken"}
)  # fmt: skip
_ABSENT = frozenset(
    {"ResourceNotFoundException", "NoSuchEntity", "NoSuchEntityException",
     "PolicyNotFoundException", "TrailNotFoundException", "NoSuchBucket", "NoSuchKey",
     "EventDataStoreNotFoundException", "MetadataException"}
)  # fmt: skip
_THROTTLED = frozenset(
    {"Throttling", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded",
     "SlowDown", "LimitExceededException"}
)  # fmt: skip
_MESSAGE_LIMIT = 300


@contextmanager
def explained(service: str, operation: str, region: str | None) -> Iterator[None]:
    """Turn what botocore raises inside into NotCollected, named after the operation."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        raise _from_reply(error, service, operation, region) from None
    except BotoCoreError as error:
        raise _from_botocore(error, service, operation, region) from None


def _from_reply(
    error: ClientError, service: str, operation: str, region: str | None
) -> NotCollected:
    detail = error.response.get("Error", {})
    code = str(detail.get("Code", ""))
    message = str(detail.get("Message", ""))[:_MESSAGE_LIMIT]
    name = f"{service}:{operation}"
    place = f" in {region}" if region else ""
    read = find_read(service, operation)
    action = read.action if read else name
    if code in _DENIED:
        return NotCollected(name, f"{action} was refused{place}: {message}", missing=(action,))
    if code in _CREDENTIALS:
        return NotCollected(
            name,
            f"AWS refused the credentials ({code}): sign in again, then repeat",
            missing=("input:credentials",),
        )
    if code in _ABSENT:
        said = message.rstrip(".") or code
        return NotCollected(name, f"{name}{place} answered {code}: {said}", absent=True)
    if code in _THROTTLED:
        return NotCollected(
            name, f"{name}{place} was throttled ({code}): repeat later", missing=(f"later:{name}",)
        )
    return NotCollected(name, f"{name}{place} answered {code}: {message}", missing=(action,))


def _from_botocore(
    error: Exception, service: str, operation: str, region: str | None
) -> NotCollected:
    from botocore import exceptions as bc

    name = f"{service}:{operation}"
    kind = type(error).__name__
    if isinstance(error, bc.NoRegionError):
        return NotCollected(
            name, "no AWS region is known: name it with --region", missing=("input:region",)
        )
    if isinstance(error, bc.EndpointConnectionError | bc.ConnectionError | bc.HTTPClientError):
        return NotCollected(
            name,
            f"{service} in {region} could not be reached ({kind}): check the network and region",
            missing=(f"network:{service}.{region}",),
        )
    # The rest are ways in which a credential chain fails: single sign-on, processes, files.
    return NotCollected(
        name,
        f"the AWS credentials could not be used ({kind}): sign in again, then repeat",
        missing=("input:credentials",),
    )
