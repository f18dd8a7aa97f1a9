"""How the results of the policy engine are shown, and what corrects them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.checks import authority, fixes
from rumkit.checks.base import unknown
from rumkit.client.csp.written import open_sources
from rumkit.model import Fix, Outcome, Proof, Table

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from rumkit.client.csp import Correction, Evaluation, PolicyResult
    from rumkit.client.har.console import Violation
    from rumkit.evidence import Evidence


def no_page(evidence: Evidence) -> Outcome | None:
    """Return the unknown of a file that shows no page's policies: source, or HTML alone."""
    page = evidence.page
    if page.written:
        return None
    if page.language != "html" and page.from_file:
        return unknown(
            f"{page.url} is a source file; which policies its page is served with, only the page"
            " tells: name it beside the source (--page URL --source FILE).",
            missing=("input:page",),
        )
    if page.from_file and not page.headers:
        return unknown(
            "The page was read from a file without its response headers, so policies in headers"
            " are not known. Save them beside it as FILE.headers, name the server's or framework's"
            " file that sets them (--source nginx.conf), or name the page's URL."
        )
    return None


def allowed_words(evidence: Evidence, what: str) -> str:
    """Return the words of a pass; empty policies say so."""
    evaluation = evidence.evaluation
    if not evaluation.policies:
        return "The page has no content security policy."
    if file := written_in(evidence):
        return f"Every policy that {file} sets allows {what}."
    reported = any(result.reported for result in evaluation.results)
    note = " A report-only policy would report it; it blocks nothing." if reported else ""
    return f"Every policy allows {what}.{note}"


def written_in(evidence: Evidence) -> str:
    """Return the file of a server or framework that sets the page's policies, if one does."""
    page = evidence.page
    if not page.written:
        return ""
    return page.url if page.language != "html" else evidence.source_file.url


def not_settled(
    evidence: Evidence, blocked: Iterable[PolicyResult], *, closed: bool = False
) -> Outcome | None:
    """Return the unknown of a file whose policies may yet allow what they seem to block.

    It sets several policies for different pages, or something else fills one of its sources;
    `closed` says that none of those may become what is blocked.
    """
    file = written_in(evidence)
    if not file:
        return None
    policies = {policy.text for policy in evidence.evaluation.policies if not policy.report_only}
    for result in blocked:
        if len({block.policy for block in result.blocks}) < len(policies):
            return unknown(
                f"{file} sets {len(policies)} policies, and not all of them allow it: {result.why}"
                " Which of them the page is served with, its URL tells.",
                missing=("input:page",),
            )
        if not closed and (filled := open_sources(result.directive)):
            return unknown(
                f"{file} fills {', '.join(filled)} from elsewhere, and what is written there does"
                f" not allow it: {result.why} The page's URL tells what is sent.",
                missing=("input:page",),
            )
    return None


def results_proof(evaluation: Evaluation) -> Proof:
    """Return what each policy lets the page do, and what of it a browser ignores, as evidence."""
    rows = tuple(
        (subject, "allowed" if result.allowed else "blocked", result.directive, result.where)
        for subject, result in _subjects(evaluation)
    )
    blocks = [block for result in evaluation.results for block in result.blocks]
    values = {f"policy in {block.where}": block.policy for block in blocks}
    if evaluation.notes:
        values["notes"] = " ".join(evaluation.notes)
    return Proof("page", values, table=Table(("what", "result", "directive", "in"), rows))


def _subjects(evaluation: Evaluation) -> Iterable[tuple[str, PolicyResult]]:
    yield "inline snippet", evaluation.inline_runs
    yield "client script", evaluation.client_loads
    yield from evaluation.connects.items()


def policy_fixes(
    evidence: Evidence, blocked: Collection[PolicyResult], evaluation: Evaluation | None = None
) -> tuple[Fix, ...]:
    """Return one value that unblocks everything; else what unblocks each."""
    corrections = (evaluation or evidence.evaluation).corrections or tuple(
        fix for result in blocked for fix in result.fixes
    )
    by_text = {fix.paste: fix for fix in corrections}
    if by_text:
        return tuple(_policy(evidence, fix) for fix in by_text.values())
    reasons = dict.fromkeys(block.reason for result in blocked for block in result.blocks)
    return (
        fixes.advice(
            "Change the policy by hand",
            f"No change of one value alone unblocks this: {' '.join(reasons)}",
        ),
    )


def _policy(evidence: Evidence, fix: Correction) -> Fix:
    file = written_in(evidence) if fix.where == "header" else ""
    place = f"that {file} sets, in the form that it takes" if file else f"in the page's {fix.where}"
    title = f"Replace the policy {place}"
    doubts = authority.host_doubts(evidence, fix.original, fix.value)
    if doubts:
        return authority.withheld(title, doubts, authority.VERIFY_HOST)
    return fixes.policy(
        f"{title}; it adds {', '.join(fix.added)}" if fix.added else title,
        fix.paste,
        side_effect=fix.side_effect,
        in_header=fix.where == "header",
    )


def allow_in(violation: Violation, source: str) -> Fix:
    """Return the directive that a console names, with the source that it lacks.

    The whole policy is not in a console, so the line is for the place of the directive.
    """
    written = violation.policy.strip().rstrip(";")
    directive = violation.directive or "connect-src"
    title = f"Add {source} to {directive}"
    if not written.startswith(directive):
        return fixes.advice(
            title,
            f"Write {source} behind what {directive} holds in each policy that the page is served"
            " with; the page's URL, or its headers, gives the whole line.",
        )
    kept = " ".join(word for word in written.split() if word != "'none'")
    return fixes.advice(
        title,
        f"{kept} {source};",
        side_effect="It takes the place of this directive in each policy that the page is served"
        " with; the page's URL, or its headers, gives the whole line.",
    )


def origin(url: str) -> str:
    """Return the scheme and host of a URL as a source expression."""
    return "/".join(url.split("/")[:3])


def quoted(violation: Violation) -> str:
    """Return the policy that a console names, in brackets; empty when it names none."""
    return f" (policy: {violation.policy[:300]})" if violation.policy else ""
