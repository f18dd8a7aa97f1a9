"""The scanner finds exactly what a full parse of every file finds, whatever the files look like."""

from __future__ import annotations

import gzip
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
import trail_corpus as corpus
import trail_records as sample
from hypothesis import given, settings
from hypothesis import strategies as st
from trail_clients import Bucket, Clients

from rumkit.model import BadInput, NotCollected
from rumkit.trail import gunzip, scan
from rumkit.trail.bucket import S3Source
from rumkit.trail.files import FileSource, may_hold, plan_of
from rumkit.trail.names import ALL_KINDS, KIND_OF, KINDS, names_of
from rumkit.trail.scan import scan_bytes, scan_file
from rumkit.trail.workers import scan_files

PLAN = plan_of(sample.query())
OURS = [
    record for record in sample.installation() if record["eventSource"].startswith(("rum", "sts"))
]


def compact(document) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()


def wanted(records) -> list[str]:
    """Return what a full parse finds: the ids of the records that the plan wants."""
    return sorted(
        record["eventID"]
        for record in records
        if record["eventName"] in PLAN.names
        and (record.get("errorCode") or record["eventName"] not in PLAN.failures_only)
    )


def found_in(data: bytes) -> list[str]:
    return sorted(record["eventID"] for record in scan_bytes(data, PLAN).records)


def tricky(rng: random.Random, record: dict) -> dict:
    """Give a record what breaks a search by bytes."""
    text = rng.choice(
        [
            'a "quote" and \\ a backslash',
            json.dumps(DECOY),
            '{"eventVersion":"1.09","eventName":"PutRumEvents","errorCode":"x"}',
            "]}]}",
            "ünïcödé \u2028 \U0001f600",
            '\\"eventName\\":\\"PutRumEvents\\"',
        ]
    )
    return record | {"additionalEventData": {"note": text, "list": [text, {"deep": [text]}]}}


DECOY = corpus.denied_put(random.Random(5), sample.moment(1))
WRITINGS = {
    "as CloudTrail writes": lambda records: compact({"Records": records}),
    "with blanks": lambda records: json.dumps({"Records": records}).encode(),
    "indented": lambda records: json.dumps({"Records": records}, indent=2).encode(),
    "keys sorted": lambda records: json.dumps({"Records": records}, sort_keys=True).encode(),
    "one per line": lambda records: b"\n".join(compact(record) for record in records),
    "one per line, with returns": lambda records: b"\r\n".join(map(compact, records)) + b"\r\n",
    "a bare list": compact,
    "in ASCII only": lambda records: json.dumps({"Records": records}, ensure_ascii=True).encode(),
    "not in ASCII": lambda records: json.dumps({"Records": records}, ensure_ascii=False).encode(),
    "with a mark of order": lambda records: b"\xef\xbb\xbf" + compact({"Records": records}),
    "as Event history": lambda records: compact(
        {"Events": [{"EventId": r["eventID"], "CloudTrailEvent": json.dumps(r)} for r in records]}
    ),
    "two documents": lambda records: (
        compact({"Records": records[:3]}) + b"\n" + compact({"Records": records[3:]})
    ),
}
PACKINGS = {
    "plain": lambda data: data,
    "gzipped": gzip.compress,
    "in two members": lambda data: (
        gzip.compress(data[: len(data) // 3]) + gzip.compress(data[len(data) // 3 :])
    ),
    "in members of equal length": lambda data: (
        gzip.compress(data[: len(data) // 2]) + gzip.compress(data[len(data) // 2 :])
    ),
    "gzipped with padding": lambda data: gzip.compress(data) + b"\0" * 512,
    "gzipped with a name": lambda data: data[:0] + _named(data),
}


# What may not be installed; without it the standard library does the same.
LIBRARIES = [
    (),
    ((gunzip, "deflate"),),
    ((gunzip, "stringzilla"), (scan, "stringzilla")),
    ((gunzip, "deflate"), (gunzip, "stringzilla"), (scan, "stringzilla")),
]


def _named(data: bytes) -> bytes:
    packed = gzip.compress(data)
    return packed[:3] + bytes([packed[3] | 8]) + packed[4:10] + b"trail.json\0" + packed[10:]


def ids_of(found) -> list[str]:
    """Return event ids; the reader, here `wanted`, looks into what Event history wraps."""
    records = [json.loads(item["CloudTrailEvent"]) for item in found if "CloudTrailEvent" in item]
    plain = [item["eventID"] for item in found if "CloudTrailEvent" not in item]
    return sorted([*plain, *wanted(records)])


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("writing", WRITINGS)
def test_every_record_is_found_however_it_is_written_and_packed(writing, packing):
    rng = random.Random(3)
    records = [tricky(rng, record) for record in sample.installation() * 3]
    data = PACKINGS[packing](WRITINGS[writing](records))
    found = scan_bytes(data, PLAN)
    assert ids_of(found.records) == wanted(records)
    assert found.problems == []


@pytest.mark.parametrize("piece", [64, 1000, 4096])
@pytest.mark.parametrize("writing", WRITINGS)
def test_a_record_that_lies_across_pieces_is_found(writing, piece, monkeypatch, tmp_path):
    monkeypatch.setattr(gunzip, "PIECE", piece)
    monkeypatch.setattr(scan, "WHOLE", 0)
    records = [tricky(random.Random(4), record) for record in sample.installation()]
    for name, data in (
        ("plain", WRITINGS[writing](records)),
        ("packed", gzip.compress(WRITINGS[writing](records))),
    ):
        path = tmp_path / name
        path.write_bytes(data)
        found = scan_file(str(path), PLAN)
        assert ids_of(found.records) == wanted(records)
        assert found.problems == []


@settings(max_examples=120, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    count=st.integers(0, 25),
    writing=st.sampled_from(sorted(WRITINGS)),
    packing=st.sampled_from(sorted(PACKINGS)),
    missing=st.sampled_from(LIBRARIES),
)
def test_a_scan_equals_a_full_parse(seed, count, writing, packing, missing):
    rng = random.Random(seed)
    records = corpus.make_records(rng, count, 0.3, corpus.START)
    records = [tricky(rng, record) if rng.random() < 0.3 else record for record in records]
    data = PACKINGS[packing](WRITINGS[writing](records))
    with pytest.MonkeyPatch.context() as patch:
        for module, library in missing:
            patch.setattr(module, library, None)
        found = scan_bytes(data, PLAN)
    assert ids_of(found.records) == wanted(records)


EVERY_NAME = names_of(ALL_KINDS)


@pytest.mark.parametrize("outcomes", ["failures", "all"])
@pytest.mark.parametrize("kinds", [ALL_KINDS, *(frozenset({kind}) for kind in KINDS)], ids=sorted)
def test_both_searches_find_every_name_that_can_be_asked_for(kinds, outcomes, monkeypatch):
    rng = random.Random(9)
    records = [
        corpus._envelope(rng, sample.moment(1), source, name, identity={}, **refused)
        for source, name in KIND_OF
        for refused in ({}, {"errorCode": "AccessDenied"})
    ]
    rng.shuffle(records)
    plan = plan_of(sample.query(kinds=kinds, outcomes=outcomes))
    for write in WRITINGS.values():
        quick = scan_bytes(write(records), plan)
        with monkeypatch.context() as patch:
            patch.setattr(scan, "stringzilla", None)
            assert vars(scan_bytes(write(records), plan)) == vars(quick)
        assert quick.seen == set(plan.names)


FRAGMENTS = [
    '"eventName"', '"eventName', 'eventName"', '"Name"', '"anotherName"', ":", ": ", " :\n", "\t",
    ",", '"', '"GetId"', '"GetId', '"PutRumEvents"', '"PutRumEvent"', '"AssumeRole"',
    '"CreateRole"}', '"DeletePolicyVersions"', '"SetIdentityPoolRoles"', "é", "{", "}",
]  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=12).map(lambda parts: "".join(parts).encode()))
def test_both_searches_see_the_same_names_in_any_text(data):
    seen = list(scan.places(data, PLAN))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scan, "stringzilla", None)
        assert list(scan.places(bytearray(data), PLAN)) == seen


def test_a_name_at_the_very_end_of_a_text_is_seen():
    for name in EVERY_NAME:
        data = f'{{"eventName":"{name}"'.encode()
        assert list(scan.places(data, PLAN)) == [(1, name)]
        assert list(scan.places(data[:-1], PLAN)) == []


@settings(max_examples=120, deadline=None)
@given(seed=st.integers(0, 10**6), cut=st.floats(0.02, 0.98), packed=st.booleans())
def test_a_truncated_file_gives_the_records_before_the_cut_and_says_so(seed, cut, packed):
    records = corpus.make_records(random.Random(seed), 12, 0.5, corpus.START)
    data = compact({"Records": records})
    data = gzip.compress(data) if packed else data
    found = scan_bytes(data[: int(len(data) * cut)], PLAN)
    assert found.problems
    assert set(ids_of(found.records)) <= set(wanted(records))


def test_a_truncated_plain_file_gives_every_whole_record():
    records = corpus.make_records(random.Random(8), 20, 0.6, corpus.START)
    data = compact({"Records": records})
    cut = data.index(records[14]["eventID"].encode())
    assert found_in(data[:cut]) == wanted(records[:14])


def test_a_truncated_gzip_file_gives_what_can_be_decompressed():
    records = corpus.make_records(random.Random(8), 400, 0.6, corpus.START)
    packed = gzip.compress(compact({"Records": records}))
    found = found_in(packed[: len(packed) // 2])
    assert set(found) < set(wanted(records))
    assert len(found) > 50


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda text: text.replace('"awsRegion"', "awsRegion", 1), id="a lost quote"),
        pytest.param(lambda text: text.replace('"awsRegion"', '"aws"Region"', 1), id="one quote"),
        pytest.param(
            lambda text: text.replace('"userIdentity":{', '"userIdentity":', 1), id="no brace"
        ),
        pytest.param(
            lambda text: text.replace('"userIdentity":{', '"userIdentity":{{', 1), id="braces"
        ),
        pytest.param(
            lambda text: text.replace('"eventTime"', '\x00\x01"eventTime"', 1), id="controls"
        ),
    ],
)
def test_damage_inside_one_record_costs_that_record_only_and_is_counted(damage):
    records = [corpus.denied_put(random.Random(n), sample.moment(n)) for n in range(6)]
    texts = [compact(record).decode() for record in records]
    texts[2] = damage(texts[2])
    found = scan_bytes(('{"Records":[' + ",".join(texts) + "]}").encode(), PLAN)
    others = [record for index, record in enumerate(records) if index != 2]
    assert ids_of(found.records) == wanted(others)
    assert found.problems


def test_a_corrupt_gzip_file_is_counted_and_the_others_are_read(tmp_path):
    records = sample.installation()
    packed = gzip.compress(compact({"Records": records}))
    (tmp_path / "good.json.gz").write_bytes(packed)
    (tmp_path / "bad.json.gz").write_bytes(packed[:60] + b"\xff" * 40 + packed[100:])
    result = FileSource(str(tmp_path)).fetch(sample.query())
    assert len(result.rows) == 8
    assert dict(result.unread)["gzip data is corrupt"] == 1


def test_a_record_nested_in_another_is_not_taken_for_one():
    outer = sample.installation()[-1] | {
        "requestParameters": {"events": [DECOY, DECOY, DECOY]},
    }
    data = compact({"Records": [outer, *OURS]})
    assert found_in(data) == wanted(OURS)


def test_a_successful_call_is_left_out_and_still_seen():
    success = {key: value for key, value in DECOY.items() if key != "errorCode"}
    found = scan_bytes(compact({"Records": [success]}), PLAN)
    assert (found.records, found.seen) == ([], {"PutRumEvents"})


def test_a_gzip_header_by_chance_inside_compressed_data_costs_nothing_but_time():
    packed = gzip.compress(compact({"Records": OURS}))
    named = packed[:3] + b"\x08" + packed[4:10] + b"\x1f\x8b\x08\x01\0" + packed[10:]
    assert found_in(named) == wanted(OURS)


def test_a_gzip_trailer_that_claims_gigabytes_takes_no_such_memory():
    packed = gzip.compress(compact({"Records": OURS}))[:-4] + b"\xff\xff\xff\xff"
    found = scan_bytes(packed, PLAN)
    assert ids_of(found.records) == wanted(OURS)
    assert found.problems


def test_worker_processes_find_what_one_process_finds(tmp_path):
    records = sample.installation()
    for number in range(5):
        (tmp_path / f"{number}.json.gz").write_bytes(gzip.compress(compact({"Records": records})))
    files = [(str(path), 1_500_000) for path in sorted(tmp_path.iterdir())]
    found = [each for one in scan_files(files, PLAN, processes=2) for each in one.records]
    assert ids_of(found) == sorted(wanted(records) * 5)


def test_files_that_are_left_when_time_is_up_are_counted(tmp_path):
    for number in range(3):
        (tmp_path / f"{number}.json").write_bytes(compact({"Records": OURS}))
    files = [(str(path), 3_000_000) for path in tmp_path.iterdir()]
    problems = [
        p for one in scan_files(files, PLAN, processes=1, deadline=0.0) for p in one.problems
    ]
    assert problems.count("not read: the scan was stopped") >= 1


def test_a_file_that_is_not_there_any_more_is_counted():
    assert scan_file("/nowhere/at/all.json.gz", PLAN).problems == [
        "file can't be read: FileNotFoundError"
    ]


def test_a_worker_ends_when_the_scan_that_asked_it_was_killed():
    """Its input is still open: only that its parent is gone tells."""
    reads, writes = os.pipe()
    starts = (
        "import os, subprocess; from rumkit import isolated; from rumkit.trail import workers;"
        " own = workers._RUN.format(parent=os.getpid());"
        " child = subprocess.Popen(isolated.python(own));"
        " print(child.pid, flush=True); child.wait()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", starts], stdin=reads, stdout=subprocess.PIPE, text=True
    )
    worker = int(parent.stdout.readline())
    time.sleep(1)
    assert runs(worker)
    parent.kill()
    parent.wait(10)
    deadline = time.monotonic() + 5
    while runs(worker) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not runs(worker)
    os.close(writes)
    os.close(reads)


def runs(pid):
    """Tell whether a process does anything any more; one that nobody waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def test_a_place_without_files_says_what_to_name(tmp_path):
    with pytest.raises(BadInput, match="No trail files"):
        FileSource(str(tmp_path)).fetch(sample.query())


def test_files_delivered_long_outside_the_window_are_not_opened(tmp_path):
    path = tmp_path / "111122223333_CloudTrail_eu-west-1_20250101T0000Z_x.json.gz"
    path.write_bytes(b"never read")
    result = FileSource(str(tmp_path)).fetch(sample.query())
    assert (result.bytes_scanned, dict(result.unread)) == (0, {})


@pytest.mark.parametrize(
    ("delivered", "holds"),
    [
        ("20260301T2344", False),
        ("20260301T2350", True),
        ("20260303T1200", True),
        ("20260305T0000", False),
    ],
)
def test_the_delivery_time_in_a_name_tells_whether_a_file_can_hold_the_window(delivered, holds):
    assert may_hold(f"1_CloudTrail_eu-west-1_{delivered}Z_x.json.gz", sample.query()) is holds


def test_s3_lists_only_the_days_and_regions_of_the_query():
    data = gzip.compress(compact({"Records": OURS}))
    key = corpus.layout(1, corpus.START)
    other = key.replace(corpus.REGION, "ap-south-1")
    bucket = Bucket({key: data, other: data, key.replace("/2026/03/02/", "/2026/02/02/"): data})
    result = S3Source("s3://b", Clients(s3=bucket), region=corpus.REGION).fetch(sample.query())
    assert bucket.read == [key]
    assert len(result.rows) == len(wanted(OURS))


def test_a_list_whose_pages_stay_empty_is_not_followed_for_ever():
    class Endless(Bucket):
        def list_objects_v2(self, Bucket, Prefix, **_):  # noqa: N803
            self.listed.append(Prefix)
            return {"IsTruncated": True, "NextContinuationToken": str(len(self.listed))}

    bucket = Endless({})
    with pytest.raises(NotCollected, match="nothing on them"):
        S3Source("s3://b", Clients(s3=bucket), region=corpus.REGION).fetch(sample.query())
    assert len(bucket.listed) < 100


_ACCOUNT = "AWSLogs/o-abc/111122223333"
_REGION = f"{_ACCOUNT}/CloudTrail/{corpus.REGION}"


@pytest.mark.parametrize(
    "place",
    ["", "AWSLogs", "AWSLogs/o-abc", _ACCOUNT, f"{_ACCOUNT}/CloudTrail", _REGION,
     f"{_REGION}/2026/03", f"{_REGION}/2026/03/01/x_CloudTrail_y.json.gz"],
)  # fmt: skip
def test_s3_finds_an_organisation_s_files_from_any_level_of_the_layout(place):
    data = gzip.compress(compact({"Records": OURS}))
    key = corpus.layout(1, corpus.START).replace("AWSLogs/", "AWSLogs/o-abc/")
    bucket = Bucket({key: data})
    source = S3Source(f"s3://b/{place}", Clients(s3=bucket), region=corpus.REGION)
    found = source.fetch(sample.query())
    assert bucket.read == [key]
    # The files of one Region tell nothing of what IAM recorded in another.
    narrow = corpus.REGION in place
    assert any("only" in gap.reason for gap in found.gaps("changes")) is narrow


def test_files_alone_do_not_claim_that_a_kind_is_recorded(tmp_path):
    (tmp_path / "1.json").write_bytes(compact({"Records": [sample.installation()[-1]]}))
    result = FileSource(str(tmp_path)).fetch(sample.query())
    assert result.holds == frozenset()
    assert any("not known" in note for note in result.notes)


def test_a_caller_who_writes_of_a_bucket_hides_no_record():
    words = '"eventVersion":"2.1","eventSource":"aws:s3"'
    records = [{**OURS[0], "userAgent": words}, *OURS[1:]]
    scanned = scan_bytes(compact({"Records": records}), PLAN)
    assert sorted(each["eventID"] for each in scanned.records) == wanted(records)
    assert scanned.problems == []
