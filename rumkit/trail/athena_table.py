"""Tables over a trail's S3 files in Athena: which partitions a query reads, and their making.

Sources: Athena user guide, "Create a table for CloudTrail logs in Athena using manual
partitioning", "… for an organization wide trail …" and "… using partition projection".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from rumkit.model import BadInput, NotCollected
from rumkit.trail.coverage import Gap, days_of
from rumkit.trail.quoting import quote, quote_list, quote_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from rumkit.trail.query import TrailQuery

_DAY_KEYS: Final = ("day", "date", "dt", "timestamp", "date_created")
_REGION_KEYS: Final = ("region", "aws_region", "awsregion")
_ACCOUNT_KEYS: Final = ("account", "account_id", "accountid", "aws_account_id")
_DATE_PARTS: Final = ("year", "month", "day")
_ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class AthenaTable:
    """A table's name parts, its columns, and its partition keys with their types and settings."""

    catalog: str
    database: str
    table: str
    columns: tuple[str, ...]
    keys: Mapping[str, str]
    settings: Mapping[str, str]

    @property
    def name(self) -> str:
        """Return the name for a statement."""
        return f"{quote_name(self.database)}.{quote_name(self.table)}"

    @property
    def dated_by_parts(self) -> bool:
        """Return whether a date is written over three keys: year, month and day."""
        return all(part in self._lower for part in _DATE_PARTS)

    @property
    def projected(self) -> bool:
        """Return whether partitions are worked out; else somebody has to add each of them."""
        return self.settings.get("projection.enabled", "").lower() == "true"

    @property
    def _lower(self) -> dict[str, str]:
        return {key.lower(): key for key in self.keys}

    def key(self, names: Sequence[str]) -> str | None:
        """Return the table's own spelling of the first of some keys that it has."""
        return next((self._lower[name] for name in names if name in self._lower), None)

    def literal(self, key: str, value: str) -> str:
        """Return a partition's value as a literal of the key's type."""
        numeric = self.keys[key].lower() in {"int", "integer", "bigint", "smallint", "tinyint"}
        return str(int(value)) if numeric else quote(value, "athena")


def described(answer: Mapping[str, Any], parts: Sequence[str]) -> AthenaTable:
    """Return the table that GetTableMetadata describes."""
    metadata = answer.get("TableMetadata", {})
    catalog, database, table = parts
    return AthenaTable(
        catalog,
        database,
        table,
        tuple(str(each["Name"]) for each in metadata.get("Columns", [])),
        {
            str(each["Name"]): str(each.get("Type", ""))
            for each in metadata.get("PartitionKeys", [])
        },
        dict(metadata.get("Parameters", {})),
    )


def partition_conditions(query: TrailQuery, table: AthenaTable) -> list[str]:
    """Return the conditions on partitions that a query needs.

    Raises NotCollected for a table that is not partitioned by days: it would be read whole.
    """
    conditions = [_days_condition(query, table)]
    region, account = table.key(_REGION_KEYS), table.key(_ACCOUNT_KEYS)
    if region and query.regions:
        conditions.append(f"{quote_name(region)} IN {quote_list(query.all_regions, 'athena')}")
    if account and query.account:
        value = table.literal(account, query.account)
        conditions.append(f"{quote_name(account)} = {value}")
    return conditions


def _days_condition(query: TrailQuery, table: AthenaTable) -> str:
    days = days_of(query.window)
    if table.dated_by_parts:
        return _by_parts(days, table)
    day = table.key(_DAY_KEYS)
    if day is None or table.key(("year",)):
        raise NotCollected(
            "trail",
            f"{table.database}.{table.table} has no partition key of days ({', '.join(_DAY_KEYS)};"
            " or year, month and day), so that a query would read and bill all of it. "
            "rumkit.trail.athena_table.create_table_statement writes a table that has.",
            missing=["setting:athena-table"],
        )
    first, last = (quote(_day(table, day, each), "athena") for each in (days[0], days[-1]))
    return f"{quote_name(day)} >= {first} AND {quote_name(day)} <= {last}"


def _by_parts(days: Sequence[datetime], table: AthenaTable) -> str:
    """Return the days month by month, so that each key is compared by itself and prunes."""
    year, month, day = (table.key((part,)) or part for part in _DATE_PARTS)
    tests = []
    for (in_year, in_month), group in groupby(days, key=lambda each: (each.year, each.month)):
        listed = ", ".join(table.literal(day, f"{each.day:02d}") for each in group)
        tests.append(
            f"({quote_name(year)} = {table.literal(year, str(in_year))}"
            f" AND {quote_name(month)} = {table.literal(month, f'{in_month:02d}')}"
            f" AND {quote_name(day)} IN ({listed}))"
        )
    return f"({' OR '.join(tests)})"


def _day(table: AthenaTable, key: str, day: datetime) -> str:
    """Write a day as the table's projection does: yyyy/MM/dd, or with dashes."""
    form = table.settings.get(f"projection.{key.lower()}.format", "yyyy/MM/dd")
    return f"{day:%Y-%m-%d}" if "-" in form else f"{day:%Y/%m/%d}"


def partitions_statement(query: TrailQuery, table: AthenaTable) -> str:
    """Return the statement that lists the partitions of a query which somebody has added."""
    keys = ", ".join(quote_name(key) for key in table.keys)
    name = f"{quote_name(table.database)}.{quote_name(table.table + '$partitions')}"
    return f"SELECT {keys}\nFROM {name}\nWHERE {' AND '.join(partition_conditions(query, table))}"


def missing_partitions(
    query: TrailQuery, table: AthenaTable, rows: Iterable[Mapping[str, str | None]]
) -> list[Gap]:
    """Return the days of a window, Region by Region, whose partitions nobody has added."""
    present = {_place(row, table) for row in rows}
    region_key = table.key(_REGION_KEYS)
    regions: tuple[str, ...] = query.regions if region_key and query.regions else ("",)
    gaps = []
    for region in regions:
        for day in days_of(query.window):
            if day >= query.window.until or (region, f"{day:%Y/%m/%d}") in present:
                continue
            where = f"{region}, {day:%Y/%m/%d}" if region else f"{day:%Y/%m/%d}"
            reason = f"{table.database}.{table.table} has no partition for {where}"
            setting = f"setting:add the partition to {table.database}.{table.table}"
            gaps.append(Gap(reason, setting, day, day + _ONE_DAY))
    return gaps


def _place(row: Mapping[str, str | None], table: AthenaTable) -> tuple[str, str]:
    cells = {str(key).lower(): str(value or "") for key, value in row.items()}
    region_key, day_key = table.key(_REGION_KEYS), table.key(_DAY_KEYS)
    region = cells.get(region_key.lower(), "") if region_key else ""
    if table.dated_by_parts:
        parts = [cells.get(part, "") for part in _DATE_PARTS]
        return region, "/".join(part.zfill(2) for part in parts)
    return region, cells.get(day_key.lower(), "").replace("-", "/") if day_key else ""


def create_table_statement(
    name: str,
    bucket: str,
    *,
    accounts: Sequence[str],
    regions: Sequence[str],
    since: str,
    prefix: str = "",
    organisation: str = "",
) -> str:
    """Return the CREATE TABLE for a trail's files, partitioned by account, region and day.

    `name` is DATABASE.TABLE, `since` the trail's first day as yyyy/MM/dd. The user runs it once;
    projection means that no partition is ever added by hand. Raises BadInput for names that
    the statement can't carry safely.
    """
    database, _, table = name.partition(".")
    parts = [part for part in (prefix.strip("/"), "AWSLogs", organisation) if part]
    base = f"s3://{bucket}/{'/'.join(parts)}"
    for text in (database, table, base, since, *accounts, *regions):
        if not text or not set(text) <= _SAFE:
            raise BadInput(f"{text!r} can't be part of a CREATE TABLE statement.")
    return _CREATE.format(
        table=f"`{database}`.`{table}`",
        base=base,
        accounts=",".join(accounts),
        regions=",".join(regions),
        since=since,
    )


_SAFE: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:!()")

_CREATE: Final = """\
CREATE EXTERNAL TABLE {table} (
  eventversion STRING,
  useridentity STRUCT<
    type: STRING, principalid: STRING, arn: STRING, accountid: STRING, invokedby: STRING,
    accesskeyid: STRING, username: STRING, identityprovider: STRING,
    sessioncontext: STRUCT<
      attributes: STRUCT<mfaauthenticated: STRING, creationdate: STRING>,
      sessionissuer: STRUCT<
        type: STRING, principalid: STRING, arn: STRING, accountid: STRING, username: STRING>,
      webidfederationdata: STRUCT<
        federatedprovider: STRING, attributes: MAP<STRING, STRING>>>>,
  eventtime STRING,
  eventsource STRING,
  eventname STRING,
  awsregion STRING,
  sourceipaddress STRING,
  useragent STRING,
  errorcode STRING,
  errormessage STRING,
  requestparameters STRING,
  responseelements STRING,
  additionaleventdata STRING,
  requestid STRING,
  eventid STRING,
  readonly STRING,
  resources ARRAY<STRUCT<arn: STRING, accountid: STRING, type: STRING>>,
  eventtype STRING,
  recipientaccountid STRING,
  eventcategory STRING
)
PARTITIONED BY (`account` STRING, `region` STRING, `day` STRING)
ROW FORMAT SERDE 'org.apache.hive.hcatalog.data.JsonSerDe'
STORED AS INPUTFORMAT 'com.amazon.emr.cloudtrail.CloudTrailInputFormat'
OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
LOCATION '{base}/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.account.type' = 'enum',
  'projection.account.values' = '{accounts}',
  'projection.region.type' = 'enum',
  'projection.region.values' = '{regions}',
  'projection.day.type' = 'date',
  'projection.day.format' = 'yyyy/MM/dd',
  'projection.day.range' = '{since},NOW',
  'projection.day.interval' = '1',
  'projection.day.interval.unit' = 'DAYS',
  'storage.location.template' = '{base}/${{account}}/CloudTrail/${{region}}/${{day}}'
)
"""
