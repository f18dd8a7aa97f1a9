"""A fleet's run against two accounts: what is looked at, what is shared, what a failure costs."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter

import pytest
import trail_corpus  # type: ignore[import-not-found]
import trail_records  # type: ignore[import-not-found]
from fleet_sandbox import EXTERNAL_ID  # type: ignore[import-not-found]

import rumkit as library
from rumkit.fleet.plan import FleetPlan, KnownMonitor, Reach
from rumkit.fleet.run import carry_out, keeping, new_run
from rumkit.fleet.session import AccountSession
from rumkit.fleet.store import FolderStore
from rumkit.fleet.trail import SharedTrail
from rumkit.model import BadInput
from rumkit.trail.files import FileSource

PROD = Reach("prod", profile="prod")
STAGE = Reach("stage", profile="stage")
READER = "arn:aws:iam::111122223333:role/rumkit-reader"
WEB = ("web-0000", "web-0001", "web-0002")
HUB = "arn:aws:iam::111122223333:role/hub"

pytestmark = pytest.mark.usefixtures("here")


def go(tmp_path, *places, known=(), **more):
    run, moment = new_run()
    plan = FleetPlan(places, known=known)
    return carry_out(plan, FolderStore(tmp_path), run=run, moment=moment, **more)


def states(run):
    return {(row.place, row.monitor): row.state for row in run.rows}


def test_all_monitors_of_several_accounts_are_looked_at_worst_first(tmp_path):
    run = go(tmp_path, PROD, STAGE)
    assert states(run) == {
        ("prod", "web-0000"): "broken",
        ("prod", "web-0001"): "healthy",
        ("prod", "web-0002"): "healthy",
        ("stage", "web-0000"): "healthy",
        ("stage", "web-0001"): "healthy",
    }
    assert run.rows[0].cause == "guest-role-permission"
    assert run.rows[0].since.startswith("2026-03-02T06")
    assert {row.account for row in run.rows} == {"111122223333", "444455556666"}


@pytest.mark.parametrize(
    ("place", "wanted"),
    [
        (Reach("prod", "prod", monitors=("web-0001",)), {"web-0001"}),
        (Reach("prod", "prod", monitors=("web-*2", "*-0000")), {"web-0000", "web-0002"}),
        (Reach("prod", "prod", tags={"team": "shop"}), {"web-0000", "web-0001"}),
        (Reach("prod", "prod", regions=("eu-west-1", "us-east-1")), set(WEB)),
    ],
)  # fmt: skip
def test_targets_are_chosen_by_name_pattern_tag_and_region(tmp_path, place, wanted):
    assert {monitor for _, monitor in states(go(tmp_path, place))} == wanted


def test_a_fleet_finds_what_a_single_investigation_finds(tmp_path):
    kept = {}
    keep = keeping(FolderStore(tmp_path), "run")

    def finished(row, found):
        kept[row.monitor] = found.to_dict()
        return keep(row, found)

    go(tmp_path, PROD, finished=finished)
    for monitor, shared in kept.items():
        alone = library.investigate(monitor=monitor, profile="prod").to_dict()
        assert shared["verdict"] == alone["verdict"]
        assert shared["path"] == alone["path"]
        assert shared["tables"] == alone["tables"]
        assert shared["onset"] == alone["onset"]
        assert shared["not_collected"] == alone["not_collected"]
        told = {each["check"]: (each["status"], each["certain"]) for each in shared["findings"]}
        assert told == {e["check"]: (e["status"], e["certain"]) for e in alone["findings"]}


def test_what_monitors_share_is_asked_once(tmp_path, accounts):
    accounts["prod"].calls()
    go(tmp_path, PROD)
    calls = Counter(f"{service}:{operation}" for service, operation, _ in accounts["prod"].calls())
    for shared in ("sts:GetCallerIdentity", "rum:ListAppMonitors", "cloudtrail:DescribeTrails",
                   "cloudtrail:GetEventSelectors", "cloudtrail:ListEventDataStores"):  # fmt: skip
        assert calls[shared] == 1, shared
    assert calls["rum:GetAppMonitor"] == 3
    # The trail's log group: the refused calls, and how many succeeded. The rest are the monitors'.
    assert calls["logs:StartQuery"] == 2 + 3


def test_each_trail_query_is_asked_once_without_a_clock_that_stands_still(
    tmp_path, accounts, monkeypatch
):
    monkeypatch.delenv("RUMKIT_NOW")
    accounts["prod"].calls()
    go(tmp_path, PROD, at_once=1)
    asked = Counter(operation for _, operation, _ in accounts["prod"].calls())
    assert asked["StartQuery"] == 2 + 3
    assert asked["LookupEvents"] == 16


def test_a_monitor_that_two_places_lead_to_is_looked_at_once(tmp_path):
    place = Reach("audit", "prod", roles=(READER,), external_id=EXTERNAL_ID)
    run = go(tmp_path, PROD, place)
    assert states(run).keys() == {("prod", monitor) for monitor in WEB}


def test_trail_files_of_another_account_are_read_whole(tmp_path):
    """Whoever downloads an archive's files may look at them with any account's credentials."""
    (tmp_path / "trail.json").write_text(json.dumps({"Records": trail_records.installation()}))
    account = AccountSession(profile="stage", region="eu-west-1")
    monitors = {"eu-west-1": ((trail_corpus.MONITOR, trail_corpus.MONITOR_ID),)}
    alone = trail_records.query(regions=("eu-west-1",), account="")
    shared = SharedTrail(account, monitors).answer(alone, str(tmp_path))
    assert {row.account for row in shared.rows} == {"111122223333"}
    assert shared.rows == FileSource(str(tmp_path)).fetch(alone).rows


def test_a_role_is_assumed_with_its_external_id_and_along_a_chain(tmp_path):
    place = Reach("x", "prod", roles=(READER,), external_id=EXTERNAL_ID, monitors=("web-0001",))
    assert states(go(tmp_path, place)) == {("x", "web-0001"): "healthy"}
    chain = Reach("x", "prod", roles=(HUB, READER), external_id=EXTERNAL_ID, monitors=("web-0001",))
    assert states(go(tmp_path, chain)) == {("x", "web-0001"): "healthy"}


def test_a_role_that_is_refused_is_a_row_of_its_own_and_costs_nothing_else(tmp_path):
    refused = Reach("partner", "prod", roles=(READER,), external_id="another")
    run = go(tmp_path, refused, STAGE, known=(KnownMonitor("pay", "partner", "eu-west-1"),))
    assert states(run) == {
        ("partner", ""): "failed",
        ("partner", "pay"): "failed",
        ("stage", "web-0000"): "healthy",
        ("stage", "web-0001"): "healthy",
    }
    assert run.rows[0].error.startswith(f"sts:AssumeRole of {READER} was refused: User: ")


def test_an_organization_is_all_its_active_accounts_each_by_its_role(tmp_path, accounts):
    place = Reach("org", "prod", organization="rumkit-reader", external_id=EXTERNAL_ID,
                  monitors=("web-0001",))  # fmt: skip
    accounts["prod"].calls()
    run = go(tmp_path, place, known=(KnownMonitor("web-0001", "org/Shop", owner="shop team"),
                                     KnownMonitor("web-0001", "org", owner="web team"),
                                     KnownMonitor("web-0000", owner="nobody here")))  # fmt: skip
    assert {(row.place, row.account, row.owner) for row in run.rows} == {
        ("org/Management", "111122223333", "web team"),
        ("org/Shop", "777788889999", "shop team"),
    }
    assert "failed" not in states(run).values()
    calls = Counter(operation for _, operation, _ in accounts["prod"].calls())
    # Two pages; the account that asks needs no role to look at itself.
    assert (calls["ListAccounts"], calls["AssumeRole"]) == (2, 1)


def test_what_the_file_names_and_no_account_of_an_organization_has_is_a_row(tmp_path):
    place = Reach("org", "prod", organization="rumkit-reader", external_id=EXTERNAL_ID,
                  monitors=("web-0001",))  # fmt: skip
    run = go(
        tmp_path, place, known=(KnownMonitor("pay", "org"), KnownMonitor("web-0001", "org/Shpo"))
    )
    lost = {(row.place, row.monitor): row.error for row in run.rows if row.state == "failed"}
    assert lost == {
        ("org", "pay"): "there is no app monitor 'pay' in any account of org",
        ("org", "web-0001"): "there is no active account 'org/Shpo'",
    }


def test_an_account_of_an_organization_whose_role_is_refused_is_a_row(tmp_path):
    place = Reach("org", "prod", organization="rumkit-reader", monitors=("web-0001",))
    run = go(tmp_path, place)
    assert states(run) == {("org/Shop", ""): "failed", ("org/Management", "web-0001"): "healthy"}
    assert "arn:aws:iam::777788889999:role/rumkit-reader was refused" in run.rows[0].error


def test_an_organization_that_cannot_be_listed_is_one_row_with_the_reason(tmp_path):
    from rumkit.fleet.publish import publish

    lists = Reach("org", "prod", organization="rumkit-reader", monitors=("web-0001",))
    publish(FolderStore(tmp_path), go(tmp_path, lists))
    run = go(tmp_path, Reach("org", "stage", organization="rumkit-reader"))
    whole = next(row for row in run.rows if row.place == "org")
    assert whole.error == (
        "organizations:ListAccounts in us-east-1 answered AWSOrganizationsNotInUseException:"
        " Your account is not a member of an organization."
    )
    # What earlier runs saw in its accounts is not healthy any more.
    assert set(states(run).values()) == {"failed"}
    assert ("org/Management", "web-0001") in states(run)


def test_the_monitors_of_a_place_that_can_no_longer_be_asked_are_never_healthy(tmp_path):
    from rumkit.fleet.publish import publish

    store = FolderStore(tmp_path)
    opened = Reach("partner", "prod", roles=(READER,), external_id=EXTERNAL_ID)
    publish(store, go(tmp_path, opened))
    known = (KnownMonitor("web-0001", "partner"),)
    refused = Reach("partner", "prod", roles=(READER,), external_id="another")
    run = go(tmp_path, refused, known=known)
    assert len(run.rows) == 4
    assert states(run) == dict.fromkeys(
        [("partner", monitor) for monitor in ("", *WEB)], "failed"
    )  # fmt: skip


def test_a_monitor_that_does_not_exist_is_a_row_that_failed(tmp_path):
    run = go(tmp_path, PROD, known=(KnownMonitor("gone", "prod"),))
    gone = next(row for row in run.rows if row.monitor == "gone")
    assert (gone.state, "no app monitor 'gone'" in gone.error) == ("failed", True)


def test_a_region_that_is_switched_off_is_a_row_where_it_was_named(tmp_path):
    run = go(tmp_path, Reach("prod", "prod", regions=("eu-west-1", "ap-east-1")))
    failed = [row for row in run.rows if row.state == "failed"]
    assert [(row.region, row.monitor) for row in failed] == [("ap-east-1", "")]
    assert "switched" in failed[0].error
    assert len(run.rows) == 4


def test_all_regions_leaves_those_out_that_are_switched_off(tmp_path):
    run = go(tmp_path, Reach("prod", "prod", regions=("all",), monitors=("web-0001",)))
    assert states(run) == {("prod", "web-0001"): "healthy"}


def test_a_profile_that_does_not_exist_is_a_mistake(tmp_path):
    with pytest.raises(BadInput, match="no AWS profile 'prodd'"):
        go(tmp_path, Reach("x", profile="prodd"))


@pytest.mark.parametrize(
    "place",
    [Reach("prod", "prod", monitors=("shop-*",)), Reach("prod", "prod", tags={"team": "other"})],
)
def test_that_nothing_is_what_was_asked_for_is_no_success(tmp_path, place):
    with pytest.raises(BadInput, match=r"No app monitor .* prod \(eu-west-1: 3 app monitors\)"):
        go(tmp_path, place)


def test_a_region_that_does_not_exist_is_a_mistake(tmp_path):
    with pytest.raises(BadInput, match="eu-west-9"):
        go(tmp_path, Reach("x", profile="prod", regions=("eu-west-9",)))


def test_a_monitor_that_hangs_is_given_up_and_the_others_are_done(tmp_path, monkeypatch):
    from rumkit.fleet import run as fleet_run

    monkeypatch.setattr(fleet_run, "_GRACE_SECONDS", 0.5)
    forever = threading.Event()

    def look_at(target, shared, *, timeout):
        if target.monitor == "web-0001":
            forever.wait(60)
        return fleet_run.look(target, shared, timeout=30)

    begun = time.monotonic()
    run = go(tmp_path, STAGE, look_at=look_at, timeout=8, at_once=2)
    forever.set()
    assert time.monotonic() - begun < 30
    rows = {row.monitor: row for row in run.rows}
    assert rows["web-0000"].state == "healthy"
    assert rows["web-0001"].state == "failed"
    assert "given up" in rows["web-0001"].error
    assert run.abandoned == 1


def test_a_defect_costs_its_own_monitor_only(tmp_path):
    def look_at(target, shared, *, timeout):
        from rumkit.fleet.look import look

        if target.monitor == "web-0000":
            raise ZeroDivisionError("a defect")
        return look(target, shared, timeout=timeout)

    rows = {row.monitor: row for row in go(tmp_path, STAGE, look_at=look_at).rows}
    assert rows["web-0001"].state == "healthy"
    assert rows["web-0000"].error == "rumkit itself failed: ZeroDivisionError: a defect"


def test_progress_counts_and_tells_the_time_left(tmp_path):
    lines = []
    go(tmp_path, STAGE, tell=lines.append)
    assert lines[0].startswith("[1/2] stage eu-west-1 web-000")
    assert lines[1].startswith("[2/2] ")
    assert lines[1].endswith(", 0 s left")


def test_a_failure_that_may_pass_is_asked_again_and_a_refusal_is_not():
    from rumkit.aws.errors import AwsRefusal
    from rumkit.fleet.session import Memory

    for kind, times in (("throttled", 2), ("denied", 1)):
        memory, asked = Memory(), []

        def work(kind=kind, asked=asked):
            asked.append(kind)
            raise AwsRefusal("fact", "reason", kind=kind)

        for _ in range(2):
            with pytest.raises(AwsRefusal):
                memory.get("key", work)
        assert len(asked) == times, kind


def test_answers_that_nobody_asks_for_any_more_are_let_go_of(monkeypatch):
    from rumkit.fleet import session

    monkeypatch.setattr(session, "_MOST_KEPT", 3)
    memory, asked = session.Memory(), []
    for key in ("shared", "a", "b", "shared", "c", "d", "shared", "a"):
        memory.get(key, lambda key=key: asked.append(key))
    assert asked == ["shared", "a", "b", "c", "d", "a"]
    assert len(memory.done()) == 3


def test_the_time_of_one_monitor_ends_its_own_questions_only():
    from rumkit.fleet.session import TargetSession
    from rumkit.model import NotCollected

    account = AccountSession(profile="prod", region="eu-west-1")
    late, other = TargetSession(account), TargetSession(account)
    with (
        late.patience.limited(0.0),
        pytest.raises(NotCollected, match="of this monitor were over") as gap,
    ):
        late.read("rum", "ListAppMonitors", region="eu-west-1")
    assert gap.value.missing == ("input:timeout",)
    assert other.read("rum", "ListAppMonitors", region="eu-west-1")["AppMonitorSummaries"]


def test_a_host_that_answers_again_is_waited_for_as_before(monkeypatch):
    from rumkit.model import NotCollected

    patience = AccountSession(profile="prod", region="eu-west-1").patience
    host = "rum.eu-west-1.amazonaws.com"
    monkeypatch.setattr(patience, "_silence", 0.3)
    with pytest.raises(NotCollected, match="did not answer"):
        patience.wait_for(host, lambda: time.sleep(2))
    assert patience._longest(host, 0) < 0.1
    assert patience.wait_for(host, lambda: "quick") == "quick"
    assert patience._longest(host, 0) > 0.1
    monkeypatch.setattr(patience, "_silence", 15.0)
    assert patience.wait_for(host, lambda: time.sleep(0.4) or "slow") == "slow"
