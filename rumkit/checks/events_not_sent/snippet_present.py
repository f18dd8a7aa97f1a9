"""Does the page hold an installation that can start the client?"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from rumkit.aws_names import is_region, is_uuid
from rumkit.checks import fixes, links, names
from rumkit.checks.base import Check, failed, warned
from rumkit.checks.events_not_sent.absence import none_found
from rumkit.checks.events_not_sent.never_made import NAMED_IMPORT, told_never_made
from rumkit.checks.events_not_sent.starting import COMMANDS, SNIPPET_FIRST, conditions
from rumkit.checks.loader import own_id, paste_snippet
from rumkit.checks.observed import not_told, seen_in_part, seen_to_fail, seen_to_work
from rumkit.checks.words import shown
from rumkit.checks.written import holds_placeholder, sentence, wrong_value
from rumkit.client.har.conversation import Kind
from rumkit.model import Fix, Hop, Outcome, Proof, Section, Table

if TYPE_CHECKING:
    from rumkit.client.snippet import Snippet
    from rumkit.client.visit import Visit
    from rumkit.evidence import Evidence


_ONE_SNIPPET = fixes.advice(
    "Keep one snippet on the page",
    "Remove all snippets but one, or start the others as NPM clients with"
    " cookieAttributes: {unique: true}.",
)
_IN_THE_HEAD = fixes.advice(
    "Move the snippet into the head",
    "Paste the snippet inside <head>, before any other script, or use the loader that inserts at"
    " document.head.getElementsByTagName('script')[0].",
)
_FOUR_ARGUMENTS = fixes.advice(
    "Give the client its four arguments",
    "new AwsRum(id, version, region, configuration): the app monitor's id, a version of your own,"
    " the monitor's Region, and the object with the options (identityPoolId, endpoint, telemetries"
    " and the like) as the fourth.",
)
_ITS_ID = fixes.advice(
    "Give new AwsRum(…) the monitor's own id as its first argument",
    "`aws rum list-app-monitors` lists the monitors of a Region with their ids; the RUM console"
    " shows it as the application's id.",
)
_WHOLE_ENDPOINT = fixes.advice(
    "Write the endpoint as a URL",
    "endpoint begins with https:// and names the data plane of the monitor's region.",
)


# What keeps a client from ever starting; other problems are evaluated by the check they concern.
_FATAL = {
    "initialize-command",
    "syntax",
    "insertion-throws",
    "never-inserted",
    "inner-html",
    "custom-block",
    "no-queue",
    "config-not-object",
    "endpoint-no-scheme",
    "command-stops-snippet",
    "no-constructor",
    "one-object",
}
# Those by which a client fails that was loaded: that its script was asked for refutes none of them.
_WHEN_LOADED = {"endpoint-no-scheme", "config-not-object", "initialize-command"}


def configured(evidence: Evidence) -> Outcome | None:
    """Fail for a page without `window.AwsRumClient`, or with `'{{appMonitorId}}'` left in it."""
    if not evidence.snippets:
        return none_found(evidence)
    snippet = evidence.snippet
    proof = _snippet_proof(snippet)
    fatal = [problem for problem in snippet.problems if problem.code in _FATAL]
    if fatal:
        npm = snippet.kind == "npm"
        subject = "The client cannot start" if npm else "The snippet cannot start the client"
        return failed(
            f"{subject}: " + "; ".join(problem.message.rstrip(".") for problem in fatal) + ".",
            proof,
            fixes=_repair(evidence, snippet, {problem.code for problem in fatal}),
        )
    return (
        _unfilled(evidence, snippet, proof)
        or _several(evidence, proof)
        or conditions(evidence, snippet, proof)
    )


def _unfilled(evidence: Evidence, snippet: Snippet, proof: Proof) -> Outcome | None:
    """Fail for a placeholder in an argument that no other check reads."""
    for field in ("app_monitor_id", "client_url", "namespace"):
        problem = wrong_value(snippet, field)
        if problem and problem.code == "placeholder":
            own = field == "app_monitor_id"
            ways = _id_and_snippet(evidence) if own else paste_snippet(evidence)
            return failed(sentence(problem), proof, fixes=ways)
    return None


def _several(evidence: Evidence, proof: Proof) -> Outcome | None:
    """Fail for loaders of several monitors that run on one page; warn of several of one."""
    running = [each for each in evidence.snippets if each.kind == "loader" and not each.conditional]
    if any(first.excludes(second) for first, second in combinations(running, 2)):
        return None
    ids = [each.app_monitor_id for each in running if isinstance(each.app_monitor_id, str)]
    monitors = set(ids)
    if len(running) > 1 and len(ids) == len(running) and len(monitors) == 1:
        return warned(
            f"The page holds the snippet {len(running)} times, and each starts a client: what a"
            " visitor does is likely recorded as often.",
            proof,
            fixes=(_ONE_SNIPPET,),
        )
    if len(monitors) < 2:
        return None
    return failed(
        f"The page starts {len(running)} clients for {len(monitors)} monitors. Both read the"
        " last window.AwsRumClient: the first monitor gets nothing, the last one every"
        " event twice.",
        proof,
        fixes=(_ONE_SNIPPET,),
    )


def _snippet_proof(snippet: Snippet) -> Proof:
    values = {
        "kind": f"{snippet.kind}, {snippet.build} build",
        "line": snippet.line,
        "app monitor id": shown(snippet.app_monitor_id),
        "region": shown(snippet.region),
        "client": shown(snippet.client_url),
    }
    rows = tuple((problem.code, problem.message) for problem in snippet.problems)
    table = Table(("problem", "what it means"), rows) if rows else None
    return Proof("snippet", values, table=table)


def _repair(evidence: Evidence, snippet: Snippet, codes: set[str]) -> tuple[Fix, ...]:
    if "no-constructor" in codes:
        return (NAMED_IMPORT,)
    if "one-object" in codes:
        return (_FOUR_ARGUMENTS,)
    if codes == {"command-stops-snippet"}:
        return (SNIPPET_FIRST,)
    if codes == {"insertion-throws"}:
        return (_IN_THE_HEAD, *paste_snippet(evidence))
    if "initialize-command" in codes:
        return (*paste_snippet(evidence), COMMANDS)
    if codes == {"endpoint-no-scheme"}:
        return _whole_endpoint(str(snippet.region))
    return paste_snippet(evidence)


def observed(evidence: Evidence) -> Outcome | None:
    """Check whether the snippet ran: the client script was asked for, or events were sent."""
    visit = evidence.visit
    console = visit.console
    scripts = visit.recording.of(Kind.CLIENT_SCRIPT)
    thrown = console.said("insertion-throws") if console else None
    if thrown and not scripts:
        return seen_to_fail(
            "The snippet threw NotFoundError at insertBefore, so cwr.js was never requested: it "
            "stands where the document's first script is not in the head. Move the snippet into "
            "the head, before any other script.",
            fixes=(_IN_THE_HEAD,),
        )
    if outcome := told_never_made(visit):
        return outcome
    if console and console.said("unsupported-command") and not visit.puts:
        return seen_to_fail(
            "The client refused a command (CWR: UnsupportedOperationException): the snippet's "
            "calls are not those that the client knows.",
            certain=False,
            fixes=(COMMANDS,),
        )
    if wrong := _two_snippets(visit) or _unfilled_seen(evidence) or _endpoint_thrown(evidence):
        return wrong
    return None if _fails_when_loaded(visit) else _seen_to_run(visit)


def _seen_to_run(visit: Visit) -> Outcome:
    console, scripts = visit.console, visit.recording.of(Kind.CLIENT_SCRIPT)
    if scripts and console and console.said("cwr-undefined"):
        return seen_in_part(
            "The snippet ran, and a script called cwr() before it: those commands were lost, and"
            " the script that made them stopped there.",
            scripts[:1],
            fixes=(_IN_THE_HEAD,),
        )
    if scripts:
        return seen_to_work(
            "The page asked for the client script, so the snippet ran.", scripts[:1]
        )
    if not visit.recording.entries and not visit.recording.meta:
        return _told_to_run(visit)
    if visit.puts or visit.vending:
        return seen_to_work(
            "The client ran on the page without a script of its own (an npm build).",
            (visit.vending or visit.puts)[:1],
        )
    if console and console.client_frames:
        return seen_to_work(
            f"The console names the client's own file {console.client_frames[0]}, so it runs."
        )
    if console and console.said("cwr-undefined"):
        return _called_too_early(", and the client was never asked for")
    if not any(load.whole for load in visit.loads):
        return not_told(
            "The recording does not begin with the page's document, so it can't show whether the "
            "snippet ran; reload the page while the network panel records."
        )
    return not_told(
        "The client script was never requested. Either the page has no snippet, something keeps "
        "it from running (a policy, a consent banner, an error before it), or the client is "
        "bundled and silent; give the page, and the console saved beside the recording."
    )


def _called_too_early(also: str = "") -> Outcome:
    return seen_to_fail(
        f"A script of the page called cwr() where it is not defined{also}: the snippet stands after"
        " that script, or not at all.",
        certain=False,
        fixes=(_IN_THE_HEAD,),
    )


def _told_to_run(visit: Visit) -> Outcome:
    """Say what console and storage alone tell: what the client says, asks for and keeps."""
    console, storage = visit.console, visit.storage
    if storage and (storage.sessions or storage.credentials):
        return seen_to_work("The browser keeps what only the client writes, so it ran here.")
    if console and (console.client_frames or visit.vending or visit.unrecorded_puts):
        return seen_to_work("The console tells of the client's own requests, so it runs.")
    if console and console.said("cwr-undefined"):
        return _called_too_early()
    return not_told(
        "No request was recorded, so whether the snippet ran is not known: save the network panel"
        " as HAR with content, from before the page is loaded.",
        missing=("input:recording",),
    )


def _fails_when_loaded(visit: Visit) -> bool:
    """Tell whether the page names a fault that a loaded client shows only by sending nothing."""
    if holds_placeholder(visit.snippets):
        return True
    codes = {problem.code for problem in visit.snippets[0].problems} if visit.snippets else set()
    return bool(codes & _WHEN_LOADED) and not visit.puts


def _unfilled_seen(evidence: Evidence) -> Outcome | None:
    """Check a client that ran with a placeholder where its monitor's id belongs."""
    visit = evidence.visit
    if not holds_placeholder(visit.snippets):
        return None
    calls = [call for call in visit.puts if call.monitor_id and not is_uuid(call.monitor_id)]
    if not calls:
        return None
    return seen_to_fail(
        f"The snippet ran with a placeholder: events went to the monitor {calls[0].monitor_id!r}.",
        calls[:1],
        fixes=_id_and_snippet(evidence),
    )


def _endpoint_thrown(evidence: Evidence) -> Outcome | None:
    """Check a client whose constructor took its endpoint for no URL."""
    visit = evidence.visit
    if not visit.console or not visit.console.said("invalid-endpoint") or visit.delivered:
        return None
    region = str(visit.snippets[0].region) if visit.snippets else ""
    return seen_to_fail(
        "The client threw 'Invalid URL' while it started: endpoint must be a whole URL, with"
        " https:// in front.",
        certain=False,
        fixes=_whole_endpoint(region),
    )


def _whole_endpoint(region: str) -> tuple[Fix, ...]:
    if not is_region(region):
        return (_WHOLE_ENDPOINT,)
    return (fixes.endpoint("Write the endpoint as a URL", region),)


def _id_and_snippet(evidence: Evidence) -> tuple[Fix, ...]:
    """Return the monitor's id where it is known, and the whole snippet where the page has one."""
    snippet = evidence.snippet_or_none()
    if snippet is not None and snippet.kind == "npm":
        return own_id(evidence) or (_ITS_ID,)
    return (*own_id(evidence), *paste_snippet(evidence))


def _two_snippets(visit: Visit) -> Outcome | None:
    for load in visit.loads:
        named = {s.app_monitor_id for s in visit.snippets_of(load) if s.kind == "loader"}
        sent = {call.monitor_id for call in load.puts if call.monitor_id}
        starved = sorted(i for i in named - sent if isinstance(i, str))
        if len(sent) == 1 and starved and sent < named:
            return seen_to_fail(
                f"Two snippets are on one page: both clients take the last one's settings, so "
                f"{', '.join(starved)} gets nothing and {', '.join(sent)} everything twice.",
                load.puts,
                fixes=(_ONE_SNIPPET,),
            )
    return None


CHECK = Check(
    id=names.SNIPPET_PRESENT,
    hop=Hop.PAGE,
    section=Section.EVENTS_NOT_SENT,
    title="The page holds a snippet that can start the client",
    configured=configured,
    observed=observed,
    docs=(f"{links.CLIENT_DOCS}/cdn_installation.md",),
)
