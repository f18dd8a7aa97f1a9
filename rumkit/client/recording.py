"""A browser recording (HAR), with the console and the storage saved beside it.

Only an allow-list is kept; cookies, tokens, keys, queries and bodies are dropped on reading.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rumkit.client.har.console import Console, console_from_text, read_console
from rumkit.client.har.context import with_silences
from rumkit.client.har.conversation import (
    Call,
    Kind,
    PageLoad,
    RecordedDocument,
    as_client_script,
    page_loads,
)
from rumkit.client.har.entry import EntryReader
from rumkit.client.har.fields import decoded, moment
from rumkit.client.har.reader import HarFacts, read_har
from rumkit.client.har.recorder import RecorderMeta, meta_from_text, pasted_state
from rumkit.client.har.scripts import MAX_BARE, RecordedScript, ScriptKeeper
from rumkit.client.har.sources import Sources, open_sources
from rumkit.client.har.storage import BrowserStorage, read_storage, storage_from_texts
from rumkit.client.har.told import told_refusals
from rumkit.model import BadInput
from rumkit.plain_file import given_path, read_plain

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from rumkit.client.har.body import Attached
    from rumkit.client.har.console_network import FailedRequest

MAX_CALLS = 100_000
MAX_DOCUMENTS = 200
MAX_TUNNELS = 200
_MAX_PASTED = 1_000_000
_VERSION = re.compile(r"/v?(\d{1,3}(?:\.(?:\d{1,4}|x)){1,2})/")


@dataclass(frozen=True)
class Recording:
    """What a recording shows of the delivery of RUM events.

    `entries` counts the entries that could be read, `lost` those that couldn't; `problem` is one
    sentence when the file is damaged. `calls` is in file order, `loads` by page load and time.
    `scripts` are those that hold or construct the client, `bare_scripts` the URLs of those that
    rumkit's recorder read whole and that neither hold it nor load others, `tunnels` those to AWS's
    hosts through a proxy, `ended` is the last moment that the recording knows of, `meta` how
    rumkit's own recorder made it.
    """

    name: str
    calls: tuple[Call, ...] = ()
    documents: tuple[RecordedDocument, ...] = field(default=(), repr=False)
    scripts: tuple[RecordedScript, ...] = ()
    bare_scripts: frozenset[str] = frozenset()
    console: Console | None = None
    storage: BrowserStorage | None = None
    meta: RecorderMeta | None = None
    tunnels: tuple[FailedRequest, ...] = ()
    creator: str = ""
    browser: str = ""
    entries: int = 0
    lost: int = 0
    problem: str = ""
    notes: tuple[str, ...] = ()
    ended: datetime | None = None

    @cached_property
    def loads(self) -> tuple[PageLoad, ...]:
        """Return the page loads in the order in which they began."""
        return page_loads(self.calls, self.documents)

    def of(self, *kinds: Kind) -> list[Call]:
        """Return the calls of these kinds without preflights, in order of time."""
        return [call for load in self.loads for call in load.of(*kinds)]

    @cached_property
    def unrecorded(self) -> tuple[FailedRequest, ...]:
        """Return the failed requests that only the console, or a proxy's tunnel, tells of.

        WebKit, chrome-har and proxies leave failed requests out of their recordings.
        """
        known = self.console.failed_requests if self.console else ()
        asked = {call.url for call in self.calls if not call.preflight}
        files = {url.rpartition("/")[2] for url in asked}
        absent = [r for r in known if r.url not in asked and (r.url or r.file not in files)]
        return (*absent, *(tunnel for tunnel in self._unopened if tunnel.kind))

    @property
    def hidden_hosts(self) -> tuple[str, ...]:
        """Return the hosts of AWS to which a proxy let tunnels through without opening TLS."""
        return tuple(dict.fromkeys(each.host for each in self._unopened if not each.kind))

    @property
    def _unopened(self) -> list[FailedRequest]:
        hosts = {call.host for call in self.calls}
        return [tunnel for tunnel in self.tunnels if tunnel.host not in hosts]

    @property
    def client_script(self) -> Call | None:
        """Return the first request for the client script that was answered, or the first."""
        scripts = self.of(Kind.CLIENT_SCRIPT)
        return next((call for call in scripts if call.ok), scripts[0] if scripts else None)

    @property
    def last_moment(self) -> datetime | None:
        """Return the end of the last call, None where the file has no times."""
        return max((call.ended for call in self.calls if call.ended), default=None)

    @property
    def monitor_ids(self) -> tuple[str, ...]:
        """Return the app monitor ids that events were sent to, in order of appearance."""
        calls = self.of(Kind.PUT_EVENTS)
        ids = (call.monitor_id or (call.batch.monitor_id if call.batch else "") for call in calls)
        return tuple(dict.fromkeys(i for i in ids if i))

    @property
    def client_kind(self) -> str:
        """Return how the client got onto the page: `arw-module` (npm), `arw-script`, or empty."""
        calls = self.of(Kind.PUT_EVENTS)
        kinds = (call.batch.client for call in calls if call.batch)
        return next((kind for kind in kinds if kind in ("arw-module", "arw-script")), "")

    @property
    def client_version(self) -> str:
        """Return the exact version of the script's URL, else the events' own, else `1.x`.

        The URL comes first: published bundles state a version in their events that can lag.
        """
        script = self.client_script
        match = _VERSION.search(script.path) if script else None
        from_url = match[1] if match else ""
        if from_url and "x" not in from_url:
            return from_url
        calls = self.of(Kind.PUT_EVENTS)
        stated = (call.batch.client_version for call in calls if call.batch)
        return next((version for version in stated if version), from_url)

    def without(self, loads: Collection[PageLoad]) -> Recording:
        """Return the recording without these page loads and their documents."""
        calls = {call.index: call.url for load in loads for call in load.calls}
        pages = {id(load.document) for load in loads}
        told = self.console.failed_requests if self.console else ()
        kept = tuple(each for each in told if each.url not in calls.values())
        return replace(
            self,
            calls=tuple(call for call in self.calls if call.index not in calls),
            documents=tuple(page for page in self.documents if id(page) not in pages),
            console=replace(self.console, failed_requests=kept) if self.console else None,
        )

    def with_client_script(self, urls: Iterable[str]) -> Recording:
        """Return the recording with the scripts at these URLs taken for the client's."""
        calls = as_client_script(self.calls, urls)
        return self if calls == self.calls else replace(self, calls=calls)


Paths = str | Path | Sequence[str | Path]


def read_recording(
    path: str | Path | None, *, console: str | Path | None = None, storage: Paths | None = None
) -> Recording:
    """Read a HAR (plain, gzip or zip), and the console and storage that belong to it.

    What `rumkit snippet` printed is read too, and so are a console and a storage without a HAR
    (`path` is None); these have no requests.

    They are the files named, else those of the HAR's stem beside it, or those in the same folder
    or zip when `path` is one. Raises BadInput when a file can't be read or is no HAR; a damaged
    HAR is told in `problem`.
    """
    if path is None:
        return _without_requests(console, storage)
    path = given_path(path)
    if storage is None and (pasted := _pasted(path)):
        return pasted
    with open_sources(path) as sources:
        collector = _EntryCollector(sources.attached)
        facts = read_har(sources.har, collector.take)
        log = _console(sources, console)
        kept = _storage(sources, storage)
        meta = meta_from_text(sources.meta) if sources.meta else None
    ended = _ended(collector, log, meta)
    notes = [*_notes(facts, collector), *sources.notes, *_others(log, kept, meta)]
    return Recording(
        name=path.name,
        calls=with_silences(collector.calls, log, ended),
        ended=ended,
        documents=tuple(collector.documents),
        scripts=tuple(collector.scripts.scripts),
        bare_scripts=frozenset(collector.scripts.bare),
        console=log,
        storage=kept,
        meta=meta,
        tunnels=tuple(dict.fromkeys(collector.tunnels)),
        creator=facts.creator,
        browser=facts.browser,
        entries=facts.entries,
        lost=facts.lost,
        problem=facts.problem,
        notes=tuple(notes),
    )


def _without_requests(console: str | Path | None, storage: Paths | None) -> Recording:
    """Read a console and a storage beside which no request was recorded."""
    log = read_console(console) if console is not None else None
    kept = read_storage(*_listed(storage)) if storage is not None else None
    named = console if console is not None else _listed(storage or "")[0]
    if kept and not kept.known and not (log and log.messages):
        raise BadInput(
            f"{Path(named).name} holds neither cookies nor local storage in a form that is known:"
            " paste the line of `rumkit snippet` into the browser's console, and save its answer."
        )
    notes = ["No recording was given: no request is known but those that the console names."]
    return Recording(
        Path(named).name,
        calls=tuple(told_refusals(log)) if log else (),
        console=log,
        storage=kept,
        notes=(*notes, *_others(log, kept, None)),
        ended=log.last_moment if log else None,
    )


def _listed(paths: Paths) -> list[str | Path]:
    return [paths] if isinstance(paths, str | Path) else list(paths)


def _pasted(path: Path) -> Recording | None:
    """Read what `rumkit snippet` printed in a browser's console, which holds no request."""
    try:
        head = read_plain(path, _MAX_PASTED + 1)
    except (OSError, ValueError):
        return None
    if len(head) > _MAX_PASTED or b"rumkit" not in head[:40]:
        return None
    text = decoded(head)
    meta = pasted_state(text)
    if meta is None:
        return None
    note = "It was printed by `rumkit snippet`: it holds the client's state, and no request."
    return Recording(path.name, storage=storage_from_texts([text]), meta=meta, notes=(note,))


def _others(
    console: Console | None, storage: BrowserStorage | None, meta: RecorderMeta | None
) -> list[str]:
    """Say what of the console and the storage nobody can use."""
    notes = list(storage.notes) if storage else []
    if console and not console.messages and not meta:
        notes.append("The console log holds no message.")
    if console and any(violation.grouped for violation in console.violations):
        notes.append(
            "The console has put similar messages together and shows <URL> for their addresses: "
            "switch 'Group similar messages' off and save it again."
        )
    return notes


def _ended(
    collector: _EntryCollector, console: Console | None, meta: RecorderMeta | None
) -> datetime | None:
    """Return the last moment that the recording knows of, whatever it is that happened then."""
    moments = [
        *(call.ended for call in collector.calls),
        moment(collector.last),
        console.last_moment if console else None,
        meta.ended if meta else None,
    ]
    return max((each for each in moments if each), default=None)


def _console(sources: Sources, named: str | Path | None) -> Console | None:
    if named is not None:
        return read_console(named)
    return None if sources.console is None else console_from_text(sources.console)


def _storage(sources: Sources, named: Paths | None) -> BrowserStorage | None:
    if named is not None:
        return read_storage(*_listed(named))
    return storage_from_texts(sources.storages) if sources.storages else None


class _EntryCollector:
    """Takes entries one by one and keeps what the allow-list lets through."""

    def __init__(self, attached: Attached) -> None:
        self.reader = EntryReader(attached=attached)
        self.calls: list[Call] = []
        self.documents: list[RecordedDocument] = []
        self.scripts = ScriptKeeper()
        self.tunnels: list[FailedRequest] = []
        self.index = 0
        self.last = ""
        self.unreadable = 0
        self.over = 0

    def take(self, entry: Any, utf8: bool) -> None:
        self.index += 1
        self.reader.utf8 = utf8
        started = entry.get("startedDateTime")
        if isinstance(started, str) and started[:40] > self.last:
            self.last = started[:40]  # As text, since most entries are dropped.
        try:
            reading = self.reader.read(entry, self.index)
        except (ValueError, TypeError, AttributeError, RecursionError, OverflowError):
            # An entry of a shape that no exporter writes: it is counted, never shown.
            self.unreadable += 1
            return
        if reading and reading.tunnel and len(self.tunnels) < MAX_TUNNELS:
            self.tunnels.append(reading.tunnel)
        if reading is None or reading.call is None:
            return
        if len(self.calls) >= MAX_CALLS:
            self.over += 1
            return
        self.calls.append(reading.call)
        if reading.document is not None and len(self.documents) < MAX_DOCUMENTS:
            self.documents.append(reading.document)
        if reading.bare and len(self.scripts.bare) < MAX_BARE:
            self.scripts.bare.add(reading.call.url)
        if reading.script:
            self.scripts.offer(reading.call.url, reading.script)


def _notes(facts: HarFacts, collector: _EntryCollector) -> list[str]:
    notes = [facts.problem] if facts.problem else []
    lost = facts.lost + collector.unreadable
    if lost:
        plural = "entry" if lost == 1 else "entries"
        notes.append(f"{lost} {plural} of the recording could not be read.")
    if dropped := collector.scripts.dropped:
        plural = "script that names" if dropped == 1 else "scripts that name"
        notes.append(f"{dropped} more {plural} the RUM client were too large to keep.")
    lost_bodies = [call.body_lost for call in collector.calls if call.body_lost]
    if lost_bodies:
        plural = "body" if len(lost_bodies) == 1 else "bodies"
        notes.append(
            f"{len(lost_bodies)} PutRumEvents {plural} could not be read ({lost_bodies[0]}); their "
            "events are not counted."
        )
    if missing := len(collector.reader.missing):
        plural = "body is in a file" if missing == 1 else "bodies are in files"
        notes.append(f"{missing} {plural} of its own that is not beside the recording.")
    if collector.over:
        notes.append(f"Only the first {MAX_CALLS} calls were kept; {collector.over} were not.")
    if not facts.entries:
        notes.append("The recording has no entries.")
    return notes
