"""A page in which no installation was found: whether that proves that there is none.

The client is most often inside a bundle, which a page's HTML does not show; and a tag manager or a
consent manager may bring it later. So absence is certain only where nothing could hold it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rumkit.aws_answers import what_aws_printed
from rumkit.checks import fixes
from rumkit.checks.base import failed, passed, unknown, warned
from rumkit.checks.events_not_sent.not_the_page import another_document
from rumkit.checks.events_not_sent.template_remarks import template_remarks
from rumkit.checks.loader import paste_snippet
from rumkit.client.find import find_configurations, mention_of, outside_of_unrun, page_starters
from rumkit.client.generations import ClientVersion
from rumkit.client.har.scripts import loads_others
from rumkit.client.source.surroundings import constructed_in_frontmatter
from rumkit.model import Proof

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rumkit.client.page import Page
    from rumkit.client.scripts import PageScript
    from rumkit.evidence import Evidence
    from rumkit.model import Outcome

# How an account's resources are written: CloudFormation, CDK, Terraform, Pulumi.
_RESOURCE = re.compile(r"AWS::RUM::AppMonitor|CfnAppMonitor|aws_rum_app_monitor|rum\.AppMonitor\b")
# What other agents are started with; the import tells that the name is the package's.
_IMPORTED = re.compile(
    r"\bimport\s+(?:\*\s+as\s+)?([A-Za-z_$][\w$]*)\s+from\s+['\"]aws-rum-web['\"]"
    r"|\b(?:const|let|var)\s+([A-Za-z_$][\w$]*)\s*=\s*require\(\s*['\"]aws-rum-web['\"]\s*\)"
)
_STARTS = r"\.(?:init|initialize|start|configure|create|setup)(?=\()"
_IN_ITS_SCRIPT = fixes.advice(
    "Construct the client in the component's script",
    "Move the import and the construction from between the --- lines into a <script> element of"
    " the component: Astro bundles that for the browser.",
)
_BUILT_IN = fixes.advice(
    "Or, in a bundled application, construct the client in its entry",
    "npm install aws-rum-web, then new AwsRum(id, version, region, configuration) once, in the"
    " first module that runs.",
)
_SHOW = fixes.advice(
    "Show the client at work, or its source",
    "A recording of the page tells at once (--recording FILE); so does the source file that"
    " constructs the client beside the page (--source src/rum.ts).",
)


def none_found(evidence: Evidence) -> Outcome:
    """Say that no installation was found, as surely as what was read allows."""
    page = evidence.page
    proof = _proof(evidence, page)
    if direct := _direct_tag(page):
        return failed(
            f"The page loads {direct} by a script element of its own, without the loader: the"
            " client looks for window.AwsRumClient, finds nothing, and does nothing. Commands such"
            " as cwr('init', …) start nothing either.",
            proof,
            fixes=paste_snippet(evidence),
        )
    if bundled := evidence.bundled_client_or_none():
        return passed(
            f"The client is in the page's bundle {bundled.url}"
            f" (version {bundled.version_text}); its configuration comes from elsewhere.",
            proof,
        )
    if seen := evidence.client_seen():
        return unknown(
            f"{page.url} shows no client in its HTML, and one is at work all the same: {seen}. It"
            " is most likely part of the page's bundle.",
            proof,
            missing=("input:source",),
        )
    return _by_what_else(evidence, page, proof)


def _never_made(page: Page, shown: Page, proof: Proof) -> Outcome | None:
    """Return what comes of code that names the package and makes no client in a browser."""
    if constructed_in_frontmatter(page):
        return warned(
            f"{page.url} constructs the client in its frontmatter, which Astro runs when it builds"
            " or serves the page, and no browser does.",
            proof,
            fixes=(_IN_ITS_SCRIPT,),
        )
    if called := _called_by_name(shown):
        return failed(
            f"{page.url} calls {called}(…), which the package aws-rum-web does not have: the call"
            " throws and no client is made. new AwsRum(id, version, region, configuration) starts"
            " it.",
            proof,
            fixes=(_BUILT_IN,),
        )
    return None


def _of_an_account(page: Page, shown: Page, proof: Proof) -> Outcome | None:
    """Return the unknown of a file that shows an account's side: an answer of AWS, a template."""
    if not page.url.startswith(("http:", "https:")) and (what := what_aws_printed(page.html)):
        return _open(f"{page.url} shows no client. {what}", proof, "input:page", "input:monitor")
    resource = _RESOURCE.search(page.html[:1_000_000])
    if resource is None or (mention_of(shown) and not find_configurations(shown)):
        return None
    return _open(
        f"{page.url} defines an app monitor ({resource[0]}), not a client; its settings reach the"
        f" page through the snippet alone, which stands elsewhere.{template_remarks(page.html)}",
        proof,
        "input:page",
        "input:source",
    )


def _by_what_else(evidence: Evidence, page: Page, proof: Proof) -> Outcome:
    shown, unrun = outside_of_unrun(page)
    if outcome := _never_made(page, shown, proof) or _of_an_account(page, shown, proof):
        return outcome
    mentioned = mention_of(shown)
    if configurations := find_configurations(shown):
        first = configurations[0]
        return _open(
            f"{page.url} holds a configuration of the client (line {first.line}) and no"
            " construction: another file reads it and starts the client.",
            proof,
            "input:recording",
            "input:source",
        )
    if mentioned and page.written:
        return _open(
            f"{page.url} sets the page's policies (line {mentioned[0]}) and shows no client.",
            proof,
            "input:source",
            "input:recording",
        )
    if mentioned:
        return _open(
            f"{page.url} names the client on line {mentioned[0]} ({mentioned[1]}) in a way that"
            " cannot be read here.",
            proof,
            "input:recording",
            "input:source",
        )
    if starters := page_starters(page):
        return _open(
            f"{_shows_none(page, unrun)}; {', '.join(starters)} may bring it later.",
            proof,
            "input:recording",
        )
    scripts = evidence.page_scripts_or_none()
    unread = [each for each in scripts if each.text is None or each.problem]
    if why := another_document(evidence, page):
        return _open(why, proof, "input:page", "input:recording")
    if page.language != "html" or unread or _may_hold_more(page, scripts):
        listed = ", ".join(each.url for each in unread[:3])
        why = f" {len(unread)} of its scripts could not be read ({listed})." if unread else ""
        return _open(
            f"{_shows_none(page, unrun)}.{why} A client inside a bundle is seen"
            " only in its source, in the bundle itself, or in a recording.",
            proof,
            "input:recording",
            "input:source",
        )
    return failed(
        f"{_shows_none(page, unrun, 'holds no RUM snippet')}, and no other script that could"
        " hold or load the client.",
        proof,
        fixes=(*paste_snippet(evidence), _BUILT_IN),
    )


def _called_by_name(page: Page) -> str:
    """Return a call of the class or the package by which other agents are started; else nothing."""
    text = page.html[:1_000_000]
    match = _IMPORTED.search(text)
    name = re.escape(match[1] or match[2]) if match else "AwsRum"
    called = re.search(rf"\b(?:{name}|AwsRum){_STARTS}", text)
    return called[0] if called else ""


def _open(text: str, proof: Proof, *missing: str) -> Outcome:
    """Say that it is not known yet whether the page has a client, and what would show it."""
    return unknown(text, proof, fixes=(_SHOW,), missing=missing)


def _shows_none(page: Page, unrun: str, otherwise: str = "shows no client in what was read") -> str:
    """Begin a sentence of a page that shows no client, but where no browser would run it."""
    if unrun:
        return f"{page.url} holds a snippet {unrun} alone, where no browser runs it"
    return f"{page.url} {otherwise}"


def _direct_tag(page: Page) -> str:
    """Return the URL of a client script that a script element loads by itself."""
    for script in page.scripts:
        version = ClientVersion.parse(script.src or "")
        if script.src and not script.inert and (version.cdn or version.number):
            return script.src[:200]
    return ""


def _may_hold_more(page: Page, read: Sequence[PageScript]) -> bool:
    """Tell whether the page has scripts that were not read, or any that loads others."""
    loaded = [script for script in page.scripts if script.src and not script.inert]
    if len(loaded) > len(read):
        return True
    texts = (*(script.text for script in page.scripts), *(each.text or "" for each in read))
    return any(map(loads_others, texts))


def _proof(evidence: Evidence, page: Page) -> Proof:
    scripts = evidence.page_scripts_or_none()
    read = sum(each.text is not None for each in scripts)
    return Proof(
        "page",
        {
            "status": page.status,
            "scripts in the HTML": len(page.scripts),
            "scripts loaded and read": f"{read} of {len(scripts)}",
        },
    )
