"""The smallest change of the policies that makes a request allowed, proven by deciding again."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from rumkit.aws.policy.document import MAX_TEXT, parse_document
from rumkit.aws.policy.evaluate import decide, evaluate, first_gap
from rumkit.aws.policy.mend_statements import mended, narrowed, new_statement
from rumkit.aws.policy.opened import opened
from rumkit.aws.policy.types import LAYER_TITLES, PolicyDocument, Truth
from rumkit.json_text import read_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rumkit.aws.policy.statement import EvaluatedLayer
    from rumkit.aws.policy.types import Decision, Layer, Policies, Request

_MAX_STEPS = 8


@dataclass(frozen=True)
class PolicyChange:
    """One policy before and after; `before` is None for a new policy.

    `after` is None when the policy has nothing left to say and should be removed.
    `difference` is a unified diff of the JSON, line by line.
    """

    layer: Layer
    name: str
    before: Any
    after: Any
    difference: tuple[str, ...]
    words: str


@dataclass(frozen=True)
class Mending:
    """Changes that together make the request allowed, and the decision that proves it."""

    changes: tuple[PolicyChange, ...]
    policies: Policies
    decision: Decision


@dataclass(frozen=True)
class _MendingStep:
    layer: Layer
    name: str
    policies: Policies
    words: str


def minimal_change(request: Request, policies: Policies) -> Mending | None:
    """Return the smallest change found that makes the request allowed, or None.

    None also when the answer hangs on something unknown or on a policy that is not editable, and
    when every such change would let through more than the request.
    """
    current, steps = policies, list[_MendingStep]()
    for _ in range(_MAX_STEPS):
        decision = decide(request, current)
        if decision.outcome == "allowed":
            if steps and opened(request, policies, current):
                return None
            return Mending(_changes(policies, current, steps), current, decision)
        step = _step(request, current)
        if step is None:
            return None
        steps.append(step)
        current = step.policies
    return None


def _step(request: Request, policies: Policies) -> _MendingStep | None:
    layers = evaluate(request, policies)
    for layer in layers.values():
        if layer.deny is Truth.YES:
            return _lift_denial(layer, policies, request)
    gap = first_gap(request, layers)
    return _grant(layers[gap], policies, request) if gap else None


def _lift_denial(
    layer: EvaluatedLayer, policies: Policies, request: Request
) -> _MendingStep | None:
    for evaluated in layer.statements:
        if evaluated.statement.effect != "Deny" or evaluated.answer is not Truth.YES:
            continue
        document = _named(policies, layer.layer, evaluated.name.policy)
        if document is None or not document.editable:
            return None
        body = _copy(document.document)
        place = evaluated.name.position - 1
        words = narrowed(body["Statement"], place, evaluated, request)
        if not words:
            return None
        return _MendingStep(
            layer.layer,
            document.name,
            _put(policies, layer.layer, replace(document, document=body)),
            f"{evaluated.name} denies it: {words}",
        )
    return None


def _grant(layer: EvaluatedLayer, policies: Policies, request: Request) -> _MendingStep | None:
    for document, words in _candidates(layer, policies, request):
        changed = _put(policies, layer.layer, document)
        grants = evaluate(request, changed)[layer.layer].allow is Truth.YES
        if grants and not opened(request, policies, changed):
            return _MendingStep(layer.layer, document.name, changed, words)
    return None


def _candidates(
    layer: EvaluatedLayer, policies: Policies, request: Request
) -> Iterator[tuple[PolicyDocument, str]]:
    """Yield changed documents, the smallest change first."""
    guarded = False
    for evaluated in layer.statements:
        document = _named(policies, layer.layer, evaluated.name.policy)
        if document is None or not document.editable or evaluated.statement.effect != "Allow":
            continue
        failing = [k for k, node in evaluated.elements.items() if node.answer is not Truth.YES]
        guarded = guarded or (layer.layer == "resource" and failing == ["Condition"])
        body = _copy(document.document)
        words = mended(body["Statement"][evaluated.name.position - 1], evaluated, request)
        if words:
            yield replace(document, document=body), f"{evaluated.name}: {words}"
    # A condition of the monitor's policy keeps strangers out; a second statement without it
    # would let them in.
    if not guarded:
        yield from _with_new_statement(layer.layer, policies, request)


def _with_new_statement(
    layer: Layer, policies: Policies, request: Request
) -> Iterator[tuple[PolicyDocument, str]]:
    documents = [each for each in policies.of(layer) if each.editable]
    for document in documents:
        parsed = parse_document(document, layer)
        if not parsed.problems:
            body = _copy(document.document)
            # What AWS would not store cannot stay in a document that is to be stored.
            pairs = zip(body["Statement"], parsed.statements, strict=True)
            kept = [each for each, its in pairs if not its.problems]
            body["Statement"] = [*kept, new_statement(layer, request)]
            words = f"add a statement to {_title(layer, document.name)}"
            yield replace(document, document=body), words
    replaced = documents[0].name if documents and layer != "identity" else ""
    name = replaced or _free_name(layer, policies)
    body = {"Version": "2012-10-17", "Statement": [new_statement(layer, request)]}
    words = f"{'replace' if replaced else 'create'} {_title(layer, name)}"
    yield PolicyDocument(name, body), words


def _title(layer: Layer, name: str) -> str:
    only_one = layer in ("trust", "resource", "boundary", "session")
    return f"the {LAYER_TITLES[layer]}" + ("" if only_one else f" {name}")


def _free_name(layer: Layer, policies: Policies) -> str:
    if layer in ("trust", "resource"):
        return f"{layer} policy"
    taken = {each.name for each in policies.of(layer)}
    names = ("PutRumEvents", *(f"PutRumEvents-{number}" for number in range(2, len(taken) + 3)))
    return next(each for each in names if each not in taken)


def _named(policies: Policies, layer: Layer, name: str) -> PolicyDocument | None:
    documents = [each for each in policies.of(layer) if each.name == name]
    # Two policies of one name cannot be told apart, so neither is touched.
    return documents[0] if len(documents) == 1 else None


def _put(policies: Policies, layer: Layer, document: PolicyDocument) -> Policies:
    documents: Any = document
    if layer in ("identity", "service-control", "resource-control"):
        others = policies.of(layer)
        documents = tuple(document if each.name == document.name else each for each in others)
        if document not in documents:
            documents = (*documents, document)
    changed: dict[str, Any] = {layer.replace("-", "_"): documents}
    return replace(policies, **changed)


def _copy(document: Any) -> dict[str, Any]:
    """Copy a document that was parsed before, with its statements as a list."""
    text = document if isinstance(document, str) else json.dumps(document)
    body: dict[str, Any] = json.loads(text)
    if not isinstance(body["Statement"], list):
        body["Statement"] = [body["Statement"]]
    return body


def _changes(
    before: Policies, after: Policies, steps: list[_MendingStep]
) -> tuple[PolicyChange, ...]:
    words: dict[tuple[Layer, str], list[str]] = {}
    for step in steps:
        words.setdefault((step.layer, step.name), []).append(step.words)
    return tuple(
        _change(layer, name, _named(before, layer, name), _named(after, layer, name), said)
        for (layer, name), said in words.items()
    )


def _change(
    layer: Layer,
    name: str,
    before: PolicyDocument | None,
    after: PolicyDocument | None,
    words: list[str],
) -> PolicyChange:
    from difflib import unified_diff

    old = _plain(before.document) if before else None
    new = after.document if after and after.document.get("Statement") else None
    lines = unified_diff(_lines(old), _lines(new), name, name, lineterm="")
    return PolicyChange(layer, name, old, new, tuple(lines), "; ".join(words))


def _plain(document: Any) -> Any:
    if not isinstance(document, str):
        return document
    try:
        return read_json(document[:MAX_TEXT])
    except ValueError:
        return document


def _lines(document: Any) -> list[str]:
    return [] if document is None else json.dumps(document, indent=2).splitlines()
