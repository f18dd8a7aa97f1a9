"""A browser's visit: a recording, the snippets that belong to it, and what follows from both."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from itertools import dropwhile, islice
from typing import TYPE_CHECKING

from rumkit.aws_names import is_uuid
from rumkit.client.generations import Behaviour, ClientVersion, behaviour
from rumkit.client.har.author import WAF, Author
from rumkit.client.har.body import mark
from rumkit.client.har.conversation import AWS_CALLS, VENDING, Call, Kind, PageLoad
from rumkit.client.har.place import DATA_PLANE_HOST, MONITOR_PATH, aws_host
from rumkit.client.har.silence import Silent
from rumkit.client.options import KnownOption, Option, UnreadOption, known_text

if TYPE_CHECKING:
    import re
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from rumkit.client.har.console_network import FailedRequest
    from rumkit.client.page import Page
    from rumkit.client.recording import Recording
    from rumkit.client.snippet import Snippet


# The client first sends about 5 s after it has started; below this, silence means nothing.
FIRST_DISPATCH = 6.5
# Replies of these are not AWS's, whatever their status says.
IN_BETWEEN = frozenset({Author.PROXY, Author.SERVICE_WORKER, Author.EXTENSION, Author.BROWSER})


def silence_of(call: Call) -> str:
    """Say in a clause why the page got no reply; empty when it got one, or may still get it."""
    return call.silence.text if call.silence and not call.pending else ""


def blocked_by_policy(call: Call) -> bool:
    """Return whether a content security policy is known to have blocked the call."""
    silence = call.silence
    return silence is not None and silence.kind is Silent.POLICY and silence.certain


def strangers(recording: Recording, asked: Collection[str], *, of_page: bool) -> list[PageLoad]:
    """Return the loads of other sites, which send to other app monitors than those asked about.

    Pages of one origin share what the client stores, so none of them is a stranger's. Where no
    load sends to what was asked about, all are, if a page was named (`of_page`) and not a source,
    of which another build may be deployed.
    """
    # What has not the form of an id is a mistake, not another's monitor.
    sent = {
        load.number: {call.monitor_id for call in load.puts if is_uuid(call.monitor_id)}
        for load in recording.loads
    }
    own = {load.origin for load in recording.loads if not sent[load.number].isdisjoint(asked)}
    return [
        load
        for load in recording.loads
        if asked and sent[load.number] and sent[load.number].isdisjoint(asked)
        if (load.origin not in own if own else of_page)
    ]


class Visit:
    """A recording, the snippets that belong to it, and what follows from both.

    `asked` are the app monitors of the page or source that was named, none where nothing was;
    `strangers` are page loads of others, which were left out of it.
    """

    def __init__(
        self,
        recording: Recording,
        snippets: Sequence[Snippet] = (),
        *,
        asked: Collection[str] = (),
        strangers: Sequence[PageLoad] = (),
    ) -> None:
        self.asked = frozenset(asked)
        self.strangers = tuple(strangers)
        recording = recording.without(strangers) if strangers else recording
        urls = [s.client_url for s in snippets if isinstance(s.client_url, str)]
        self.recording = recording.with_client_script(urls)
        self.snippets = tuple(snippets)
        self.loads = self.recording.loads
        self.console = recording.console
        self.storage = recording.storage

    @cached_property
    def version(self) -> ClientVersion:
        """Return the client's version, with no number when nothing tells."""
        script = self.recording.client_script
        url = script.url if script else self.snippets[0].client_url if self.snippets else None
        named = ClientVersion.parse(url)
        stated = ClientVersion.parse(self.recording.client_version)
        if stated.number is None or (named.number and not named.floating):
            return named
        if named.number and named.number[0] != stated.number[0]:
            return named
        return replace(stated, build=named.build, cdn=named.cdn, host=named.host)

    @cached_property
    def behaviour(self) -> Behaviour:
        """Return what this version does; the newest's behaviour when the version is unknown."""
        return behaviour(self.version)

    @property
    def label(self) -> str:
        """Return the client's version for a sentence."""
        return f"client {self.version}" if self.version.number else "this client"

    @property
    def first_dispatch(self) -> float:
        """Return the seconds after which the client has sent, by the snippet's dispatchInterval."""
        interval = self.setting("dispatchInterval")
        value = interval.value if isinstance(interval, KnownOption) else None
        seconds = value / 1000 if isinstance(value, int | float) else 0.0
        return max(FIRST_DISPATCH, seconds + FIRST_DISPATCH - 5)

    @cached_property
    def puts(self) -> list[Call]:
        """Return all PutRumEvents calls."""
        return self.recording.of(Kind.PUT_EVENTS)

    @cached_property
    def delivered(self) -> list[Call]:
        """Return the PutRumEvents calls that RUM itself accepted."""
        return [call for call in self.puts if call.accepted]

    @cached_property
    def refused(self) -> list[Call]:
        """Return the PutRumEvents calls that failed, the first bad one first."""
        return [call for call in self.puts if call.failed]

    @cached_property
    def answered_in_between(self) -> list[Call]:
        """Return the PutRumEvents calls, preflights included, that something else answered."""
        calls = self.recording.calls
        asked = [call for call in calls if call.kind is Kind.PUT_EVENTS and call.status > 0]
        foreign = [call for call in asked if call.author in IN_BETWEEN and not call.accepted]
        foreign = [call for call in foreign if not (call.preflight and call.status < 400)]
        return [call for call in foreign if not _may_pass_on(call)]

    @cached_property
    def vending_in_between(self) -> list[Call]:
        """Return the Cognito and STS calls that something else answered, whatever the status."""
        answered = [call for call in self.vending if call.status > 0 and not call.accepted]
        return [call for call in answered if call.author in IN_BETWEEN and not self.healed(call)]

    @property
    def refused_by_rum(self) -> list[Call]:
        """Return the PutRumEvents calls that failed, without those that something else answered."""
        return [call for call in self.refused if call.author not in IN_BETWEEN]

    @cached_property
    def denied(self) -> list[Call]:
        """Return the PutRumEvents calls that AWS, as far as is known, refused with 401 or 403."""
        return [call for call in self.refused_by_rum if call.status in {401, 403}]

    def unrecorded(self, *hosts: re.Pattern[str]) -> list[FailedRequest]:
        """Return failed requests to such hosts that only the console, or a tunnel, tells of.

        What a policy blocked is evaluated by the policy's own checks.
        """
        return [
            request
            for request in self.recording.unrecorded
            if request.kind is not Silent.POLICY
            and any(host.fullmatch(request.host) for host in hosts)
        ]

    @cached_property
    def unrecorded_puts(self) -> list[FailedRequest]:
        """Return the failed PutRumEvents calls that the recording itself leaves out."""
        elsewhere = [
            request
            for request in self.recording.unrecorded
            if request.kind is not Silent.POLICY
            and not DATA_PLANE_HOST.fullmatch(request.host)
            and MONITOR_PATH.search(request.url)
        ]
        return [*self.unrecorded(DATA_PLANE_HOST), *elsewhere]

    @cached_property
    def vending(self) -> list[Call]:
        """Return the Cognito and STS calls of all loads."""
        return [call for load in self.loads for call in load.vending]

    @property
    def site_refusals(self) -> list[Call]:
        """Return the refused token calls of the site's own AWS SDK; no client of RUM made them."""
        calls = [call for call in self.recording.of(Kind.SITE_TOKEN) if not call.preflight]
        return [call for call in calls if call.status >= 400]

    def load_of(self, call: Call) -> PageLoad:
        """Return the page load that a call belongs to."""
        return self._load_by_index[call.index]

    @cached_property
    def _load_by_index(self) -> dict[int, PageLoad]:
        return {call.index: load for load in self.loads for call in load.calls}

    def healed(self, call: Call) -> bool:
        """Return whether a call of the same kind, for the same monitor, succeeded later.

        A token call is also healed by events that RUM accepts after it, with stored credentials.
        """
        return self._worked_later(call) or (call.kind in VENDING and self._sent_after(call))

    def not_asked(self, *monitors: str) -> str:
        """Say in a sentence that these are other monitors than what was named has."""
        if not monitors or not self.asked or not self.asked.isdisjoint(monitors):
            return ""
        named = f"what was named has {', '.join(sorted(self.asked))}"
        return f" That is app monitor {', '.join(sorted(monitors))}; {named}."

    def of_another_monitor(self, calls: list[Call]) -> str:
        """Say in a sentence that calls are of another monitor than what was named or accepted."""
        monitors = {call.monitor_id for call in calls if call.monitor_id}
        if named := self.not_asked(*monitors):
            return named
        others = {call.monitor_id for call in self.delivered if call.monitor_id}
        if not monitors or not others or monitors & others:
            return ""
        return (
            f" That is app monitor {', '.join(sorted(monitors))}; the events of"
            f" {', '.join(sorted(others))} are accepted."
        )

    def healing(self, call: Call) -> str:
        """Say in a sentence how a healed call was healed."""
        if self._worked_later(call):
            return "It worked later in the recording."
        return "Events were accepted after it all the same."

    def _worked_later(self, call: Call) -> bool:
        same = [c for c in self.recording.of(call.kind) if c.monitor_id == call.monitor_id]
        later = dropwhile(lambda other: other.index != call.index, same)
        return any(_good(other) for other in islice(later, 1, None))

    def _sent_after(self, call: Call) -> bool:
        """Return whether RUM accepted events after a token call, of the one monitor there is."""
        snippets = {each.app_monitor_id for each in self.snippets if each.kind == "loader"}
        if len({put.monitor_id for put in self.puts}) != 1 or len(snippets) > 1:
            return False
        return any(put.index > call.index for put in self.load_of(call).puts if put.accepted)

    def seconds_alive(self, load: PageLoad) -> float:
        """Return for how long the load is known to have gone on after the client could run."""
        start = load.client_started or (load.calls[0].started if load.calls else None)
        end = self._end(load)
        return max(0.0, (end - start).total_seconds()) if start and end else 0.0

    def _end(self, load: PageLoad) -> datetime | None:
        ends = [load.last_moment]
        if load.number == len(self.loads):
            ends.append(self.console.last_moment if self.console else None)
            ends.append(self.recording.meta.ended if self.recording.meta else None)
        else:
            following = self.loads[load.number].calls
            ends.append(following[0].started if following else None)
        return max((end for end in ends if end), default=None)

    @cached_property
    def silent_loads(self) -> list[PageLoad]:
        """Return the loads in which the client ran, or could have, and sent no events.

        Events that the recorder held back would have been sent.
        """
        if self.held_back:
            return []
        return [load for load in self.loads if load.client_started and not load.puts]

    @property
    def held_back(self) -> int:
        """Return how many PutRumEvents calls rumkit's recorder kept from being sent (`--dry`)."""
        return self.recording.meta.held_back if self.recording.meta else 0

    def in_fresh_profile(self, absent: str) -> str:
        """Say in a sentence what was absent from the recorder's profile; empty for other tools'."""
        if self.recording.meta is None or not self.recording.meta.fresh:
            return ""
        return f" The recorder's profile was fresh: {absent}."

    def setting(self, name: str) -> Option:
        """Return what is known of an option of the (first) snippet."""
        if not self.snippets:
            return UnreadOption("the page's snippet, which the recording does not hold")
        return self.snippets[0].setting(name)

    def snippets_for(self, call: Call) -> list[Snippet]:
        """Return the snippets of the app monitor that a call is for, else all."""
        own = [s for s in self.snippets if call.monitor_id and s.app_monitor_id == call.monitor_id]
        return own or list(self.snippets)

    def snippets_of(self, load: PageLoad) -> list[Snippet]:
        """Return the snippets of a load's own page, when they can be told from other pages'."""
        if load.document and load.document.html:
            html = load.document.html
            named = [(s, s.app_monitor_id) for s in self.snippets]
            return [snippet for snippet, i in named if isinstance(i, str) and i and i in html]
        return list(self.snippets) if len(self.loads) == 1 else []

    @property
    def pool_ids(self) -> set[str]:
        """Return the identity pool ids that the snippets and GetId calls name."""
        named = (known_text(s.setting("identityPoolId")) for s in self.snippets)
        asked = (c.vending.identity_pool_id for c in self.vending if c.vending)
        return {pool for pool in (*named, *asked) if pool}

    def asked_with_pool_id(self, call: Call) -> bool:
        """Return whether the identity id that was given is the identity pool's own id."""
        given = call.vending.identity_mark if call.vending else ""
        return bool(given) and given in {mark(pool) for pool in self.pool_ids}

    @cached_property
    def flow(self) -> str:
        """Return the flow that the calls show, else the snippet's: enhanced, basic, ..."""
        kinds = {call.kind for call in self.vending}
        if kinds & {Kind.GET_OPEN_ID_TOKEN, Kind.ASSUME_ROLE}:
            return "basic"
        if Kind.GET_CREDENTIALS in kinds:
            return "enhanced"
        return str(self.snippets[0].flow(self.behaviour)) if self.snippets else "unknown"


def _may_pass_on(call: Call) -> bool:
    """Return whether an endpoint of the site's own took a batch, and may hand it on to RUM."""
    if call.author is not Author.PROXY or aws_host(call.host) or not 200 <= call.status < 300:
        return False
    return not (WAF in call.author_mark or "html" in f"{call.mime} {call.author_mark}".lower())


def _good(call: Call) -> bool:
    return call.accepted if call.kind in AWS_CALLS else call.ok


def recorded_page(recording: Recording, url: str) -> Page | None:
    """Return the recorded document of a URL, the first one where the URL is not among them."""
    kept = [document for document in recording.documents if document.html]
    same = [document for document in kept if document.url == url] or kept
    return same[0].as_page() if same else None


def recorded_snippets(recording: Recording) -> tuple[Snippet, ...]:
    """Return the snippets of all recorded documents, each once, in the order of the pages."""
    from rumkit.client.find import find_snippets

    snippets: dict[tuple[str, str], Snippet] = {}
    for document in recording.documents:
        if document.html:
            for snippet in find_snippets(document.as_page()):
                snippets.setdefault((str(snippet.app_monitor_id), snippet.source), snippet)
    return tuple(snippets.values())
