"""Edits of one statement, in place: mend an Allow, narrow a Deny, write a new Allow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rumkit.aws.partitions import parse_arn
from rumkit.aws.policy.conditions import take_apart
from rumkit.aws.policy.match import matches_any
from rumkit.aws.policy.types import Truth

if TYPE_CHECKING:
    from collections.abc import Callable

    from rumkit.aws.policy.document import Clause
    from rumkit.aws.policy.statement import Evaluated
    from rumkit.aws.policy.types import Layer, Request


def new_statement(layer: Layer, request: Request) -> dict[str, Any]:
    """Return the narrowest Allow of the request for a layer."""
    if layer == "trust":
        return _trust_statement(request)
    statement: dict[str, Any] = {
        "Sid": "AllowPutRumEvents",
        "Effect": "Allow",
        "Action": request.action,
        "Resource": request.resource,
    }
    if layer == "resource":
        arn = request.principal.role_arn or request.principal.arn
        statement["Principal"] = {"AWS": arn} if arn else "*"
    return statement


def _trust_statement(request: Request) -> dict[str, Any]:
    provider = request.principal.provider
    return {
        "Sid": "AllowGuestsOfTheIdentityPool",
        "Effect": "Allow",
        "Principal": {"Federated": provider},
        "Action": request.action,
        "Condition": {
            "StringEquals": {f"{provider}:aud": request.facts.get("pool_id", "")},
            "ForAnyValue:StringLike": {f"{provider}:amr": "unauthenticated"},
        },
    }


def mended(written: dict[str, Any], evaluated: Evaluated, request: Request) -> str:
    """Mend an Allow in place when one element alone fails; return what was done, or nothing."""
    failing = [key for key, node in evaluated.elements.items() if node.answer is not Truth.YES]
    if len(failing) != 1:
        return ""
    mend = _MENDS.get(failing[0])
    return mend(written, evaluated, request) if mend else ""


def _mend_action(written: dict[str, Any], evaluated: Evaluated, request: Request) -> str:
    for action in evaluated.statement.actions or ():
        if misspelt(action, request.action):
            _swap(written, "Action", action, request.action)
            return f"write {request.action} for {action}"
    return ""


def misspelt(written: str, wanted: str) -> bool:
    """Tell whether an action can only have meant another: white space, or a slip of the pen."""
    from difflib import SequenceMatcher

    if written.strip().lower() == wanted.lower():
        return True
    service, _, operation = wanted.partition(":")
    its_service, _, its_operation = written.partition(":")
    if "*" in written:
        return False
    if its_operation.lower() == operation.lower():
        return True  # what a client calls has a name that no other service has
    if its_service.lower() != service:
        return False
    # `rum:PutRumEvent` is a slip of the pen; `sts:AssumeRole` is another operation.
    near = SequenceMatcher(None, its_operation.lower()[:80], operation.lower()).ratio() >= 0.85
    return near and abs(len(operation) - len(its_operation)) <= 3


def _mend_resource(written: dict[str, Any], evaluated: Evaluated, request: Request) -> str:
    statement = evaluated.statement
    only_this = {each.lower() for each in statement.actions or ()} == {request.action.lower()}
    if statement.resources is None or not only_this:
        return ""
    for resource in statement.resources:
        if _meant_this_monitor(resource, request):
            _swap(written, "Resource", resource, request.resource)
            return f"write {request.resource} for {resource}"
    written["Resource"] = [*statement.resources, request.resource]
    return f"add {request.resource} to its resources"


def _meant_this_monitor(resource: str, request: Request) -> bool:
    """Tell whether a written resource can only have meant this monitor."""
    theirs = parse_arn(resource.strip())
    name = theirs.resource.rpartition("/")[2] if theirs else ""
    by_id = bool(name) and name == request.facts.get("monitor_id")
    return by_id or resource.strip().lower() == request.resource.lower()


def _mend_condition(written: dict[str, Any], evaluated: Evaluated, request: Request) -> str:
    parts = evaluated.elements["Condition"].parts
    failing = [
        clause
        for clause, node in zip(evaluated.statement.conditions, parts, strict=True)
        if node.answer is not Truth.YES
    ]
    if len(failing) != 1:
        return ""
    clause = failing[0]
    if clause.key.lower().endswith(":sub"):
        # Each guest has an identity of their own: no list of them admits the next one.
        tests = written["Condition"]
        tests[clause.operator] = {
            k: v for k, v in tests[clause.operator].items() if k != clause.key
        }
        return f"take the condition on {clause.key} away"
    # A role for people who signed in should not be opened to guests along with them.
    guests = clause.key.lower().endswith(":amr")
    value = "" if guests else _only_value(clause, request, negated=False)
    if not value or not _may_add(clause, evaluated.name.layer):
        return ""
    tests = written["Condition"][clause.operator]
    slips = [each for each in clause.values if each.strip() == value or value.endswith(":" + each)]
    kept = [each for each in clause.values if each not in slips]
    tests[clause.key] = [*kept, value] if kept else value
    return f"{'add' if kept else 'write'} {value} for {clause.key}"


# In a resource-based policy the other keys say who may come in, which is its author's to say.
_ADDABLE = {"resource": ("rum:alias", "aws:referer"), "resource-control": ()}


def _may_add(clause: Clause, layer: Layer) -> bool:
    return layer not in _ADDABLE or clause.key.lower() in _ADDABLE[layer]


def _only_value(clause: Clause, request: Request, *, negated: bool) -> str | None:
    """Return the one value that the request has for a clause of texts, None where it has no one."""
    test, given = take_apart(clause), request.value(clause.key)
    if test is None or test.operator.negated is not negated:
        return None
    if test.operator.family not in ("String", "Arn"):
        return None
    return given[0] if isinstance(given, tuple) and len(given) == 1 else None


def _swap(written: dict[str, Any], element: str, old: str, new: str) -> None:
    values = written[element]
    if isinstance(values, str):
        written[element] = new
        return
    changed = [new if each == old else each for each in values]
    written[element] = list(dict.fromkeys(changed))


_MENDS: dict[str, Callable[[dict[str, Any], Evaluated, Request], str]] = {
    "Action": _mend_action,
    "Resource": _mend_resource,
    "Condition": _mend_condition,
}


def narrowed(statements: list[Any], place: int, evaluated: Evaluated, request: Request) -> str:
    """Take the request out of a Deny, in place; return what was done, or nothing."""
    written, statement = statements[place], evaluated.statement
    if statement.conditions:
        words = _except_this_value(written, evaluated, request)
        if words or evaluated.name.layer in ("resource", "trust", "resource-control"):
            # A conditional Deny on the monitor or the role keeps strangers out: it stays.
            return words
    exact = [each for each in statement.actions or () if each.lower() == request.action.lower()]
    rest = [each for each in statement.actions or () if each not in exact]
    if exact and not _denies_by(rest, request) and rest:
        written["Action"] = rest
        return f"take {request.action} out of its actions"
    if exact and not rest and _only_this_resource(evaluated, request):
        del statements[place]
        return "remove it"
    if statement.not_actions is not None:
        written["NotAction"] = [*statement.not_actions, request.action]
        return f"add {request.action} to its NotAction"
    return _narrow_resources(statements, place, evaluated, request)


def _except_this_value(written: dict[str, Any], evaluated: Evaluated, request: Request) -> str:
    """Add this request's value to a Deny that spares the values that it lists."""
    for clause in evaluated.statement.conditions:
        value = _only_value(clause, request, negated=True)
        if value is not None and _may_add(clause, evaluated.name.layer):
            written["Condition"][clause.operator][clause.key] = [*clause.values, value]
            return f"add {value} to the values of {clause.key} that it spares"
    return ""


def _denies_by(actions: list[str], request: Request) -> bool:
    return matches_any(actions, request.action, request, variables=False, arn=False)[0] is Truth.YES


def _only_this_resource(evaluated: Evaluated, request: Request) -> bool:
    statement = evaluated.statement
    if statement.resources is None:
        return statement.not_resources is None
    return set(statement.resources) <= {"*", request.resource}


def _narrow_resources(
    statements: list[Any], place: int, evaluated: Evaluated, request: Request
) -> str:
    written, statement = statements[place], evaluated.statement
    rest = [each for each in statement.resources or () if each != request.resource]
    if statement.not_resources is not None:
        written["NotResource"] = [*statement.not_resources, request.resource]
        return f"add {request.resource} to its NotResource"
    if statement.resources and rest and len(rest) < len(statement.resources):
        written["Resource"] = rest
        return f"take {request.resource} out of its resources"
    if statement.resources and set(statement.resources) == {"*"}:
        del written["Resource"]
        written["NotResource"] = request.resource
        return f"let it spare {request.resource} by NotResource"
    del statements[place]
    return "remove it"
