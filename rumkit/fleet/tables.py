"""The columns of the lines that are kept of each run, and the DDL by which Athena reads them."""

from __future__ import annotations

from typing import Final

from rumkit.model import BadInput

# Name, Athena's type, and what it holds. `dt` is the partition, the day of the run.
RESULTS: Final = (
    ("schema", "int", "version of these columns"),
    ("run", "string", "name of the run"),
    ("time", "string", "moment of the run, ISO 8601 UTC"),
    ("place", "string", "account as the targets name it"),
    ("account", "string", "account number, empty where it could not be asked"),
    ("region", "string", "Region of the monitor"),
    ("monitor", "string", "app monitor, empty for a place that could not be asked"),
    ("state", "string", "failed, broken, unproven, degraded, accepted or healthy"),
    ("owner", "string", "owner, from the targets"),
    ("page", "string", "page, from the targets"),
    ("cause", "string", "check that is the root cause, empty without one"),
    ("summary", "string", "what is the matter, a sentence"),
    ("fix", "string", "first line of the fix"),
    ("hops", "map<string,string>", "condition of each hop of the delivery path"),
    ("arrival", "array<bigint>", "events per period, oldest first"),
    ("arrived", "bigint", "events in the window, null where not known"),
    ("since", "string", "since when it is bad, as arrival and denials tell"),
    ("bad_since", "string", "first run of this spell that saw it"),
    ("spells", "int", "how often it became bad"),
    ("change", "string", "first, new, mended, worse, better or same as in the last run"),
    ("error", "string", "why it could not be looked at"),
    ("note", "string", "what went wrong beside the investigation"),
    ("seconds", "double", "how long it took"),
    ("files", "map<string,string>", "its files under the output, by kind"),
    ("failing", "array<string>", "checks that fail"),
)
FINDINGS: Final = (
    ("schema", "int", "version of these columns"),
    ("run", "string", "name of the run"),
    ("time", "string", "moment of the run, ISO 8601 UTC"),
    ("place", "string", "account as the targets name it"),
    ("account", "string", "account number"),
    ("region", "string", "Region of the monitor"),
    ("monitor", "string", "app monitor"),
    ("check", "string", "name of the check"),
    ("hop", "string", "hop of the delivery path"),
    ("section", "string", "section of the troubleshooting guide"),
    ("status", "string", "fail, warn, or mended in the run that saw it gone"),
    ("summary", "string", "the finding in a sentence"),
    ("since", "string", "first run of this spell"),
    ("times", "int", "how often it came"),
    ("change", "string", "new, worse, same or mended"),
    ("accepted", "string", "why it is accepted, empty where it is not"),
)
_TABLES: Final = (("results", RESULTS), ("findings", FINDINGS))
_FIRST_DAY: Final = "2025-01-01"


def athena(location: str) -> str:
    """Return the statements that make both tables over `s3://BUCKET/PREFIX`. Raises BadInput."""
    if not location.startswith("s3://") or any(char in location for char in "'\"\\\n ;"):
        raise BadInput(f"{location!r} is not a place for tables: write s3://BUCKET/PREFIX.")
    root = location.rstrip("/")
    return "\n".join(
        _table(f"rumkit_{name}", columns, f"{root}/{name}") for name, columns in _TABLES
    )


def _table(name: str, columns: tuple[tuple[str, str, str], ...], location: str) -> str:
    lines = ",\n".join(f"  `{column}` {kind} COMMENT '{what}'" for column, kind, what in columns)
    return f"""CREATE EXTERNAL TABLE IF NOT EXISTS {name} (
{lines}
)
PARTITIONED BY (`dt` string)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
LOCATION '{location}/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.dt.type' = 'date',
  'projection.dt.format' = 'yyyy-MM-dd',
  'projection.dt.range' = '{_FIRST_DAY},NOW',
  'storage.location.template' = '{location}/dt=${{dt}}/'
);
"""


def duckdb(location: str) -> str:
    """Return the statements that make both views over a folder or `s3://…`. Raises BadInput."""
    if any(char in location for char in "'\n"):
        raise BadInput(f"{location!r} can't be written into SQL.")
    root = location.rstrip("/")
    return "\n".join(
        _view(f"rumkit_{name}", columns, f"{root}/{name}/dt=*/*.jsonl") for name, columns in _TABLES
    )


def _view(name: str, columns: tuple[tuple[str, str, str], ...], files: str) -> str:
    kinds = ", ".join(f"'{column}': '{_duck(kind)}'" for column, kind, _ in columns)
    # The location was checked for quotes; everything else stands in this file.
    return f"""CREATE OR REPLACE VIEW {name} AS
SELECT * FROM read_json('{files}', format = 'newline_delimited', hive_partitioning = true,
  columns = {{{kinds}}});
"""  # noqa: S608


def _duck(kind: str) -> str:
    names = {"string": "VARCHAR", "int": "INTEGER", "bigint": "BIGINT", "double": "DOUBLE"}
    if kind.startswith("array<"):
        return f"{names[kind[6:-1]]}[]"
    if kind.startswith("map<"):
        return f"MAP({', '.join(names[part] for part in kind[4:-1].split(','))})"
    return names[kind]
