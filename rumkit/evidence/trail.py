"""Facts of CloudTrail: what is recorded, what was denied, what changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from rumkit.aws import roles
from rumkit.aws_names import is_uuid
from rumkit.evidence.decisions import DecisionFacts
from rumkit.evidence.facts import fact, or_none
from rumkit.model import BadInput, Hop, NotCollected
from rumkit.target import iso
from rumkit.trail import sources, survey, views
from rumkit.trail.names import ANY_CHANGE, CHANGES, COGNITO, KIND_OF, PUT_RUM_EVENTS, STS, WORDS
from rumkit.trail.query import TrailQuery, lost_records

if TYPE_CHECKING:
    from datetime import datetime

    from rumkit.model import Question
    from rumkit.trail.events import TrailEvent
    from rumkit.trail.query import TrailResult, TrailSource
    from rumkit.trail.survey import TrailSurvey
    from rumkit.trail.views import ConfigurationChange

# Without an event for so long, a monitor has fallen silent.
_SILENCE = timedelta(minutes=30)
_NOT_SEEN = (
    "The trail's records of the window hold no such call; whether it records them is not known."
)


class TrailFacts(DecisionFacts):
    """What CloudTrail says of the calls that deliver events, and of the configuration."""

    @fact
    def trail_survey(self) -> TrailSurvey:
        """Which trails and event data stores there are, and what they record."""
        self._refuse_without_trail()
        self.session.require_credentials()
        return survey.survey(self.session.client, self.trail_regions)

    @fact
    def trail_regions(self) -> tuple[str, ...]:
        """The regions whose calls matter: the monitor's and the identity pool's."""
        nearby = [self._monitor_region(), self._pool_region()]
        regions = tuple(dict.fromkeys(region for region in nearby if region)) or self.regions
        if not regions:
            raise NotCollected(
                "trail_regions",
                "no region is known: name it with --region",
                missing=("input:region",),
            )
        return regions

    @fact
    def trail_query(self) -> TrailQuery:
        """What is asked of the trail: everything that bears on this installation."""
        return TrailQuery(
            window=self.target.window,
            monitors=self._monitors(),
            roles=self._roles(),
            pools=self._pools(),
            regions=self._query_regions(),
            policies=self._policies(),
            account=self._account(),
        )

    @fact
    def trail(self) -> TrailResult:
        """All rows of the window that bear on this installation, from the chosen source."""
        self._refuse_without_trail()
        query = self.trail_query
        try:
            return self.trail_source(query).fetch(query)
        except NotCollected as gap:
            if not gap.absent or gap.missing:
                raise
            # What holds the records was named wrongly, or is gone.
            raise NotCollected(gap.fact, gap.reason, missing=("input:trail",)) from None

    def trail_source(self, query: TrailQuery) -> TrailSource:
        """Return the source that the target names. Raises NotCollected where none may be asked."""
        self._refuse_without_trail()
        if not sources.is_local(self.target.trail):
            self.session.require_credentials()
        return sources.choose(
            lambda: self.trail_survey,
            self.target.trail,
            self.session.client,
            regions=query.regions,
        )

    @fact
    def put_events(self) -> TrailResult:
        """PutRumEvents calls that failed."""
        return self._of_known_monitors(self._of(PUT_RUM_EVENTS))

    @fact
    def vending(self) -> TrailResult:
        """STS and Cognito calls that failed."""
        known = bool(self._pools() or self._roles())
        return self._of_this_site(self._of(STS, COGNITO), known=known)

    @fact
    def changes(self) -> TrailResult:
        """Configuration changes of monitor, pool, role and policies."""
        return self._of(CHANGES)

    @fact
    def configuration_changes(self) -> tuple[ConfigurationChange, ...]:
        """The same, newest first, each with the kind of its resource and whether it is ours."""
        return tuple(views.changes(self.changes.rows, self.trail_query))

    def changed_since(
        self, moment: datetime, names: frozenset[str] = ANY_CHANGE
    ) -> ConfigurationChange | None:
        """Return the newest change of this installation after a moment, None if none is known."""
        known = or_none(lambda: self.configuration_changes) or ()
        later = (each for each in known if each.time > moment and each.name in names)
        return next((each for each in later if each.concerns and not each.error_code), None)

    def changed_since_last_event(self, names: frozenset[str]) -> ConfigurationChange | None:
        """Return the newest change that was made after the last event came, None if none is."""
        arrival = or_none(lambda: self.arrival)
        if arrival is None or arrival.last is None:
            return None
        return self.changed_since(arrival.last + timedelta(seconds=arrival.period), names)

    @fact
    def former_guest_roles(self) -> tuple[str, ...]:
        """The ids of earlier roles of the guest role's ARN whose sessions were refused.

        A role that was deleted and made again has another id: its old sessions are good for
        nothing, and policies that name it as principal mean the old one.
        """
        role = self.guest_role
        rows = (row for row in self.trail.rows if row.role == role.arn and row.role_id)
        return tuple(sorted({row.role_id for row in rows} - {role.id}))

    def foreign_denials_or_none(self) -> tuple[TrailEvent, ...] | None:
        """Return denials of another role than the guest role; None when none can be known."""
        try:
            mine = self.guest_role_arn
            rows = self.put_events.rows
        except NotCollected:
            return None
        return tuple(row for row in rows if row.role and row.role != mine)

    def read_trail(
        self, kinds: frozenset[str], outcomes: Literal["failures", "all"]
    ) -> TrailResult:
        """Ask the trail for some kinds alone. Raises NotCollected when no source records any."""
        query = replace(self.trail_query, kinds=kinds, outcomes=outcomes)
        result = self._only(self.trail_source(query).fetch(query), *sorted(kinds))
        return self._of_known_monitors(result) if PUT_RUM_EVENTS in kinds else result

    def ask_trail(self, text: str) -> tuple[list[dict[str, str]], Question]:
        """Put a query of one's own to the trail: its rows as text, and how it was asked.

        Raises BadInput where the source takes no text, NotCollected where it can't be asked.
        """
        query = self.trail_query
        source: Any = self.trail_source(query)
        if self.target.trail == "auto":
            best = sources.best_source(self.trail_survey, self.session.client, query.regions, query)
            source = best or source
        if not hasattr(source, "ask"):
            raise BadInput(
                "A query of your own needs a source that takes text: name it with trail="
                "logs:GROUP, athena:DB.TABLE or lake:ID."
            )
        rows, asked = source.ask(text, self.target.window)
        return list(rows), asked

    def _of_known_monitors(self, result: TrailResult) -> TrailResult:
        """Return what was read. Raises NotCollected where nothing was, and it might be for that."""
        if result.rows or not self._monitors_half_known():
            return self._of_this_site(result, known=bool(self._monitors()))
        # Records name a monitor by name or by id: with one of them alone, none may be ours.
        try:
            _ = self.monitor
        except NotCollected as gap:
            if not sources.is_local(self.target.trail):
                raise
            raise NotCollected("trail", self._none_of_ours(result), missing=gap.missing) from None
        return result

    def _of_this_site(self, result: TrailResult, *, known: bool) -> TrailResult:
        """Return what was read. Raises NotCollected where it may all be of another site's monitor.

        Where nothing but a trail is named, whatever it holds is what was asked for.
        """
        target = self.target
        named = target.monitor or target.page or target.seen_in_browser or target.source
        if result.rows and named and not known:
            raise NotCollected(
                "monitor",
                "calls failed in this account, and which of them are this site's is not known: "
                "neither its app monitor nor its identity pool is",
                missing=("input:monitor",),
            )
        return result

    def _none_of_ours(self, result: TrailResult) -> str:
        """Say that no record read is known to be of this monitor, and what was not read."""
        name, ident = self._monitors()[0]
        other = "its name (--monitor)" if ident else "the page or the id that sends to it"
        return (
            f"no failed call of {name or ident} is among the records; calls that do not name it so"
            f" can be told apart with {other} or with the account. {' '.join(result.notes)}"
        ).rstrip(" .")

    def _of(self, *kinds: str) -> TrailResult:
        """Return the rows of some kinds. Raises NotCollected when no source records any."""
        return self._only(self.trail, *kinds)

    def _only(self, result: TrailResult, *kinds: str) -> TrailResult:
        gaps = result.gaps(*kinds)
        if not result.holds & set(kinds):
            reason = self.not_recorded(*kinds, seen=result)
            raise NotCollected(kinds[0], reason, missing=self.to_record(*kinds))
        return replace(
            result,
            rows=tuple(row for row in result.rows if KIND_OF.get((row.source, row.name)) in kinds),
            coverage=result.coverage_of(*kinds),
            notes=tuple(dict.fromkeys((*result.notes, *(gap.sentence for gap in gaps)))),
            complete=result.complete and not gaps,
            asked=tuple(each for each in result.asked if set(each.kinds) & set(kinds)),
        )

    def client_seen(self) -> str:
        """Say in a clause where a client was seen at work; empty when nowhere."""
        if self.recording_or_none() and (self.visit.puts or self.visit.vending):
            return "the recording holds its calls"
        if self.arriving():
            return "events of this monitor arrive"
        denied = or_none(lambda: self.put_events.rows)
        return "the trail holds its calls" if denied else ""

    def arriving(self) -> bool:
        """Tell whether events of this monitor were accepted until just now."""
        last = self.last_arrival()
        return last is not None and last >= self.target.window.until - _SILENCE

    def outdated(self, hop: Hop) -> str:
        """Say in a clause why what the recording saw to work may work no more; empty if nothing.

        `hop` is the check's. The page may have changed since; and where the account was read, the
        recording may be older than its window, or than the silence that it shows.
        """
        if hop in {Hop.PAGE, Hop.SESSION} and self.page_changed():
            return "the page has changed since the recording"
        ended = self.recording.last_moment
        if ended is None or self.arrival_or_none() is None:
            return ""
        if ended < self.target.window.since:
            return f"the recording of {iso(ended)} is older than the window"
        last = self.last_arrival()
        if last is not None and not self.arriving() and ended <= last + _SILENCE:
            return f"since the recording of {iso(ended)} events have stopped"
        return ""

    def survey_or_none(self) -> TrailSurvey | None:
        """Return what the account records, None when nobody could ask it."""
        return or_none(lambda: self.trail_survey)

    def not_recorded(self, *kinds: str, seen: TrailResult | None = None) -> str:
        """Say that some kinds of calls are not recorded, or that it could not be looked at."""
        words = [_NOT_SEEN]
        if surveyed := self.survey_or_none():
            words = [surveyed.sentence(kind) for kind in kinds]
            words += [f"{each.reason}." for each in surveyed.refusals]
        result = self.trail if seen is None else seen
        lost = [gap for gap in result.gaps(*kinds) if gap.since]
        more = [gap.sentence for gap in (*lost, *lost_records(result.unread))]
        return " ".join(dict.fromkeys((*words, *result.notes, *more)))

    def to_record(self, *kinds: str) -> tuple[str, ...]:
        """Return what would make them known: the refused actions, else a trail's setting.

        What the account records is not known where it could not be asked: then that comes first.
        """
        unasked = self.missing("trail_survey")
        if unasked and not sources.is_local(self.target.trail):
            return unasked
        surveyed = self.survey_or_none()
        refused = [name for each in surveyed.refusals for name in each.missing] if surveyed else []
        settings = tuple(f"setting:record {WORDS[kind]} in a trail" for kind in kinds)
        return tuple(dict.fromkeys(refused)) or settings

    def _refuse_without_trail(self) -> None:
        if self.target.trail == "none":
            raise NotCollected("trail", "no trail was to be asked", missing=("input:trail",))

    def _monitors(self) -> tuple[tuple[str, str], ...]:
        if monitor := self.monitor_or_none():
            return ((monitor.name, monitor.id),)
        # What the user names and what the page names are taken for one monitor.
        named = [each for each in (self.target.monitor, self.page_monitor_id()) if each]
        name = next((each for each in named if not is_uuid(each)), "")
        ident = next((each for each in named if is_uuid(each)), "")
        return ((name, ident),) if named else ()

    def _monitors_half_known(self) -> bool:
        return any(not (name and ident) for name, ident in self._monitors())

    def _roles(self) -> tuple[str, ...]:
        return or_none(lambda: (self.guest_role_arn,)) or ()

    def _pools(self) -> tuple[str, ...]:
        return or_none(lambda: (self.pool_id,)) or ()

    def _policies(self) -> tuple[str, ...] | None:
        """Return the managed policies of the guest role and its boundary, None if not known."""
        try:
            boundary = self.guest_role.boundary_arn
            attached = roles.attached_arns(self.session, self.guest_role.name)
        except NotCollected:
            return None
        return (*attached, boundary) if boundary else attached

    def _account(self) -> str:
        """Return the account that is asked, "" for trail files, which need none."""
        if sources.is_local(self.target.trail):
            return ""
        return self.account_or_none() or ""

    def _query_regions(self) -> tuple[str, ...]:
        """Return the regions to ask; trail files hold what they hold, wherever it was recorded."""
        try:
            return self.trail_regions
        except NotCollected:
            if sources.is_local(self.target.trail):
                return ()
            raise

    def _monitor_region(self) -> str | None:
        return self.regions[0] if len(self.regions) == 1 else self.region_name()

    def _pool_region(self) -> str | None:
        return next((pool.partition(":")[0] for pool in self._pools()), None)
