"""A fleet's run: targets side by side within a bound, each with its own time, then what is kept."""

from __future__ import annotations

import json
import queue
import secrets
import threading
import time
from concurrent.futures import wait
from dataclasses import dataclass, field, replace
from datetime import UTC
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Final

from rumkit.fleet import history
from rumkit.fleet.look import SharedFacts, look
from rumkit.fleet.places import open_places
from rumkit.fleet.plan import FleetTarget
from rumkit.fleet.rows import TOLD_TO_END, MonitorRow, failed_row, row_of
from rumkit.fleet.shards import in_shard
from rumkit.fleet.store import CannotWrite
from rumkit.model import BadInput, RumkitError, in_words
from rumkit.target import iso, now
from rumkit.threads import in_thread, started

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from rumkit.fleet.places import Opened
    from rumkit.fleet.plan import FleetPlan
    from rumkit.fleet.shards import Shard
    from rumkit.fleet.store import HistoryStore
    from rumkit.investigation import Investigation

    Pair = tuple[FleetTarget, SharedFacts]
    Finished = Callable[[MonitorRow, Investigation], MonitorRow]

# A request that was sent within the time may still take its own fifteen seconds, three times.
_GRACE_SECONDS: Final = 45.0
_STEP_SECONDS: Final = 0.2


@dataclass
class FleetProgress:
    """How many monitors are done, told a line each with the time that the rest will take."""

    tell: Callable[[str], None]
    total: int = 0
    done: int = 0
    begun: float = field(default_factory=time.monotonic)

    def finished(self, row: MonitorRow) -> None:
        """Tell one monitor's result."""
        self.done += 1
        left = (time.monotonic() - self.begun) / self.done * (self.total - self.done)
        result = f"{row.state}{f' ({row.cause})' if row.cause else ''}"
        why = f": {row.error}" if row.error else ""
        name = " ".join(filter(None, (row.place, row.region, row.monitor)))
        self.tell(f"[{self.done}/{self.total}] {name}: {result}{why}, {_spoken(left)} left")


def _spoken(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


@dataclass(frozen=True)
class FleetRun:
    """A finished run: its rows, the worst first, and what there is to say of the whole.

    `stopped` says why it ended early, empty where it did not. `abandoned` counts the targets
    whose threads may still be waiting for AWS.
    """

    run: str
    time: str
    rows: tuple[MonitorRow, ...]
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    stopped: str = ""
    abandoned: int = 0


def new_run() -> tuple[str, str]:
    """Return a run's name, which no other run has, and its moment."""
    moment = now()
    stamp = moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    return f"{stamp}-{secrets.token_hex(3)}", iso(moment)


def carry_out(
    plan: FleetPlan,
    store: HistoryStore,
    *,
    run: str,
    moment: str,
    at_once: int = 8,
    timeout: float = 120.0,
    shard: Shard | None = None,
    tell: Callable[[str], None] = lambda _: None,
    stop: threading.Event | None = None,
    finished: Finished = lambda row, _: row,
    look_at: Callable[..., Investigation] = look,
) -> FleetRun:
    """Look at every target of a plan and return the rows, compared with the last run's.

    `finished` is called for each monitor that could be looked at, in the thread that did, and
    may add files and notes to its row. Raises BadInput for a mistake in the plan.
    """
    begun = time.monotonic()
    ended = stop or threading.Event()
    before, unread = history.read_state(store)
    opened, lost = _opened(plan, ended)
    if not lost and not any(place.targets for place in opened):
        raise BadInput(_nothing(opened))
    pairs = _pairs(opened, moment, shard)
    there = {target.key for target, _ in pairs}
    lost = [
        each
        for each in _with_unseen(lost, before)
        if each.key not in there and in_shard(each.key, shard)
    ]
    progress = FleetProgress(tell, total=len(pairs) + len(lost))
    work = _Work(plan, run, moment, timeout, finished, look_at, ended)
    rows = [failed_row(target, run, moment) for target in lost]
    for row in rows:
        progress.finished(row)
    for row in work.all_of(pairs, at_once):
        rows.append(row)
        progress.finished(row)
    notes = [note for note in (unread, history.clock_note(moment, before)) if note]
    stopped = "it was told to end before all monitors were looked at" if ended.is_set() else ""
    return FleetRun(
        run,
        moment,
        tuple(history.since_last(rows, before)),
        tuple(notes),
        round(time.monotonic() - begun, 3),
        stopped if any(row.error == TOLD_TO_END for row in rows) else "",
        work.abandoned,
    )


def _pairs(opened: Sequence[Opened], moment: str, shard: Shard | None) -> list[Pair]:
    """Return what to look at, each once: two places may lead to one account."""
    pairs: dict[str, Pair] = {}
    for place in opened:
        shared = SharedFacts(place, moment)
        for target in place.targets:
            if in_shard(target.key, shard):
                pairs.setdefault(target.key, (target, shared))
    return list(pairs.values())


def _opened(plan: FleetPlan, ended: threading.Event) -> tuple[list[Opened], list[FleetTarget]]:
    """Sign in everywhere. Raises KeyboardInterrupt at a stop: there is nothing to keep yet."""
    work = in_thread(lambda: open_places(plan), "fleet places")
    while not wait([work], _STEP_SECONDS).done:
        if ended.is_set():
            raise KeyboardInterrupt
    opened: tuple[list[Opened], list[FleetTarget]] = work.result()
    return opened


def _with_unseen(
    lost: Sequence[FleetTarget], before: Mapping[str, MonitorRow]
) -> list[FleetTarget]:
    """Add the monitors that earlier runs knew in places and Regions that can't be asked now."""
    unseen = _unseen(lost, before)
    # Earlier runs knew the account too, so that their rows say more of the same monitors.
    known = {(each.place, each.monitor) for each in unseen}
    told = [each for each in lost if each.account or (each.place, each.monitor) not in known]
    return [*told, *unseen]


def _unseen(lost: Sequence[FleetTarget], before: Mapping[str, MonitorRow]) -> list[FleetTarget]:
    """Return the monitors that earlier runs knew in a place or Region that can't be asked now."""
    unseen = {}
    known = {each.key for each in lost}
    for each in lost:
        if each.monitor:
            continue
        for row in before.values():
            same_region = not each.account or each.region == row.region
            same_place = row.place == each.place or row.place.startswith(f"{each.place}/")
            if same_place and same_region and row.monitor and row.key not in known:
                unseen[row.key] = FleetTarget(
                    row.place, row.account, row.region, row.monitor, row.page, row.owner,
                    error=each.error,
                )  # fmt: skip
    return list(unseen.values())


def _nothing(opened: Sequence[Opened]) -> str:
    """Say that nothing is what was asked for, which a run every night must not take for good."""
    places = ", ".join(
        f"{each.place.name} ({', '.join(each.listed)}: {sum(map(len, each.listed.values()))}"
        " app monitors)"
        for each in opened
    )
    return f"No app monitor is what was asked for: {places}."


@dataclass
class _Work:
    """Looks at targets in threads that nothing waits for longer than their time."""

    plan: FleetPlan
    run: str
    moment: str
    timeout: float
    finished: Finished
    look_at: Callable[..., Investigation]
    ended: threading.Event
    abandoned: int = 0

    def all_of(self, pairs: Sequence[Pair], at_once: int) -> Iterator[MonitorRow]:
        """Yield a row for each target as it is done, at most `at_once` side by side."""
        todo: queue.SimpleQueue[Pair] = queue.SimpleQueue()
        done: queue.SimpleQueue[MonitorRow] = queue.SimpleQueue()
        for pair in _mixed(pairs):
            todo.put(pair)
        for number in range(min(at_once, len(pairs))):
            slot = threading.Thread(
                target=self._slot, args=(todo, done), daemon=True, name=f"fleet {number}"
            )
            if not started(slot):
                if number == 0:
                    self._slot(todo, done)
                break
        for _ in pairs:
            yield done.get()

    def _slot(self, todo: queue.SimpleQueue[Pair], done: queue.SimpleQueue[MonitorRow]) -> None:
        while True:
            try:
                target, shared = todo.get_nowait()
            except queue.Empty:
                return
            done.put(self._watched(target, shared))

    def _watched(self, target: FleetTarget, shared: SharedFacts) -> MonitorRow:
        """Return the target's row; one that is not ready in time, or at a stop, is given up."""
        if self.ended.is_set():
            return self._failed(target, TOLD_TO_END, 0.0)
        begun = time.monotonic()
        row = in_thread(lambda: self._row(target, shared), f"fleet {target.monitor}")
        limit = self.timeout + _GRACE_SECONDS
        while not wait([row], _STEP_SECONDS).done:
            seconds = time.monotonic() - begun
            if self.ended.is_set() or seconds >= limit:
                self.abandoned += 1
                why = TOLD_TO_END if self.ended.is_set() else _late(seconds)
                return self._failed(target, why, seconds)
        return row.result()

    def _row(self, target: FleetTarget, shared: SharedFacts) -> MonitorRow:
        begun = time.monotonic()
        try:
            investigation = self.look_at(target, shared, timeout=self.timeout)
        except RumkitError as error:
            return self._failed(target, str(error), time.monotonic() - begun)
        except Exception as defect:  # noqa: BLE001 - it costs this monitor's row and no other
            text = f"rumkit itself failed: {in_words(defect)}"
            return self._failed(target, text, time.monotonic() - begun)
        row = row_of(
            target,
            investigation,
            self.plan.accepted,
            run=self.run,
            time=self.moment,
            seconds=time.monotonic() - begun,
        )
        try:
            return self.finished(row, investigation)
        except Exception as error:  # noqa: BLE001 - what was found counts all the same
            return replace(row, note=f"its report could not be kept: {error}"[:600])

    def _failed(self, target: FleetTarget, why: str, seconds: float) -> MonitorRow:
        return failed_row(
            replace(target, error=why), self.run, self.moment, seconds=round(seconds, 3)
        )


def _late(seconds: float) -> str:
    return f"it was not done within {seconds:.0f} s and was given up (--timeout gives it longer)"


def _mixed(pairs: Sequence[Pair]) -> Iterator[Pair]:
    """Yield the targets so that neighbours are of different places: no account waits for all."""
    by_place: dict[str, list[Pair]] = {}
    for pair in pairs:
        by_place.setdefault(pair[0].place, []).append(pair)
    return filter(None, chain.from_iterable(zip_longest(*by_place.values())))


def keeping(
    store: HistoryStore, run: str, kept: Callable[[MonitorRow], None] = lambda _: None
) -> Finished:
    """Return what writes each investigation beside the others of its monitor.

    `kept` is called with each row whose investigation was written.
    """

    def keep(row: MonitorRow, investigation: Investigation) -> MonitorRow:
        folder = history.report_folder(row.account, row.region, row.monitor, row.day)
        path = f"{folder}/{run}.json"
        try:
            # Indented, as a person would read it, it takes a fifth of a run's processor time.
            store.write(path, json.dumps(investigation.to_dict()) + "\n")
        except CannotWrite as error:
            return replace(row, note=str(error)[:600])
        row = replace(row, files={"case": path})
        kept(row)
        return row

    return keep
