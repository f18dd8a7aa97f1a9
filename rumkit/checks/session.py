"""The guide's section "Events are not being sent": whether a session is recorded at all."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from rumkit.checks import fixes
from rumkit.checks.base import Check, failed, passed, unknown, warned
from rumkit.checks.limit import SESSION_EVENT_LIMIT
from rumkit.checks.words import shown
from rumkit.client.values import Expression, RegExp
from rumkit.model import Hop, Proof, Section

if TYPE_CHECKING:
    from rumkit.client.snippet import Snippet
    from rumkit.evidence import Evidence
    from rumkit.model import Fix, Outcome

_CONFIGURATION = "https://github.com/aws-observability/aws-rum-web/blob/main/docs/configuration.md"


def session_sample_rate(evidence: Evidence) -> Outcome:
    """Fail for `sessionSampleRate: 0`; warn for anything below 1."""
    snippet = evidence.snippet
    rate = snippet.get("sessionSampleRate", 1)
    proof = Proof("snippet", {"sessionSampleRate": shown(rate)})
    if isinstance(rate, Expression):
        return unknown(f"The sample rate is an expression: {shown(rate)}.", proof)
    number = _number(rate)
    sticky = " The draw is kept in cookie cwr_s for the session, so a higher rate does not help"
    sticky += " sessions that have begun."
    fix = fixes.configuration("Record every session", "sessionSampleRate: 1")
    if number is None or math.isnan(number):
        return failed(
            f"The sample rate {shown(rate)} is no number, so no session is ever recorded.",
            proof,
            fixes=(fix,),
        )
    if number <= 0:
        return failed(f"The sample rate is {rate}: no session is recorded.", proof, fixes=(fix,))
    if number < 1:
        return warned(
            f"{number:.4g} of the sessions are recorded; the others send nothing.{sticky}",
            proof,
            fixes=(fix,),
        )
    return passed("Every session is recorded.", proof)


def _number(value: Any) -> float | None:
    """Return what JavaScript's comparison makes of a value, None for what it can't compare."""
    if isinstance(value, bool | int | float):
        return float(value)
    if isinstance(value, str):
        try:
            return float(value.strip() or "0")
        except ValueError:
            return None
    return 0.0 if value is None else None


def client_enabled(evidence: Evidence) -> Outcome:
    """Fail for `enableRumClient: false`, or for patterns that leave this page out."""
    snippet = evidence.snippet
    if snippet.get("enableRumClient", True) is False:
        return failed(
            "enableRumClient is false: nothing is recorded or sent, though credentials are"
            " still fetched.",
            Proof("snippet", {"enableRumClient": False}),
            fixes=(fixes.configuration("Switch the client on", "enableRumClient: true"),),
        )
    if _switched_off(snippet):
        return failed(
            "The page calls cwr('disable') after the snippet: nothing is sent from then on.",
            Proof("page", {"command": "disable"}),
            fixes=(fixes.advice("Remove the call", "Remove cwr('disable'), or call cwr('enable')"
                                " once the visitor has agreed."),),
        )  # fmt: skip
    return _pages(evidence, snippet)


def _switched_off(snippet: Snippet) -> bool:
    switches = [each.name for each in snippet.commands if each.name in {"enable", "disable"}]
    return bool(switches) and switches[-1] == "disable"


def _pages(evidence: Evidence, snippet: Snippet) -> Outcome:
    url = evidence.page.url
    include, exclude = snippet.get("pagesToInclude"), snippet.get("pagesToExclude")
    proof = Proof(
        "snippet",
        {"page": url, "pagesToInclude": shown(include), "pagesToExclude": shown(exclude)},
    )
    for name, patterns in (("pagesToInclude", include), ("pagesToExclude", exclude)):
        if isinstance(patterns, list) and any(isinstance(each, str) for each in patterns):
            return failed(
                f"{name} holds a string where the client needs a regular expression: its"
                " constructor throws `re.test is not a function` and no event is ever sent.",
                proof,
                fixes=(
                    fixes.configuration(
                        "Write regular expressions", f"{name}: [{_as_patterns(patterns)}]"
                    ),
                ),
            )
    if evidence.page.from_file and (include or exclude):
        return unknown("The page was read from a file, so its URL is not known.", proof)
    return _pages_outcome(evidence, proof, url, include, exclude)


def _pages_outcome(
    evidence: Evidence, proof: Proof, url: str, include: Any, exclude: Any
) -> Outcome:
    everything = evidence.behaviour.empty_pages_to_include_records_all
    if isinstance(include, list) and not include and not everything:
        return failed(
            "pagesToInclude is an empty list, which records no page from client 1.7.0 on.",
            proof,
            fixes=(fixes.configuration("Include every page", "pagesToInclude: [/.*/]"),),
        )
    hit = _any_match(exclude, url)
    if hit:
        return failed(
            f"pagesToExclude leaves {url} out: none of its events is recorded.",
            proof,
            fixes=(_exclude_less(exclude, url),),
        )
    included = _any_match(include, url) if include else True
    if included is False:
        return failed(
            f"No pattern of pagesToInclude matches {url}; each is tested on the whole URL, so"
            " /^\\/home/ never matches.",
            proof,
            fixes=(
                _include_site(include, url),
                fixes.configuration("Or include every page", "pagesToInclude: [/.*/]"),
            ),
        )
    if included is None or hit is None:
        return unknown("The patterns for pages are expressions or cannot be told.", proof)
    return _telemetries(evidence)


def _exclude_less(exclude: list[Any], url: str) -> Fix:
    """Return the list without the patterns that match this page."""
    kept = [each for each in exclude if not (isinstance(each, RegExp) and each.matches(url))]
    return fixes.configuration(
        "Take away what excludes this page", f"pagesToExclude: {fixes.javascript(kept)}"
    )


def _include_site(include: list[Any], url: str) -> Fix:
    """Return the list with a pattern for this page's origin."""
    import re

    parts = urlsplit(url)
    origin = re.escape(f"{parts.scheme}://{parts.netloc}").replace("/", "\\/")
    listed = [*include, RegExp(rf"^{origin}(\/|$)")]
    return fixes.configuration(
        "Include this site's pages too", f"pagesToInclude: {fixes.javascript(listed)}"
    )


def _any_match(patterns: Any, url: str) -> bool | None:
    """Return whether any pattern matches; None when one cannot be told and none does."""
    if patterns is None:
        return False
    if not isinstance(patterns, list):
        return None
    answers = [each.matches(url) if isinstance(each, RegExp) else None for each in patterns]
    if True in answers:
        return True
    return None if None in answers else False


def _as_patterns(patterns: list[Any]) -> str:
    import re

    return ", ".join(
        fixes.javascript(
            RegExp(re.escape(each).replace("/", "\\/")) if isinstance(each, str) else each
        )
        for each in patterns
    )


def _telemetries(evidence: Evidence) -> Outcome:
    snippet, behaviour = evidence.snippet, evidence.behaviour
    telemetries = snippet.get("telemetries")
    proof = Proof("snippet", {"telemetries": shown(telemetries), "client": behaviour.label})
    if isinstance(telemetries, str):
        return failed(
            f"telemetries is the text {telemetries!r} where the client needs a list: its"
            " constructor throws `forEach is not a function` and no event is ever sent.",
            proof,
            fixes=(
                fixes.configuration(
                    "Write a list", f"telemetries: {fixes.javascript([telemetries])}"
                ),
            ),
        )
    strange = snippet.problem("unknown-telemetry")
    if strange:
        return warned(
            f"The client ignores an unknown telemetry without notice: {strange.message}.",
            proof,
            fixes=(
                fixes.configuration(
                    "Use the names that the client knows",
                    "telemetries: ['errors', 'performance', 'http']",
                ),
            ),
        )
    if snippet.get("disableAutoPageView") is True and telemetries == []:
        return warned(
            "disableAutoPageView is true and there are no telemetries: only session starts and"
            " what the page records by hand are sent.",
            proof,
        )
    return passed("The client is switched on for this page.", proof)


CHECKS = (
    Check(
        "client-enabled",
        Hop.SESSION,
        Section.EVENTS_NOT_SENT,
        "The client is switched on for this page",
        client_enabled,
        (_CONFIGURATION,),
    ),
    Check(
        "session-sample-rate",
        Hop.SESSION,
        Section.EVENTS_NOT_SENT,
        "Every session is recorded",
        session_sample_rate,
        (_CONFIGURATION,),
    ),
    SESSION_EVENT_LIMIT,
)
