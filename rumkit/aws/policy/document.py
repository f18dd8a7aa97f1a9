"""Policy documents, normalised: statements with lists everywhere, and what is malformed.

Grammar: IAM User Guide, "Grammar of the IAM JSON policy language". AWS would not store a
malformed document; a malformed statement here matches nothing and says why.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from rumkit.json_text import read_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from rumkit.aws.policy.types import Layer, PolicyDocument

T = TypeVar("T")

MAX_TEXT = 1_000_000
MAX_STATEMENTS = 500
MAX_VALUES = 1000
MAX_VALUE = 2048
_MAX_NUMBER = 1e18

_NEGATABLE = ("Action", "Resource", "Principal")
_STATEMENT_ELEMENTS = frozenset(
    ("Sid", "Effect", "Condition", *_NEGATABLE, *(f"Not{each}" for each in _NEGATABLE))
)
_DOCUMENT_ELEMENTS = frozenset(("Version", "Id", "Statement"))
_PRINCIPAL_TYPES = frozenset(("AWS", "Federated", "Service", "CanonicalUser", "*"))
_NO_PRINCIPAL = frozenset(("identity", "boundary", "session", "service-control"))


@dataclass(frozen=True)
class Clause:
    """One operator with one key and its values, as written; values as text."""

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Statement:
    """A statement with every element as a list; None where the element is not written."""

    position: int
    sid: str = ""
    effect: str = ""
    actions: tuple[str, ...] | None = None
    not_actions: tuple[str, ...] | None = None
    resources: tuple[str, ...] | None = None
    not_resources: tuple[str, ...] | None = None
    principals: tuple[tuple[str, str], ...] | None = None
    not_principals: tuple[tuple[str, str], ...] | None = None
    conditions: tuple[Clause, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class ParsedPolicy:
    """A normalised policy; `too_large` means that it was not evaluated at all."""

    name: str
    statements: tuple[Statement, ...] = ()
    problems: tuple[str, ...] = ()
    variables: bool = False
    level: str = ""
    too_large: bool = False


class _Malformed(Exception):
    """An element that the grammar does not allow."""


class _TooLarge(Exception):
    """More than is evaluated."""


@lru_cache(maxsize=64)
def parse_document(policy: PolicyDocument, layer: Layer) -> ParsedPolicy:
    """Normalise a policy for the layer that it stands in; never raises on any JSON."""
    try:
        return _parse(policy, layer)
    except _Malformed as malformed:
        return ParsedPolicy(policy.name, problems=(str(malformed),), level=policy.level)
    except _TooLarge:
        return ParsedPolicy(policy.name, level=policy.level, too_large=True)


def _parse(policy: PolicyDocument, layer: Layer) -> ParsedPolicy:
    body = _body(policy.document)
    problems = _strange(body, _DOCUMENT_ELEMENTS)
    version = body.get("Version", "2008-10-17")
    if version not in ("2012-10-17", "2008-10-17"):
        problems.append(f"Version {version!r:.40} is neither 2012-10-17 nor 2008-10-17")
    written = body.get("Statement")
    if written is None:
        problems.append("there is no Statement")
    statements = written if isinstance(written, list) else [written]
    if len(statements) > MAX_STATEMENTS:
        raise _TooLarge
    if problems:
        raise _Malformed("; ".join(problems))
    parsed = tuple(_statement(each, place, layer) for place, each in enumerate(statements, 1))
    return ParsedPolicy(policy.name, parsed, variables=version == "2012-10-17", level=policy.level)


def _body(document: Any) -> dict[str, Any]:
    if isinstance(document, str):
        if len(document) > MAX_TEXT:
            raise _TooLarge
        try:
            document = read_json(document)
        except ValueError:
            raise _Malformed("it is not JSON") from None
    if not isinstance(document, dict):
        raise _Malformed("it is not a JSON object")
    return document


def _strange(element: dict[str, Any], known: frozenset[str]) -> list[str]:
    strange = [str(name) for name in element if name not in known]
    by_lower = {name.lower(): name for name in known}
    return [
        f"{name[:60]!r} is not an element of a policy"
        + (f"; write {by_lower[name.lower()]!r}" if name.lower() in by_lower else "")
        for name in strange[:5]
    ]


def _statement(written: Any, position: int, layer: Layer) -> Statement:
    if not isinstance(written, dict):
        return Statement(position, problems=("the statement is not an object",))
    problems = _strange(written, _STATEMENT_ELEMENTS)
    sid = written.get("Sid", "")
    reader = _PolicyReader(written, problems)
    statement = Statement(
        position,
        sid=sid[:128] if isinstance(sid, str) else "",
        effect=reader.effect(),
        actions=reader.texts("Action"),
        not_actions=reader.texts("NotAction"),
        resources=reader.texts("Resource"),
        not_resources=reader.texts("NotResource"),
        principals=reader.read("Principal", _principals),
        not_principals=reader.read("NotPrincipal", _principals),
        conditions=reader.read("Condition", _conditions) or (),
    )
    problems += _misfits(statement, layer)
    return replace(statement, problems=tuple(problems))


class _PolicyReader:
    """Reads the elements of one statement, noting what the grammar does not allow."""

    def __init__(self, written: dict[str, Any], problems: list[str]) -> None:
        self._written = written
        self._problems = problems

    def effect(self) -> str:
        effect = self._written.get("Effect")
        if effect in ("Allow", "Deny"):
            return str(effect)
        self._problems.append(f"Effect is {effect!r:.40}; it must be 'Allow' or 'Deny'")
        return ""

    def texts(self, element: str) -> tuple[str, ...] | None:
        values = self.read(element, _texts)
        self._problems += _ill_formed(element, values or ())
        return values

    def read(self, element: str, read: Callable[[Any], tuple[T, ...]]) -> tuple[T, ...] | None:
        if element not in self._written:
            return None
        try:
            return read(self._written[element])
        except _Malformed as malformed:
            self._problems.append(f"{element} {malformed}")
            return ()


def _listed(written: Any) -> list[Any]:
    values = written if isinstance(written, list) else [written]
    if len(values) > MAX_VALUES:
        raise _TooLarge
    return values


def _bounded(texts: list[str]) -> tuple[str, ...]:
    if any(len(each) > MAX_VALUE for each in texts):
        raise _TooLarge
    return tuple(texts)


def _texts(written: Any) -> tuple[str, ...]:
    values = _listed(written)
    if not values:
        raise _Malformed("is an empty list")
    if not all(isinstance(each, str) for each in values):
        raise _Malformed("holds something that is not text")
    return _bounded(values)


def _ill_formed(element: str, values: tuple[str, ...]) -> list[str]:
    if element in ("Action", "NotAction"):
        bad = [each for each in values if each != "*" and each.count(":") != 1]
        return [f"{element} {each[:80]!r} is not service:Operation" for each in bad[:3]]
    # A policy with a resource that is neither `*` nor an ARN is refused by IAM.
    starts = ("arn:", "${", "*")
    bad = [each for each in values if not each.startswith(starts) and each.strip()[:4] != "arn:"]
    return [f"{element} {each[:200]!r} is not an ARN and not '*'" for each in bad[:3]]


def _principals(written: Any) -> tuple[tuple[str, str], ...]:
    if written == "*":
        return (("*", "*"),)
    if not isinstance(written, dict) or not written:
        raise _Malformed("is neither '*' nor an object of principals")
    principals: list[tuple[str, str]] = []
    for kind, values in written.items():
        if kind not in _PRINCIPAL_TYPES:
            raise _Malformed(f"has the type {str(kind)[:40]!r}, which does not exist")
        principals += [(kind, value) for value in _texts(values)]
    return tuple(principals)


def _conditions(written: Any) -> tuple[Clause, ...]:
    if not isinstance(written, dict):
        raise _Malformed("is not an object")
    clauses: list[Clause] = []
    for operator, tests in written.items():
        if not isinstance(tests, dict):
            raise _Malformed(f"{str(operator)[:60]!r} is not an object of keys")
        for key, written_values in tests.items():
            values = _bounded([_value(each) for each in _listed(written_values)])
            clauses.append(Clause(str(operator), str(key), values))
    if len(clauses) > MAX_VALUES:
        raise _TooLarge
    return tuple(clauses)


def _value(written: Any) -> str:
    # The grammar takes text, numbers and booleans, quoted or not.
    if isinstance(written, bool):
        return "true" if written else "false"
    if isinstance(written, int | float):
        if not abs(written) < _MAX_NUMBER:
            raise _TooLarge
        return json.dumps(written)
    if not isinstance(written, str):
        raise _Malformed("has a value that is not text, a number or a boolean")
    return written


def _misfits(statement: Statement, layer: Layer) -> list[str]:
    problems = _pair("Action", statement.actions, statement.not_actions, needed=True)
    resources = statement.resources, statement.not_resources
    problems += _pair("Resource", *resources, needed=layer != "trust")
    if layer == "trust" and resources != (None, None):
        problems.append("a trust policy has no Resource")
    principals = statement.principals, statement.not_principals
    problems += _pair("Principal", *principals, needed=layer not in _NO_PRINCIPAL)
    if layer in _NO_PRINCIPAL and principals != (None, None):
        problems.append("Principal is not allowed in this kind of policy")
    if layer in ("trust", "resource-control") and statement.not_principals is not None:
        problems.append("NotPrincipal is not allowed in this kind of policy")
    return problems


def _pair(name: str, written: object, negated: object, *, needed: bool) -> list[str]:
    if written is not None and negated is not None:
        return [f"it has both {name} and Not{name}"]
    if needed and written is None and negated is None:
        return [f"it has no {name}"]
    return []
