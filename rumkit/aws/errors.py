"""What AWS's refusals and silences mean, each with its own remedy: botocore's as NotCollected.

A denial is mended by an IAM action, expired credentials by signing in, a Region that is switched
off by switching it on, AWS's own failures and throttling by asking again, and what no AWS service
has answered by the network. Sources: AWS General Reference, "Common errors"; Account Management
reference guide, "Enable or disable AWS Regions in your account".
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import urlsplit

from rumkit.aws.partitions import is_opt_in
from rumkit.aws.reads import find_read
from rumkit.model import NotCollected, RumkitError
from rumkit.secret import hide_secrets

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Kind = Literal[
    "denied", "credentials", "region", "absent", "throttled", "unavailable", "not-aws", "other"
]

DENIED: Final = frozenset(
    {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError",
     "NotAuthorizedException", "VpceAccessDenied", "Client.UnauthorizedOperation",
     "KMS.AccessDeniedException"}
)  # fmt: skip
_EXPIRED: Final = frozenset(
    {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"}
)
# In a Region that is switched off, AWS does not know the keys and tokens of the account.
UNKNOWN_KEYS: Final = frozenset(
    {"InvalidClientTokenId", "UnrecognizedClientException", "AuthFailure", "InvalidAccessKeyId",
     "InvalidToken"}
)  # fmt: skip
_SIGNATURE: Final = frozenset(
    {"SignatureDoesNotMatch", "InvalidSignatureException", "IncompleteSignature",
     "IncompleteSignatureException", "MissingAuthenticationToken",
     "MissingAuthenticationTokenException"}
)  # fmt: skip
ABSENT: Final = frozenset(
    {"ResourceNotFoundException", "NoSuchEntity", "NoSuchEntityException",
     "PolicyNotFoundException", "TrailNotFoundException", "NoSuchBucket", "NoSuchKey",
     "EventDataStoreNotFoundException"}
)  # fmt: skip
_THROTTLED: Final = frozenset(
    {"Throttling", "ThrottlingException", "ThrottledException", "TooManyRequestsException",
     "RequestLimitExceeded", "RequestThrottled", "RequestThrottledException", "SlowDown",
     "BandwidthLimitExceeded", "PriorRequestNotComplete", "LimitExceededException"}
)  # fmt: skip
UNAVAILABLE: Final = frozenset(
    {"InternalError", "InternalErrorException", "InternalFailure", "InternalServerError",
     "InternalServerException", "InternalServiceError", "InternalServiceException",
     "ServiceUnavailable", "ServiceUnavailableException", "ServiceException",
     "RequestTimeout", "RequestTimeoutException"}
)  # fmt: skip

_CATALOG: Final = "MetadataException"
_OTHERS: Final = "a proxy, a sign-in page or a redirect may have answered for it"
_LONGEST: Final = 1500
_CUT: Final = " … (cut)"
_REFUSED_ACTION: Final = re.compile(
    r"not authorized to perform:? ?(?:the )?([a-z0-9-]{2,40}:[A-Za-z0-9]{2,80})"
)
# What AWS services say of permissions that they need from the caller, in place of an action.
_WORDS_OF_ACTIONS: Final = (
    (re.compile(r"lake ?formation", re.IGNORECASE), "lakeformation:GetDataAccess"),
    (re.compile(r"\bkms\b|ciphertext refers|customer master key", re.IGNORECASE), "kms:Decrypt"),
    (re.compile(r"access denied when writing|unable to verify/create output bucket",
                re.IGNORECASE), "s3:PutObject"),
    (re.compile(r"\bglue\b", re.IGNORECASE), "glue:GetTable"),
    (re.compile(r"access ?denied.{0,80}(?:amazon s3|s3)|\bs3\b.{0,80}access ?denied",
                re.IGNORECASE | re.DOTALL), "s3:GetObject"),
)  # fmt: skip


def is_throttled(code: str) -> bool:
    """Tell whether an error code says that too many calls were made."""
    return code in _THROTTLED or "hrottl" in code


class AwsRefusal(NotCollected):
    """AWS, or what stands in its way, gave no usable answer: `kind` says which remedy helps.

    `code` is AWS's error code or the name of botocore's exception, `status` the HTTP status, 0
    where there was none.
    """

    def __init__(
        self,
        fact: str,
        reason: str,
        *,
        kind: Kind,
        code: str = "",
        status: int = 0,
        missing: tuple[str, ...] = (),
    ) -> None:
        super().__init__(fact, reason, missing=missing, absent=kind == "absent")
        self.kind = kind
        self.code = code
        self.status = status


@contextmanager
def explained(service: str, operation: str, region: str | None) -> Iterator[None]:
    """Turn what botocore raises inside into AwsRefusal, named after the operation."""
    read = find_read(service, operation)
    name = f"{service}:{operation}"
    action = read.action if read else name
    with refused(name, action, f"{action}{f' in {region}' if region else ''}", region):
        yield


@contextmanager
def refused(fact: str, action: str, asked: str, region: str | None) -> Iterator[None]:
    """Turn what botocore raises inside into AwsRefusal.

    `asked` says what was asked and where, as the beginning of a sentence; `action` is the IAM
    action behind it.
    """
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    try:
        yield
    except ClientError as error:
        raise _from_reply(error.response, fact, action, asked, region) from None
    except BotoCoreError as error:
        raise _from_botocore(error, fact, asked) from None
    except ResponseParserError:
        raise something_else(fact, asked, "a reply that can't be read") from None
    except RumkitError:
        raise
    except Exception as error:
        if not _in_parser(error):
            raise
        raise something_else(fact, asked, "a reply of another shape") from None


def something_else(fact: str, asked: str, what: str) -> AwsRefusal:
    """Return the refusal for a reply that is not what the service's model promises."""
    return AwsRefusal(
        fact,
        f"{asked}: AWS answered something else ({what}); {_OTHERS}",
        kind="not-aws",
        missing=(f"network:{fact}",),
    )


def switched_off(refusal: AwsRefusal, region: str, works_in: str) -> AwsRefusal:
    """Return the refusal of a Region whose credentials were seen to work in another."""
    return AwsRefusal(
        refusal.fact,
        f"{region} is not switched on for this account: AWS does not know its credentials there"
        f" ({refusal.code}), and does in {works_in}",
        kind="region",
        code=refusal.code,
        status=refusal.status,
        missing=(f"setting:Region {region}",),
    )


def bad_credentials(refusal: AwsRefusal) -> AwsRefusal:
    """Return the refusal of credentials that AWS takes nowhere."""
    return AwsRefusal(
        refusal.fact,
        f"AWS refused the credentials ({refusal.code}): sign in again, then repeat",
        kind="credentials",
        code=refusal.code,
        status=refusal.status,
        missing=("input:credentials",),
    )


def remedy(message: str, action: str) -> tuple[str, ...]:
    """Return the IAM action that a message says is missing, else the one that was asked for."""
    named = _REFUSED_ACTION.search(message)
    if named:
        return (named[1],)
    meant = next((each for words, each in _WORDS_OF_ACTIONS if words.search(message)), action)
    return (meant,) if meant else ()


def shown(message: object) -> str:
    """Return a message whole; one that is longer than any of AWS's is cut, and says so."""
    text = hide_secrets(str(message or ""))
    return text if len(text) <= _LONGEST else text[: _LONGEST - len(_CUT)] + _CUT


def kind_of(code: str, status: int, region: str | None) -> Kind:
    """Return what an error code of AWS means in a Region."""
    if code in DENIED:
        return "denied"
    if code == "RegionDisabledException" or (code in UNKNOWN_KEYS and is_opt_in(region or "")):
        return "region"
    if code in _EXPIRED | UNKNOWN_KEYS | _SIGNATURE:
        return "credentials"
    if code in ABSENT:
        return "absent"
    if is_throttled(code) or status == 429:
        return "throttled"
    if code in UNAVAILABLE or status >= 500:
        return "unavailable"
    return "other"


def _from_reply(
    response: Mapping[str, Any], fact: str, action: str, asked: str, region: str | None
) -> AwsRefusal:
    detail, meta = response.get("Error", {}), response.get("ResponseMetadata", {})
    code, message = str(detail.get("Code", "")), shown(detail.get("Message"))
    status = int(meta.get("HTTPStatusCode") or 0)
    kind = _of_catalog(message) if code == _CATALOG else kind_of(code, status, region)
    if kind == "other" and (code.isdigit() or not code):
        # AWS's own errors have a word for a code; a bare status is a proxy's or a redirect's.
        kind = "not-aws"
    sentence = f"{code}: {message}".rstrip(": ")
    reason, missing = {
        "denied": (f"{asked} was refused: {message or code}", remedy(message, action)),
        "credentials": (
            f"{asked}: AWS refused the credentials ({code}): sign in again, then repeat",
            ("input:credentials",),
        ),
        "region": (_region_off(asked, code, region), (f"setting:Region {region}",)),
        "absent": (f"{asked} answered {sentence.rstrip('.')}", ()),
        "throttled": (f"{asked} was throttled ({code}): repeat later", (f"later:{fact}",)),
        "unavailable": (
            f"{asked}: AWS itself failed ({status or code} {sentence}): repeat later",
            (f"later:{fact}",),
        ),
        "not-aws": (
            f"{asked} was answered with status {status}, and with no error of AWS: {_OTHERS}",
            (f"network:{fact}",),
        ),
        "other": (f"{asked} answered {sentence}", (f"answer:{fact}",)),
    }[kind]
    return AwsRefusal(fact, reason, kind=kind, code=code, status=status, missing=missing)


def _of_catalog(message: str) -> Kind:
    """Return what Athena passes on of its data catalog's refusal, which has no code of its own."""
    if _REFUSED_ACTION.search(message) or "AccessDenied" in message:
        return "denied"
    return "absent" if "NotFound" in message else "other"


def _region_off(asked: str, code: str, region: str | None) -> str:
    return (
        f"{asked}: AWS does not know the account's credentials there ({code}). {region} has to be"
        " switched on for an account before it can be used (and a token of the global STS endpoint"
        " is no use in it); if it is switched on, sign in again"
    )


def _from_botocore(error: Exception, fact: str, asked: str) -> AwsRefusal:
    from botocore import exceptions as bc

    code = type(error).__name__
    kind: Kind = "other"
    missing = ""
    if isinstance(error, bc.NoRegionError):
        reason, missing = "no AWS region is known: name it with --region", "input:region"
    elif isinstance(error, bc.ConnectionError | bc.HTTPClientError):
        endpoint = getattr(error, "kwargs", {}).get("endpoint_url")
        host = urlsplit(str(endpoint or "")).hostname or ""
        kind, missing = "unavailable", f"network:{host or fact}"
        where = f"{host or 'the endpoint'} could not be reached ({code})"
        reason = f"{asked}: {where}: check the network and the region"
    elif isinstance(error, bc.PaginationError):
        kind, missing = "not-aws", f"answer:{fact}"
        reason = f"{asked}: AWS gave one page twice, so that the rest can't be read"
    elif isinstance(error, bc.ParamValidationError | bc.ValidationError):
        reason = f"{asked} can't be asked: {error}"
    elif isinstance(error, _credential_errors()):
        # The ways in which a credential chain fails: single sign-on, processes, files.
        kind, missing = "credentials", "input:credentials"
        reason = f"the AWS credentials could not be used ({code}): sign in again, then repeat"
    else:
        reason = f"{asked} failed ({code}: {shown(error)})"
    return AwsRefusal(fact, reason, kind=kind, code=code, missing=(missing,) if missing else ())


def _credential_errors() -> tuple[type[Exception], ...]:
    from botocore import exceptions as bc

    return (
        bc.NoCredentialsError,
        bc.NoAuthTokenError,
        bc.TokenRetrievalError,
        bc.UnknownTokenProviderError,
        bc.PartialCredentialsError,
        bc.CredentialRetrievalError,
        bc.ProfileNotFound,
        bc.ConfigParseError,
        bc.ConfigNotFound,
        bc.UnknownCredentialError,
        bc.InvalidConfigError,
        bc.RefreshWithMFAUnsupportedError,
        bc.MissingDependencyException,
        bc.MetadataRetrievalError,
        bc.SSOError,
        bc.LoginError,
    )


def _in_parser(error: Exception) -> bool:
    """Tell whether an exception comes out of botocore's parsers: only a reply can cause it."""
    trace = error.__traceback__
    while trace:
        if trace.tb_frame.f_globals.get("__name__") == "botocore.parsers":
            return True
        trace = trace.tb_next
    return False
