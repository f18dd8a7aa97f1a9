"""What a guest role may do beyond rum:PutRumEvents on named monitors.

Anyone on the internet can get the credentials of a guest role, so this is worth a warning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.aws.partitions import parse_arn
from rumkit.aws.policy.document import parse_document
from rumkit.aws.policy.match import glob
from rumkit.aws.policy.mend_statements import misspelt
from rumkit.aws.policy.words import in_short
from rumkit.aws.rum_requests import PUT_RUM_EVENTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rumkit.aws.policy.document import Statement
    from rumkit.aws.policy.types import Layer, Policies, PolicyDocument


# Cognito developer guide, "IAM roles": the policies of roles that its console makes, old and new.
_FROM_THE_CONSOLE = frozenset(
    {
        "cognito-identity:getcredentialsforidentity",
        "cognito-sync:*",
        "mobileanalytics:putevents",
    }
)


def excess_permissions(policies: Policies, monitor_arn: str) -> list[str]:
    """Return one sentence for each statement element that allows more than is needed."""
    limits = [_boundary_actions(policies, layer) for layer in ("boundary", "session")]
    excess: list[str] = []
    for document in policies.of("identity"):
        for statement in parse_document(document, "identity").statements:
            if statement.effect == "Allow" and not statement.problems:
                place = f"{document.name}, statement {statement.position}"
                excess += [f"{place}: {each}" for each in _excess(statement, monitor_arn, limits)]
    return list(dict.fromkeys(excess))


def beyond_rum(documents: Iterable[PolicyDocument]) -> list[str]:
    """Return each policy that may allow anything but rum:PutRumEvents, with its statements.

    What can't be evaluated counts, and so does what a boundary takes away again: it is the role's.
    """
    actions: list[str] = []
    for document in documents:
        parsed = parse_document(document, "identity")
        if parsed.problems or parsed.too_large:
            actions.append(f"{document.name}, which could not be evaluated")
        more = [s.position for s in parsed.statements if s.effect != "Deny" and not _only_rum(s)]
        if more:
            word = "statement" if len(more) == 1 else "statements"
            actions.append(f"{document.name}, {word} {', '.join(map(str, more))}")
    return actions


def _only_rum(statement: Statement) -> bool:
    named = statement.actions or ()
    return not statement.problems and bool(named) and all(map(_of_guests, named))


def _of_guests(action: str) -> bool:
    """Tell whether an action is RUM's, or one that Cognito's console gives to every guest role."""
    return misspelt(action, PUT_RUM_EVENTS) or action.lower() in _FROM_THE_CONSOLE


def _boundary_actions(policies: Policies, layer: Layer) -> list[str] | None:
    """Return what a limiting layer allows, or None when it limits nothing that is known."""
    documents = policies.of(layer)
    statements = [
        each for document in documents for each in parse_document(document, layer).statements
    ]
    if not statements or any(each.not_actions for each in statements):
        return None
    return [
        action
        for each in statements
        if each.effect == "Allow" and not each.problems
        for action in each.actions or ()
    ]


def _excess(
    statement: Statement, monitor_arn: str, limits: list[list[str] | None]
) -> Iterator[str]:
    condition = ", under a condition" if statement.conditions else ""
    if statement.not_actions is not None:
        yield f"allows everything except {', '.join(statement.not_actions[:5])}{condition}"
    actions = [each for each in statement.actions or () if _within(each, limits)]
    others = [each for each in actions if each.lower() != PUT_RUM_EVENTS.lower()]
    yield from (f"allows {words}{condition}" for words in _actions_words(others))
    if any(glob(each.lower(), PUT_RUM_EVENTS.lower()) for each in actions):
        yield from (f"{each}{condition}" for each in _resource_excess(statement, monitor_arn))


def _within(action: str, limits: list[list[str] | None]) -> bool:
    return all(limit is None or any(_overlap(action, other) for other in limit) for limit in limits)


def _overlap(first: str, other: str) -> bool:
    first, other = first.lower(), other.lower()
    return glob(first, other) or glob(other, first)


def _actions_words(actions: list[str]) -> Iterator[str]:
    single = [each for each in actions if each.partition(":")[2] not in {"", "*"}]
    for action in actions:
        if action == "*":
            yield "every action of every service (*)"
        elif action not in single:
            yield f"every action of {action.partition(':')[0]} ({action})"
    if single:
        yield f"{in_short(single)}, which a guest does not need"


def _resource_excess(statement: Statement, monitor_arn: str) -> Iterator[str]:
    if statement.not_resources is not None:
        yield f"allows {PUT_RUM_EVENTS} on everything except {statement.not_resources[0][:200]}"
    for resource in statement.resources or ():
        if resource == "*":
            yield f"allows {PUT_RUM_EVENTS} on every monitor (Resource is *)"
        elif "*" in resource or "?" in resource:
            yield f"allows {PUT_RUM_EVENTS} on all monitors that match {resource[:200]}"
    plain = [each for each in statement.resources or () if not {"*", "?"} & set(each)]
    others = [each[:200] for each in plain if _another_monitor(each, monitor_arn)]
    if others:
        yield f"allows {PUT_RUM_EVENTS} on another monitor too: {in_short(others)}"


def _another_monitor(resource: str, monitor_arn: str) -> bool:
    """Tell whether a resource names another monitor; whom a variable means, the caller says."""
    if "${" in resource:
        return False
    theirs = parse_arn(resource)
    return bool(theirs and theirs.service == "rum" and resource != monitor_arn)
