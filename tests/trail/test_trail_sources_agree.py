"""Every source of the same records gives the same DataFrame."""

from __future__ import annotations

import gzip
import json

import pandas as pd
import pytest
import trail_clients as stand_in
import trail_corpus as corpus
import trail_records as sample

from rumkit.trail.athena import AthenaSource
from rumkit.trail.bucket import S3Source
from rumkit.trail.events import COLUMNS
from rumkit.trail.files import FileSource
from rumkit.trail.lake import LakeSource
from rumkit.trail.logs import LogsSource
from rumkit.trail.lookup import LookupSource

REGION = corpus.REGION
STORE = "1f2e3d4c-5b6a-4978-8695-a4b3c2d1e0f9"


def from_files(records, folder):
    path = folder / corpus.layout(1, corpus.START)
    path.parent.mkdir(parents=True)
    path.write_bytes(
        gzip.compress(json.dumps({"Records": records}, separators=(",", ":")).encode())
    )
    return FileSource(str(folder))


def from_pretty_lines(records, folder):
    (folder / "trail.jsonl").write_text(
        "\n".join(json.dumps(record, indent=2) for record in records)
    )
    return FileSource(str(folder))


def from_s3(records, _):
    data = gzip.compress(json.dumps({"Records": records}).encode())
    bucket = stand_in.Bucket({f"org/{corpus.layout(1, corpus.START)}": data})
    return S3Source("s3://trail-files/org", stand_in.Clients(s3=bucket), region=REGION)


def from_logs(records, _):
    return LogsSource("trail", stand_in.Clients(logs=stand_in.Logs(records)), region=REGION)


def from_athena(records, _):
    clients = stand_in.Clients(athena=stand_in.Athena(records))
    return AthenaSource("trails.events", clients, region=REGION)


def from_lake(records, _):
    clients = stand_in.Clients(cloudtrail=stand_in.Lake(records, STORE))
    return LakeSource(STORE, clients, region=REGION)


HOLDING_EVERYTHING = [from_files, from_pretty_lines, from_s3, from_logs, from_athena, from_lake]


def frame_of(make, tmp_path, query=None):
    records = sample.installation()
    found = make(records, tmp_path).fetch(query or sample.query()).frame()
    return found.drop(columns="trail_source")


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    return frame_of(from_files, tmp_path_factory.mktemp("expected"))


@pytest.mark.parametrize("make", HOLDING_EVERYTHING)
def test_a_source_gives_the_same_frame_as_the_trail_files(make, tmp_path, expected):
    pd.testing.assert_frame_equal(frame_of(make, tmp_path)[list(expected)], expected)


def test_the_files_give_every_record_of_the_installation_and_no_other(expected):
    names = list(expected["name"])
    assert names == [
        "DeleteRolePolicy",
        "UpdateAppMonitor",
        "AssumeRoleWithWebIdentity",
        "GetOpenIdToken",
        *["PutRumEvents"] * 4,
    ]


def test_event_history_gives_the_same_management_events(expected, monkeypatch):
    monkeypatch.setenv("RUMKIT_NOW", "2026-03-05T00:00:00Z")
    records = sample.installation()
    clients = stand_in.Clients(
        cloudtrail=stand_in.by_region(lambda region: stand_in.History(records, region))
    )
    found = LookupSource(clients).fetch(sample.query()).frame().drop(columns="trail_source")
    management = expected[expected["category"] == "Management"].reset_index(drop=True)
    pd.testing.assert_frame_equal(found, management)


@pytest.mark.parametrize("make", HOLDING_EVERYTHING)
def test_successful_calls_come_from_every_source_when_they_are_asked_for(make, tmp_path):
    records = sample.installation()
    success = dict(sample.of_monitor(corpus.MONITOR, corpus.MONITOR_ID, 99))
    del success["errorCode"], success["errorMessage"]
    source = make([*records, success], tmp_path)
    asked = sample.query(outcomes="all", kinds=frozenset({"put-rum-events"}))
    rows = source.fetch(asked).rows
    assert [row.failed for row in rows].count(False) == 1


@pytest.mark.parametrize("make", HOLDING_EVERYTHING)
def test_a_source_without_a_matching_record_gives_an_empty_frame_with_all_columns(make, tmp_path):
    asked = sample.query(kinds=frozenset({"cognito"}), pools=("eu-west-1:another",))
    frame = make(sample.installation(), tmp_path).fetch(asked).frame()
    assert frame.empty
    assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == dict(COLUMNS)
