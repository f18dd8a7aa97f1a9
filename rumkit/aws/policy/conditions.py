"""Condition operators, with three-valued answers.

Sources: IAM User Guide, "IAM JSON policy elements: Condition operators", "Conditions with
multiple context keys or values", "Multivalued context keys".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rumkit.aws.policy.match import matches
from rumkit.aws.policy.types import (
    ABSENT,
    NOT_TRUE,
    PRESENT,
    UNKNOWN,
    Explanation,
    Truth,
    all_of,
    any_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rumkit.aws.policy.document import Clause
    from rumkit.aws.policy.types import KeyValue, Request

    Comparison = Callable[[str, str], bool]


class _Incomparable(Exception):
    """Two values that the operator cannot compare."""


@dataclass(frozen=True)
class _Operator:
    """A condition operator without its prefix and suffix."""

    family: str
    negated: bool = False
    compare: Comparison | None = None
    wildcards: bool = False
    ignore_case: bool = False


def _number(text: str) -> float:
    if not re.fullmatch(r"[+-]?\d{1,30}(\.\d{1,30})?", text.strip()):
        raise _Incomparable
    return float(text)


def _moment(text: str) -> float:
    from datetime import UTC, datetime

    text = text.strip()
    if re.fullmatch(r"\d{1,15}(\.\d{1,9})?", text) and len(text) > 4:
        return float(text)
    try:
        moment = datetime.fromisoformat(f"{text}-01-01" if len(text) == 4 else text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        raise _Incomparable from None


def _boolean(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise _Incomparable
    return text.lower() == "true"


def _in_network(given: str, wanted: str) -> bool:
    import ipaddress

    try:
        network = ipaddress.ip_network(wanted.strip(), strict=False)
        address = ipaddress.ip_address(given.strip())
    except ValueError:
        raise _Incomparable from None
    return address.version == network.version and address in network


def _ordered(family: str, read: Callable[[str], float]) -> dict[str, _Operator]:
    tests: dict[str, Callable[[float, float], bool]] = {
        "Equals": lambda given, wanted: given == wanted,
        "LessThan": lambda given, wanted: given < wanted,
        "LessThanEquals": lambda given, wanted: given <= wanted,
        "GreaterThan": lambda given, wanted: given > wanted,
        "GreaterThanEquals": lambda given, wanted: given >= wanted,
    }

    def comparison(test: Callable[[float, float], bool]) -> Comparison:
        return lambda given, wanted: test(read(given), read(wanted))

    made = {
        family + name: _Operator(family, compare=comparison(each)) for name, each in tests.items()
    }
    equals = made[family + "Equals"].compare
    return {**made, family + "NotEquals": _Operator(family, negated=True, compare=equals)}


OPERATORS: dict[str, _Operator] = {
    "StringEquals": _Operator("String"),
    "StringNotEquals": _Operator("String", negated=True),
    "StringEqualsIgnoreCase": _Operator("String", ignore_case=True),
    "StringNotEqualsIgnoreCase": _Operator("String", negated=True, ignore_case=True),
    "StringLike": _Operator("String", wildcards=True),
    "StringNotLike": _Operator("String", negated=True, wildcards=True),
    **_ordered("Numeric", _number),
    **_ordered("Date", _moment),
    "Bool": _Operator("Bool", compare=lambda given, wanted: _boolean(given) is _boolean(wanted)),
    "BinaryEquals": _Operator("Binary"),
    "IpAddress": _Operator("IpAddress", compare=_in_network),
    "NotIpAddress": _Operator("IpAddress", negated=True, compare=_in_network),
    # ArnEquals and ArnLike behave alike, and so do their negations.
    "ArnEquals": _Operator("Arn", wildcards=True),
    "ArnLike": _Operator("Arn", wildcards=True),
    "ArnNotEquals": _Operator("Arn", negated=True, wildcards=True),
    "ArnNotLike": _Operator("Arn", negated=True, wildcards=True),
    "Null": _Operator("Null"),
}
_NAME = re.compile(r"(?:(ForAllValues|ForAnyValue):)?([A-Za-z]{1,60})")


@dataclass(frozen=True)
class Test:
    """A clause with its operator taken apart."""

    clause: Clause
    operator: _Operator
    quantifier: str
    if_exists: bool


def take_apart(clause: Clause) -> Test | None:
    """Split `ForAnyValue:StringLikeIfExists` into its parts; None when AWS has no such operator."""
    match = _NAME.fullmatch(clause.operator)
    base = match[2].removesuffix("IfExists") if match else ""
    if match is None or base not in OPERATORS:
        return None
    return Test(clause, OPERATORS[base], match[1] or "", if_exists=base != match[2])


def evaluate_clause(clause: Clause, request: Request, *, variables: bool) -> Explanation:
    """Decide one clause of a Condition for a request."""
    answer, reason = _evaluate(clause, request, variables=variables)
    return Explanation(f"{clause.operator} {clause.key}", answer, reason)


def _evaluate(clause: Clause, request: Request, *, variables: bool) -> tuple[Truth, str]:
    test, value = take_apart(clause), request.value(clause.key)
    if test is None:
        return Truth.UNTOLD, f"{clause.operator[:80]!r} is not an operator that AWS documents"
    if not clause.values:
        return Truth.UNTOLD, "AWS does not document an empty list of values"
    if test.operator.family == "Null":
        return _evaluate_null(test, value)
    if value is ABSENT or value == ():
        return _without_value(test), f"this request has no {clause.key}"
    if isinstance(value, tuple):
        return _evaluate_values(test, value, request, variables=variables)
    if value is NOT_TRUE:
        as_false, reason = _evaluate_values(test, ("false",), request, variables=variables)
        same = as_false is _without_value(test)
        return (as_false, reason) if same else (Truth.UNTOLD, f"{clause.key} is {value.value}")
    present = _with_some_value(test)
    if value is PRESENT:
        return present, "" if present is Truth.YES else f"{clause.key} is {PRESENT.value}"
    if present is _without_value(test):
        return present, ""
    return Truth.UNTOLD, f"{clause.key} is {UNKNOWN.value}"


def _evaluate_null(test: Test, value: KeyValue) -> tuple[Truth, str]:
    if test.quantifier or test.if_exists:
        return Truth.UNTOLD, "Null takes neither a set operator nor IfExists"
    if value in (UNKNOWN, NOT_TRUE, ("",)):
        return Truth.UNTOLD, f"{test.clause.key} is {UNKNOWN.value}"
    missing = value is ABSENT or value == ()
    wanted = {each.lower() for each in test.clause.values}
    if not wanted <= {"true", "false"}:
        return Truth.UNTOLD, "Null takes true or false"
    answer = Truth.YES if str(missing).lower() in wanted else Truth.NO
    return answer, f"{test.clause.key} is {'not ' if missing else ''}in this request"


def _without_value(test: Test) -> Truth:
    if test.if_exists or test.quantifier == "ForAllValues":
        return Truth.YES
    if test.quantifier == "ForAnyValue":
        return Truth.NO
    return Truth.YES if test.operator.negated else Truth.NO


def _with_some_value(test: Test) -> Truth:
    operator = test.operator
    if operator.family == "String" and operator.wildcards and "*" in test.clause.values:
        return Truth.NO if operator.negated else Truth.YES
    return Truth.UNTOLD


def _evaluate_values(
    test: Test, given: Sequence[str], request: Request, *, variables: bool
) -> tuple[Truth, str]:
    results = [_evaluate_value(test, each, request, variables=variables) for each in given]
    answers = [answer for answer, _ in results]
    wanted = " or ".join(repr(each[:200]) for each in test.clause.values[:5])
    why = next((why for answer, why in results if answer is Truth.UNTOLD and why), "")
    shown = ", ".join(repr(each[:200]) for each in given[:5])
    reason = why or f"{'not ' if test.operator.negated else ''}{wanted}; this request has {shown}"
    if test.quantifier == "ForAllValues":
        return all_of(answers), reason
    if test.quantifier == "ForAnyValue" or len(answers) == 1:
        return any_of(answers), reason
    if all_of(answers) is any_of(answers):
        return all_of(answers), reason
    return (
        Truth.UNTOLD,
        f"{test.clause.key} has several values and needs ForAnyValue or ForAllValues",
    )


def _evaluate_value(
    test: Test, given: str, request: Request, *, variables: bool
) -> tuple[Truth, str]:
    operator = test.operator
    results = [
        _compare(operator, given, wanted, request, variables=variables)
        for wanted in test.clause.values
    ]
    answer = any_of(result for result, _ in results)
    unresolved = next((why for _, why in results if why), "")
    if operator.negated and unresolved and answer is Truth.NO:
        return Truth.UNTOLD, unresolved
    return (answer.negated if operator.negated else answer), unresolved


def _compare(
    operator: _Operator, given: str, wanted: str, request: Request, *, variables: bool
) -> tuple[Truth, str]:
    if operator.compare is not None:
        return _compare_typed(operator.compare, given, wanted)
    if operator.family == "Arn":
        return _compare_arn(given, wanted, request, variables=variables)
    return matches(
        wanted,
        given,
        request,
        wildcards=operator.wildcards,
        variables=variables and operator.family == "String",
        ignore_case=operator.ignore_case,
    )


def _compare_typed(compare: Comparison, given: str, wanted: str) -> tuple[Truth, str]:
    try:
        same = compare(given, wanted)
    except _Incomparable:
        return Truth.UNTOLD, f"{given[:80]!r} and {wanted[:80]!r} cannot be compared so"
    return (Truth.YES if same else Truth.NO), ""


def _compare_arn(
    given: str, wanted: str, request: Request, *, variables: bool
) -> tuple[Truth, str]:
    ours, theirs = given.split(":", 5), wanted.split(":", 5)
    if "${" in wanted or len(theirs) != 6:
        # A variable may hold colons, and what AWS does with half an ARN is not documented.
        answer, why = matches(wanted, given, request, variables=variables)
        untold = answer is Truth.YES and len(theirs) != 6
        return (Truth.UNTOLD, f"{wanted[:80]!r} is not a whole ARN") if untold else (answer, why)
    if len(ours) != 6:
        return Truth.NO, ""
    parts = [
        matches(want, have, request, variables=False)[0]
        for want, have in zip(theirs, ours, strict=True)
    ]
    return all_of(parts), ""
