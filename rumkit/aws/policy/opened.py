"""What changed policies let through that they did not before, beyond the one call they are for.

Both are asked about the calls beside it: other actions, resources, callers and circumstances. What
an Allow newly names has to be the call's own too, whether or not any of these calls would show it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, get_args

from rumkit.aws.partitions import account_of, parse_arn
from rumkit.aws.policy.document import parse_document
from rumkit.aws.policy.evaluate import WEB_IDENTITY, outcome_of
from rumkit.aws.policy.types import ABSENT, Layer
from rumkit.aws.rum_requests import put_rum_events_request

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rumkit.aws.policy.document import Statement
    from rumkit.aws.policy.types import KeyValue, Policies, Request

_OTHER_ACTIONS: Final = (
    "rum:DeleteAppMonitor",
    "rum:UpdateAppMonitor",
    "rum:PutResourcePolicy",
    "rum:PutRumMetricsDestination",
    "iam:PassRole",
    "s3:GetObject",
    "sts:AssumeRole",
)
_ELSEWHERE: Final = "another-than-any-that-is-written"
_OTHER_ACCOUNT: Final = "999999999999"
_MOST_KEYS: Final = 20
_ORDER: Final = {"explicitly-denied": 0, "implicitly-denied": 0, "cannot-tell": 1, "allowed": 2}


def opened(request: Request, before: Policies, after: Policies) -> tuple[str, ...]:
    """Return in words what `after` lets through more than `before`; empty for the call alone."""
    widened = [
        *_newly_named(request, before, after),
        *_wider(_beside(request, before, after), before, after),
        *_wider(_other_callers(request), _for_others(before), _for_others(after)),
    ]
    return tuple(dict.fromkeys(widened))


def _wider(
    calls: Iterable[tuple[str, Request]], before: Policies, after: Policies
) -> Iterator[str]:
    for words, call in calls:
        now = _ORDER[outcome_of(call, after)]
        if now and now > _ORDER[outcome_of(call, before)]:
            yield words


def _for_others(policies: Policies) -> Policies:
    """Return the policies that bear on callers other than the one: not what that one may do."""
    return replace(policies, identity=(), boundary=None, session=None)


def _allows(policies: Policies, layer: Layer) -> list[Statement]:
    return [
        each
        for document in policies.of(layer)
        for each in parse_document(document, layer).statements
        if each.effect == "Allow" and not each.problems
    ]


def _newly_named(request: Request, before: Policies, after: Policies) -> Iterator[str]:
    """Yield what Allow statements name for the first time, but for what the call itself names."""
    principal = request.principal
    own = {
        request.action,
        request.resource,
        *(f"AWS {arn}" for arn in (principal.role_arn, principal.arn) if arn),
        *([f"Federated {principal.provider}"] if principal.provider else []),
        *(["* *", "AWS *"] if principal.kind == "anonymous" else []),
    }
    known = {each.lower() for each in own}
    for layer in get_args(Layer):
        old = {each.lower() for s in _allows(before, layer) for each in _names(s)}
        for statement in _allows(after, layer):
            news = [each for each in _names(statement) if each.lower() not in old | known]
            yield from (f"{each} is newly allowed" for each in news)


def _names(statement: Statement) -> Iterator[str]:
    yield from statement.actions or ()
    yield from statement.resources or ()
    yield from (f"all but {each}" for each in statement.not_actions or ())
    yield from (f"all but {each}" for each in statement.not_resources or ())
    yield from (f"{kind} {value}" for kind, value in statement.principals or ())
    yield from (f"all but {kind} {value}" for kind, value in statement.not_principals or ())


def _beside(request: Request, before: Policies, after: Policies) -> Iterator[tuple[str, Request]]:
    """Yield the calls beside the one, each with words for it."""
    if request.action.lower() == WEB_IDENTITY.lower():
        # A guest is a guest wherever the call comes from: the token says who it is.
        yield from _other_tokens(request)
        return
    for action in _OTHER_ACTIONS:
        yield f"{action} on the monitor", replace(request, action=action)
    for resource in _other_monitors(request.resource):
        yield f"{request.action} on another monitor", replace(request, resource=resource)
    for key in _keys(before, after):
        words = f"the same call with another {key}, or without one"
        for value in (ABSENT, (_ELSEWHERE,)):
            yield words, _with(request, key, value)


def _with(request: Request, key: str, value: KeyValue) -> Request:
    kept = {name: known for name, known in request.context.items() if name.lower() != key.lower()}
    return replace(request, context={**kept, key: value})


def _other_tokens(request: Request) -> Iterator[tuple[str, Request]]:
    provider = request.principal.provider
    for words, claim, value in (
        ("guests of another identity pool", "aud", ("eu-west-1:another-pool",)),
        ("tokens of no identity pool", "aud", ABSENT),
        ("people who signed in", "amr", ("authenticated",)),
        ("tokens that do not say how they were got", "amr", ABSENT),
    ):
        yield words, _with(request, f"{provider}:{claim}", value)


def _other_monitors(monitor: str) -> Iterator[str]:
    arn = parse_arn(monitor)
    if arn is None:
        return
    yield f"{monitor}-2"
    yield monitor[:-1]
    yield monitor.replace(f":{arn.region}:", ":xx-other-1:", 1)
    yield monitor.replace(f":{arn.account}:", f":{_OTHER_ACCOUNT}:", 1)
    yield f"{monitor.rpartition('/')[0]}/{_ELSEWHERE}"


def _other_callers(request: Request) -> Iterator[tuple[str, Request]]:
    """Yield the same call by others: whoever signs nothing, other roles, other accounts."""
    if request.principal.kind in {"anonymous", "web-identity"}:
        return
    shared = {
        key: value
        for key, value in request.context.items()
        if key.lower() in {"rum:alias", "aws:referer"}
    }
    anyone = put_rum_events_request(request.resource, context=shared)
    yield "anybody, without a signature", anyone
    for words, account in (
        ("another role of the account", account_of(request.resource)),
        ("another account", _OTHER_ACCOUNT),
    ):
        role = f"arn:aws:iam::{account}:role/{_ELSEWHERE}"
        yield words, put_rum_events_request(request.resource, role_arn=role, context=shared)


def _keys(before: Policies, after: Policies) -> list[str]:
    """Return the condition keys of both, which is what a circumstance can decide."""
    written = (
        clause.key.lower()
        for policies in (before, after)
        for layer in get_args(Layer)
        for document in policies.of(layer)
        for statement in parse_document(document, layer).statements
        for clause in statement.conditions
    )
    return list(dict.fromkeys(written))[:_MOST_KEYS]
