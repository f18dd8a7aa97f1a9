"""Does the client's version suit its configuration?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.checks import fixes, links, names
from rumkit.checks.base import Check, failed, passed, skipped, unknown, warned
from rumkit.checks.observed import seen_in_part, seen_to_fail, seen_to_work
from rumkit.checks.words import shown
from rumkit.checks.written import as_patterns, fits
from rumkit.client.generations import CDN_HOST, OPTION_SINCE
from rumkit.client.har.conversation import Kind
from rumkit.client.packages import bad_release
from rumkit.model import Fix, Hop, Outcome, Proof, Section

if TYPE_CHECKING:
    from rumkit.client.snippet import Snippet
    from rumkit.evidence import Evidence

# The first release that knows the enhanced flow.
_ENHANCED_SINCE = (1, 15, 0)
_PATTERNS = frozenset({"pagesToInclude", "pagesToExclude"})


def configured(evidence: Evidence) -> Outcome | None:
    """Fail for client 1.14 with an identity pool and no guestRoleArn."""
    snippet, behaviour = evidence.snippet, evidence.behaviour
    proof = Proof("snippet", {"client": shown(snippet.client_url), "behaves as": behaviour.label})
    if bad := _bad_release(evidence):
        return bad
    if not snippet.configured:
        return skipped("The page hands the client no configuration: see snippet-present.")
    if snippet.misspelt:
        return _misspelt(snippet, proof)
    if not behaviour.known:
        return unknown(
            "The client's version is not known: neither its URL, a lock file, the bundle nor a"
            " recording tells it.",
            proof,
            missing=("input:recording", "input:source"),
        )
    if evidence.flow == "enhanced" and not behaviour.enhanced_flow:
        return failed(
            f"Client {behaviour.label} cannot use the enhanced flow, which a snippet without"
            " guestRoleArn selects: it asks GetCredentialsForIdentity with the pool's id and"
            " never sends an event. That works from 1.15.0 on.",
            proof,
            fixes=_newer_client(evidence),
        )
    too_new = [
        name
        for name in snippet.config
        if OPTION_SINCE.get(name, behaviour.version) > behaviour.version
    ]
    if too_new:
        since = max(OPTION_SINCE[name] for name in too_new)
        them = "it" if len(too_new) == 1 else "them"
        return warned(
            f"Client {behaviour.label} ignores {', '.join(too_new)}: it does not know {them} yet.",
            proof,
            fixes=_release_from(evidence, since),
        )
    return passed(f"Client {behaviour.label} suits this configuration.", proof)


def _bad_release(evidence: Evidence) -> Outcome | None:
    """Return a failure for a published package that cannot work, by the project's own files."""
    if evidence.snippet.kind != "npm":
        return None
    used = evidence.used_package_or_none()
    bad = bad_release(used.version) if used and used.exact else None
    if used is None or bad is None:
        return None
    return failed(
        f"{used.file} installs {used.name} {used.version}: {bad.reason} ({bad.source}).",
        Proof("page", {"package": used.name, "version": used.version, "file": used.file}),
        fixes=(fixes.advice("Install a newer release", f"npm install {used.name}@latest"),),
        certain=bad.always,
    )


def _misspelt(snippet: Snippet, proof: Proof) -> Outcome:
    """Warn of options that no client reads, with those that were meant and the same values."""
    pairs = snippet.misspelt.items()
    listed = ", ".join(f"{written} ({meant} is meant)" for written, meant in pairs)
    unfilled = {problem.field for problem in snippet.problems if problem.code == "placeholder"}
    good = {meant: snippet.config[written] for written, meant in pairs if written not in unfilled}
    lines = [
        fixes.member(meant, as_patterns(value) if meant in _PATTERNS else value)
        for meant, value in good.items()
        if fits(meant, value)
    ]
    title = "Spell them as the client knows them"
    way = fixes.advice(
        title,
        "What stands there now is not a value that the option takes, so nothing can be pasted.",
    )
    if lines:
        way = fixes.configuration(title, ",\n".join(lines))
    return warned(
        f"The client ignores options that it does not know: {listed}.", proof, fixes=(way,)
    )


def _release_from(evidence: Evidence, since: tuple[int, int, int]) -> tuple[Fix, ...]:
    """Return the line of releases that knows an option, by the way the page gets its client."""
    number = ".".join(map(str, since))
    if evidence.snippet.kind == "npm":
        return (fixes.advice("Build a newer client in", f"npm install aws-rum-web@^{number}"),)
    url = f"https://{CDN_HOST}/{since[0]}.x/cwr.js"
    return (fixes.client_url(f"Load a newer client, {number} or later", url),)


def _newer_client(evidence: Evidence) -> tuple[Fix, ...]:
    role = evidence.configured_or_none("GuestRoleArn")
    if not role:
        return (fixes.NEWER_CLIENT,)
    basic = fixes.configuration(
        "Or name the guest role, for the basic flow", fixes.member("guestRoleArn", role)
    )
    return (fixes.NEWER_CLIENT, basic)


def observed(evidence: Evidence) -> Outcome | None:
    """Check known-bad pairs: the enhanced flow with clients before 1.15."""
    visit = evidence.visit
    number = visit.version.number
    stored = visit.storage.credentials if visit.storage else ()
    asked = [call for call in visit.vending if call.kind is Kind.GET_CREDENTIALS]
    pool_asked = [call for call in asked if visit.asked_with_pool_id(call)]
    old = number is not None and number < _ENHANCED_SINCE
    without_id = [c for c in asked if not visit.load_of(c).of(Kind.GET_ID)]
    maybe_old = old or number is None
    if (old and without_id) or (maybe_old and pool_asked):
        return seen_to_fail(
            f"{visit.label.capitalize()} can't use the enhanced flow: it calls "
            "GetCredentialsForIdentity with the identity pool's id and without GetId. Use 1.15 "
            "or newer (1.x, 2.x, 3.x), or add guestRoleArn for the basic flow.",
            pool_asked or without_id,
            fixes=(fixes.NEWER_CLIENT,),
        )
    if maybe_old and stored and not any(s.has_secret_key for s in stored):
        return seen_to_fail(
            "The stored credentials (cwr_c) have no secretAccessKey: a client before 1.15 read "
            "the reply of the enhanced flow wrongly. Use 1.15 or newer, or add guestRoleArn.",
            certain=old,
            fixes=(fixes.NEWER_CLIENT,),
        )
    if number is not None and visit.delivered:
        return seen_to_work(f"Events of {visit.label} were accepted.")
    if old and visit.flow == "enhanced":
        return seen_in_part(
            f"{visit.label.capitalize()} is older than 1.15, the enhanced flow's first."
        )
    return None


CHECK = Check(
    id=names.CLIENT_VERSION,
    hop=Hop.PAGE,
    section=Section.BEYOND,
    title="The client's version suits its configuration",
    configured=configured,
    observed=observed,
    docs=(links.CLIENT_OPTIONS,),
    table="client_versions",
)
