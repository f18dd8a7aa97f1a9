"""The words of an investigation: statuses, hops, sections, fixes, findings and errors.

Frozen values only; nothing here does I/O or imports the rest of the library but `printable` and
`secret`.
"""

from __future__ import annotations

import difflib
import shlex
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal

from rumkit.printable import clean, hidden
from rumkit.secret import hide_secrets, without_secrets

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


# What a finding misses when rumkit itself failed; the command line exits with 4 then.
DEFECT = "rumkit:defect"
# The exit code where rumkit itself failed.
DEFECT_CODE = 4


class Status(StrEnum):
    """What a check found. Missing data is `UNKNOWN`, never `PASS` and never `FAIL`."""

    PASS = "pass"  # noqa: S105 - a status, not a password
    FAIL = "fail"
    WARN = "warn"
    UNKNOWN = "unknown"
    SKIP = "skip"


class Verdict(StrEnum):
    """What an investigation concludes; `HEALTHY` needs events that were seen to arrive."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    BROKEN = "broken"
    UNPROVEN = "unproven"

    @property
    def exit_code(self) -> int:
        """Return 0 for healthy and degraded, 1 for broken, 3 for unproven."""
        return {Verdict.BROKEN: 1, Verdict.UNPROVEN: 3}.get(self, 0)


class Hop(StrEnum):
    """The six hops of the delivery path, in the order in which an event lives."""

    PAGE = "page"
    SESSION = "session"
    CREDENTIALS = "credentials"
    AUTHORIZE = "authorize"
    INGEST = "ingest"
    TRACE = "trace"

    @property
    def sentence(self) -> str:
        """Return the hop as a person reads it."""
        return _HOP_TITLES[self]


class Condition(StrEnum):
    """What is known of a hop or a check: seen working, only configured well, or why neither."""

    WORKS = "works"
    CONFIGURED = "configured well"
    CLEAR = "nothing amiss"
    AT_RISK = "at risk"
    BROKEN = "broken"
    NOT_REACHED = "not reached"
    NOT_LOOKED_AT = "not looked at"
    NOT_KNOWN = "not known"
    NOT_APPLICABLE = "does not apply"


_HOP_TITLES = {
    Hop.PAGE: "the snippet runs on the page",
    Hop.SESSION: "the session is recorded",
    Hop.CREDENTIALS: "the client gets AWS credentials",
    Hop.AUTHORIZE: "PutRumEvents is authorised",
    Hop.INGEST: "RUM accepts and stores the events",
    Hop.TRACE: "client and server traces join up",
}


class Section(StrEnum):
    """The sections of the troubleshooting guide, and what lies beyond it."""

    EVENTS_NOT_SENT = "events-not-sent"
    RETURNS_403 = "returns-403"
    TOKEN_VENDING = "token-vending"  # noqa: S105 - a section's name
    CONTENT_SECURITY_POLICY = "content-security-policy"
    XRAY_TRACING = "xray-tracing"
    BEYOND = "beyond-the-guide"

    @property
    def heading(self) -> str:
        """Return the guide's own heading."""
        return _SECTION_TITLES[self]


_SECTION_TITLES = {
    Section.EVENTS_NOT_SENT: "Events are not being sent by the web client",
    Section.RETURNS_403: "CloudWatch RUM returns 403",
    Section.TOKEN_VENDING: "AWS token vending (Cognito or STS) fails",
    Section.CONTENT_SECURITY_POLICY: "Content security policy blocks the web client",
    Section.XRAY_TRACING: "X-Ray does not connect client and server traces",
    Section.BEYOND: "Beyond the guide",
}

FixKind = Literal[
    "aws-cli",
    "iam-policy",
    "trust-policy",
    "resource-policy",
    "csp-header",
    "client-config",
    "cloudformation",
    "terraform",
    "advice",
]

# What a person should see before pasting: who may do what changes, or a thing goes.
Risk = Literal["", "widens access", "narrows access", "replaces configuration"]


_STILL_AT_RISK = (Status.WARN, Status.WARN)


@dataclass(frozen=True)
class Tried:
    """What came of a fix on a copy of what was read, by what is configured alone.

    `before` and `after` are the status of the finding's own check, `hop` that of its hop on the
    copy; `next` is the check that is broken first on the copy, empty where none is.
    """

    before: Status
    after: Status
    hop: Status
    next: str = ""

    @property
    def mends(self) -> bool:
        """Tell whether the copy works, be it at a risk."""
        return self.after is not Status.FAIL and (self.after, self.before) != _STILL_AT_RISK


@dataclass(frozen=True)
class Fix:
    """One way to mend a finding, ready to paste.

    `text` holds this installation's own ids. An `aws-cli` text is a list of shell commands, one
    per line, quoted for a POSIX shell. `side_effect` is what a person should know before
    pasting. `target` names what a non-command fix goes onto: a role's ARN, a template's resource
    type, or a part of the page, which says how it is pasted:
    `snippet configuration`: lines of the configuration object, each in place of the line of its
    name (`name: undefined` takes that line away); `snippet argument 4 (region)`: the whole value
    of that argument of the loader; `page snippet`: the whole script element, first in the head
    and the only one of its kind; `page header`, `page meta element`: the whole line or element,
    in place of the policy that it corrects.

    A text that is pasted never holds a character that does not show, so views print it exactly:
    one that would is replaced, when the fix is made, by an advice that says so. (Taking the
    character away after quoting could take the closing quote with it.) A shell also gets no tab,
    which completes names.

    `risk` marks a change of who may do what, `account` names the AWS account that it is for (id,
    and alias where known), `undo` holds the commands that restore what was read before it.
    `tried` says what came of it on a copy, None where it was not tried.
    """

    kind: FixKind
    title: str
    text: str
    side_effect: str = ""
    target: str = ""
    risk: Risk = ""
    account: str = ""
    undo: str = ""
    tried: Tried | None = None

    def __post_init__(self) -> None:
        """Keep the promise about what is pasted, whoever makes the fix."""
        if hidden(self.undo) or "\t" in self.undo:
            object.__setattr__(self, "undo", "")
        unseen = hidden(self.text)
        if self.kind == "aws-cli" and "\t" in self.text:
            unseen = unseen or "U+0009"
        if not unseen:
            return
        text = clean(self.text)
        if self.kind != "advice":
            text = f"Nothing is printed: it would hold characters that do not show ({unseen})."
            object.__setattr__(self, "kind", "advice")
            object.__setattr__(self, "target", "")
        object.__setattr__(self, "text", text)


@dataclass(frozen=True)
class Table:
    """A small table of evidence; every cell is text, and every row is as long as `columns`."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Proof:
    """One piece of evidence: where it comes from, and what was seen there.

    `source` is an operation (`rum:GetAppMonitor`), `page`, `snippet` or `recording`;
    `parameters` what was asked; `values` what was compared; `since` and `until` the window in
    ISO 8601 UTC where the source has one.
    """

    source: str
    values: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    since: str = ""
    until: str = ""
    table: Table | None = None


@dataclass(frozen=True)
class Question:
    """A question as it was put to AWS, so that a person can put it again.

    `language` is that of `text`: `insights`, `athena`, `lake`, `event history`, `metrics`, `files`
    or `rum`. `place` says where it was asked; `words` are the AWS CLI's command, empty where there
    is none. `kinds` are the kinds of CloudTrail events that it asks about, empty for others.
    """

    language: str
    text: str
    place: str
    words: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()

    @property
    def command(self) -> str:
        """Return the command, quoted for a POSIX shell; empty where it can't be pasted safely."""
        # The CLI reads a file where a value says so, and takes a leading hyphen for an option.
        odd = any(hidden(word) or "file" in word.partition("://")[0] for word in self.words)
        return "" if odd else shlex.join(self.words)


@dataclass(frozen=True)
class Origin:
    """Where a table's rows come from: source, window (ISO 8601 UTC), and the questions asked.

    `reason` says why there is no row; it is empty where there are rows.
    """

    source: str
    since: str
    until: str
    asked: tuple[Question, ...] = ()
    reason: str = ""

    def in_vain(self, nothing: str) -> Origin:
        """Return the same with its reason: the source was asked, and `nothing` was there."""
        sentence = f"{self.source} was asked: {nothing} between {self.since} and {self.until}."
        return replace(self, reason=sentence)


class Witness(StrEnum):
    """Who can answer a check: what is configured, or one of three who saw what happened."""

    CONFIGURED = "configured"
    OBSERVED = "observed"
    RECORDED = "recorded"
    PROBED = "probed"


@dataclass(frozen=True)
class Outcome:
    """What one witness answers to a check.

    `certain` is false for what is likely only. `works` marks a pass that was seen to happen; a
    pass without it found nothing amiss. `moment` says when it was seen (ISO 8601 UTC, or empty).
    `missing` names what would make an `unknown` answerable.
    """

    status: Status
    summary: str
    evidence: tuple[Proof, ...] = ()
    fixes: tuple[Fix, ...] = ()
    missing: tuple[str, ...] = ()
    certain: bool = True
    works: bool = False
    moment: str = ""


@dataclass(frozen=True)
class Answer:
    """What one witness said on a finding, kept beside the answer that was drawn from all."""

    witness: Witness
    status: Status
    summary: str
    certain: bool = True
    moment: str = ""


@dataclass(frozen=True)
class Finding:
    """What all witnesses of a check come to, with the check's id, hop, section and links.

    `title` states the healthy condition; `summary` says what was seen. `missing` names what
    would make an `unknown` answerable (an IAM action, a trail setting, an input). `seen` says
    that the status rests on what happened, not on what is configured; `certain` is false for
    what is likely only. A `symptom` shows that something is broken and never why; a `feature`'s
    fault costs that feature and not delivery. `answers` holds what each witness said.
    """

    check: str
    hop: Hop
    section: Section
    status: Status
    title: str
    summary: str
    evidence: tuple[Proof, ...] = ()
    fixes: tuple[Fix, ...] = ()
    docs: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    symptom: bool = False
    feature: bool = False
    seen: bool = False
    certain: bool = True
    answers: tuple[Answer, ...] = ()

    @property
    def bad(self) -> bool:
        """Tell whether it is broken or at risk."""
        return self.status in (Status.FAIL, Status.WARN)

    @property
    def condition(self) -> Condition:
        """Return the status as a person reads it: configured well is not yet working."""
        if self.status is Status.PASS and not self.seen:
            fits = (each.witness is Witness.CONFIGURED and each.status is Status.PASS
                    for each in self.answers)  # fmt: skip
            return Condition.CONFIGURED if any(fits) or not self.answers else Condition.CLEAR
        return {
            Status.PASS: Condition.WORKS,
            Status.FAIL: Condition.BROKEN,
            Status.WARN: Condition.AT_RISK,
            Status.UNKNOWN: Condition.NOT_KNOWN,
        }.get(self.status, Condition.NOT_APPLICABLE)


@dataclass(frozen=True)
class HopState:
    """One hop of the path: its worst finding's status, and what is known of it in a word."""

    hop: Hop
    status: Status
    condition: Condition = Condition.NOT_LOOKED_AT


@dataclass(frozen=True)
class Absent:
    """A thing that was looked for where it should be and is known not to exist."""

    reason: str


class RumkitError(Exception):
    """Anything that rumkit says to a person instead of a traceback; no secret is in it."""

    def __init__(self, *words: object) -> None:
        super().__init__(*map(without_secrets, words))

    def _render_traceback_(self) -> list[str]:
        """Return what a notebook shows in place of a traceback: the sentence alone."""
        return [f"{type(self).__name__}: {self}"]


class BadInput(RumkitError):
    """The user named something that does not exist or cannot be read; exit code 2."""


class ReadRefused(RumkitError):
    """An operation that is not on the list of reads was attempted; a defect in rumkit."""


class NotCollected(RumkitError):
    """A fact could not be collected: why, and what would make it collectable.

    `fact` names the attribute of Evidence; `missing` lists IAM actions (`iam:GetRole`), inputs
    (`input:page`) or settings (`setting:...`) that would make it answerable. `absent` is true
    when the thing was looked for and is known not to exist, which a check may evaluate.
    `bad_input` is true when the user named something that cannot be read.
    """

    def __init__(
        self,
        fact: str,
        reason: str,
        *,
        missing: Sequence[str] = (),
        absent: bool = False,
        bad_input: bool = False,
    ) -> None:
        super().__init__(reason)
        self.bad_input = bad_input
        self.fact = fact
        self.reason = hide_secrets(reason)
        self.missing = tuple(missing)
        self.absent = absent


def in_words(defect: BaseException) -> str:
    """Return an exception that is not rumkit's own as kind and message, without any secret."""
    return f"{type(defect).__name__}: {hide_secrets(str(defect))}"


def ended(text: str) -> str:
    """Return a text with a full stop, unless it ends as a sentence already."""
    return text if text.endswith(("?", ".")) else f"{text}."


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `; did you mean X?` for the nearest known word, nothing where none is near."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f"; did you mean {near[0]}?" if near else ""
