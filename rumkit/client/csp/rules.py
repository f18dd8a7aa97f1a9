"""Does one policy block one thing? The pre-request and inline checks of CSP Level 3 §6."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from rumkit.client.csp.hashes import ALGORITHMS
from rumkit.client.csp.match import Location, list_allows, upgraded
from rumkit.client.csp.result import BlockedLoad

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rumkit.client.csp.hashes import ScriptHashes
    from rumkit.client.csp.parse import Directive, Policy

SCRIPT_CHAIN = ("script-src-elem", "script-src", "default-src")
CONNECT_CHAIN = ("connect-src", "default-src")
LAST = 1 << 30


class Redirect(NamedTuple):
    """A URL that a request goes to; paths do not count once it was redirected."""

    location: Location
    redirected: bool = False


@dataclass(frozen=True)
class Inline:
    """An inline script that wants to run; `position` is its index on the page."""

    hashes: ScriptHashes
    nonce: str
    position: int
    chain = SCRIPT_CHAIN


@dataclass(frozen=True)
class Load:
    """A script that wants to load; `hops` are its URL and those that it redirects to."""

    hops: tuple[Redirect, ...]
    position: int
    parser_inserted: bool = False
    nonce: str = ""
    integrity: tuple[tuple[str, bytes], ...] = ()
    chain = SCRIPT_CHAIN


@dataclass(frozen=True)
class Connect:
    """Fetch and sendBeacon to this URL; `hops` as for a load."""

    hops: tuple[Redirect, ...]
    position: int = LAST
    chain = CONNECT_CHAIN


@dataclass(frozen=True)
class Assign:
    """A plain string becoming the URL of a script element (trusted types)."""

    position: int
    chain = ("require-trusted-types-for",)


Question = Inline | Load | Connect | Assign


def blocks(
    question: Question, policies: Sequence[Policy], page: Location, *, report_only: bool = False
) -> tuple[BlockedLoad, ...]:
    """Return what every policy that governs the question says against it."""
    applying = [policy for policy in policies if policy.position <= question.position]
    asked = after_upgrade(question, applying)
    blocked = []
    for policy in applying:
        if policy.report_only is report_only and (verdict := _verdict(asked, policy, page)):
            directive, reason = verdict
            blocked.append(BlockedLoad(policy.text, directive.text, policy.where, reason))
    return tuple(blocked)


def after_upgrade(question: Question, policies: Iterable[Policy]) -> Question:
    """Return the question with its URLs upgraded, where a policy has insecure requests upgraded."""
    if not isinstance(question, Load | Connect):
        return question
    if not any(
        not policy.report_only and policy.directive("upgrade-insecure-requests")
        for policy in policies
    ):
        return question
    hops = tuple(Redirect(upgraded(hop.location), hop.redirected) for hop in question.hops)
    if isinstance(question, Connect):
        # Chromium's fetch asks for the URL as written and again for the upgraded one.
        hops = (*question.hops[:1], *hops)
    return replace(question, hops=hops)


def _verdict(question: Question, policy: Policy, page: Location) -> tuple[Directive, str] | None:
    """Return the directive that blocks and a sentence, or None."""
    if isinstance(question, Assign):
        return _assign(policy)
    if not isinstance(question, Connect):
        sandbox = _sandbox(policy)
        if sandbox is not None:
            return sandbox
    directive = policy.directive(*question.chain)
    if directive is None:
        return None
    if isinstance(question, Inline):
        reason = _inline(question, directive)
    elif isinstance(question, Load):
        reason = _load(question, directive, page)
    else:
        reason = _uncovered(question.hops, directive, page)
    if not reason:
        return None
    if directive.name == "default-src":
        reason += f", and default-src stands in for the missing {question.chain[-2]}"
    return directive, f"{reason}."


def sandbox_without_scripts(policy: Policy) -> Directive | None:
    """Return the sandbox directive that lets no script run."""
    directive = policy.directive("sandbox")
    if directive is None or "allow-scripts" in (token.lower() for token in directive.tokens):
        return None
    return directive


def _sandbox(policy: Policy) -> tuple[Directive, str] | None:
    directive = sandbox_without_scripts(policy)
    if directive is None:
        return None
    return directive, "The sandbox directive without allow-scripts lets no script run on the page."


def _assign(policy: Policy) -> tuple[Directive, str] | None:
    directive = policy.directive("require-trusted-types-for")
    if directive is None or "'script'" not in directive.tokens:
        return None
    return directive, (
        "require-trusted-types-for 'script' lets no plain string become a script's URL, which is "
        "what the loader's z.src = s does."
    )


def has_keyword(directive: Directive, keyword: str) -> bool:
    """Tell whether the directive holds the keyword, given in lower case with its quotes."""
    return any(source.keyword == keyword for source in directive.sources)


def _nonce_matches(directive: Directive, nonce: str) -> bool:
    wanted = nonce.strip()
    return bool(wanted) and any(source.nonce == wanted for source in directive.sources)


def matching_hash(directive: Directive, hashes: ScriptHashes) -> str:
    """Return the directive's source that is a hash of the script, verbatim, or an empty text."""
    digest = cache(hashes.digest)
    for source in directive.sources:
        known = source.kind == "hash" and source.algorithm in ALGORITHMS
        if known and source.digest == digest(source.algorithm):
            return source.text
    return ""


def _inline(question: Inline, directive: Directive) -> str:
    if _nonce_matches(directive, question.nonce) or matching_hash(directive, question.hashes):
        return ""
    switches = [source.text for source in directive.sources if source.kind in ("hash", "nonce")]
    if has_keyword(directive, "'strict-dynamic'"):
        switches.append("'strict-dynamic'")
    if not has_keyword(directive, "'unsafe-inline'"):
        return f"No hash or nonce in {directive.name} is that of the inline snippet"
    if not switches:
        return ""
    return (
        f"{directive.name} holds no hash or nonce of the inline snippet, and a browser ignores "
        f"its 'unsafe-inline' beside {switches[0]}"
    )


def _load(question: Load, directive: Directive, page: Location) -> str:
    if _nonce_matches(directive, question.nonce):
        return ""
    strict = has_keyword(directive, "'strict-dynamic'")
    if strict and not question.parser_inserted:
        return ""
    if question.integrity and _integrity_listed(question, directive):
        return ""
    if strict:
        return (
            f"{directive.name} holds 'strict-dynamic', which ignores its hosts, and the script "
            "element has no matching nonce"
        )
    if any(source.kind == "url-hash" for source in directive.sources):
        return f"{directive.name} holds a hash of a URL, beside which Chromium ignores its hosts"
    return _uncovered(question.hops, directive, page)


def _integrity_listed(question: Load, directive: Directive) -> bool:
    listed = {(source.algorithm, source.digest) for source in directive.sources}
    return all(item in listed for item in question.integrity)


def _uncovered(hops: tuple[Redirect, ...], directive: Directive, page: Location) -> str:
    for hop in hops:
        if not list_allows(directive.sources, hop.location, page, redirected=hop.redirected):
            return f"No source in {directive.name} covers {hop.location.text}"
    return ""
