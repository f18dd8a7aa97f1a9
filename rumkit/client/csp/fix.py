"""The smallest change of policy that unblocks, evaluated again before anyone sees it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rumkit.client.csp.hashes import TextHashes, explain_hash, hash_source
from rumkit.client.csp.match import list_allows
from rumkit.client.csp.parse import MAX_VALUE, parse_carrier, parse_source
from rumkit.client.csp.result import Correction
from rumkit.client.csp.rules import (
    Assign,
    Connect,
    Inline,
    Load,
    after_upgrade,
    blocks,
    has_keyword,
    sandbox_without_scripts,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rumkit.client.csp.hashes import ScriptHashes
    from rumkit.client.csp.match import Location
    from rumkit.client.csp.parse import Directive, Policy
    from rumkit.client.csp.rules import Question

_SOURCE = re.compile(
    r"'self'|(?:https?|wss?)://(?:[A-Za-z0-9._-]{1,253}|\[[0-9a-fA-F:.]{2,45}\])(?::\d{1,5})?/?"
)
_LOOKS_LIKE_HASH = re.compile(r"\W{0,3}sha-?(256|384|512)\W", re.IGNORECASE)
_MAX_EXPLAINED = 20
_MAX_EXPLAINED_TEXT = 1_000_000
_SCRIPT_ONLY = frozenset({"nonce", "hash", "url-hash", "keyword", "none"})


def corrections(
    questions: Sequence[Question],
    policies: Sequence[Policy],
    page: Location,
    *,
    keep: Sequence[Question] = (),
) -> tuple[Correction, ...]:
    """Return the header and meta values that let every question through; empty when none does.

    What is in `keep` is allowed already and must stay so.
    """
    if any(len(policy.carrier) > MAX_VALUE for policy in policies):
        return ()
    questions = [after_upgrade(question, policies) for question in questions]
    mended = [_mend(policy, questions, page) for policy in policies]
    made: list[Correction] = []
    fresh: list[Policy] = []
    for carrier in sorted({policy.carrier_index for policy in policies}):
        pairs = [
            (policy, text)
            for policy, text in zip(policies, mended, strict=True)
            if policy.carrier_index == carrier
        ]
        correction = _correction(pairs)
        if correction.value != correction.original:
            made.append(correction)
        fresh += _reparse(pairs[0][0], correction.value)
    if any(blocks(question, fresh, page) for question in (*questions, *keep)):
        return ()
    return tuple(made)


def _reparse(policy: Policy, value: str) -> tuple[Policy, ...]:
    return parse_carrier(
        value,
        where=policy.where,
        report_only=policy.report_only,
        index=policy.carrier_index,
        position=policy.position,
    )


def _mend(policy: Policy, questions: Sequence[Question], page: Location) -> str:
    """Edit one policy until it blocks none of the questions, or until no edit is known."""
    text = policy.text
    for question in questions:
        current = _one(policy, text)
        if current is None or not blocks(question, [current], page):
            continue
        for candidate in _edits(current, question, page):
            edited = _one(policy, candidate)
            if edited is not None and not blocks(question, [edited], page):
                text = candidate
                break
    return text


def _one(policy: Policy, text: str) -> Policy | None:
    parsed = _reparse(policy, text)
    return parsed[0] if len(parsed) == 1 else None


def _edits(policy: Policy, question: Question, page: Location) -> Iterable[str]:
    if isinstance(question, Assign):
        yield from _without_trusted_types(policy)
        return
    if not isinstance(question, Connect) and (sandbox := sandbox_without_scripts(policy)):
        text = _replace(policy, sandbox, f"{sandbox.text} allow-scripts")
        yield text
        policy = _one(policy, text) or policy
    target = policy.directive(*question.chain)
    additions = _additions(question, target, page) if target else ()
    if target is None or not additions:
        return
    dead = [d for d in policy.directives if _could_revive(d, target, question)]
    for directive in dead:
        if not isinstance(question, Load) or not has_keyword(target, "'unsafe-inline'"):
            yield _replace(policy, directive, _revived(directive, target, question, additions))
    if target.name == "default-src":
        copy = _copy(target, question, additions)
        yield _append(policy, copy)
        yield from (_replace(policy, directive, copy) for directive in dead)
    else:
        yield _replace(policy, target, _extend(target, target.name, question, additions))


def _additions(
    question: Inline | Load | Connect, target: Directive, page: Location
) -> tuple[str, ...]:
    if isinstance(question, Inline):
        return (hash_source(question.hashes),)
    # The client's CDN serves several paths; its host with the path / covers them all.
    path = "/" if isinstance(question, Load) else ""
    sources = tuple(
        _host(hop.location, page, path)
        for hop in question.hops
        if hop.location.scheme in ("http", "https", "ws", "wss")
        and not list_allows(target.sources, hop.location, page, redirected=hop.redirected)
    )
    # A host that the page made up may hold a semicolon or a comma, and so another directive.
    return sources if all(map(_SOURCE.fullmatch, sources)) else ()


def _host(hop: Location, page: Location, path: str) -> str:
    same = (hop.scheme, hop.host, hop.port) == (page.scheme, page.host, page.port)
    return "'self'" if same else hop.origin + path


def _extend(target: Directive, name: str, question: Question, additions: Iterable[str]) -> str:
    kept = [token for token in target.tokens if token.isascii() and token.isprintable()]
    if isinstance(question, Inline):
        wrong = {token for token, _ in explained_hashes(target, question.hashes)}
        kept = [token for token in kept if token not in wrong]
    return " ".join([name, *_with(kept, additions)])


def _with(kept: list[str], additions: Iterable[str]) -> list[str]:
    sources = [token for token in kept if token.lower() != "'none'"]
    return sources + [source for source in dict.fromkeys(additions) if source not in sources]


def explained_hashes(directive: Directive, hashes: ScriptHashes) -> list[tuple[str, str]]:
    """Return the directive's sources that are a known wrong hash of the script, and why."""
    if isinstance(hashes, TextHashes) and len(hashes.text) > _MAX_EXPLAINED_TEXT:
        return []
    suspects = [token for token in directive.tokens if _LOOKS_LIKE_HASH.match(token)]
    explained = ((token, explain_hash(token, hashes)) for token in suspects[:_MAX_EXPLAINED])
    return [(token, why) for token, why in explained if why]


def _copy(default: Directive, question: Question, additions: Iterable[str]) -> str:
    """Write the missing directive with default-src's sources, which it stops inheriting."""
    chain: tuple[str, ...] = question.chain
    name = chain[-2]
    if isinstance(question, Connect):
        kept = [s.text for s in default.sources if s.kind not in _SCRIPT_ONLY]
        return " ".join([name, *_with(kept, additions)])
    return _extend(default, name, question, additions)


def _could_revive(dead: Directive, target: Directive, question: Question) -> bool:
    """Tell whether a dropped directive would have governed the question instead of the target."""
    wanted: tuple[str, ...] = question.chain[:-1]
    name = dead.name.rstrip(":")
    if name not in wanted or dead.status not in ("bad-name", "bad-characters"):
        return False
    return target.name not in wanted or wanted.index(name) < wanted.index(target.name)


def _revived(
    dead: Directive, target: Directive, question: Question, additions: Iterable[str]
) -> str:
    """Write a dropped directive as it was meant, without taking away what the target allowed."""
    inherited = _copy(target, question, additions).split()[1:]
    return _extend(dead, dead.name.rstrip(":"), question, inherited)


def _append(policy: Policy, directive: str) -> str:
    text = policy.text.rstrip()
    return f"{text} {directive}" if text.endswith(";") else f"{text}; {directive}"


def _replace(policy: Policy, directive: Directive, text: str) -> str:
    end = directive.start + len(directive.text)
    return policy.text[: directive.start] + text + policy.text[end:]


def _without_trusted_types(policy: Policy) -> Iterable[str]:
    directive = policy.directive("require-trusted-types-for")
    if directive is None:
        return
    before = policy.text[: directive.start].rstrip()
    after = policy.text[directive.start + len(directive.text) :].lstrip(" \t;")
    yield f"{before} {after}".strip() if after else before.rstrip("; ")


def _correction(pairs: Sequence[tuple[Policy, str]]) -> Correction:
    first = pairs[0][0]
    value = first.carrier
    # From the end, so that what stands before stays in its place.
    for policy, text in reversed(pairs):
        value = value[: policy.start] + text + value[policy.start + len(policy.text) :]
    removed, added = _changed(pairs)
    return Correction(first.where, first.carrier, value, added, _side_effect(added, removed))


def _by_name(policy: str) -> dict[str, str]:
    by_name: dict[str, str] = {}
    for line in filter(None, map(str.strip, policy.split(";"))):
        by_name.setdefault(line.split()[0].rstrip(":").lower(), line)
    return by_name


def _changed(pairs: Sequence[tuple[Policy, str]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what went and what came: source expressions, or a whole directive."""
    removed: list[str] = []
    added: list[str] = []
    for policy, after in pairs:
        old, new = _by_name(policy.text), _by_name(after)
        for name in dict.fromkeys([*old, *new]):
            was, now = old.get(name, ""), new.get(name, "")
            if not was or not now:
                removed += [was] if was else []
                added += [now] if now else []
                continue
            removed += [word for word in was.split()[1:] if word not in now.split()[1:]]
            added += [word for word in now.split()[1:] if word not in was.split()[1:]]
    return tuple(removed), tuple(added)


def _side_effect(added: Sequence[str], removed: Sequence[str]) -> str:
    notes = []
    if any("require-trusted-types-for" in item or item == "'script'" for item in removed):
        notes.append(
            "The page gives up trusted types. To keep them, let a script before the snippet "
            "create a default policy that admits the client's URL."
        )
    if "allow-scripts" in added:
        notes.append("Every script that the rest of the policy admits may run on the page.")
    if any(parse_source(word).kind == "hash" for item in added for word in item.split()):
        notes.append("The hash holds for this exact snippet: any edit of it needs a new one.")
    return " ".join(notes)
