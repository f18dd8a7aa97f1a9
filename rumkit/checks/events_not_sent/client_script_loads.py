"""Does the browser get the client script?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rumkit.checks import fixes, links, names
from rumkit.checks.base import Check, failed, passed, skipped, unknown, warned
from rumkit.checks.in_between import who
from rumkit.checks.observed import not_told, seen_in_part, seen_to_fail, seen_to_work
from rumkit.checks.words import shown
from rumkit.client.generations import CDN_HOST, ClientVersion
from rumkit.client.har.author import Author
from rumkit.client.har.conversation import Call, Kind
from rumkit.client.har.place import CLIENT_HOST
from rumkit.client.har.silence import Silence, Silent
from rumkit.client.visit import Visit, blocked_by_policy
from rumkit.model import Fix, Hop, Outcome, Proof, Section, Status

if TYPE_CHECKING:
    from rumkit.evidence import Evidence


_SELF_HOSTED = fixes.advice(
    "Serve cwr.js from the site's own host",
    "Blockers and DNS lists name AWS's host for the client, not yours. Download the version that"
    " the page names, serve it beside the site's own scripts, and give its URL to the loader as"
    " its fifth argument.",
)
_EMBEDDER = fixes.advice(
    "Let the page embed the script",
    "Under Cross-Origin-Embedder-Policy: require-corp a script of another origin needs CORS: set"
    " z.crossOrigin='anonymous' in the loader before z.src, or serve cwr.js from the site's own"
    " host, or send Cross-Origin-Embedder-Policy: credentialless.",
)
_INTEGRITY = fixes.advice(
    "Name an exact version, or leave the integrity attribute out",
    "A floating version (1.x) is another file after each release, and its hash with it.",
)
_COEP = "cross-origin-embedder-policy"
_FILES = frozenset({"cwr.js", "cwr-slim.js"})
_SETS_INTEGRITY = re.compile(r"\.integrity\s*=|['\"]integrity['\"]\s*,")
_PUBLISH = fixes.advice(
    "Publish the script, or load it from the CDN",
    "Serve cwr.js under the path that the loader names, or give the loader"
    f" https://{CDN_HOST}/1.x/cwr.js as its fifth argument.",
)
_CONTENT_TYPE = fixes.advice(
    "Serve the script as JavaScript",
    "Send Content-Type: text/javascript with it. With X-Content-Type-Options: nosniff a browser"
    " runs no script of another type.",
)
_REMOTE = fixes.advice(
    "Let the page reach its remote configuration, or leave it out",
    "The loader's seventh argument names a JSON file that the client must load before it starts:"
    " publish it where the page may connect to it, or remove the argument.",
)


def configured(evidence: Evidence) -> Outcome | None:
    """Fail for `https://client.rum.eu-west-1.amazonaws.com/…`: the CDN is in us-east-1 alone."""
    snippet = evidence.snippet
    if snippet.kind == "npm":
        return skipped("The client is part of the site's own bundle.")
    url = snippet.client_url
    proof = Proof("snippet", {"client URL": shown(url)})
    if url is None:
        return unknown("The snippet names no URL for the client, or none that can be read.", proof)
    if not isinstance(url, str):
        if not snippet.problem("syntax") and not snippet.problem("perhaps-syntax"):
            return unknown(f"The client's URL is an expression: {shown(url)}.", proof)
        return unknown("No URL can be read in a script that does not parse: see snippet-present.")
    version = ClientVersion.parse(url)
    fix = fixes.client_url(
        "Load the client from the one host that serves it",
        f"https://{CDN_HOST}/{version.text or '1.x'}/cwr.js",
    )
    if version.host.startswith("client.rum.") and not version.cdn:
        return failed(
            f"{version.host} serves no client: the client's host is {CDN_HOST}, whatever the"
            " monitor's region.",
            proof,
            fixes=(fix,),
        )
    number = version.number
    if version.cdn and number is None:
        return failed(
            f"{url} names no version of the client; the paths are /N.x/cwr.js, /N.M.x/cwr.js and"
            " /N.M.P/cwr.js.",
            proof,
            fixes=(fix,),
        )
    if version.cdn and number and not version.known:
        major = min(max(number[0], 1), 3)
        there = f"https://{CDN_HOST}/{major}.x/cwr.js"
        return warned(
            f"rumkit knows no client {version.text}; the CDN may not either.",
            proof,
            fixes=(fixes.client_url("Load a version that the CDN has", there),),
        )
    if url.startswith("http://"):
        secure = f"https://{url.removeprefix('http://')}"
        return warned(
            "The client is loaded over plain http; an https page blocks it as mixed content.",
            proof,
            fixes=(fixes.client_url("Load the client over https", secure),),
        )
    return _well_formed(evidence, version, url, proof)


def _well_formed(evidence: Evidence, version: ClientVersion, url: str, proof: Proof) -> Outcome:
    """Check what may yet keep the script from a page that names it rightly."""
    if version.floating and _SETS_INTEGRITY.search(evidence.snippet.source):
        return warned(
            f"The loader sets an integrity hash, and {version.text} is another file after each"
            " release of the client: from the next release on browsers refuse it.",
            proof,
            fixes=(_INTEGRITY,),
        )
    if version.cdn and _wants_cors(evidence):
        return warned(
            "The page is served with Cross-Origin-Embedder-Policy: require-corp, and the loader"
            " asks for the client without CORS: unless AWS answers with a"
            " Cross-Origin-Resource-Policy, which rumkit does not know, browsers likely block it.",
            proof,
            fixes=(_EMBEDDER,),
            certain=False,
        )
    if evidence.arrival_or_none():
        return passed(f"{url} is well formed, and browsers with it have sent events.", proof)
    return unknown(
        f"The URL {url} is well formed; whether browsers get it, only a recording shows"
        " (ad blockers and DNS lists block this host).",
        proof,
        missing=("input:recording", *evidence.missing("arrival")),
    )


def _wants_cors(evidence: Evidence) -> bool:
    """Tell whether the page embeds only what lets it, and the loader does not ask for CORS."""
    policies = (v for name, v in evidence.page.headers if name.strip().lower() == _COEP)
    required = any(value.strip().lower().startswith("require-corp") for value in policies)
    return required and "crossorigin" not in evidence.snippet.source.lower()


def observed(evidence: Evidence) -> Outcome | None:
    """Check the request for the client script."""
    visit = evidence.visit
    scripts = visit.recording.of(Kind.CLIENT_SCRIPT)
    if not scripts:
        return _by_console(visit)
    for call in scripts:
        load = visit.load_of(call)
        ran = load.puts or load.vending
        if not ran and (outcome := _trouble(visit, call)):
            return _unless_healed(visit, call, outcome)
    if visit.console and visit.console.said("remote-config") and not visit.puts:
        return seen_to_fail(
            "The client could not load its remote configuration (CWR: Failed to load remote "
            "config), so no client was created.",
            fixes=(_REMOTE,),
        )
    good = [call for call in scripts if call.ok]
    return seen_to_work("The client script was loaded.", good[:1]) if good else None


def _by_console(visit: Visit) -> Outcome | None:
    """Check by what the console says of the script, where the exporter leaves it out."""
    for request in visit.recording.unrecorded:
        own = CLIENT_HOST.fullmatch(request.host) or request.file in _FILES
        if not own or request.kind is Silent.POLICY or visit.puts or visit.vending:
            continue
        answer = f"was answered with {request.status}" if request.status else "did not load"
        text = f"The console says that the client script {answer}: {request.explained}."
        return seen_to_fail(text, fixes=(_SELF_HOSTED,))
    page = visit.console.said("script-is-html") if visit.console else None
    if page and not visit.puts and not visit.vending:
        return seen_to_fail(
            "The console says that a page of HTML came in place of the client's script, a fallback"
            f" page of the site most often: {page.text.rstrip('.')}.",
            fixes=(_PUBLISH,),
        )
    return None


def _unless_healed(visit: Visit, call: Call, outcome: Outcome) -> Outcome:
    if outcome.status is Status.FAIL and visit.healed(call):
        text = f"{outcome.summary} It loaded later in the recording."
        return seen_in_part(text, [call], fixes=outcome.fixes)
    return outcome


def _trouble(visit: Visit, call: Call) -> Outcome | None:
    console_has = visit.console.said if visit.console else lambda *_: None
    if call.status >= 400:
        text = f"The client script answered {call.status}: {call.url}."
        if call.author is Author.PROXY:
            text = f"The client script was answered with {call.status} by {who(call)}."
        return seen_to_fail(f"{text}{_only_one_cdn(call)}", [call], fixes=(_cdn(call),))
    html = call.status and ("html" in call.mime or console_has("script-is-html"))
    if html and CLIENT_HOST.fullmatch(call.host):
        text = f"The client script was answered with {call.status} and a page by {who(call)}."
        return seen_to_fail(f"{text}{_only_one_cdn(call)}", [call], fixes=(_SELF_HOSTED,))
    if html:
        return seen_to_fail(
            f"{call.url} answers {call.status} with an HTML page instead of a script (a fallback "
            "page of the site): publish cwr.js there, or load it from the CDN.",
            [call],
            fixes=(_cdn(call),),
        )
    if call.author is Author.EXTENSION or (
        call.redirected and call.author is Author.PROXY and CLIENT_HOST.fullmatch(call.host)
    ):
        text = f"The client script was answered with {call.status} by {who(call)}."
        return seen_to_fail(text, [call], fixes=(_SELF_HOSTED,))
    if call.status and console_has("refused-content-type") and "javascript" not in call.mime:
        return seen_to_fail(
            f"The browser refused to run {call.url} for its content type"
            f" ({call.mime or 'none'}), as the console says.",
            [call],
            fixes=(_CONTENT_TYPE, _cdn(call)),
        )
    if console_has("integrity"):
        return seen_to_fail(
            "The browser rejected the client script: its integrity attribute does not match; a "
            "floating version changes at each release.",
            [call],
            fixes=(_INTEGRITY,),
        )
    if call.silence is None or blocked_by_policy(call):
        return None
    return _silent(call, call.silence)


def _silent(call: Call, silence: Silence) -> Outcome | None:
    """Check a script of which the page got nothing, by the kind of silence."""
    if call.pending:
        return not_told("The client script's reply had not come when the recording ended.", [call])
    if silence.kind is Silent.POLICY:
        return not_told(
            "The browser blocked the client script before it was sent; the recording names no "
            "reason. That is how Chromium exports what a content security policy blocks.",
            [call],
            missing=("input:page", "input:console"),
        )
    text = f"The client script did not load: {silence.text}.{_only_one_cdn(call)}"
    return seen_to_fail(text, [call], certain=silence.certain, fixes=_fixes(call, silence.kind))


def _fixes(call: Call, kind: Silent) -> tuple[Fix, ...]:
    if kind is Silent.WITHHELD:
        return (_EMBEDDER,)
    if kind is Silent.INTEGRITY:
        return (_INTEGRITY,)
    if kind is Silent.CONTENT_TYPE:
        return (_CONTENT_TYPE, _cdn(call))
    if kind in {Silent.EXTENSION, Silent.ADMINISTRATOR, Silent.DNS} and call.host == CDN_HOST:
        return (_SELF_HOSTED,)
    return (_cdn(call), _SELF_HOSTED)


def _cdn(call: Call) -> Fix:
    """Return the URL of the one host that serves the client, with the version that was asked."""
    version = ClientVersion.parse(call.url).text or "1.x"
    name = call.path.rpartition("/")[2]
    file = name if name in _FILES else "cwr.js"
    url = f"https://{CDN_HOST}/{version}/{file}"
    return fixes.client_url("Load the client from the one host that serves it", url)


def _only_one_cdn(call: Call) -> str:
    if call.host != CDN_HOST and CLIENT_HOST.fullmatch(call.host):
        return f" The CDN of the client exists in us-east-1 only: use {CDN_HOST}."
    return ""


CHECK = Check(
    id=names.CLIENT_SCRIPT_LOADS,
    hop=Hop.PAGE,
    section=Section.EVENTS_NOT_SENT,
    title="The client script's URL is one that is served",
    configured=configured,
    observed=observed,
    docs=(f"{links.CLIENT_DOCS}/cdn_installation.md",),
)
