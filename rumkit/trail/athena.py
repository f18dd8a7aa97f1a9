"""A trail's S3 files through Amazon Athena, reading only the days and regions of the window.

Plain boto3: what a client library adds (cursors, DataFrames) is not needed here, and the final
states, the deadline, the bytes scanned and the refusals would be left to write all the same.
Source: Athena user guide, "Create a table for CloudTrail logs using partition projection".
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from rumkit.model import BadInput, NotCollected
from rumkit.trail.query import Clients, Collector, TrailQuery, TrailResult, kinds_seen
from rumkit.trail.quoting import quote, quote_list, quote_name
from rumkit.trail.refused import asking
from rumkit.trail.sql import days, select
from rumkit.trail.waiting import on_loopback, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

USD_PER_TB: Final = 5.0
_TB: Final = 10**12
_LEAST_BYTES: Final = 10_000_000
_RUNNING: Final = {"QUEUED", "RUNNING"}
_PAGE: Final = 1000
_DAY_KEYS: Final = ("day", "date", "dt", "timestamp", "date_created")
_REGION_KEYS: Final = ("region", "aws_region", "awsregion")


@dataclass(frozen=True)
class _Table:
    """A table's name parts, its columns and its partition keys with their projection settings."""

    catalog: str
    database: str
    table: str
    columns: tuple[str, ...]
    keys: tuple[str, ...]
    settings: Mapping[str, str]


class AthenaSource:
    """A table over a trail's files: `DB.TABLE` or `CATALOG.DB.TABLE`.

    Raises BadInput for another form. The answer is written to the workgroup's own result
    location, as every Athena query does.
    """

    name = "athena"

    def __init__(
        self,
        table: str,
        clients: Clients,
        *,
        region: str,
        recorded: frozenset[str] | None = None,
        workgroup: str = "primary",
        deadline: float = 600.0,
    ) -> None:
        parts = table.split(".")
        if len(parts) not in {2, 3} or not all(parts):
            raise BadInput(f"{table!r} is not an Athena table: write athena:DATABASE.TABLE.")
        self._parts = ("AwsDataCatalog", *parts) if len(parts) == 2 else tuple(parts)
        self._client = clients("athena", region)
        self._region = region
        self._recorded = recorded
        self._workgroup = workgroup
        self._deadline = deadline
        self._calls = 0

    def fetch(self, query: TrailQuery) -> TrailResult:
        """Return the events of a query. Raises NotCollected when the table can't be asked."""
        self._calls = 0
        until = time.monotonic() + self._deadline
        table = self._describe()
        text = statement(query, table)
        execution = self._run(text, table, until)
        collector = Collector(query, f"athena:{table.database}.{table.table}")
        collector.add_all(self._rows(execution["QueryExecutionId"]))
        scanned = int(execution.get("Statistics", {}).get("DataScannedInBytes", 0))
        holds, notes = kinds_seen(collector, self._recorded)
        return TrailResult(
            rows=collector.rows,
            source=collector.trail_source,
            window=query.window,
            holds=holds,
            notes=notes,
            unread=dict(collector.unread),
            bytes_scanned=scanned,
            cost_usd=max(scanned, _LEAST_BYTES) / _TB * USD_PER_TB,
            calls=self._calls,
        )

    def explain(self, query: TrailQuery) -> str:
        """Return what a query would read and cost, before it is run, as far as that is known."""
        first, last = days(query)
        regions = ", ".join(query.all_regions)
        return (
            f"Reads the files of {first} to {last} in {regions} only. How many bytes these are is "
            f"not known before; Athena asks USD {USD_PER_TB:g} for a terabyte (as of 2025), "
            "10 MB at least."
        )

    def _describe(self) -> _Table:
        catalog, database, table = self._parts
        where = f"{database}.{table} in {self._region}"
        self._calls += 1
        with asking("athena:GetTableMetadata", where):
            answer = self._client.get_table_metadata(
                CatalogName=catalog, DatabaseName=database, TableName=table
            )
        found = answer.get("TableMetadata", {})
        return _Table(
            catalog,
            database,
            table,
            tuple(str(each["Name"]) for each in found.get("Columns", [])),
            tuple(str(each["Name"]) for each in found.get("PartitionKeys", [])),
            dict(found.get("Parameters", {})),
        )

    def _run(self, text: str, table: _Table, until: float) -> Mapping[str, Any]:
        where = f"{table.database}.{table.table} in {self._region}"
        self._calls += 1
        with asking("athena:StartQueryExecution", where):
            started = self._client.start_query_execution(
                QueryString=text,
                QueryExecutionContext={"Database": table.database, "Catalog": table.catalog},
                WorkGroup=self._workgroup,
            )
        execution = wait_until(
            lambda: self._execution(started["QueryExecutionId"], where),
            lambda found: found.get("Status", {}).get("State") not in _RUNNING,
            deadline=until,
            what=f"The Athena query of {where}",
            quick=on_loopback(self._client),
        )
        status = execution.get("Status", {})
        if status.get("State") != "SUCCEEDED":
            why = str(status.get("StateChangeReason", ""))[:300]
            state = str(status.get("State", "unknown")).lower()
            raise NotCollected("trail", f"The Athena query of {where} ended as {state}: {why}")
        return execution

    def _execution(self, ident: str, where: str) -> Mapping[str, Any]:
        self._calls += 1
        with asking("athena:GetQueryExecution", where):
            answer = self._client.get_query_execution(QueryExecutionId=ident)
        found: Mapping[str, Any] = answer.get("QueryExecution", {})
        return found

    def _rows(self, ident: str) -> Iterator[dict[str, str | None]]:
        """Yield rows by column name; the first row of the first page is the header."""
        header: list[str] = []
        token: dict[str, str] = {}
        while True:
            self._calls += 1
            with asking("athena:GetQueryResults", self._region):
                page = self._client.get_query_results(
                    QueryExecutionId=ident, MaxResults=_PAGE, **token
                )
            for row in page.get("ResultSet", {}).get("Rows", []):
                cells = [cell.get("VarCharValue") for cell in row.get("Data", [])]
                if header:
                    yield dict(zip(header, cells, strict=False))
                else:
                    header = [str(cell) for cell in cells]
            if not page.get("NextToken"):
                return
            token = {"NextToken": page["NextToken"]}


def statement(query: TrailQuery, table: _Table) -> str:
    """Return the SELECT for a table, with conditions on its partitions.

    Raises NotCollected for a table that is not partitioned by day: it would be read whole.
    """
    partitions = _partitions(query, table)
    name = f"{quote_name(table.database)}.{quote_name(table.table)}"
    return select(query, "athena", name, partitions=partitions, columns=table.columns)


def _partitions(query: TrailQuery, table: _Table) -> list[str]:
    keys = {key.lower(): key for key in table.keys}
    day = next((keys[key] for key in _DAY_KEYS if key in keys), None)
    if day is None or "year" in keys:
        raise NotCollected(
            "trail",
            f"{table.database}.{table.table} has no partition key of whole days "
            f"({', '.join(_DAY_KEYS)}), so that a query would read and bill all of it. "
            "rumkit.trail.athena.create_table_statement writes a table that has.",
            missing=["setting:athena-table"],
        )
    first, last = (_day(table, day, text) for text in days(query))
    column = quote_name(day)
    found = [f"{column} >= {quote(first, 'athena')}", f"{column} <= {quote(last, 'athena')}"]
    region = next((keys[key] for key in _REGION_KEYS if key in keys), None)
    if region and query.regions:
        regions = quote_list(query.all_regions, "athena")
        found.append(f"{quote_name(region)} IN {regions}")
    return found


def _day(table: _Table, key: str, text: str) -> str:
    """Write a day as the table's projection does: yyyy/MM/dd, or with dashes."""
    form = table.settings.get(f"projection.{key.lower()}.format", "yyyy/MM/dd")
    return text.replace("/", "-") if "-" in form else text


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
