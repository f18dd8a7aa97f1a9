"""What a recording says on the first hop: does the client get onto the page and out of it."""

from __future__ import annotations

from rumkit.client.diagnosis.case import (
    Case,
    RecordingVerdict,
    blocked_by_policy,
    failed,
    network_cause,
    passed,
    unknown,
    warned,
)
from rumkit.client.generations import CDN_HOST
from rumkit.client.har.conversation import Call, Kind
from rumkit.client.har.place import CLIENT_HOST
from rumkit.model import Status


def snippet_present(case: Case) -> RecordingVerdict | None:
    """Judge whether the snippet ran: the client script was asked for, or events were sent."""
    console = case.console
    scripts = case.recording.of(Kind.CLIENT_SCRIPT)
    thrown = console.said("insertion-throws") if console else None
    if thrown and not scripts:
        return failed(
            "The snippet threw NotFoundError at insertBefore, so cwr.js was never requested: it "
            "stands where the document's first script is not in the head. Move the snippet into "
            "the head, before any other script."
        )
    if console and console.said("unsupported-command") and not case.puts:
        return failed(
            "The client refused a command (CWR: UnsupportedOperationException): the snippet's "
            "calls are not those that the client knows.",
            certain=False,
        )
    doubled = _two_snippets(case)
    if doubled or scripts:
        return doubled or passed("The page asked for the client script, so the snippet ran.")
    if case.puts or case.vending:
        return passed("The client ran on the page without a script of its own (an npm build).")
    if not any(load.whole for load in case.loads):
        return unknown(
            "The recording does not begin with the page's document, so it can't show whether the "
            "snippet ran; reload the page while the network panel records."
        )
    return unknown(
        "The client script was never requested. Either the page has no snippet, something keeps "
        "it from running (a policy, a consent banner, an error before it), or the client is "
        "bundled and silent; give the page, and the console saved beside the recording."
    )


def _two_snippets(case: Case) -> RecordingVerdict | None:
    for load in case.loads:
        named = {s.app_monitor_id for s in case.snippets_of(load) if s.kind == "loader"}
        sent = {call.monitor_id for call in load.puts if call.monitor_id}
        starved = sorted(i for i in named - sent if isinstance(i, str))
        if len(sent) == 1 and starved and sent < named:
            return failed(
                f"Two snippets are on one page: both clients take the last one's settings, so "
                f"{', '.join(starved)} gets nothing and {', '.join(sent)} everything twice.",
                load.puts,
            )
    return None


def client_script_loads(case: Case) -> RecordingVerdict | None:
    """Judge the request for the client script."""
    scripts = case.recording.of(Kind.CLIENT_SCRIPT)
    console = case.console
    if not scripts:
        return None
    for call in scripts:
        load = case.load_of(call)
        ran = load.puts or load.vending
        if not ran and (verdict := _script_trouble(case, call)):
            return _unless_healed(case, call, verdict)
    if console and console.said("remote-config") and not case.puts:
        return failed(
            "The client could not load its remote configuration (CWR: Failed to load remote "
            "config), so no client was created.",
        )
    good = [call for call in scripts if call.ok]
    return passed("The client script was loaded.", good[:1]) if good else None


def _unless_healed(case: Case, call: Call, verdict: RecordingVerdict) -> RecordingVerdict:
    if verdict.status is Status.FAIL and case.healed(call):
        return warned(f"{verdict.summary} It loaded later in the recording.", [call])
    return verdict


def _script_trouble(case: Case, call: Call) -> RecordingVerdict | None:
    console = case.console
    cause = network_cause(call)
    where = _host_advice(call)
    if call.status >= 400:
        return failed(f"The client script answered {call.status}: {call.url}.{where}", [call])
    if call.status and ("html" in call.mime or (console and console.said("script-is-html"))):
        return failed(
            f"{call.url} answers {call.status} with an HTML page instead of a script (a fallback "
            "page of the site): publish cwr.js there, or load it from the CDN.",
            [call],
        )
    if console and console.said("integrity") and not call.ok:
        return failed("The integrity attribute does not match the client script.", [call])
    if call.status == 0 and call.net_error == "" and not call.blocked:
        return _silently_blocked(case, call)
    if blocked_by_policy(call):
        return None
    if cause:
        return failed(f"The client script did not load: {cause}.{where}", [call])
    if call.ok and console and console.said("integrity"):
        return failed(
            "The browser rejected the client script: its integrity attribute does not match; a "
            "floating version changes, so leave the attribute out or name an exact version.",
            [call],
        )
    if call.pending:
        return unknown("The client script's reply had not come when the recording ended.", [call])
    return None


def _silently_blocked(case: Case, call: Call) -> RecordingVerdict | None:
    """Judge status 0 with an empty error: mixed content, else a policy (see csp-script)."""
    https = case.load_of(call).url.startswith("https:")
    said = case.console.said("mixed-content") if case.console else None
    if call.url.startswith("http:") and (https or said):
        return failed(
            "The client script's URL is http on an https page, which browsers block as mixed "
            "content: write https.",
            [call],
        )
    return unknown(
        "The browser blocked the client script before it was sent; the recording names no "
        "reason. That is how Chromium exports what a content security policy blocks.",
        [call],
    )


def _host_advice(call: Call) -> str:
    if call.host != CDN_HOST and CLIENT_HOST.fullmatch(call.host):
        return f" The CDN of the client exists in us-east-1 only: use {CDN_HOST}."
    return ""


def client_version(case: Case) -> RecordingVerdict | None:
    """Judge known-bad pairs: the enhanced flow with clients before 1.15."""
    number = case.version.number
    stored = case.storage.credentials if case.storage else ()
    asked = [call for call in case.vending if call.kind is Kind.GET_CREDENTIALS]
    pool_asked = [call for call in asked if case.asked_with_pool_id(call)]
    old = number is not None and number < (1, 15, 0)
    without_id = [c for c in asked if not case.load_of(c).of(Kind.GET_ID)]
    if (old and without_id) or (pool_asked and (old or number is None)):
        return failed(
            f"{case.label.capitalize()} can't use the enhanced flow: it calls "
            "GetCredentialsForIdentity with the identity pool's id and without GetId. Use 1.15 "
            "or newer (1.x, 2.x, 3.x), or add guestRoleArn for the basic flow.",
            pool_asked or without_id,
        )
    if stored and not any(s.has_secret_key for s in stored) and (old or number is None):
        return failed(
            "The stored credentials (cwr_c) have no secretAccessKey: a client before 1.15 read "
            "the reply of the enhanced flow wrongly. Use 1.15 or newer, or add guestRoleArn.",
            certain=old,
        )
    if number is not None and case.delivered:
        return passed(f"Events of {case.label} were accepted.")
    if number is not None and number < (1, 15, 0) and case.flow == "enhanced":
        return warned(f"{case.label.capitalize()} is older than 1.15, the enhanced flow's first.")
    return None
