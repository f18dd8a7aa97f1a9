"""What can become of a read on its way: each a change of the sandbox's reply to one operation."""

from __future__ import annotations

import contextlib
import json
import re
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from rumkit.sandbox import front, s3
from rumkit.sandbox.errors import AwsError
from rumkit.sandbox.wire.read import protocol_of, read_request
from rumkit.sandbox.wire.write import Reply, write_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

JSON = (("content-type", "application/x-amz-json-1.1"),)
HTML = (("content-type", "text/html"),)
LOGIN = b"<html><head><title>Sign in</title></head><body><form>user</form></body></html>"
# Longer than a test's patience, and not for ever.
SILENCE = 3.0
MADE_UP = "another-page"
# The operations that answer page by page in JSON.
PAGED = {
    "ListAppMonitors",
    "GetAppMonitorData",
    "ListIdentityPools",
    "LookupEvents",
    "ListEventDataStores",
    "DescribeLogGroups",
    "GetMetricData",
}
TOKENS = ("NextToken", "nextToken", "Marker", "NextContinuationToken")


@dataclass(frozen=True)
class Asked:
    """A request that a fault meets: botocore's service, the operation, how often it came."""

    service: str
    operation: str
    protocol: str
    number: int
    params: dict[str, Any]
    # The sandbox's own reply, to the request without the tokens that a fault made up.
    answer: Callable[[], Reply]

    def error(self, code: str, status: int, message: str = "It did not work.") -> Reply:
        error = AwsError(code, message, status=status)
        if self.service == "s3":
            return s3.write_error(error, "x")
        return write_error(self.service, self.protocol, error, "x")

    def changed(self, change: Callable[[dict[str, Any]], Any]) -> Reply:
        """The sandbox's own reply with its JSON changed; one that is not JSON stays."""
        reply = self.answer()
        if self.protocol in {"query", "rest-xml"} or reply.status >= 300:
            return reply
        try:
            body = json.loads(reply.body or b"{}")
        except ValueError:
            return reply
        return replace(reply, body=json.dumps(change(body)).encode())


def _slow(asked: Asked) -> Reply:
    time.sleep(SILENCE)
    return asked.answer()


def _reset(_: Asked) -> Reply:
    raise ConnectionResetError


def _lists_emptied(body: dict[str, Any]) -> dict[str, Any]:
    return {name: [] if isinstance(value, list) else value for name, value in body.items()}


def _empty_listing(asked: Asked, token: str) -> Reply:
    """The sandbox's list of a bucket without its objects, and with another page to follow."""
    reply = asked.answer()
    body = re.sub(rb"<(Contents|CommonPrefixes)>.*</\1>", b"", reply.body)
    body = re.sub(rb"<NextContinuationToken>.*?</NextContinuationToken>", b"", body)
    more = f"<IsTruncated>true</IsTruncated><NextContinuationToken>{token}</NextContinuationToken>"
    body = re.sub(rb"<IsTruncated>\w+</IsTruncated>", more.encode(), body)
    return replace(reply, body=body)


def _empty_page_first(asked: Asked) -> Reply:
    if asked.operation == "ListObjectsV2" and asked.number == 1:
        return _empty_listing(asked, "0")
    if asked.operation not in PAGED or any(asked.params.get(name) for name in TOKENS):
        return asked.answer()
    return asked.changed(lambda body: _lists_emptied(body) | {_token(body, asked): MADE_UP})


def _token(body: dict[str, Any], asked: Asked) -> str:
    named = next((name for name in TOKENS if name in body), "")
    return named or ("nextToken" if asked.service == "logs" else "NextToken")


def _without_end(turns: int) -> Callable[[Asked], Reply]:
    def answer(asked: Asked) -> Reply:
        token = f"page-{asked.number % turns if turns else asked.number}"
        if asked.operation == "ListObjectsV2":
            return _empty_listing(asked, token)
        if asked.operation not in PAGED:
            return asked.answer()
        return asked.changed(lambda body: _lists_emptied(body) | {_token(body, asked): token})

    return answer


def _partial(code: str) -> Callable[[Asked], Reply]:
    def change(body: dict[str, Any]) -> dict[str, Any]:
        results = [
            each | {"StatusCode": code, "Timestamps": [], "Values": []}
            for each in body.get("MetricDataResults", [])
        ]
        return body | ({"MetricDataResults": results} if results else {})

    return lambda asked: asked.changed(change)


def _turned(value: Any) -> Any:
    """Another shape in each place: lists become texts, texts lists, objects numbers."""
    if isinstance(value, dict):
        return {
            name: 7 if isinstance(each, dict) else _turned(each) for name, each in value.items()
        }
    return "text" if isinstance(value, list) else [value]


def _without_token(http: Any) -> Any:
    body, query = http.body, http.query
    for name in TOKENS:
        body = body.replace(f'"{name}": "{MADE_UP}", '.encode(), b"")
        body = body.replace(f', "{name}": "{MADE_UP}"'.encode(), b"")
        query = query.replace(f"&{name}={MADE_UP}", "").replace(f"{name}={MADE_UP}", "")
        query = query.replace(f"&{name[0].lower()}{name[1:]}={MADE_UP}", "")
        query = query.replace(f"{name[0].lower()}{name[1:]}={MADE_UP}", "")
    return replace(http, body=body, query=query)


FAULTS: dict[str, Callable[[Asked], Reply]] = {
    "denied": lambda a: a.error("AccessDeniedException", 403, "User is not authorized"),
    "throttled": lambda a: a.error("ThrottlingException", 400, "Rate exceeded"),
    "silent": _slow,
    "reset": _reset,
    "500": lambda a: a.error("InternalFailure", 500),
    "503 with a page": lambda a: Reply(503, HTML, b"<html>Service unavailable</html>"),
    "302 to a login page": lambda a: Reply(302, (("location", "/login"), *HTML), LOGIN),
    "200 with a page": lambda a: Reply(200, HTML, LOGIN),
    "empty body": lambda a: Reply(200, JSON, b""),
    "no members": lambda a: Reply(200, JSON, b"{}"),
    "wrong shapes": lambda a: a.changed(_turned),
    "a list": lambda a: Reply(200, JSON, b"[]"),
    "garbage": lambda a: Reply(200, JSON, bytes(range(256)) * 4),
    "cut": lambda a: replace(r := a.answer(), body=r.body[: len(r.body) // 2]),
    "an empty page first": _empty_page_first,
    "pages without end": _without_end(0),
    "one token for ever": _without_end(1),
    "two tokens in turn": _without_end(2),
    "partial data": _partial("PartialData"),
    "internal error in a part": _partial("InternalError"),
    "forbidden in a part": _partial("Forbidden"),
    "expired token": lambda a: a.error("ExpiredTokenException", 403, "The token is expired"),
    "region off": lambda a: a.error("OptInRequired", 403, "Needs a subscription for the service"),
    "validation": lambda a: a.error("ValidationException", 400, "1 validation error detected"),
}


@contextlib.contextmanager
def fault_in(service: str, operation: str, fault: str) -> Iterator[list[str]]:
    """Meet every request of an operation with a fault; gives the operations that it met."""
    met: list[str] = []
    answer = front.answer

    def answered(world: Any, http: Any, target: Any) -> Reply:
        name = front.SERVICES.get(target.service, (target.service,))[0]
        if name != service or target.service not in {*front.SERVED, "s3"}:
            return answer(world, http, target)
        if name == "s3":
            incoming, protocol = s3.read_request(http), "rest-xml"
        else:
            incoming, protocol = read_request(name, front._unpacked(http)), protocol_of(name, http)
        if incoming.operation != operation:
            return answer(world, http, target)
        met.append(operation)
        asked = Asked(name, operation, protocol, len(met), incoming.params,
                      lambda: answer(world, _without_token(http), target))  # fmt: skip
        return FAULTS[fault](asked)

    front.answer = answered
    try:
        yield met
    finally:
        front.answer = answer
