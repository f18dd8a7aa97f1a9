"""The sandbox's Athena and Lake run rumkit's statements as a real engine does."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from importlib.util import find_spec

import pandas as pd
import pytest
import trail_clients as stand_in
import trail_corpus as corpus
import trail_records as sample

from rumkit.sandbox import athena as athena_api
from rumkit.sandbox import lake as lake_api
from rumkit.sandbox.errors import AwsError
from rumkit.sandbox.resources import Trail, Workgroup
from rumkit.sandbox.trail_sql import StatementFailed, Tables, run
from rumkit.trail.athena import AthenaSource
from rumkit.trail.files import FileSource
from rumkit.trail.lake import LakeSource

REGION = corpus.REGION
TRAIL = Trail(
    "main-trail",
    region=REGION,
    bucket="trail-files",
    data_types=("AWS::RUM::AppMonitor", "AWS::Cognito::IdentityPool"),
)
TABLE = f"{athena_api.DATABASE}.{athena_api.table_of(TRAIL)}"


@dataclass
class World:
    trails: list[Trail]
    stores: list[Trail]
    held: list[dict]
    queries: dict = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)
    counter: int = 0
    denied_actions: set = field(default_factory=set)
    workgroups: dict = field(default_factory=lambda: {"primary": Workgroup()})
    tables: Tables = field(default_factory=Tables)

    def records(self):
        return self.held

    def next_id(self, kind):
        self.counter += 1
        return f"{kind}-{self.counter}"


class Client:
    """A client whose operations are functions of the sandbox, without the wire between."""

    class meta:  # noqa: N801
        endpoint_url = "http://127.0.0.1:1"

    def __init__(self, operations, world):
        self.operations, self.world = operations, world

    def __getattr__(self, name):
        operation = self.operations["".join(part.title() for part in name.split("_"))]
        call = type("Call", (), {"world": self.world, "region": REGION})

        def ask(**params):
            context = call()
            context.params = params
            reply = operation(context)
            return {key: value for key, value in reply.items() if value is not None}

        return ask


@pytest.fixture
def world():
    return World([TRAIL], [TRAIL], sample.installation())


def ask_athena(world, query, table=TABLE):
    client = Client(athena_api.OPERATIONS, world)
    return AthenaSource(table, stand_in.Clients(athena=client), region=REGION).fetch(query)


def ask_lake(world, query):
    client = Client(lake_api.OPERATIONS, world)
    ident = lake_api.store_id(TRAIL)
    return LakeSource(ident, stand_in.Clients(cloudtrail=client), region=REGION).fetch(query)


@pytest.mark.parametrize("ask", [ask_athena, ask_lake])
def test_the_sandbox_gives_the_frame_that_files_of_the_same_records_give(ask, world, tmp_path):
    import json

    (tmp_path / "trail.json").write_text(json.dumps({"Records": world.held}))
    expected = FileSource(str(tmp_path)).fetch(sample.query()).frame()
    found = ask(world, sample.query()).frame()
    pd.testing.assert_frame_equal(
        found.drop(columns="trail_source"), expected.drop(columns="trail_source")
    )


JOINED = """
    WITH mine AS (SELECT * FROM trails.t WHERE eventname = 'DeleteRolePolicy')
    SELECT mine.day, t.useridentity.sessioncontext.sessionissuer.username,
        json_extract_scalar(t.requestparameters, '$.policyName') AS policy
    FROM mine JOIN trails.t ON mine.eventid = t.eventid
"""
NESTED = """
    SELECT userIdentity.sessionContext.sessionIssuer.userName,
        element_at(requestParameters, 'policyName') AS policy, requestParameters, resources
    FROM t WHERE eventName = 'DeleteRolePolicy'
"""
FIRST = "SELECT min(from_iso8601_timestamp(eventtime)) AS first FROM trails.t"
DELETED = "{roleName=shop-guest, policyName=put-rum-events}"
QUERIES = [
    ("athena", "SELECT count(*) FROM t WHERE readonly = 'false'", {"_col0": "{writes}"}),
    ("lake", "SELECT count(*) AS n FROM t WHERE readOnly = false", {"n": "{writes}"}),
    ("athena", FIRST, {"first": "2026-03-02 06:03:00.000+00:00"}),
    ("lake", "SELECT min(eventTime) AS t FROM t", {"t": "2026-03-02 06:03:00.000"}),
    ("athena", JOINED, {"day": "2026/03/02", "username": "ci-deploy", "policy": "put-rum-events"}),
    ("lake", NESTED, {"username": "ci-deploy", "policy": "put-rum-events",
     "requestparameters": DELETED, "resources": None}),
]  # fmt: skip


@pytest.mark.parametrize(("dialect", "text", "expected"), QUERIES)
def test_a_person_s_own_statement_runs_as_there(dialect, text, expected):
    records = sample.installation()
    names, [row] = run(text, dialect, lambda _database, _table: records)
    writes = str(sum(not record["readOnly"] for record in records))
    found = dict(zip([name.lower() for name in names], row, strict=True))
    assert found == {k: writes if v == "{writes}" else v for k, v in expected.items()}


def test_a_table_s_columns_have_the_types_that_athena_shows(world):
    client = Client(athena_api.OPERATIONS, world)
    shown = client.get_table_metadata(
        CatalogName="c", DatabaseName="trails", TableName=athena_api.table_of(TRAIL)
    )["TableMetadata"]
    types = {column["Name"]: column["Type"] for column in shown["Columns"]}
    assert types["eventtime"] == types["requestparameters"] == "string"
    assert types["resources"] == "array<struct<arn:string,accountid:string,type:string>>"
    assert "attributes:map<string,string>" in types["useridentity"]


@pytest.mark.parametrize("database", ["", "trails."])
def test_a_statement_may_leave_the_database_to_the_request(world, database):
    client = Client(athena_api.OPERATIONS, world)
    ident = client.start_query_execution(
        QueryString=f"SELECT eventid FROM {database}main_trail LIMIT 1",
        QueryExecutionContext={"Database": "trails"},
    )["QueryExecutionId"]
    query = client.get_query_execution(QueryExecutionId=ident)["QueryExecution"]
    assert query["Status"]["State"] == "SUCCEEDED"
    assert query["Statistics"]["DataScannedInBytes"] > 0


def test_only_what_the_trail_records_is_in_its_table(world):
    world.trails = [Trail("main-trail", region=REGION, bucket="trail-files")]
    found = ask_athena(world, sample.query())
    assert {row.category for row in found.rows} == {"Management"}


def test_a_table_that_is_not_there_is_refused_as_athena_does(world):
    client = Client(athena_api.OPERATIONS, world)
    with pytest.raises(AwsError, match="not found"):
        client.get_table_metadata(CatalogName="c", DatabaseName="trails", TableName="another")


@pytest.mark.parametrize(
    "text",
    [
        "DELETE FROM trail",
        "SELECT nothing_such FROM trail",
        "SELECT (",
        "SELECT eventid FROM trail; SELECT 1",
        "SELECT * FROM read_csv('/etc/hostname')",
        "SELECT * FROM trail, read_text('/etc/hostname')",
        "COPY trail TO '/tmp/out.csv'",
        "INSTALL httpfs",
        "SELECT " + "(" * 5000,
    ],
)
def test_a_statement_that_cannot_run_fails(text):
    with pytest.raises(StatementFailed) as caught:
        run(text, "athena", lambda _database, _table: [])
    assert "\x1b" not in str(caught.value)


def test_a_table_that_is_not_there_fails_the_statement(world):
    client = Client(athena_api.OPERATIONS, world)
    for table in ("trails.another", "other.main_trail", "'/etc/hostname'"):
        ident = client.start_query_execution(QueryString=f"SELECT eventid FROM {table}")
        status = client.get_query_execution(**ident)["QueryExecution"]["Status"]
        assert status["State"] == "FAILED"
        assert status["StateChangeReason"]


@pytest.mark.parametrize("missing", ["duckdb", "sqlglot"])
def test_without_the_engine_a_statement_fails_and_names_the_extra(monkeypatch, missing):
    found = find_spec
    monkeypatch.setattr(
        "rumkit.extras.find_spec", lambda name: None if name == missing else found(name)
    )
    with pytest.raises(StatementFailed, match=r"needs the extra `sandbox`: .*rumkit\[sandbox\]"):
        run("SELECT 1", "athena", lambda _database, _table: [])


def test_the_engine_is_imported_when_the_first_statement_comes():
    code = "import sys, rumkit.sandbox.front; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"duckdb", "sqlglot"}.isdisjoint(done.stdout.split())


def test_a_store_that_is_not_there_is_refused_as_lake_does(world):
    client = Client(lake_api.OPERATIONS, world)
    with pytest.raises(AwsError, match="was not found"):
        client.start_query(
            QueryStatement="SELECT eventName FROM 00000000-0000-5000-a000-000000000000"
        )


def test_a_store_s_id_is_one_that_a_statement_can_carry():
    assert re.fullmatch(r"[0-9a-f-]{36}", lake_api.store_id(TRAIL))


def test_a_table_is_filled_once_and_again_where_a_record_came():
    tables = Tables()
    records = [{"eventID": "1", "eventName": "GetId"}]

    def count():
        text = "SELECT count(*) FROM trail"
        return run(text, "athena", lambda *_: records, tables)[1]

    assert count() == count() == [["1"]]
    records.append({"eventID": "2", "eventName": "GetId"})
    assert count() == [["2"]]
    for number in range(3, 9):
        records.append({"eventID": str(number), "eventName": "GetId"})
        assert count() == [[str(number)]]
    tables.close()
    assert count() == [["8"]]
