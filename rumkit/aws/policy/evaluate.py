"""Decides a request as AWS does, from the policies, and explains the decision.

Pure: no I/O, nothing but the standard library. Sources: IAM User Guide, "Policy evaluation
logic" and "How AWS enforcement code logic evaluates requests to allow or deny access".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from rumkit.aws.partitions import account_of
from rumkit.aws.policy.document import parse_document
from rumkit.aws.policy.statement import Evaluated, EvaluatedLayer, evaluate_statement
from rumkit.aws.policy.types import (
    LAYER_TITLES,
    Decision,
    DecisionOutcome,
    Explanation,
    Layer,
    Policies,
    Request,
    StatementName,
    Truth,
    all_of,
    any_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rumkit.aws.policy.document import ParsedPolicy

WEB_IDENTITY = "sts:AssumeRoleWithWebIdentity"


def decide(request: Request, policies: Policies) -> Decision:
    """Decide a request; never raises on any JSON."""
    from rumkit.aws.policy.words import near_misses

    layers = evaluate(request, policies)
    granted, denied = _granted(request, layers), _denied(layers)
    outcome = _outcome(granted, denied)
    misses = () if outcome == "allowed" else near_misses(request, layers.values())
    return Decision(
        outcome=outcome,
        explanation=_explain(request, layers, outcome),
        near_misses=misses,
        decisive=_decisive(outcome, layers),
        caveats=_caveats(request, policies, layers, granted=granted, denied=denied),
        expected_error=_expected_error(request, layers, outcome),
    )


def outcome_of(request: Request, policies: Policies) -> DecisionOutcome:
    """Decide a request without a word on why, which is most of the work."""
    layers = evaluate(request, policies)
    return _outcome(_granted(request, layers), _denied(layers))


def _denied(layers: Mapping[Layer, EvaluatedLayer]) -> Truth:
    return any_of(each.deny for each in layers.values())


def _outcome(granted: Truth, denied: Truth) -> DecisionOutcome:
    if denied is Truth.YES:
        return "explicitly-denied"
    if granted is Truth.NO:
        return "implicitly-denied"
    return "allowed" if (granted, denied) == (Truth.YES, Truth.NO) else "cannot-tell"


def evaluate(request: Request, policies: Policies) -> Mapping[Layer, EvaluatedLayer]:
    """Evaluate every layer that bears on the request, without combining them."""
    bounded = policies.boundary is not None or "boundary" in policies.unknown
    return {
        layer: _evaluate_layer(layer, request, policies, bounded=bounded)
        for layer in get_args(Layer)
        if layer in _layers_of(request)
    }


def _layers_of(request: Request) -> tuple[str, ...]:
    if request.action.lower() == WEB_IDENTITY.lower():
        return ("trust", "resource-control")
    if request.principal.kind == "anonymous":
        return ("resource", "resource-control")
    return tuple(each for each in get_args(Layer) if each != "trust")


def _evaluate_layer(
    layer: Layer, request: Request, policies: Policies, *, bounded: bool
) -> EvaluatedLayer:
    documents = [parse_document(each, layer) for each in policies.of(layer)]
    groups = [_evaluate_document(each, layer, request, bounded=bounded) for each in documents]
    statements = tuple(each for group in groups for each in group)
    unread = layer in policies.unknown or any(each.too_large for each in documents)
    extra = [Truth.UNTOLD] if unread else []
    allow = _allow_of_levels(layer, documents, groups, extra)
    allow_role = any_of([*_allows(statements, role=True), *extra])
    deny = any_of([*_denies(statements, layer, request), *extra])
    return EvaluatedLayer(
        layer,
        bool(documents or unread),
        statements,
        allow,
        allow_role,
        deny,
        _explain_layer(layer, documents, groups, unread=unread),
        _document_problems(layer, documents),
    )


def _evaluate_document(
    document: ParsedPolicy, layer: Layer, request: Request, *, bounded: bool
) -> tuple[Evaluated, ...]:
    return tuple(
        evaluate_statement(each, document, layer, request, bounded=bounded)
        for each in document.statements
    )


def _allow_of_levels(
    layer: Layer,
    documents: list[ParsedPolicy],
    groups: list[tuple[Evaluated, ...]],
    extra: list[Truth],
) -> Truth:
    if layer == "resource-control":
        # RCPFullAWSAccess cannot be detached, and a customer's own may only deny.
        return Truth.YES
    if not documents:
        must_grant = layer in ("identity", "resource", "trust")
        return next(iter(extra), Truth.NO if must_grant else Truth.YES)
    levels: dict[str, list[Evaluated]] = {}
    for document, group in zip(documents, groups, strict=True):
        # Only service control policies must allow at every level of the organisation.
        level = document.level if layer == "service-control" else ""
        levels.setdefault(level, []).extend(group)
    return all_of(any_of([*_allows(group, role=False), *extra]) for group in levels.values())


def _document_problems(layer: Layer, documents: list[ParsedPolicy]) -> tuple[str, ...]:
    return tuple(
        f"{LAYER_TITLES[layer]} {each.name} is malformed: {'; '.join(each.problems)}"
        for each in documents
        if each.problems
    )


def _explain_layer(
    layer: Layer,
    documents: list[ParsedPolicy],
    groups: list[tuple[Evaluated, ...]],
    *,
    unread: bool,
) -> Explanation:
    parts = tuple(
        _explain_document(document, group)
        for document, group in zip(documents, groups, strict=True)
    )
    answer = Truth.UNTOLD if unread else any_of(each.answer for each in parts)
    return Explanation(LAYER_TITLES[layer], answer, _reading(documents, unread=unread), parts)


def _reading(documents: list[ParsedPolicy], *, unread: bool) -> str:
    if any(each.too_large for each in documents):
        return "it is too large to be evaluated"
    if unread:
        return "it could not be read"
    return "" if documents else "there is none"


def _allows(statements: Iterable[Evaluated], *, role: bool) -> list[Truth]:
    return [
        each.to_role if role else each.to_caller
        for each in statements
        if each.statement.effect == "Allow" and not each.statement.problems
    ]


def _denies(statements: Iterable[Evaluated], layer: Layer, request: Request) -> list[Truth]:
    answers = [each.answer for each in statements if each.statement.effect == "Deny"]
    if layer == "resource-control" and not request.action.lower().startswith("sts:"):
        # AWS lists the services that these policies govern; RUM is not among them today.
        return [Truth.UNTOLD if each is Truth.YES else each for each in answers]
    return answers


def _explain_document(document: ParsedPolicy, statements: tuple[Evaluated, ...]) -> Explanation:
    matched = any_of(each.answer for each in statements)
    problems = "; ".join(document.problems)
    reason = f"malformed, AWS would not store it: {problems}" if problems else ""
    parts = tuple(each.explanation for each in statements)
    return Explanation(document.name, matched, reason, parts)


def _granted(request: Request, layers: Mapping[Layer, EvaluatedLayer]) -> Truth:
    """Combine the layers' Allows."""
    if "trust" in layers:
        return layers["trust"].allow
    resource = layers["resource"]
    if request.principal.kind == "anonymous":
        return resource.allow
    to_role = any_of((layers["identity"].allow, resource.allow_role))
    through_identity = all_of((to_role, layers["boundary"].allow, layers["session"].allow))
    direct = resource.allow
    if _crosses_accounts(request):
        # RUM documents no access across accounts, whatever the monitor's policy says.
        through_identity = Truth.NO
        direct = Truth.NO if direct is Truth.NO else Truth.UNTOLD
    return all_of((any_of((through_identity, direct)), layers["service-control"].allow))


def first_gap(request: Request, layers: Mapping[Layer, EvaluatedLayer]) -> Layer | None:
    """Name the first layer that must allow a request and does not."""
    order: tuple[Layer, ...] = ("service-control", "identity", "boundary", "session")
    if "trust" in layers:
        order = ("trust",)
    elif request.principal.kind == "anonymous":
        order = ("resource",)
    return next((each for each in order if layers[each].allow is Truth.NO), None)


def _crosses_accounts(request: Request) -> bool:
    mine = request.principal.account
    return bool(mine) and account_of(request.resource) not in ("", mine)


def _decisive(
    outcome: DecisionOutcome, layers: Mapping[Layer, EvaluatedLayer]
) -> tuple[StatementName, ...]:
    effect = {"allowed": "Allow", "explicitly-denied": "Deny"}.get(outcome)
    if effect is None:
        return ()
    return tuple(name for each in layers.values() for name in each.matching(effect))


def _explain(
    request: Request, layers: Mapping[Layer, EvaluatedLayer], outcome: DecisionOutcome
) -> Explanation:
    answer = {"allowed": Truth.YES, "cannot-tell": Truth.UNTOLD}.get(outcome, Truth.NO)
    parts = tuple(each.explanation for each in layers.values() if each.present)
    return Explanation(f"{request.action} on {request.resource}", answer, outcome, parts)


def _caveats(
    request: Request,
    policies: Policies,
    layers: Mapping[Layer, EvaluatedLayer],
    *,
    granted: Truth,
    denied: Truth,
) -> tuple[str, ...]:
    caveats = [
        f"The {LAYER_TITLES[layer]} exists and could not be read."
        for layer in policies.unknown
        if layer in layers
    ]
    if "service-control" in layers and policies.service_control is None:
        caveats.append("Service control policies of an organisation were not looked at.")
    if "trust" in layers and policies.resource_control is None:
        caveats.append("Resource control policies of an organisation were not looked at.")
    if "trust" in layers and policies.service_control:
        caveats.append("Service control policies do not govern callers from outside the account.")
    if "identity" in layers and _crosses_accounts(request):
        caveats.append("The caller is of another account; RUM has no access across accounts.")
    if Truth.UNTOLD in (granted, denied):
        caveats += _untold(layers)
    return tuple(dict.fromkeys(caveats))


def _untold(layers: Mapping[Layer, EvaluatedLayer]) -> list[str]:
    return [
        f"{str(each.name)[0].upper()}{str(each.name)[1:]} cannot be told: {node.reason}."
        for layer in layers.values()
        for each in layer.statements
        if each.answer is Truth.UNTOLD
        for _, node in each.explanation.walk()
        if node.answer is Truth.UNTOLD and node.reason
    ]


def _expected_error(
    request: Request,
    layers: Mapping[Layer, EvaluatedLayer],
    outcome: DecisionOutcome,
) -> str:
    if outcome in ("allowed", "cannot-tell"):
        return ""
    if "trust" in layers:
        return _TRUST_ERRORS[request.facts.get("flow") == "enhanced"]
    if outcome == "explicitly-denied":
        layer = next(each.layer for each in layers.values() if each.deny is Truth.YES)
        title = LAYER_TITLES[layer]
        return f"with an explicit deny in {'an' if title[0] == 'i' else 'a'} {title}"
    if request.principal.kind == "anonymous" and not layers["resource"].present:
        return "MissingAuthenticationTokenException"
    title = LAYER_TITLES[first_gap(request, layers) or "resource"]
    return f"because no {title} allows the {request.action} action"


_TRUST_ERRORS = {
    False: f"AccessDenied: Not authorized to perform {WEB_IDENTITY}",
    True: "InvalidIdentityPoolConfigurationException: Invalid identity pool configuration. "
    "Check assigned IAM roles for this pool.",
}
