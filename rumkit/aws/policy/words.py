"""Near misses in words: what a statement names, and what the request is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rumkit.aws.partitions import Arn, is_cognito_name, parse_arn
from rumkit.aws.policy.match import glob
from rumkit.aws.policy.types import Truth
from rumkit.aws.policy.words_conditions import condition_words
from rumkit.aws_names import is_account, is_uuid

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rumkit.aws.policy.document import Statement
    from rumkit.aws.policy.statement import Evaluated, EvaluatedLayer
    from rumkit.aws.policy.types import Principal, Request

_MOST = 12
# A Deny that may match is nearer than any Allow that does not.
_UNDECIDED = 0
_PREFIX = "appmonitor/"
_SHOWN = 3


def near_misses(request: Request, layers: Iterable[EvaluatedLayer]) -> tuple[str, ...]:
    """Return sentences on what nearly matched or denies, the nearest statement first."""
    denials: list[str] = []
    ranked: list[tuple[int, str]] = []
    for layer in layers:
        denies = [each for each in layer.statements if each.statement.effect == "Deny"]
        denials += [_denial(each, request) for each in denies if each.answer is Truth.YES]
        ranked += [(1, problem) for problem in layer.problems]
        undecided = [each for each in denies if each.answer is Truth.UNTOLD]
        ranked += [(_UNDECIDED, _denial(each, request)) for each in undecided]
        for each in layer.statements:
            if each.statement.effect != "Deny" and not _grants(each):
                failing = sum(node.answer is not Truth.YES for node in each.elements.values())
                sentences = _statement_words(each, request)
                ranked += [(failing, sentence) for sentence in sentences]
    ranked.sort(key=lambda pair: pair[0])
    ordered = denials + [sentence for _, sentence in ranked]
    return tuple(dict.fromkeys(ordered))[:_MOST]


def _denial(evaluated: Evaluated, request: Request) -> str:
    """Say what a statement denies, and under which conditions."""
    clauses = " and ".join(
        f"{clause.operator[:80]} {clause.key[:120]} "
        + " or ".join(f"`{value[:120]}`" for value in clause.values[:5])
        for clause in evaluated.statement.conditions[:5]
    )
    if evaluated.answer is Truth.UNTOLD:
        return f"{evaluated.name} denies {request.action} where {clauses or 'it applies'} holds"
    where = (
        f", where {clauses} holds as it does here{_whose(evaluated, request)}" if clauses else ""
    )
    return f"{evaluated.name} denies {request.action} explicitly{where}"


def _whose(evaluated: Evaluated, request: Request) -> str:
    """Say whom a Deny meets that spares some principals; other values differ by visitor."""
    keys = {clause.key for clause in evaluated.statement.conditions}
    named = ((key, request.value(key)) for key in keys if key.lower() == "aws:principalarn")
    return "".join(f" ({key} is `{v[0]}`)" for key, v in named if isinstance(v, tuple))


def _grants(evaluated: Evaluated) -> bool:
    return evaluated.answer is Truth.YES and Truth.YES in (evaluated.to_caller, evaluated.to_role)


def _statement_words(evaluated: Evaluated, request: Request) -> list[str]:
    statement = evaluated.statement
    if statement.problems:
        return [f"{evaluated.name} is malformed: {'; '.join(statement.problems)}"]
    failing = {key for key, node in evaluated.elements.items() if node.answer is not Truth.YES}
    words = _action_words(statement, request) if "Action" in failing else []
    if "Action" in failing and not words:
        return []
    if "Resource" in failing:
        words += _resource_words(statement, request)
        if not evaluated.variables and any("${" in each for each in statement.resources or ()):
            words.append("variables like `${...}` need the policy's Version to be 2012-10-17")
    if "Principal" in failing:
        words += _principal_words(statement, request, evaluated.name.layer)
    elif not failing:
        words.append("the policy names the account, which grants nothing to its roles by itself")
    if "Condition" in failing:
        for clause, node in zip(
            statement.conditions, evaluated.elements["Condition"].parts, strict=True
        ):
            if node.answer is not Truth.YES:
                words += condition_words(clause, node, request)
    return words


def _action_words(statement: Statement, request: Request) -> list[str]:
    if statement.actions is None:
        return [f"NotAction leaves out {request.action}"]
    near = {each: _action_word(each, request.action) for each in statement.actions}
    service = request.action.partition(":")[0].lower()
    others = [each for each in near if each.partition(":")[0].lower() == service and not near[each]]
    words = [each for each in near.values() if each]
    if others:
        words.append(f"the statement is for {in_short(others)}, not for {request.action}")
    return words


def in_short(actions: list[str]) -> str:
    """Return the first actions of a list, and how many more there are."""
    more = f" and {len(actions) - _SHOWN} more" if len(actions) > _SHOWN else ""
    return f"{', '.join(actions[:_SHOWN])}{more}"


def _action_word(written: str, wanted: str) -> str:
    service, _, operation = wanted.partition(":")
    its_service, _, its_operation = written.partition(":")
    if written != written.strip() and written.strip().lower() == wanted.lower():
        return f"the action {written!r} has white space around it"
    if its_operation.lower() == operation.lower():
        return f"the action is written {written}; the service prefix is {service}"
    if its_service.lower() != service:
        return ""
    if written.lower() == "sts:assumerole":
        return f"the action is {written}; a browser's guest needs {wanted}"
    if _close(its_operation, operation):
        return f"the action is written {written}; it is {wanted}"
    return ""


def _close(first: str, other: str) -> bool:
    from difflib import SequenceMatcher

    return SequenceMatcher(None, first.lower()[:80], other.lower()[:80]).ratio() >= 0.75


def _resource_words(statement: Statement, request: Request) -> list[str]:
    mine = parse_arn(request.resource)
    if mine is None:
        return []
    if statement.resources is None:
        return [f"NotResource leaves out {request.resource}"]
    words: list[str] = []
    for written in statement.resources[:20]:
        words += _resource_word(written, mine, request)
    return words


def _resource_word(written: str, mine: Arn, request: Request) -> list[str]:
    if written != written.strip():
        return [f"the resource {written!r} has white space around it"]
    if written.lower() == request.resource.lower():
        return [f"the resource {written} differs in upper and lower case from {request.resource}"]
    theirs = parse_arn(written)
    if theirs is None or theirs.service != mine.service:
        return []
    words = _region_words(theirs, mine)
    if not glob(theirs.partition, mine.partition):
        words.append(
            f"the ARN is of partition {theirs.partition}; this monitor is in {mine.partition}"
        )
    if not glob(theirs.account, mine.account):
        words.append(
            f"the ARN names account {theirs.account or '(none)'}; this monitor is in {mine.account}"
        )
    if not glob(theirs.resource, mine.resource):
        words.append(_name_word(theirs.resource, mine.resource, request))
    return words


def _region_words(theirs: Arn, mine: Arn) -> list[str]:
    if glob(theirs.region, mine.region):
        return []
    if theirs.resource in ("*", f"{_PREFIX}*"):
        say = f"the resource is {theirs.resource} of another region: {theirs.region or '(none)'}"
    else:
        say = f"the ARN names region {theirs.region or '(none)'}"
    return [f"{say}; this monitor is in {mine.region}"]


def _name_word(theirs: str, mine: str, request: Request) -> str:
    kind, _, name = theirs.partition("/")
    my_name = mine.removeprefix(_PREFIX)
    if kind != "appmonitor" or not name:
        return f"the resource is written {theirs}; RUM's ARN takes appmonitor/{my_name}"
    if name == request.facts.get("monitor_id"):
        return "the ARN holds the monitor's id; RUM's ARN takes its name"
    if is_uuid(name):
        return f"the ARN holds an id ({name}); RUM's ARN takes the monitor's name, `{my_name}`"
    if name.lower() == my_name.lower():
        return (
            f"the resource names monitor `{name}`, this monitor is `{my_name}`: "
            "upper and lower case count"
        )
    monitors = "monitors" if "*" in name or "?" in name else "monitor"
    return f"the resource names {monitors} `{name}`, this monitor is `{my_name}`"


def _principal_words(statement: Statement, request: Request, layer: str) -> list[str]:
    if statement.principals is None:
        return [f"NotPrincipal leaves out {_caller(request.principal)}"]
    say = _trust_word if layer == "trust" else _caller_word
    return [say(kind, value, request.principal) for kind, value in statement.principals[:10]]


def _trust_word(kind: str, value: str, principal: Principal) -> str:
    wanted = principal.provider
    if value == "*":
        return f"the role trusts everyone ('*'); name the Federated principal {wanted}"
    if value != value.strip() and value.strip() == wanted:
        return f"the principal {value!r} has white space around it"
    if kind != "Federated" and value == wanted:
        return f"{value} is written as {kind}; in a trust policy it is a Federated principal"
    if value.lower() == wanted.lower():
        return f"the principal {value} differs in upper and lower case from {wanted}"
    if kind == "Federated" and is_cognito_name(value):
        return f"the role trusts {value}; here the tokens come from {wanted}"
    if kind == "Federated" and "oidc-provider/" in value and value.endswith(wanted):
        return f"the role trusts the provider's ARN {value}; Cognito is trusted as {wanted}"
    return f"the role trusts {value}; a browser's guest comes from {wanted}"


def _caller_word(kind: str, value: str, principal: Principal) -> str:
    if principal.kind == "anonymous":
        return f"the policy names {value}; an unsigned request is admitted only by Principal '*'"
    if kind == "AWS" and re.fullmatch(r"A[A-Z0-9]{15,40}", value):
        return (
            f"the policy names {value}, the id of a role or user that was deleted; "
            f"the caller is {_caller(principal)}"
        )
    if kind == "AWS" and ("*" in value or "?" in value):
        return f"the principal {value} has a wildcard, which a Principal's ARN does not take"
    if is_account(value) or value.endswith(":root"):
        return f"the policy names account {value}; the caller is of {principal.account}"
    return f"the policy names {value}; the caller is {_caller(principal)}"


def _caller(principal: Principal) -> str:
    return principal.role_arn or principal.arn or principal.provider or "unsigned"
