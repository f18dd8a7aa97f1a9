"""What a person types in a cell: one check, one table, or one query, without an investigation.

Every table is a DataFrame with fixed columns and dtypes (`rumkit.columns(name)` says what they
mean), empty where there is nothing: `frame.attrs["reason"]` then says why. `frame.attrs` holds
`source`, `since`, `until`, `query` (the query's own text), `commands` (the AWS CLI's) and `reason`.

All take the same: `monitor` is a name or an id (None: what the page or the environment names),
`since` a length (`24h`, `3d`) or a moment, `trail` a source of CloudTrail (`auto`, `lookup`,
`logs:GROUP`, `athena:DB.TABLE`, `lake:ID`, or files); and by name `until`, `page`, `region`,
`profile`, `session` (boto3's), `timeout` (seconds) and whatever else `rumkit.investigate` takes.
All raise BadInput for what does not exist or cannot be read.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from rumkit.model import BadInput, Finding, NotCollected, Origin
from rumkit.trail.names import CHANGES, COGNITO, PUT_RUM_EVENTS, STS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import boto3
    import pandas as pd

    from rumkit.evidence import Evidence
    from rumkit.trail.query import TrailResult

_PUTS, _VENDING = frozenset({PUT_RUM_EVENTS}), frozenset({STS, COGNITO})


class More(TypedDict, total=False):
    """What else may be said by name."""

    until: str | None
    page: str | None
    recording: str | None
    console: str | None
    storage: str | None
    source: str | None
    region: str | None
    profile: str | None
    session: boto3.Session | None
    traffic: str | None
    probe: bool
    timeout: float


def check(
    name: str,
    monitor: str | None = None,
    *,
    since: str = "24h",
    trail: str = "auto",
    **more: Unpack[More],
) -> Finding:
    """Ask one check, by its name, and read no more than it needs.

    >>> found = rumkit.check("guest-role-permission", "shop-web")
    >>> found.status, found.fixes[0].kind
    (<Status.FAIL: 'fail'>, 'aws-cli')
    """
    from rumkit.checks import all_checks
    from rumkit.checks.ask import ask

    known = {each.id: each for each in all_checks()}
    if name not in known:
        raise BadInput(f"There is no check {name!r}; the checks are {', '.join(known)}.")
    with _asking(monitor, since, trail, more) as evidence:
        return ask(known[name], evidence)  # type: ignore[index]


def denied_put_events(
    monitor: str | None = None,
    *,
    since: str = "24h",
    trail: str = "auto",
    **more: Unpack[More],
) -> pd.DataFrame:
    """Return PutRumEvents calls that failed, a row each, oldest first.

    `failure` says why: only `denial` is a refusal for want of permission.

    >>> denied = rumkit.denied_put_events("shop-web")
    >>> denied.groupby("failure").size().to_dict()
    {'denial': 28}
    >>> print(denied.attrs["query"].splitlines()[0])
    fields @message
    """
    with _asking(monitor, since, trail, more) as evidence:
        return _trail_table("denied_put_events", evidence, _PUTS)


def token_failures(
    monitor: str | None = None,
    *,
    since: str = "24h",
    trail: str = "auto",
    **more: Unpack[More],
) -> pd.DataFrame:
    """Return STS and Cognito calls of browsers that failed, a row each, oldest first.

    >>> failed = rumkit.token_failures("shop-web")
    >>> failed.empty, str(failed["time"].dtype)
    (True, 'datetime64[us, UTC]')
    >>> print(failed.attrs["reason"])  # doctest: +ELLIPSIS
    log group CloudTrail/account-trail in eu-west-1 was asked: no failed call ...
    """
    with _asking(monitor, since, trail, more) as evidence:
        return _trail_table("token_failures", evidence, _VENDING)


def calls(
    monitor: str | None = None,
    *,
    since: str = "24h",
    trail: str = "auto",
    **more: Unpack[More],
) -> pd.DataFrame:
    """Return every PutRumEvents, STS and Cognito call of browsers, failed or not.

    It is the denominator of the failures: `error_code` is empty where a call succeeded. A busy
    site makes millions a day; begin with a short `since`.

    >>> made = rumkit.calls("shop-web", since="3h")
    >>> made["failed"] = made["failure"] != ""
    >>> made.groupby("name")["failed"].agg(["size", "mean"]).round(2).loc["PutRumEvents"].tolist()
    [31.0, 0.9]
    """
    with _asking(monitor, since, trail, more) as evidence:
        return _trail_table("calls", evidence, _PUTS | _VENDING, whole=True)


def changes(
    monitor: str | None = None,
    *,
    since: str = "24h",
    trail: str = "auto",
    **more: Unpack[More],
) -> pd.DataFrame:
    """Return changes of the monitor, its identity pool, roles and policies, oldest first.

    >>> changed = rumkit.changes("shop-web")
    >>> changed["name"].tolist()
    ['PutRolePolicy']
    """
    with _asking(monitor, since, trail, more) as evidence:
        return _trail_table("changes", evidence, frozenset({CHANGES}))


def arrival(
    monitor: str | None = None, *, since: str = "24h", **more: Unpack[More]
) -> pd.DataFrame:
    """Return how many events RUM accepted in each period of the window.

    With `traffic="alb:app/NAME/ID"` or `"cloudfront:ID"` the site's requests stand beside them.

    >>> arrived = rumkit.arrival("shop-web").set_index("time")["events"]
    >>> arrived.resample("6h").sum().tolist()
    [446, 788, 884, 940, 25]
    """
    with _asking(monitor, since, "none", more) as evidence:
        return _table("arrival", evidence)


def sessions(
    monitor: str | None = None, *, since: str = "24h", **more: Unpack[More]
) -> pd.DataFrame:
    """Return how many sessions recorded how many events; a pile at the limit was cut off.

    >>> sizes = rumkit.sessions("shop-web")
    >>> list(sizes)
    ['events', 'sessions', 'at_limit']
    """
    with _asking(monitor, since, "none", more) as evidence:
        return _table("sessions", evidence)


def query(
    text: str,
    monitor: str | None = None,
    *,
    since: str = "24h",
    trail: str = "auto",
    **more: Unpack[More],
) -> pd.DataFrame:
    """Ask the trail a named query, or a text of one's own in the source's language.

    The named ones are those of `rumkit.trail.queries`, for every source of CloudTrail. A text is
    put to a trail's log group (Logs Insights), an Athena table or an event data store (one SELECT);
    its columns are text, as the source gives them.

    >>> rumkit.query("denied-by-reason", "shop-web")[["monitor", "calls"]].values.tolist()
    [['shop-web', 28]]
    >>> own = "filter @message like /AccessDenied/ | stats count(*) as denied"
    >>> rumkit.query(own, "shop-web")["denied"].tolist()
    ['28']
    """
    from rumkit.frames import typed, with_origin
    from rumkit.trail.queries import named_query

    with _asking(monitor, since, trail, more) as evidence:
        if any(sign.isspace() for sign in text.strip()):
            return _own_text(text, evidence)
        named = named_query(text)
        nothing = "nothing that answers the query was read"
        read, origin = _read(
            evidence, nothing, lambda: evidence.read_trail(named.kinds, named.outcomes)
        )
        rows = named.answer(read.rows) if read else []
        if read and not rows:
            origin = origin.in_vain(nothing)
        return with_origin(typed(named.columns, rows), origin)


def _own_text(text: str, evidence: Evidence) -> pd.DataFrame:
    from rumkit.evidence.views import unread
    from rumkit.frames import text_frame, with_origin

    window = evidence.target.window
    try:
        rows, asked = evidence.ask_trail(text)
    except NotCollected as gap:
        return with_origin(text_frame([]), unread(window, gap.reason))
    origin = Origin(asked.place, *window.iso(), (asked,))
    return with_origin(text_frame(rows), origin if rows else origin.in_vain("it gave no row"))


def _trail_table(
    name: str, evidence: Evidence, kinds: frozenset[str], *, whole: bool = False
) -> pd.DataFrame:
    from rumkit.evidence.views import NOTHING, plain_rows
    from rumkit.frames import frame, with_origin

    outcomes = "all" if whole else "failures"
    read, origin = _read(
        evidence,
        NOTHING[name],
        lambda: evidence.read_trail(kinds, outcomes),  # type: ignore[arg-type]
    )
    return with_origin(frame(name, plain_rows(read.rows, whole=whole) if read else ()), origin)


def _read(
    evidence: Evidence, nothing: str, read: Callable[[], TrailResult]
) -> tuple[TrailResult | None, Origin]:
    """Return what the trail answered and where from; None, with the reason, where it can't be."""
    from rumkit.evidence.views import trail_origin, unread

    try:
        result = read()
    except NotCollected as gap:
        return None, unread(evidence.target.window, gap.reason)
    return result, trail_origin(result, nothing)


def _table(name: str, evidence: Evidence) -> pd.DataFrame:
    from rumkit.frames import frame, with_origin

    return with_origin(frame(name, evidence.rows_of(name)), evidence.origin_of(name))


@contextmanager
def _asking(monitor: str | None, since: str, trail: str, more: More) -> Iterator[Evidence]:
    """Give the evidence of what is named, for as long as AWS is waited for."""
    from rumkit.aws.patience import DEFAULT_SECONDS
    from rumkit.runner import evidence_for

    given: dict[str, Any] = dict(more)
    seconds = given.pop("timeout", DEFAULT_SECONDS)
    evidence = evidence_for(monitor=monitor, since=since, trail=trail, **given)
    with evidence.session.patience.limited(seconds):
        evidence.refuse_bad_input()
        evidence.refuse_misspelt_monitor()
        yield evidence
