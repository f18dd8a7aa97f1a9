"""Does the page hold an installation that can start the client?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.checks import fixes, names
from rumkit.checks.base import Check, failed, passed
from rumkit.checks.observed import not_told, seen_to_fail, seen_to_work
from rumkit.checks.words import shown
from rumkit.client.har.conversation import Kind
from rumkit.commands import REGION
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
_COMMANDS = fixes.advice(
    "Use the client's own commands",
    "The loader itself starts the client; cwr('initialize', …) and cwr('init', …) are none of its"
    " commands. The list is in docs/cdn_commands.md of the client.",
)
_INSTALL = "https://github.com/aws-observability/aws-rum-web/blob/main/docs/cdn_installation.md"


# What keeps a client from ever starting; other problems are judged by the check they concern.
_FATAL = {
    "placeholder",
    "initialize-command",
    "syntax",
    "insertion-throws",
    "no-queue",
    "never-called",
    "not-uuid",
    "config-not-object",
    "endpoint-no-scheme",
}


# A placeholder there is judged by the check of that option.
_ELSEWHERE = {"sessionSampleRate"}


def configured(evidence: Evidence) -> Outcome | None:
    """Fail for a page without `window.AwsRumClient`, or with `'{{appMonitorId}}'` left in it."""
    found = evidence.snippets
    page = evidence.page
    if not found:
        return failed(
            f"{page.url} holds no RUM snippet: nothing in its inline scripts starts the client."
            " (A client inside a bundle is seen only in that bundle's source, or in a"
            " recording.)",
            Proof("page", {"scripts": len(page.scripts), "status": page.status}),
            fixes=_paste_snippet(evidence),
        )
    snippet = evidence.snippet
    proof = _snippet_proof(snippet)
    fatal = [
        problem
        for problem in snippet.problems
        if problem.code in _FATAL and problem.field not in _ELSEWHERE
    ]
    if fatal:
        return failed(
            "The snippet cannot start the client: "
            + "; ".join(problem.message.rstrip(".") for problem in fatal)
            + ".",
            proof,
            fixes=_repair(evidence, snippet, {problem.code for problem in fatal}),
        )
    others = {each.app_monitor_id for each in found if isinstance(each.app_monitor_id, str)}
    if len(others) > 1:
        return failed(
            f"The page starts {len(found)} clients for {len(others)} monitors. Both read the"
            " last window.AwsRumClient: the first monitor gets nothing, the last one every"
            " event twice.",
            proof,
            fixes=(_ONE_SNIPPET,),
        )
    return passed("The page holds a snippet that can start the client.", proof)


def _snippet_proof(snippet: Snippet) -> Proof:
    values = {
        "kind": f"{snippet.kind}, {snippet.build} build",
        "line": snippet.line,
        "app monitor id": shown(snippet.app_monitor_id),
        "region": shown(snippet.region),
        "client": shown(snippet.client_url),
    }
    rows = tuple((problem.code, problem.message) for problem in snippet.problems)
    return Proof(
        "snippet", values, table=Table(("problem", "what it means"), rows) if rows else None
    )


def _paste_snippet(evidence: Evidence) -> tuple[Fix, ...]:
    from rumkit.checks.loader import loader

    return (
        fixes.snippet(
            "Paste this as the first script of the page's head",
            loader(evidence),
            side_effect="A content security policy must allow it: see csp-script.",
        ),
    )


def _repair(evidence: Evidence, snippet: Snippet, codes: set[str]) -> tuple[Fix, ...]:
    from rumkit.checks.loader import known_monitor

    if codes == {"insertion-throws"}:
        return (
            _IN_THE_HEAD,
            *_paste_snippet(evidence),
        )
    if codes == {"endpoint-no-scheme"} and _is_region(snippet.region):
        return (
            fixes.configuration(
                "Write the endpoint as a URL",
                fixes.member("endpoint", f"https://dataplane.rum.{snippet.region}.amazonaws.com"),
            ),
        )
    wrong = {problem.field for problem in snippet.problems if problem.code in _FATAL}
    monitor = known_monitor(evidence)
    if monitor and snippet.kind == "loader" and wrong == {"app_monitor_id"}:
        return (
            fixes.monitor_id("Put the monitor's own id into the snippet", monitor.id),
            *_paste_snippet(evidence),
        )
    return _paste_snippet(evidence)


def _is_region(value: object) -> bool:
    return isinstance(value, str) and bool(REGION.fullmatch(value))


def observed(evidence: Evidence) -> Outcome | None:
    """Judge whether the snippet ran: the client script was asked for, or events were sent."""
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
    if console and console.said("unsupported-command") and not visit.puts:
        return seen_to_fail(
            "The client refused a command (CWR: UnsupportedOperationException): the snippet's "
            "calls are not those that the client knows.",
            certain=False,
            fixes=(_COMMANDS,),
        )
    doubled = _two_snippets(visit)
    if doubled or scripts:
        return doubled or seen_to_work("The page asked for the client script, so the snippet ran.")
    if visit.puts or visit.vending:
        return seen_to_work(
            "The client ran on the page without a script of its own (an npm build)."
        )
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
    docs=(_INSTALL,),
)
