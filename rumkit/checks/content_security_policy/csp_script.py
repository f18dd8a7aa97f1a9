"""Do the page's policies let the snippet run and the client script load?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.checks import fixes, links, names
from rumkit.checks.base import Check, failed, passed, skipped, unknown, warned
from rumkit.checks.content_security_policy.csp_results import (
    allow_in,
    allowed_words,
    no_page,
    not_settled,
    origin,
    policy_fixes,
    quoted,
    results_proof,
)
from rumkit.checks.observed import seen_to_fail, seen_to_work
from rumkit.client.csp.hashes import ALGORITHMS, TextHashes, hash_source
from rumkit.client.csp.meant import meant_for
from rumkit.client.csp.rules import SCRIPT_CHAIN
from rumkit.client.generations import CDN_HOST
from rumkit.client.har.conversation import Call, Kind
from rumkit.client.har.place import CLIENT_HOST
from rumkit.client.visit import Visit, blocked_by_policy
from rumkit.model import Hop, Outcome, Section, Status

if TYPE_CHECKING:
    from rumkit.client.csp import PolicyResult
    from rumkit.client.har.console import Violation
    from rumkit.client.har.conversation import PageLoad
    from rumkit.client.snippet import Snippet
    from rumkit.evidence import Evidence


_TRUSTED_TYPES = fixes.advice(
    "Let a policy of trusted types pass the client's URL",
    "Name a default policy whose createScriptURL returns the client's URL, or leave script out of"
    " require-trusted-types-for on this page.",
)
_ALLOW_CDN = fixes.advice(
    "Allow the client's host in script-src",
    f"script-src https://{CDN_HOST} beside what the directive holds today; the page's URL, or its"
    " headers, gives the whole line.",
)
_HASH = fixes.advice(
    "Allow the snippet's hash in script-src",
    "The browser's console names it ('sha256-…'); the page's URL gives the whole line.",
)


def configured(evidence: Evidence) -> Outcome | None:
    """Fail for `script-src 'self'`: neither the inline snippet nor cwr.js is allowed."""
    snippet = evidence.snippet_or_none()
    if snippet is None and not evidence.client_seen():
        return unknown("There is no snippet to evaluate: see snippet-present.")
    if snippet is None or snippet.kind == "npm":
        return skipped("The client is part of the site's own bundle; it needs nothing here.")
    outcome = _script_outcome(evidence)
    if outcome.status is Status.PASS and (lost := _commands_blocked(evidence, snippet)):
        outcome = lost
    # A meta policy can block what no header is known of; that nothing blocks, no file proves.
    settled = outcome.status in {Status.FAIL, Status.WARN}
    return outcome if settled else no_page(evidence) or outcome


def _commands_blocked(evidence: Evidence, snippet: Snippet) -> Outcome | None:
    """Warn of commands in scripts of their own that the policies block; of credentials, fail."""
    named: dict[int, list[str]] = {}
    for command in snippet.commands:
        index = command.script_index
        if index is not None and index != snippet.script_index:
            named.setdefault(index, []).append(str(command.name))
    for index, commands in named.items():
        evaluation = evidence.script_evaluation(index)
        result = evaluation.inline_runs
        if result.allowed or not result.blocks:
            continue
        listed = ", ".join(dict.fromkeys(commands))
        text = (
            f"The snippet runs, and the inline script with the client's commands ({listed}) does"
            f" not: {result.why[:1].lower()}{result.why[1:]}"
        ).replace("of the inline snippet", "of that script")
        way = policy_fixes(evidence, [result], evaluation)
        needed = "setAwsCredentials" in commands and evidence.flow == "own-credentials"
        return (failed if needed else warned)(text, results_proof(evaluation), fixes=way)
    return None


def _script_outcome(evidence: Evidence) -> Outcome:
    evaluation = evidence.evaluation
    started_by = evidence.snippet.started_by
    results = [evaluation.client_loads, evaluation.trusted_types]
    # How something else turns the text into a script decides what a policy says of it.
    results += [] if started_by else [evaluation.inline_runs]
    blocked = [result for result in results if not result.allowed]
    proof = results_proof(evaluation)
    if not blocked and started_by and evaluation.policies:
        return unknown(
            f"The policies allow the client script; whether they let the snippet run depends on"
            f" how {started_by} starts it, which a recording shows.",
            proof,
            missing=("input:recording",),
        )
    if not blocked:
        return passed(allowed_words(evidence, "the snippet and the client script"), proof)
    if all(not result.certain for result in blocked):
        return unknown(" ".join(result.why for result in blocked), proof)
    if outcome := not_settled(evidence, blocked):
        return outcome
    mistakes = [wrong.explanation for wrong in evaluation.wrong_hashes]
    mistakes += meant_for([CDN_HOST], [evaluation.client_loads], evaluation.policies, SCRIPT_CHAIN)
    summary = " ".join([*_reasons(blocked), *mistakes])
    return failed(summary, proof, fixes=policy_fixes(evidence, blocked))


def _reasons(blocked: list[PolicyResult]) -> list[str]:
    """Return why each is blocked, once; so is which directive stands in for another."""
    reasons = list(dict.fromkeys(result.why for result in blocked))
    for at, why in enumerate(reasons[:-1]):
        head, comma, rest = why.partition(", and default-src stands in")
        if comma and any(rest in later for later in reasons[at + 1 :]):
            reasons[at] = f"{head}."
    return reasons


def observed(evidence: Evidence) -> Outcome | None:
    """Check what the console says of blocked scripts; the page's own policy is evaluated apart."""
    visit = evidence.visit
    stuck = [load for load in visit.loads if not _ran(load)]
    seen = [call for load in visit.loads for call in (*load.of(Kind.CLIENT_SCRIPT), *load.puts)]
    works = seen_to_work("The browser ran the snippet and the client script.", seen[:1])
    if visit.loads and not stuck:
        return works
    scripts = [call for load in stuck for call in load.of(Kind.CLIENT_SCRIPT)]
    ran = len(stuck) < len(visit.loads)
    violations = [v for v in visit.console.violations if not v.report_only] if visit.console else []
    if outcome := _script_violation(visit, violations, asked=bool(scripts) or ran):
        return outcome
    if stuck and not scripts and not ran and (outcome := _inline(visit, violations)):
        return outcome
    if not visit.loads and (outcome := _inline_of_page(evidence, violations)):
        return outcome
    return _blocked_entries(scripts) or (works if ran else None)


def _ran(load: PageLoad) -> bool:
    return any(call.ok for call in load.of(Kind.CLIENT_SCRIPT)) or bool(load.puts or load.vending)


def _script_violation(visit: Visit, violations: list[Violation], *, asked: bool) -> Outcome | None:
    for violation in violations:
        if _is_client(visit, violation.blocked):
            return seen_to_fail(
                f"The console says that {violation.directive} blocks the client script "
                f"{violation.blocked}{quoted(violation)}.",
                fixes=(allow_in(violation, origin(violation.blocked)),),
            )
        if violation.trusted_types and not asked:
            return seen_to_fail(
                "The policy requires trusted types, so the snippet's `z.src = s` throws and the "
                "client script is never requested.",
                certain=False,
                fixes=(_TRUSTED_TYPES,),
            )
    return None


def _blocked_entries(scripts: list[Call]) -> Outcome | None:
    named = [call for call in scripts if blocked_by_policy(call)]
    if named:
        return seen_to_fail(
            "The content security policy blocked the client script.", named, fixes=(_ALLOW_CDN,)
        )
    silent = [c for c in scripts if c.status == 0 and c.net_error == "" and not c.blocked]
    if silent and not any(call.url.startswith("http:") for call in silent):
        return seen_to_fail(
            "The client script was blocked before it was sent (status 0, empty error), which is "
            "how Chromium exports what a content security policy blocks; the page's policy or "
            "the console names the directive.",
            silent,
            certain=False,
            fixes=(_ALLOW_CDN,),
        )
    return None


def _is_client(visit: Visit, url: str) -> bool:
    urls = {s.client_url for s in visit.snippets if isinstance(s.client_url, str)}
    host, _, path = url.partition("://")[2].partition("/")
    own = bool(CLIENT_HOST.fullmatch(host)) or path.endswith(("cwr.js", "cwr-slim.js"))
    return own or url in urls


def _inline(visit: Visit, violations: list[Violation]) -> Outcome | None:
    inline = [
        v for v in violations if v.blocked == "inline" and v.directive.startswith(("scr", "def"))
    ]
    if not inline:
        return None
    ours, others = _hashes(visit)
    for violation in inline:
        if _plain(violation.suggested_hash) in map(_plain, ours):
            return seen_to_fail(
                f"The console says that {violation.directive} blocks the inline snippet: allow "
                f"'{violation.suggested_hash}'{quoted(violation)}.",
                fixes=(allow_in(violation, f"'{violation.suggested_hash}'"),),
            )
    unexplained = [v for v in inline if v.suggested_hash not in others]
    if not unexplained:
        return None
    hint = next((v.suggested_hash for v in unexplained if v.suggested_hash), "")
    return seen_to_fail(
        f"The console says that {unexplained[0].directive} blocks an inline script, and the "
        "client script was never requested, so it likely is the snippet"
        + (f" (the browser suggests '{hint}')" if hint else "")
        + f"{quoted(unexplained[0])}.",
        certain=False,
        fixes=(allow_in(unexplained[0], f"'{hint}'"),) if hint else (_HASH,),
    )


def _plain(source: str) -> str:
    """Return a hash in plain base64, of whose two alphabets browsers may use either."""
    return source.replace("-", "+").replace("_", "/")


def _inline_of_page(evidence: Evidence, violations: list[Violation]) -> Outcome | None:
    """Hold what a console alone says of inline scripts against the snippet of the named page."""
    inline = [v for v in violations if v.blocked == "inline" and v.directive.startswith("script")]
    if not inline or evidence.target.page is None or evidence.page.language != "html":
        return None
    loaders = [script for script in evidence.page.scripts if "AwsRumClient" in script.text]
    ours = {
        hash_source(TextHashes(script.text), name).strip("'")
        for script in loaders
        for name in ALGORITHMS
    }
    for violation in inline if loaders else ():
        hint = violation.suggested_hash
        if hint and hint not in ours:
            continue
        source = f"'{hint}'" if hint else ""
        which = "the inline snippet" if hint else "an inline script, which likely is the snippet"
        return seen_to_fail(
            f"The console says that {violation.directive} blocks {which}{quoted(violation)}.",
            certain=bool(hint),
            fixes=(allow_in(violation, source),) if hint else (_HASH,),
        )
    return None


def _hashes(visit: Visit) -> tuple[set[str], set[str]]:
    """Return the hashes of the snippet's inline scripts and of the others, where HTML is known."""
    ours: set[str] = set()
    others: set[str] = set()
    wanted = {s.source.strip()[:200] for s in visit.snippets if s.source.strip()}
    for document in visit.recording.documents:
        if not document.html:
            continue
        for script in document.as_page().scripts:
            is_ours = "AwsRumClient" in script.text or any(w in script.text for w in wanted)
            hashes = document.served_hashes(script.text) or TextHashes(script.text)
            sources = {hash_source(hashes, name).strip("'") for name in ALGORITHMS}
            (ours if is_ours else others).update(sources)
    return ours, others


CHECK = Check(
    id=names.CSP_SCRIPT,
    hop=Hop.PAGE,
    section=Section.CONTENT_SECURITY_POLICY,
    title="The page's policies let the snippet run and the client script load",
    configured=configured,
    observed=observed,
    docs=(f"{links.CSP}/script-src",),
)
