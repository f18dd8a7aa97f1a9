"""Who starts a script that no browser runs by itself, and which tag managers a page loads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rumkit.client.html import Script
    from rumkit.client.page import Page

_ROCKET = re.compile(r"[0-9a-f]{8,40}-(?:(?:text|application)/javascript|module)?", re.IGNORECASE)
# Types that hold text for other code, which no one turns into a script as it stands.
_NOT_CODE = re.compile(
    r"(?:text|application)/(?:html|template|x-[\w-]*template|ng-template|x-handlebars[\w-]*|mustache"
    r"|ld\+json|json|xml|css|x-tmpl[\w-]*|markdown)|importmap|speculationrules|x-shader[\w/-]*",
    re.IGNORECASE,
)
# The marks by which a consent manager knows its scripts (attribute or class), and its name, if one
# alone has that mark.
_CONSENT = (
    ("data-cookieconsent", "Cookiebot"),
    ("data-usercentrics", "Usercentrics"),
    ("data-cookieyes", "CookieYes"),
    ("data-cookiefirst-category", "CookieFirst"),
    ("data-cookie-category", ""),
    ("data-cookiecategory", "CookieConsent"),
    ("data-category", "CookieConsent"),
    ("data-consent", ""),
    ("data-cookie-consent", ""),
    ("data-categories", "Termly"),
    ("data-borlabs-cookie-type", "Borlabs"),
    ("data-cmp-vendor", "consentmanager"),
    ("data-cmp-src", "consentmanager"),
    ("data-hs-cookie-consent", "HubSpot"),
    ("optanon", "OneTrust"),
    ("ot-script", "OneTrust"),
    ("_iub_cs_activate", "iubenda"),
    ("cmplz", "Complianz"),
    ("cky-", "CookieYes"),
    ("truste", "TrustArc"),
)
_MANAGERS = (
    (re.compile(r"googletagmanager\.com/gtm\.js|['\"]gtm\.start['\"]"), "Google Tag Manager"),
    (re.compile(r"tags\.tiqcdn\.com/|/utag(?:\.sync)?\.js"), "Tealium"),
    (
        re.compile(r"assets\.adobedtm\.com/|/launch-[0-9A-Za-z]{8,40}(?:-\w+)?(?:\.min)?\.js"),
        "Adobe",
    ),
    (re.compile(r"cdn\.segment\.(?:com|io)/"), "Segment"),
    (re.compile(r"nexus\.ensighten\.com/"), "Ensighten"),
    (re.compile(r"cdn\.tagcommander\.com/"), "Commanders Act"),
    (re.compile(r"containers\.piwik\.pro/"), "Piwik PRO"),
    (re.compile(r"/js/container_[0-9A-Za-z]{6,12}\.js"), "Matomo Tag Manager"),
    (re.compile(r"/cdn-cgi/zaraz/"), "Zaraz"),
)
_CONTAINER = re.compile(r"GTM-[A-Z0-9]{4,12}")
_MAX_SCRIPTS = 2_000
_MAX_TEXT = 20_000


def starter_of(script: Script) -> str | None:
    """Name what starts a script whose type no browser runs; None when it is no script at all."""
    kind = script.attributes.get("type", "").strip().lower()
    if _ROCKET.fullmatch(kind):
        return "Rocket Loader"
    if kind == "text/partytown":
        return "Partytown"
    if kind in {"text/babel", "text/jsx"}:
        return "Babel in the browser"
    if not kind or _NOT_CODE.fullmatch(kind):
        return None
    names = " ".join(script.attributes).lower()
    classes = script.attributes.get("class", "").lower()
    for mark, manager in _CONSENT:
        if mark in names.split() or mark in classes or (mark.endswith("-") and mark in names):
            return f"a consent manager ({manager})" if manager else "a consent manager"
    if kind == "text/plain" and ("data-name" in names or "data-type" in names):
        return "a consent manager (Klaro)"
    return f'something that changes its type="{kind[:60]}", such as a consent manager'


def page_starters(page: Page) -> tuple[str, ...]:
    """Name the tag managers that a page loads: any of them may bring the client in later."""
    starters: dict[str, str] = {}
    for script in page.scripts[:_MAX_SCRIPTS]:
        text = script.src or script.text[:_MAX_TEXT]
        for pattern, manager in _MANAGERS:
            if manager not in starters and pattern.search(text):
                container = _CONTAINER.search(text)
                starters[manager] = f" ({container[0]})" if container else ""
    return tuple(manager + container for manager, container in starters.items())
