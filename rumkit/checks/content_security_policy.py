"""The guide's section "Content security policy blocks the web client"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.checks import authority, fixes
from rumkit.checks.base import Check, failed, passed, skipped, unknown
from rumkit.model import Fix, Hop, Proof, Section, Table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rumkit.client.csp import Block, Correction, Judgement, Ruling
    from rumkit.evidence import Evidence
    from rumkit.model import Outcome

_MDN = "https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Content-Security-Policy"


def csp_script(evidence: Evidence) -> Outcome:
    """Fail for `script-src 'self'`: neither the inline snippet nor cwr.js is allowed."""
    snippet = evidence.snippet
    if snippet.kind == "npm":
        return skipped("The client is part of the site's own bundle; it needs nothing here.")
    if evidence.scripts_masked():
        return unknown(
            "Secrets were taken out of the recorded page, so its scripts' hashes cannot be told.",
            missing=("input:page",),
        )
    if evidence.page.from_file and not evidence.page.headers:
        return _from_file(evidence)
    return _script_outcome(evidence)


def _from_file(evidence: Evidence) -> Outcome:
    """Judge a file without headers: a meta policy can block it, nothing else can be told."""
    judgement = evidence.judgement
    if judgement.policies:
        outcome = _script_outcome(evidence)
        if outcome.status == "fail":
            return outcome
    return unknown(
        "The page was read from a file without its response headers, so policies in headers are"
        " not known. Save them beside it as FILE.headers, or name the page's URL."
    )


def _script_outcome(evidence: Evidence) -> Outcome:
    judgement = evidence.judgement
    blocked = [
        ruling
        for ruling in (judgement.inline_runs, judgement.client_loads, judgement.trusted_types)
        if not ruling.allowed
    ]
    proof = _proof(judgement)
    if not blocked:
        return passed(_allowed_words(judgement, "the snippet and the client script"), proof)
    if all(not ruling.certain for ruling in blocked):
        return unknown(" ".join(ruling.why for ruling in blocked), proof)
    mistakes = [wrong.explanation for wrong in judgement.wrong_hashes]
    summary = " ".join([*(ruling.why for ruling in blocked), *mistakes])
    return failed(summary, proof, fixes=_fixes(evidence, blocked))


def csp_connect(evidence: Evidence) -> Outcome:
    """Fail for `connect-src 'self'`: no call of the client leaves the page."""
    page = evidence.page
    judgement = evidence.judgement
    blocked = {url: ruling for url, ruling in judgement.connects.items() if not ruling.allowed}
    proof = _proof(judgement)
    if blocked:
        hosts = ", ".join(blocked)
        why = " ".join(dict.fromkeys(ruling.why for ruling in blocked.values()))
        return failed(
            f"The page may not connect to {hosts}. {why}"
            " A blocked connection leaves no trace at AWS.",
            proof,
            fixes=_fixes(evidence, blocked.values()),
        )
    if page.from_file and not page.headers:
        return unknown(
            "The page was read from a file without its response headers, so policies in headers"
            " are not known. Save them beside it as FILE.headers, or name the page's URL.",
            proof,
        )
    if not judgement.connects:
        return unknown("Which hosts this configuration calls is not known.", proof)
    return passed(_allowed_words(judgement, ", ".join(judgement.connects)), proof)


def _allowed_words(judgement: Judgement, what: str) -> str:
    if not judgement.policies:
        return "The page has no content security policy."
    reported = [block for ruling in judgement.rulings for block in ruling.reported]
    note = " A report-only policy would report it; it blocks nothing." if reported else ""
    return f"Every policy allows {what}.{note}"


def _proof(judgement: Judgement) -> Proof:
    rows = tuple(
        (subject, "allowed" if ruling.allowed else "blocked", ruling.directive, ruling.where)
        for subject, ruling in _subjects(judgement)
    )
    blocks = [block for ruling in judgement.rulings for block in ruling.blocks]
    values = {f"policy in {block.where}": block.policy for block in blocks}
    return Proof("page", values, table=Table(("what", "ruling", "directive", "in"), rows))


def _subjects(judgement: Judgement) -> Iterable[tuple[str, Ruling]]:
    yield "inline snippet", judgement.inline_runs
    yield "client script", judgement.client_loads
    yield from judgement.connects.items()


def _fixes(evidence: Evidence, blocked: Iterable[Ruling]) -> tuple[Fix, ...]:
    """Return one value that unblocks everything; else what unblocks each."""
    found: list[Correction] = list(evidence.judgement.corrections)
    if not found:
        found = [fix for ruling in blocked for fix in ruling.fixes]
    texts = {fix.paste: fix for fix in found}
    if not texts:
        blocks: list[Block] = [block for ruling in blocked for block in ruling.blocks]
        return (
            fixes.advice(
                "Change the policy by hand",
                "No change of one value alone unblocks this: "
                + " ".join(dict.fromkeys(block.reason for block in blocks)),
            ),
        )
    return tuple(_policy(evidence, fix) for fix in texts.values())


def _policy(evidence: Evidence, fix: Correction) -> Fix:
    title = f"Replace the policy in the page's {fix.where}"
    doubts = authority.host_doubts(evidence, fix.original, fix.value)
    if doubts:
        return authority.withheld(title, doubts, authority.VERIFY_HOST)
    return fixes.policy(
        f"{title}; it adds {', '.join(fix.added)}" if fix.added else title,
        fix.paste,
        side_effect=fix.side_effect,
        in_header=fix.where == "header",
    )


CHECKS = (
    Check(
        "csp-script",
        Hop.PAGE,
        Section.CONTENT_SECURITY_POLICY,
        "The page's policies let the snippet run and the client script load",
        csp_script,
        (f"{_MDN}/script-src",),
    ),
    Check(
        "csp-connect",
        Hop.PAGE,
        Section.CONTENT_SECURITY_POLICY,
        "The page's policies let the client reach every host it calls",
        csp_connect,
        (f"{_MDN}/connect-src",),
    ),
)
