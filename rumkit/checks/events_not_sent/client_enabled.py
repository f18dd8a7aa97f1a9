"""Is the client switched on for this page, and what does it record there?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from rumkit.checks import fixes, links, names
from rumkit.checks.base import Check, failed, passed, unknown, warned
from rumkit.checks.observed import seen_in_part, seen_to_fail, seen_to_work
from rumkit.checks.words import shown
from rumkit.checks.written import as_patterns, telemetry_name
from rumkit.client.generations import TELEMETRIES
from rumkit.client.options import KnownOption
from rumkit.client.values import Expression, RegExp, truthy
from rumkit.model import Hop, Outcome, Proof, Section, Status

if TYPE_CHECKING:
    from rumkit.client.snippet import Snippet
    from rumkit.client.visit import Visit
    from rumkit.evidence import Evidence
    from rumkit.model import Fix

_ON = fixes.configuration("Switch the client on", "enableRumClient: true")
_ENABLE_AGAIN = fixes.advice(
    "Remove the call", "Remove cwr('disable'), or call cwr('enable') once the visitor agreed."
)
_EVERY_PAGE = fixes.configuration("Include every page", "pagesToInclude: [/.*/]")
_USUAL = fixes.configuration(
    "Record errors, page loads and requests", "telemetries: ['errors', 'performance', 'http']"
)
_COOKIES = fixes.advice(
    "Let browsers keep the cookies",
    "Give cookieAttributes a domain that is the page's own or above it. In a frame of another"
    " site: cookieAttributes: { sameSite: 'none', secure: true }.",
)
_DISPATCH = fixes.configuration("Send every five seconds", "dispatchInterval: 5000")


def configured(evidence: Evidence) -> Outcome | None:
    """Fail for `enableRumClient: false`, or for patterns that leave this page out."""
    outcome = _switched_off(evidence) or _page_left_out(evidence) or _recorded_here(evidence)
    if outcome.status in {Status.PASS, Status.UNKNOWN}:
        return _cookies_refused(evidence) or outcome
    return outcome


def _switched_off(evidence: Evidence) -> Outcome | None:
    enabled = evidence.option("enableRumClient", default=True)
    last = _last_switch(evidence.snippet)
    if truthy(enabled) is False and not last:
        if later := next((e for e in evidence.snippet.commands if e.name == "enable"), None):
            return unknown(
                f"enableRumClient is {shown(enabled)}, and the client is switched on by enable()"
                f" only {later.conditional}: until then nothing is recorded.",
                Proof("snippet", {"enableRumClient": shown(enabled), "enable": later.conditional}),
                missing=("input:recording",),
            )
        return failed(
            f"enableRumClient is {shown(enabled)}: nothing is recorded or sent, though credentials"
            " are still fetched.",
            Proof("snippet", {"enableRumClient": shown(enabled)}),
            fixes=(_ON,),
        )
    if last == "disable":
        return failed(
            "The page calls cwr('disable') after the snippet: nothing is sent from then on.",
            Proof("page", {"command": "disable"}),
            fixes=(_ENABLE_AGAIN,),
        )
    return None


def _cookies_refused(evidence: Evidence) -> Outcome | None:
    """Warn of SameSite=None without Secure, with which browsers keep no cookie."""
    setting = evidence.snippet.setting("cookieAttributes")
    attributes = setting.value if isinstance(setting, KnownOption) else None
    allowed = evidence.snippet.setting("allowCookies")
    if not isinstance(attributes, dict) or allowed == KnownOption(value=False):
        return None
    same_site = str(attributes.get("sameSite")).lower()
    if same_site != "none" or truthy(attributes.get("secure", True)) is not False:
        return None
    return warned(
        "cookieAttributes ask for SameSite=none without Secure: browsers refuse both cookies, so"
        " each load of a page is a session and a user of its own. Events are sent all the same.",
        Proof("snippet", {"cookieAttributes": shown(attributes)}),
        fixes=(
            fixes.configuration(
                "Let browsers keep the cookies",
                "cookieAttributes: { sameSite: 'none', secure: true }",
            ),
        ),
    )


def _last_switch(snippet: Snippet) -> str:
    """Return the last switch that runs at once, `enable` or `disable`; empty where none does."""
    switches = [
        str(each.name)
        for each in snippet.commands
        if each.name in {"enable", "disable"} and not each.conditional
    ]
    return switches[-1] if switches else ""


def _page_left_out(evidence: Evidence) -> Outcome | None:
    """Check the patterns for pages against this page's URL."""
    url = evidence.page.url
    include, exclude = evidence.option("pagesToInclude"), evidence.option("pagesToExclude")
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
                fixes=(_written_right(evidence, name, patterns),),
            )
    if evidence.page.from_file and (include or exclude):
        return unknown("The page was read from a file, so its URL is not known.", proof)
    return _matched(evidence, proof, include, exclude)


def _written_right(evidence: Evidence, name: str, patterns: list[Any]) -> Fix:
    """Return the list as regular expressions, with this site where it would be left out."""
    written, url = as_patterns(patterns), evidence.page.url
    left_out = name == "pagesToInclude" and not evidence.page.from_file
    if left_out and _any_match(written, evidence.page.address or url) is False:
        return _include_site(written, url)
    return fixes.configuration("Write regular expressions", fixes.member(name, written))


def _matched(evidence: Evidence, proof: Proof, include: Any, exclude: Any) -> Outcome | None:
    url = evidence.page.url
    # What is shown may have lost what a pattern looks for.
    address = evidence.page.address or url
    everything = evidence.behaviour.empty_pages_to_include_records_all
    if isinstance(include, list) and not include and not everything:
        return failed(
            "pagesToInclude is an empty list, which records no page from client 1.7.0 on.",
            proof,
            fixes=(_EVERY_PAGE,),
        )
    hit = _any_match(exclude, address)
    if hit:
        return failed(
            f"pagesToExclude leaves {url} out: none of its events is recorded.",
            proof,
            fixes=(_exclude_less(exclude, address),),
        )
    included = _any_match(include, address) if include else True
    if included is False:
        return failed(
            f"No pattern of pagesToInclude matches {url}; each is tested on the whole URL, so a"
            " path as in /^\\/home/ never matches.",
            proof,
            fixes=(_include_site(include, url), _EVERY_PAGE),
        )
    if included is None or hit is None:
        return unknown("The patterns for pages are expressions or cannot be told.", proof)
    return None


def _exclude_less(exclude: list[Any], url: str) -> Fix:
    """Return the list without the patterns that match this page."""
    kept = [each for each in exclude if not (isinstance(each, RegExp) and each.matches(url))]
    return fixes.configuration(
        "Take away what excludes this page", f"pagesToExclude: {fixes.javascript(kept)}"
    )


def _include_site(include: Any, url: str) -> Fix:
    """Return the list with a pattern for this page's origin."""
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


def _recorded_here(evidence: Evidence) -> Outcome:
    """Check what a client that is switched on records and when it sends."""
    behaviour = evidence.behaviour
    if not behaviour.telemetries_option:
        return passed("The client is switched on for this page.")
    listed = evidence.option("telemetries", default=list(behaviour.default_telemetries))
    proof = Proof("snippet", {"telemetries": shown(listed), "client": behaviour.label})
    if isinstance(listed, str):
        early = behaviour.sends_before_it_throws
        sent = "only the session's start is" if early else "no event is"
        return failed(
            f"telemetries is the text {listed!r} where the client needs a list: its"
            f" constructor throws `forEach is not a function` and {sent} ever sent.",
            proof,
            fixes=(
                fixes.configuration("Write a list", f"telemetries: {fixes.javascript([listed])}"),
            ),
        )
    if isinstance(listed, list) and (strange := _unknown_names(listed)):
        return warned(
            f"The client ignores {', '.join(strange)} in telemetries without notice: the names"
            f" that it knows are {', '.join(TELEMETRIES)}.",
            proof,
            fixes=(_known_names(listed),),
        )
    if isinstance(listed, list) and (nested := _nested(listed)):
        return warned(
            f"telemetries holds the list {fixes.javascript(nested)}, of which the client reads the"
            f" first as a name and the second as its options: of these only {nested[0]} is on.",
            proof,
            fixes=(_flat(listed, nested),),
        )
    return _held_back(evidence, proof) or _dispatched(evidence, listed, proof)


def _nested(listed: list[Any]) -> list[Any]:
    """Return an entry that holds several telemetries where a name and its options belong."""
    entries = (each for each in listed if isinstance(each, list) and len(each) > 1)
    return next((each for each in entries if isinstance(each[1], str | list)), [])


def _flat(listed: list[Any], nested: list[Any]) -> Fix:
    at = listed.index(nested)
    flat = [*listed[:at], *nested, *listed[at + 1 :]]
    return fixes.configuration("Write one list", f"telemetries: {fixes.javascript(flat)}")


def _held_back(evidence: Evidence, proof: Proof) -> Outcome | None:
    """Fail for sizes of cache or batch that let no event through: 0 is no “no limit” for them."""
    for name, usual in (("eventCacheSize", 200), ("batchLimit", 100)):
        size = evidence.option(name, default=usual)
        if isinstance(size, int | float) and size <= 0:
            return failed(
                f"{name} is {size}, with which no event is likely to leave the client: unlike"
                " sessionEventLimit it knows no 'no limit'.",
                proof,
                certain=False,
                fixes=(fixes.configuration("Use the client's own size", f"{name}: {usual}"),),
            )
    return None


def _dispatched(evidence: Evidence, listed: Any, proof: Proof) -> Outcome:
    interval = evidence.option("dispatchInterval", default=5000)
    if isinstance(interval, int | float) and interval <= 0:
        return warned(
            f"dispatchInterval is {interval}: the client sends nothing by itself before the page"
            " is left, and what is sent then is lost where the browser drops it.",
            proof,
            fixes=(_DISPATCH,),
        )
    if listed == []:
        views = evidence.option("disableAutoPageView", default=False) is True
        what = "only session starts are" if views else "only session start and page view are"
        return warned(
            f"The client has no telemetries: {what} sent, beside what the page records by hand.",
            proof,
            fixes=(_USUAL,),
        )
    return passed("The client is switched on for this page.", proof)


def _unknown_names(listed: list[Any]) -> list[str]:
    return [
        fixes.javascript(name)
        for name in map(telemetry_name, listed)
        if not isinstance(name, Expression) and name not in TELEMETRIES
    ]


def _known_names(listed: list[Any]) -> Fix:
    """Return the list with each unknown name replaced by the one that was likely meant."""
    from difflib import get_close_matches

    kept: list[Any] = []
    for entry in listed:
        name = telemetry_name(entry)
        if name in TELEMETRIES or isinstance(name, Expression):
            kept.append(entry)
        elif close := get_close_matches(str(name).lower(), TELEMETRIES, 1, 0.6):
            kept.append([close[0], *entry[1:]] if isinstance(entry, list) else close[0])
    wanted = kept or ["errors", "performance", "http"]
    return fixes.configuration(
        "Use the names that the client knows", f"telemetries: {fixes.javascript(wanted)}"
    )


def observed(evidence: Evidence) -> Outcome | None:
    """Check whether the client records and sends on this page at all."""
    visit = evidence.visit
    outcome = _recorded_and_sent(visit)
    refused = visit.console.said("cookie-rejected") if visit.console else None
    if refused and (outcome is None or outcome.status is Status.PASS):
        return seen_in_part(
            "The browser refuses the client's cookie, so each load of a page is a session and a"
            f" user of its own; events are sent all the same: {refused.text.rstrip('.')}.",
            fixes=(_COOKIES,),
        )
    return outcome


def _recorded_and_sent(visit: Visit) -> Outcome | None:
    if visit.console and visit.console.said("telemetries-not-list", "patterns-not-regexp"):
        sent = " What it had recorded before was sent; nothing after it is." if visit.puts else ""
        return seen_to_fail(
            "The client threw while it started: telemetries must be a list, and pagesToInclude "
            f"and pagesToExclude lists of regular expressions.{sent}",
            visit.puts[:1],
            certain=False,
            fixes=(_USUAL, _EVERY_PAGE),
        )
    if visit.puts:
        if _throws_after_sending(visit):
            return None
        return seen_to_work("The client recorded and sent events on this page.", visit.puts[:1])
    if not visit.silent_loads:
        return None
    if visit.setting("enableRumClient") == KnownOption(value=False):
        return seen_to_fail(
            "enableRumClient is false: the client fetches credentials and then stays silent.",
            fixes=(_ON,),
        )
    match visit.setting("dispatchInterval"):
        case KnownOption(int(interval)) if interval <= 0:
            return seen_in_part(
                "dispatchInterval is 0: the client sends only when the page is left or on request, "
                "and such a beacon is often missing in a recording.",
                certain=False,
                fixes=(_DISPATCH,),
            )
    if _excluded(visit):
        return seen_to_fail(
            "The client keeps a user (cwr_u) but its session has recorded nothing: this page is "
            "likely excluded by pagesToInclude or pagesToExclude, or the client is switched off "
            "(enableRumClient: false, cwr('disable')).",
            certain=False,
            fixes=(_ON, _EVERY_PAGE, _ENABLE_AGAIN),
        )
    return None


def _throws_after_sending(visit: Visit) -> bool:
    """Tell whether this client sends its first events and then throws, which few browsers tell."""
    listed = visit.setting("telemetries")
    text = isinstance(listed, KnownOption) and isinstance(listed.value, str)
    return text and visit.behaviour.sends_before_it_throws


def _excluded(visit: Visit) -> bool:
    storage = visit.storage
    if storage is None or not storage.cookies_seen or not storage.user or storage.stub:
        return False
    if visit.console and visit.console.said("invalid-endpoint", "remote-config"):
        return False
    return not storage.sessions or all(
        session.record and session.event_count == 0 for session in storage.sessions
    )


CHECK = Check(
    id=names.CLIENT_ENABLED,
    hop=Hop.SESSION,
    section=Section.EVENTS_NOT_SENT,
    title="The client is switched on for this page",
    configured=configured,
    observed=observed,
    docs=(links.CLIENT_OPTIONS,),
)
