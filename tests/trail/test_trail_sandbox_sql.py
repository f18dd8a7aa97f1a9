"""The sandbox's Athena and Lake run rumkit's statements as a real engine does."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field

import pandas as pd
import pytest
import trail_clients as stand_in
import trail_corpus as corpus
import trail_records as sample

from rumkit.sandbox import athena as athena_api
from rumkit.sandbox import lake as lake_api
from rumkit.sandbox.athena_access import Workgroup
from rumkit.sandbox.errors import AwsError
from rumkit.sandbox.trail_sql import StatementFailed, run
from rumkit.sandbox.world import Trail
from rumkit.trail.athena import AthenaSource
from rumkit.trail.files import FileSource
from rumkit.trail.lake import LakeSource
from rumkit.trail.sql import select

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


@pytest.mark.parametrize("dialect", ["athena", "lake"])
@pytest.mark.parametrize("outcomes", ["failures", "all"])
@pytest.mark.parametrize("name", ["shop", "x' OR 1=1 --", "json_format(CAST(x AS JSON))", "a\nb"])
def test_the_sandbox_s_engine_and_a_full_engine_give_the_same_events(dialect, outcomes, name):
    records = [*sample.installation(), sample.of_monitor(name, "id-of-it", 5)]
    query = sample.query(monitors=((name, "id-of-it"),), outcomes=outcomes)
    text = select(query, dialect, "trail")
    names, rows = run(text, records, dialect)
    full_names, full_rows = stand_in.Engine(records, dialect).run(text, "trail")
    at = [each.lower() for each in names].index("eventid")
    full_at = [each.lower() for each in full_names].index("eventid")
    assert sorted(row[at] for row in rows) == sorted(row[full_at] for row in full_rows)
    assert rows


def test_only_what_the_trail_records_is_in_its_table(world):
    world.trails = [Trail("main-trail", region=REGION, bucket="trail-files")]
    found = ask_athena(world, sample.query())
    assert {row.category for row in found.rows} == {"Management"}


def test_a_table_that_is_not_there_is_refused_as_athena_does(world):
    client = Client(athena_api.OPERATIONS, world)
    with pytest.raises(AwsError, match="not found"):
        client.get_table_metadata(CatalogName="c", DatabaseName="trails", TableName="another")


@pytest.mark.parametrize(
    "text", ["DELETE FROM trail", "SELECT nothing_such FROM trail", "SELECT ("]
)
def test_a_statement_that_cannot_run_fails(text):
    with pytest.raises(StatementFailed):
        run(text, [], "athena")


def test_a_store_that_is_not_there_is_refused_as_lake_does(world):
    client = Client(lake_api.OPERATIONS, world)
    with pytest.raises(AwsError, match="was not found"):
        client.start_query(
            QueryStatement="SELECT eventName FROM 00000000-0000-5000-a000-000000000000"
        )


def test_a_store_s_id_is_one_that_a_statement_can_carry():
    assert re.fullmatch(r"[0-9a-f-]{36}", lake_api.store_id(TRAIL))
