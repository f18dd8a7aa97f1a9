"""Near misses of a Condition, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.aws.policy.conditions import OPERATORS, take_apart
from rumkit.aws.policy.match import matches
from rumkit.aws.policy.types import ABSENT, Truth
from rumkit.aws_names import is_user_pool_id

if TYPE_CHECKING:
    from rumkit.aws.policy.conditions import Test
    from rumkit.aws.policy.document import Clause
    from rumkit.aws.policy.types import Explanation, Request


def condition_words(clause: Clause, node: Explanation, request: Request) -> list[str]:
    """Return sentences on why a clause does not match, the telling ones only."""
    test = take_apart(clause)
    if test is None:
        return [_unknown_operator(clause)]
    misspelt = _misspelt_key(clause, request)
    if misspelt:
        return [misspelt]
    given = request.value(clause.key)
    if not isinstance(given, tuple):
        return [_without_value(clause, node, request)]
    words = [_value_word(test, written, given, request) for written in clause.values[:10]]
    sentences = [each for each in words if each]
    if node.answer is Truth.UNTOLD and node.reason:
        sentences.append(f"{clause.operator} {clause.key}: {node.reason}")
    return sentences


def _unknown_operator(clause: Clause) -> str:
    from difflib import get_close_matches

    prefix, colon, name = clause.operator[:80].rpartition(":")
    base = name.removesuffix("IfExists")
    by_lower = {each.lower(): each for each in OPERATORS}
    near = by_lower.get(base.lower()) or next(iter(get_close_matches(base, OPERATORS, 1)), "")
    advice = f"; did it mean {prefix}{colon}{near}?" if near else ""
    return f"{clause.operator[:80]!r} is not a condition operator{advice}"


def _misspelt_key(clause: Clause, request: Request) -> str:
    key = clause.key
    names = {name.lower(): name for name in request.context if not name.endswith("/*")}
    if key.lower() in names or (request.value(key) is ABSENT and not _claim(key)):
        return ""
    if key.strip().lower() in names:
        return f"the condition key {key!r} has white space around it"
    for name in names.values():
        if _claim(key) and _claim(key) == _claim(name):
            return f"the condition key {key} is not this token's; it is {name}"
    from difflib import get_close_matches

    near = get_close_matches(key.lower()[:120], names, 1, cutoff=0.85)
    return f"the condition key {key} is not known; did it mean {names[near[0]]}?" if near else ""


def _claim(key: str) -> str:
    claim = key.rpartition(":")[2].lower()
    return claim if claim in ("aud", "amr", "sub") else ""


def _without_value(clause: Clause, node: Explanation, request: Request) -> str:
    wanted = " or ".join(f"`{each[:120]}`" for each in clause.values[:5])
    if clause.key.lower() == "rum:alias" and request.value(clause.key) is ABSENT:
        return f"the policy asks for alias {wanted}; the client sends none"
    return f"{clause.operator} {clause.key} asks for {wanted}: {node.reason}"


def _value_word(test: Test, written: str, given: tuple[str, ...], request: Request) -> str:
    operator, key = test.operator, test.clause.key
    if operator.family in ("String", "Arn") and not operator.negated:
        slip = _slip(test, written, given, request)
        if slip:
            return slip
    shown = ", ".join(f"`{each[:120]}`" for each in given[:5])
    return {
        "aud": f"the claim aud {_pool_word(written)}, this pool is {shown}",
        "amr": f"the claim amr asks for `{written[:120]}`; a guest is {shown}",
        "sub": f"the claim sub asks for `{written[:120]}`; each browser is given its own identity",
    }.get(
        _claim(key) if not operator.negated else "",
        f"{test.clause.operator} {key} asks for `{written[:120]}`; this request has {shown}",
    )


def _pool_word(written: str) -> str:
    """Say what stands where an identity pool's id (region:UUID) belongs."""
    shown = f"`{written[:120]}`"
    region, colon, rest = written.partition(":")
    if is_user_pool_id(written):
        return f"names the user pool {shown}, which is not an identity pool"
    if colon and region != "arn" and rest:
        return f"names pool {shown}"
    return f"holds {shown}, which is not an identity pool's id (region:UUID)"


def _slip(test: Test, written: str, given: tuple[str, ...], request: Request) -> str:
    for value in given:
        if written.strip() == value and written != value:
            return f"the value {written!r} has white space around it"
        if written.lower() == value.lower() and written != value:
            return f"`{written}` differs in upper and lower case from `{value}`"
        likes = matches(written, value, request)[0] is Truth.YES
        if not test.operator.wildcards and ("*" in written or "?" in written) and likes:
            return f"{test.clause.operator} takes `{written}` literally; wildcards need StringLike"
        if _claim(test.clause.key) == "aud" and value.partition(":")[2] == written:
            return (
                f"the claim aud names the pool without its region: `{written}`; the id is `{value}`"
            )
    return ""
