"""What is in a recording, in lines for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.client.har.conversation import Call, Kind
from rumkit.show.words import count, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rumkit.client.har.recorder import ClientState, RecorderMeta
    from rumkit.client.recording import Recording

_MAX_ROWS = 200

_CLIENTS = {"arw-module": "the npm package", "arw-script": "the script, cwr.js"}


def described(recording: Recording) -> str:
    """Return what a recording holds: how it was made, its loads with their calls, what is beside.

    Everything in it comes from the internet, so each value is one line without control characters.
    """
    return "\n".join(_lines(recording))


def _lines(recording: Recording) -> Iterator[str]:
    yield one_line(f"{recording.name}: {count(recording.entries, 'entry', 'entries')}")
    if recording.meta:
        yield from _meta(recording.meta)
    elif recording.creator or recording.browser:
        yield one_line(f"made by {recording.creator} {recording.browser}".strip())
    if client := recording.client_kind:
        yield one_line(
            f"client: {_CLIENTS[client]}, version {recording.client_version or 'unknown'}"
        )
    private = recording.meta.private if recording.meta else ()
    for load in recording.loads[:_MAX_ROWS]:
        window = " (private window)" if load.calls and load.calls[0].page in private else ""
        yield ""
        yield one_line(f"page load {load.number}{window}: {load.url or 'no document recorded'}")
        shown = [c for c in load.calls if c.kind not in (Kind.SCRIPT, Kind.APPLICATION)]
        yield from (f"  {_call(call)}" for call in shown[:_MAX_ROWS])
        others = len(load.calls) - len(shown)
        if others:
            yield f"  and {count(others, 'other request')} of the page"
    yield from _beside(recording)
    yield from (one_line(f"note: {note}") for note in recording.notes)


def _meta(meta: RecorderMeta) -> Iterator[str]:
    if not meta.fresh:
        return
    how = "without a window" if meta.headless else "in a window"
    seconds = (meta.ended - meta.began).total_seconds() if meta.ended and meta.began else 0
    yield one_line(f"recorded by {meta.recorder} with {meta.browser}, {how}, in {seconds:.0f} s")
    yield from (one_line(f"not observed: {each}") for each in meta.unobserved)


def _call(call: Call) -> str:
    name = f"{call.kind} (preflight)" if call.preflight else str(call.kind)
    outcome = str(call.status or "no reply")
    why = call.trouble if call.failed else ""
    batch = f", {count(call.batch.events, 'event')}" if call.batch else ""
    beacon = ", beacon" if call.beacon else ""
    return one_line(f"{name}: {outcome}{batch}{beacon}{f': {why}' if why else ''}  {call.host}")


def _beside(recording: Recording) -> Iterator[str]:
    yield ""
    console, storage = recording.console, recording.storage
    if console is None:
        yield "console: not saved"
    else:
        violations = count(len(console.violations), "policy violation")
        yield f"console: {count(console.messages, 'message')}, {violations}"
        for violation in console.violations[:20]:
            mode = " (report only)" if violation.report_only else ""
            yield one_line(f"  {violation.directive} blocked {violation.blocked}{mode}")
        for issue in console.issues[:20]:
            yield one_line(f"  {issue.code}: {issue.reason} {issue.url}")
    for state in recording.meta.states if recording.meta else ():
        yield one_line(f"client at {state.page}: {_state(state)}")
    if storage is None:
        yield "storage: not saved"
        return
    for session in storage.sessions:
        yield f"cwr_s: record {session.record}, eventCount {session.event_count}"
    for kept in storage.credentials:
        whole = "credentials" if kept.has_secret_key else "incomplete credentials"
        yield one_line(f"cwr_c: {whole} until {kept.expiration or 'an unknown moment'}")
    yield f"cwr_i: {storage.identity}; cwr_u: {'present' if storage.user else 'absent'}"


def _state(state: ClientState) -> str:
    if not state.name:
        return "no client command on the page"
    kind = {True: "the loader's stub", False: "the real client", None: "unknown"}[state.stub]
    queue = "" if state.queue is None else f", {count(state.queue, 'command')} waiting"
    worker = f", service worker {state.service_worker}" if state.service_worker else ""
    isolated = ", cross-origin isolated" if state.isolated else ""
    return f"window.{state.name} is {kind}{queue}{worker}{isolated}"
