"""One statement against one request: element by element, with the reason for each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rumkit.aws.policy.conditions import evaluate_clause
from rumkit.aws.policy.match import exempts, match_principal, matches_any
from rumkit.aws.policy.types import Explanation, StatementName, Truth, all_of, any_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rumkit.aws.policy.document import ParsedPolicy, Statement
    from rumkit.aws.policy.match import PrincipalMatch
    from rumkit.aws.policy.types import Layer, Request


@dataclass(frozen=True)
class Evaluated:
    """A statement with what each of its elements says of the request.

    `to_caller` and `to_role` tell whether a resource policy's Allow reaches the caller itself
    or its role; in the other layers both equal `answer`. `variables` says that the policy's
    Version has them.
    """

    name: StatementName
    statement: Statement
    answer: Truth
    elements: Mapping[str, Explanation] = field(default_factory=dict)
    to_caller: Truth = Truth.NO
    to_role: Truth = Truth.NO
    variables: bool = True

    @property
    def explanation(self) -> Explanation:
        """Return the statement as a node of the tree."""
        sid = f" {self.statement.sid}" if self.statement.sid else ""
        effect = self.statement.effect or "no effect"
        subject = f"statement {self.name.position}{sid} ({effect})"
        problems = "; ".join(self.statement.problems)
        reason = f"malformed, AWS would not store it: {problems}" if problems else ""
        return Explanation(subject, self.answer, reason, tuple(self.elements.values()))


def evaluate_statement(
    statement: Statement, document: ParsedPolicy, layer: Layer, request: Request, *, bounded: bool
) -> Evaluated:
    """Decide one statement; `bounded` says that the caller has a permissions boundary."""
    name = StatementName(layer, document.name, statement.position, statement.sid)
    if statement.problems:
        return Evaluated(name, statement, Truth.NO)
    principal, reach = _principal(statement, layer, request, bounded=bounded)
    written = {
        "Principal": principal,
        "Action": _action(statement, request),
        "Resource": _resource(statement, request, variables=document.variables),
        "Condition": _condition(statement, request, variables=document.variables),
    }
    elements = {element: node for element, node in written.items() if node is not None}
    answer = all_of(each.answer for each in elements.values())
    rest = all_of(node.answer for element, node in elements.items() if element != "Principal")
    to_caller, to_role = (all_of((rest, each)) for each in reach)
    return Evaluated(
        name, statement, answer, elements, to_caller, to_role, variables=document.variables
    )


def _action(statement: Statement, request: Request) -> Explanation:
    element = "Action" if statement.actions is not None else "NotAction"
    written = statement.actions if statement.actions is not None else statement.not_actions
    answer, _ = matches_any(written or (), request.action, request, variables=False, arn=False)
    return Explanation(
        element,
        answer.negated if element == "NotAction" else answer,
        f"{_some(written)}; the request is {request.action}",
    )


def _resource(statement: Statement, request: Request, *, variables: bool) -> Explanation | None:
    negated = statement.resources is None
    written = statement.not_resources if negated else statement.resources
    if written is None:
        return None
    answer, why = matches_any(written, request.resource, request, variables=variables, arn=True)
    if negated and answer is Truth.NO and why.startswith("unresolved"):
        answer = Truth.UNTOLD
    return Explanation(
        "NotResource" if negated else "Resource",
        answer.negated if negated else answer,
        f"{_some(written)}; the request is for {request.resource}" + (f"; {why}" if why else ""),
    )


def _condition(statement: Statement, request: Request, *, variables: bool) -> Explanation | None:
    if not statement.conditions:
        return None
    clauses = tuple(
        evaluate_clause(each, request, variables=variables) for each in statement.conditions
    )
    return Explanation("Condition", all_of(each.answer for each in clauses), parts=clauses)


_Reach = tuple[Truth, Truth]


def _principal(
    statement: Statement, layer: Layer, request: Request, *, bounded: bool
) -> tuple[Explanation | None, _Reach]:
    if statement.not_principals is not None:
        return _not_principal(statement, request, bounded=bounded)
    if statement.principals is None:
        return None, (Truth.YES, Truth.YES)
    matches = [match_principal(*each, request.principal) for each in statement.principals]
    answer = any_of(each.answer for each in matches)
    why = next((each.reason for each in matches if each.reason), "")
    if layer == "trust" and statement.effect == "Allow" and _trusts_everyone(matches):
        answer = Truth.UNTOLD
        why = "AWS documents no '*' for web identities in a trust policy"
    reach = (
        any_of(each.answer for each in matches if each.strength in ("caller", "everyone")),
        any_of(each.answer for each in matches if each.strength == "role"),
    )
    if layer == "trust":
        reach = (answer, answer)
    only_account = answer is Truth.YES and set(reach) == {Truth.NO}
    if only_account and statement.effect == "Allow":
        why = "it names the account, which leaves the permission to identity-based policies"
    written = tuple(f"{kind}: {value}" for kind, value in statement.principals)
    return Explanation("Principal", answer, _some(written) + (f"; {why}" if why else "")), reach


def _trusts_everyone(matches: list[PrincipalMatch]) -> bool:
    named = any(each.strength == "caller" and each.answer is Truth.YES for each in matches)
    return not named and any(each.strength == "everyone" for each in matches)


def _not_principal(
    statement: Statement, request: Request, *, bounded: bool
) -> tuple[Explanation, _Reach]:
    written = statement.not_principals or ()
    spared, why = exempts(written, request.principal)
    answer = spared.negated
    if statement.effect == "Deny" and bounded:
        answer = Truth.YES
        why = "with Deny it always denies a principal that has a permissions boundary"
    elif statement.effect == "Allow" and answer is not Truth.NO:
        answer, why = Truth.UNTOLD, "AWS does not support NotPrincipal with Allow"
    text = _some(tuple(f"{kind}: {value}" for kind, value in written))
    return Explanation("NotPrincipal", answer, text + (f"; {why}" if why else "")), (answer,) * 2


def _some(values: tuple[str, ...] | None) -> str:
    shown = [each[:200] for each in (values or ())[:5]]
    more = len(values or ()) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


@dataclass(frozen=True)
class EvaluatedLayer:
    """All statements of one layer, and what they come to.

    `allow` is the layer's Allow for the caller; `allow_role` what a resource policy grants to
    the caller's role only.
    """

    layer: Layer
    present: bool
    statements: tuple[Evaluated, ...]
    allow: Truth
    allow_role: Truth
    deny: Truth
    explanation: Explanation
    problems: tuple[str, ...] = ()

    def matching(self, effect: str) -> tuple[StatementName, ...]:
        """Return the statements of an effect that match for certain."""
        return tuple(
            each.name
            for each in self.statements
            if each.statement.effect == effect and each.answer is Truth.YES
        )
