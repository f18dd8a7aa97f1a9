"""The SQL of Athena and CloudTrail Lake: one query for any number of monitors.

Both are dialects of Trino, but their tables differ: Athena's columns are lower case with request
parameters as JSON text; Lake's are in CloudTrail's own case with request parameters as a
map and a timestamp. Functions that engines disagree about are avoided, so that the texts
can be tested on a local engine.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal

from rumkit.aws.partitions import partition_of
from rumkit.model import BadInput
from rumkit.trail.names import CHANGES, names_of, sources_of
from rumkit.trail.quoting import Unquotable, quote, quote_list

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rumkit.trail.query import TrailQuery

Dialect = Literal["athena", "lake"]

# Columns as they are, and columns of structs and maps, which come back as JSON text.
_PLAIN: Final = (
    "eventTime",
    "eventSource",
    "eventName",
    "awsRegion",
    "sourceIPAddress",
    "userAgent",
    "errorCode",
    "errorMessage",
    "requestID",
    "eventID",
    "readOnly",
    "recipientAccountId",
)
_OPTIONAL: Final = ("eventCategory", "managementEvent")
_NESTED: Final = ("userIdentity", "resources")
_PARAMETERS: Final = ("requestParameters", "responseElements")

# What a statement that only reads begins with; comments before it are not taken.
_READS: Final = re.compile(r"\s*(?:SELECT|WITH)\b", re.IGNORECASE)


def refuse_writing(text: str) -> None:
    """Raise BadInput for a statement that is not one SELECT."""
    if not _READS.match(text) or ";" in text.rstrip().removesuffix(";"):
        raise BadInput(
            "rumkit only reads: write one SELECT (or WITH … SELECT), without a comment before it."
        )


def select(
    query: TrailQuery,
    dialect: Dialect,
    table: str,
    *,
    partitions: Sequence[str] = (),
    columns: Iterable[str] | None = None,
    max_text: int = 200_000,
) -> str:
    """Return the statement for a query; `table` and `partitions` (conditions) are SQL already.

    `columns` are those that the table has, where that is known. The statement may give more than
    was asked for, never less: rows are filtered again when they are read.
    """
    has = {column.lower() for column in columns} if columns is not None else None
    lines = _columns(dialect, has)
    where = [*partitions, *_conditions(query, dialect)]
    start = f"SELECT {', '.join(lines)}\nFROM {table}\nWHERE "
    return _fitting(start, where, _monitors(query, dialect), "", max_text)


def count_successes(
    query: TrailQuery,
    dialect: Dialect,
    table: str,
    *,
    partitions: Sequence[str] = (),
    columns: Iterable[str] = (),
    max_text: int = 200_000,
) -> str:
    """Return the statement that counts the calls of browsers that succeeded, by their names."""
    categorised = dialect == "lake" or "eventcategory" in {each.lower() for each in columns}
    asked = replace(query, kinds=query.kinds - {CHANGES}, outcomes="all")
    where = [
        *partitions,
        *_conditions(asked, dialect),
        "(errorcode IS NULL OR errorcode = '')",
        *(["(eventcategory IS NULL OR eventcategory <> 'NetworkActivity')"] * categorised),
    ]
    start = f"SELECT eventname, count(*) AS calls\nFROM {table}\nWHERE "
    narrow = [*_monitors(query, dialect), *_sessions(query, dialect)]
    return _fitting(start, where, narrow, "\nGROUP BY eventname", max_text)


def _fitting(
    start: str, where: Sequence[str], narrow: Sequence[str], ending: str, max_text: int
) -> str:
    """Return a statement, without the conditions that narrow it where it would be too long."""
    text = start + "\n  AND ".join([*where, *narrow]) + ending
    return text if len(text) <= max_text else start + "\n  AND ".join(where) + ending


def _sessions(query: TrailQuery, dialect: Dialect) -> list[str]:
    """Return the condition that leaves out the web identities of clusters and pipelines."""
    role = _parameter("roleArn", dialect)
    arns = [each for each in query.roles if each.startswith("arn:")]
    try:
        listed = quote_list(arns, dialect)
    except Unquotable:
        return []
    return [f"(eventname <> 'AssumeRoleWithWebIdentity' OR {role} IN {listed})"] if arns else []


def _columns(dialect: Dialect, has: set[str] | None) -> list[str]:
    def named(name: str) -> str:
        return name.lower() if dialect == "athena" else name

    def there(name: str) -> bool:
        return has is None or name.lower() in has

    optional = _OPTIONAL if dialect == "lake" or has is not None else ()
    plain = [named(name) for name in (*_PLAIN, *optional) if there(name)]
    nested = (*_NESTED, *(_PARAMETERS if dialect == "lake" else ()))
    as_json = [
        f"json_format(CAST({named(name)} AS JSON)) AS {named(name)}"
        for name in nested
        if there(name)
    ]
    text = [named(name) for name in _PARAMETERS if dialect == "athena" and there(name)]
    return [*plain, *as_json, *text]


def _conditions(query: TrailQuery, dialect: Dialect) -> list[str]:
    since, until = query.window.iso()
    if dialect == "lake":  # a timestamp, written without a zone
        since, until = (text.replace("T", " ").removesuffix("Z") for text in (since, until))
    conditions = [
        f"eventtime >= {quote(since, dialect)}",
        f"eventtime <= {quote(until, dialect)}",
        f"eventsource IN {quote_list(_sources(query), dialect)}",
        f"eventname IN {quote_list(query.names, dialect)}",
    ]
    if query.outcomes == "failures":
        failed = "(errorcode IS NOT NULL AND errorcode <> '')"
        changes = names_of(query.kinds & {CHANGES})
        kept = f" OR eventname IN {quote_list(changes, dialect)}" if changes else ""
        conditions.append(f"({failed}{kept})")
    return conditions


def _sources(query: TrailQuery) -> list[str]:
    """Return the event sources of a query, as the partitions of its Regions may write them."""
    suffixes = {partition_of(region).dns_suffix for region in query.all_regions}
    services = [source.removesuffix("amazonaws.com") for source in sources_of(query.kinds)]
    return [
        f"{service}{suffix}"
        for suffix in ("amazonaws.com", *sorted(suffixes - {"amazonaws.com"}))
        for service in services
    ]


def _monitors(query: TrailQuery, dialect: Dialect) -> list[str]:
    """Return the condition that leaves out other monitors' PutRumEvents.

    A call that names no monitor stays: it may be ours. Names are looked for inside the ARN.
    """
    if not query.monitors:
        return []
    ident = _parameter("id", dialect)
    tests = [
        "eventname <> 'PutRumEvents'",
        f"({ident} IS NULL AND coalesce(cardinality(resources), 0) = 0)",
    ]
    try:
        idents = [known for _, known in query.monitors if known]
        if idents:
            tests.append(f"{ident} IN {quote_list(idents, dialect)}")
        tests += [_names(name, dialect) for name, _ in query.monitors if name]
    except Unquotable:
        return []
    return [f"({' OR '.join(tests)})"]


def _parameter(name: str, dialect: Dialect) -> str:
    """Return the SQL of a request parameter."""
    if dialect == "athena":
        return f"json_extract_scalar(requestparameters, '$.{name}')"
    return f"element_at(requestParameters, '{name}')"


def _names(name: str, dialect: Dialect) -> str:
    part = quote(f":appmonitor/{name}", dialect)
    return f"cardinality(filter(resources, r -> strpos(r.arn, {part}) > 0)) > 0"
