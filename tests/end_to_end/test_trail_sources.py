"""`--trail` names a source, and every source tells the same."""

from __future__ import annotations

import gzip
import json

import pytest
from harness import NOBODY, run  # type: ignore[import-not-found]

from rumkit.sandbox.lake import store_id


def found_with(sandbox, *arguments, **environment):
    done = run(sandbox, "rumkit", "investigate", "--json", *arguments, **environment)
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


def denied_calls(found):
    """The denied calls without the column that says where they were read."""
    rows = found["tables"]["denied_put_events"]
    return [{key: row[key] for key in row if key != "trail_source"} for row in rows]


@pytest.fixture(scope="module")
def trail_folder(denied, tmp_path_factory):
    folder = tmp_path_factory.mktemp("trail")
    with denied.world.lock:
        records = list(denied.world.records())
    half = len(records) // 2
    (folder / "one.json").write_text(json.dumps({"Records": records[:half]}))
    with gzip.open(folder / "two.json.gz", "wt") as file:
        json.dump({"Records": records[half:]}, file)
    return folder


@pytest.fixture(scope="module")
def by_default(denied):
    return found_with(denied)


@pytest.mark.parametrize("name", ["logs", "athena", "lake", "s3"])
def test_every_source_of_data_events_finds_the_same_denied_calls(denied, by_default, name):
    specs = {
        "logs": "logs:CloudTrail/account-trail",
        "athena": "athena:trails.account_trail",
        "lake": f"lake:{store_id(denied.world.stores[0])}",
        "s3": "s3://shop-trail",
    }
    found = found_with(denied, "--trail", specs[name])
    assert found["root_cause"] == "guest-role-permission"
    assert len(denied_calls(found)) > 20
    assert denied_calls(found) == denied_calls(by_default)


def test_event_history_alone_never_says_that_nothing_was_denied(denied):
    found = found_with(denied, "--trail", "lookup")
    check = next(each for each in found["findings"] if each["check"] == "put-events-denied")
    assert check["status"] == "unknown"
    assert found["root_cause"] == "guest-role-permission"


def test_a_folder_of_trail_files_needs_no_account(denied, by_default, trail_folder):
    nobody = {**NOBODY, "RUMKIT_PAGE": None}
    found = found_with(denied, "--trail", str(trail_folder), **nobody)
    check = next(each for each in found["findings"] if each["check"] == "put-events-denied")
    assert check["status"] == "fail"
    assert found["verdict"] == "broken"
    assert len(denied_calls(found)) == len(denied_calls(by_default))


@pytest.mark.parametrize("trail", ["logs:nobody", "athena:nobody.nothing", "s3://nobodys-trail"])
def test_a_source_that_is_not_there_asks_for_another(denied, trail):
    found = found_with(denied, "--trail", trail)
    check = next(each for each in found["findings"] if each["check"] == "put-events-denied")
    assert (check["status"], check["missing"]) == ("unknown", ["input:trail"])


def test_where_no_trail_records_data_events_the_selector_is_printed():
    from rumkit.sandbox.runner import start

    with start("permission-unrecorded") as sandbox:
        found = found_with(sandbox)
    check = next(each for each in found["findings"] if each["check"] == "put-events-denied")
    assert check["status"] == "unknown"
    assert "not recorded by any trail" in check["summary"]
    texts = " ".join(fix["text"] for fix in check["fixes"])
    assert "put-event-selectors" in texts
    assert "AWS::RUM::AppMonitor" in texts
