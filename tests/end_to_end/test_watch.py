"""A watch sees the fix, the last refusal and the first event, and costs little."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from harness import BIN, environment, investigate_in, run  # type: ignore[import-not-found]
from mending import apply  # type: ignore[import-not-found]

from rumkit import cli
from rumkit.checks.ask import ask
from rumkit.model import Status, Verdict
from rumkit.notebook.choosing import choose
from rumkit.notebook.watcher import Watcher
from rumkit.practice import let_time_pass
from rumkit.runner import run as run_checks
from rumkit.sandbox.runner import start
from rumkit.show import watching
from rumkit.watch import Watch, WatchState, rounds


def watched(name, *, fix_after=2, most=20):
    """The states of a watch during which the cause's first fix is applied."""
    with start(name) as sandbox:
        fix = investigate_in(sandbox).cause.fixes[0]
        with environment(sandbox.environment):
            watch = Watch.over()
            states, passed = [watch.look()], 0

            def pause(seconds):
                nonlocal passed
                passed += 1
                if passed == fix_after:
                    apply(sandbox, fix)
                let_time_pass(seconds, lambda _: None)

            states += rounds(watch, seconds=most * 60, every=60, pause=pause)
    return watch, states


@pytest.mark.parametrize(
    ("name", "refusal", "verdict"),
    [
        ("guest-role-permission", "403", Verdict.DEGRADED),
        ("guest-role-trust", "refusal of credentials", Verdict.HEALTHY),
        ("csp-script", None, Verdict.HEALTHY),
        ("session-sample-rate", None, Verdict.HEALTHY),
        ("identity-pool", "refusal of credentials", Verdict.HEALTHY),
    ],
)
def test_a_fix_is_seen_then_the_first_event(name, refusal, verdict):
    watch, states = watched(name)
    assert name in watch.follows
    assert states[0].open == (name,)
    assert states[1].open == (name,)
    assert states[2].open == ()
    last = states[-1]
    assert last.well
    assert last.verdict is verdict
    if refusal:
        assert last.refusal == refusal
        assert last.refused < last.mended
    assert last.first_event > last.mended
    said = watching.ended(last)
    stopped = f"{refusal} stopped {watching.clock(last.refused)}, " if refusal else ""
    assert said.endswith(f"{stopped}first event {watching.clock(last.first_event)} ✓")


def test_without_a_fix_it_ends_in_time_and_broken():
    _, states = watched("guest-role-permission", fix_after=99, most=8)
    assert len(states) == 9
    assert states[-1].verdict is Verdict.BROKEN
    assert "still broken" in watching.ended(states[-1])


def test_mended_without_an_event_is_unproven():
    _, states = watched("guest-role-permission", fix_after=2, most=3)
    assert states[-1].open == ()
    assert states[-1].verdict is Verdict.UNPROVEN
    assert "no event was seen to arrive yet" in watching.ended(states[-1])


def test_a_watch_that_begins_after_the_fix_is_unproven_until_an_event_arrives():
    with start("guest-role-permission") as sandbox:
        apply(sandbox, investigate_in(sandbox).cause.fixes[0])
        after = investigate_in(sandbox)
        with environment(sandbox.environment):
            watch = Watch.over()
            states = [watch.look(), watch.again()]
    assert after.root_cause == "put-events-denied"
    assert "came before PutRolePolicy of RUM-Monitor-shop-web-Unauth at" in after.cause.summary
    assert after.cause.fixes[0].text.startswith("rumkit watch")
    assert [state.verdict for state in states] == [Verdict.UNPROVEN, Verdict.UNPROVEN]


def test_a_round_costs_a_fraction_of_an_investigation():
    with start("csp-script") as sandbox, environment(sandbox.environment):
        watch = Watch.over()
        watch.look()
        whole = len(sandbox.calls)
        watch.again()
        assert len(sandbox.calls) - whole < whole / 4
        after = {(c.service, c.operation) for c in sandbox.calls[whole:]}
    assert {service for service, _ in after} <= {"rum", "monitoring", "sts"}


def test_a_check_that_cannot_be_read_this_time_stays_open():
    with start("guest-role-trust") as sandbox, environment(sandbox.environment):
        watch = Watch.over()
        watch.look()
        sandbox.world.denied_actions = {"iam:GetRole"}
        assert watch.again().open == ("guest-role-trust",)


def test_arrival_that_may_not_be_read_is_said_and_proves_nothing():
    with start("guest-role-trust") as sandbox:
        fix = investigate_in(sandbox).cause.fixes[0]
        with environment(sandbox.environment):
            watch = Watch.over()
            watch.look()
            sandbox.world.denied_actions = {"cloudwatch:GetMetricData"}
            apply(sandbox, fix)
            state = watch.again()
    assert state.verdict is Verdict.UNPROVEN
    assert "arrival could not be looked at" in watching.ended(state)


def test_calls_that_are_refused_after_the_first_event_are_not_well():
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    later = at + timedelta(minutes=5)
    assert WatchState(later, (), mended=at, refused=at, first_event=later).well
    assert not WatchState(later, (), mended=at, refused=later, first_event=at).well
    assert not WatchState(later, ("signing",), mended=None, first_event=later).well


def test_what_was_broken_from_no_configuration_is_not_said_to_be_whole():
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    said = watching.ended(WatchState(at, (), mended=at, unexplained=True))
    assert said.startswith("✗ BROKEN  what breaks it is not in what is configured")
    assert "nothing is broken" not in said


def test_what_is_at_risk_does_not_explain_what_is_broken(monkeypatch):
    def at_risk(check, evidence):
        found = ask(check, evidence)
        return replace(found, status=Status.WARN) if found.status is Status.FAIL else found

    monkeypatch.setattr("rumkit.watch.ask", at_risk)
    with start("guest-role-permission") as sandbox, environment(sandbox.environment):
        watch = Watch.over()
        state = watch.look()
        assert "guest-role-permission" in watch.follows
    assert state.open == ()
    assert state.unexplained
    assert state.verdict is Verdict.BROKEN


def test_what_only_a_recording_showed_to_fail_does_not_stay_broken(monkeypatch):
    """It can't be asked again, so it is of the past once events arrive."""

    def first_look(evidence, **options):
        found = run_checks(evidence, **options)
        seen = replace(found.finding("csp-connect"), status=Status.FAIL, seen=True)
        kept = (seen if each.check == seen.check else each for each in found.findings)
        return replace(found, findings=tuple(kept))

    monkeypatch.setattr("rumkit.watch.run", first_look)
    _, states = watched("session-sample-rate")
    assert states[0].findings["csp-connect"].status is Status.FAIL
    assert states[-1].well
    assert states[-1].verdict is Verdict.HEALTHY


def test_a_last_round_is_as_long_as_what_is_left():
    class Never:
        def again(self):
            return WatchState(datetime(2026, 3, 2, 9, tzinfo=UTC), ("signing",))

    def pauses(seconds, every):
        made = []
        list(rounds(Never(), seconds=seconds, every=every, pause=made.append))
        return made

    assert [round(each) for each in pauses(30, 60)] == [30]
    assert [round(each) for each in pauses(150, 60)] == [60, 60, 30]
    assert [round(each) for each in pauses(120, 60)] == [60, 60]


def background(sandbox, *options):
    return subprocess.Popen(
        [str(BIN / "rumkit"), "watch", *options], env=dict(sandbox.environment), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def test_the_command_says_each_change_once_and_ends_with_the_usual_code():
    with start("guest-role-trust") as sandbox:
        fix = investigate_in(sandbox).cause.fixes[0]
        process = background(sandbox, "--for", "30m", "--every", "60s")
        head = [process.stdout.readline() for _ in range(4)]
        apply(sandbox, fix)
        rest, _ = process.communicate(timeout=60)
    assert head[0].startswith("SANDBOX")
    assert head[2].startswith("watching guest-role-trust, token-vending-failures, events-arriving")
    assert "lag" in head[3]
    lines = [line[7:] for line in rest.splitlines() if line]
    assert sum("is mended ✓" in line for line in lines) == 1
    assert rest.splitlines()[-1].startswith("✓ HEALTHY  refusal of credentials stopped ")
    assert process.returncode == 0


def test_the_command_ends_at_the_time_given(denied):
    done = run(denied, "rumkit", "watch", "--for", "2m", "--every", "1m")
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1].startswith("✗ BROKEN  still broken at ")


def test_json_is_one_object(denied):
    done = run(denied, "rumkit", "watch", "--for", "1m", "--json")
    state = json.loads(done.stdout)
    assert state["verdict"] == "broken"
    assert state["open"] == ["guest-role-permission"]
    assert done.returncode == 1


def test_what_is_healthy_is_not_watched(healthy):
    done = run(healthy, "rumkit", "watch", "--for", "1h")
    assert done.returncode == 0
    assert "HEALTHY" in done.stdout.splitlines()[-1]


def test_ctrl_c_ends_at_once_with_the_state_so_far():
    with start("guest-role-permission") as sandbox:
        process = background(sandbox, "--for", "2h", "--every", "60s")
        for _ in range(5):
            process.stdout.readline()
        begun = time.monotonic()
        os.kill(process.pid, signal.SIGINT)
        rest, err = process.communicate(timeout=20)
    assert time.monotonic() - begun < 1.5
    assert process.returncode == 130
    assert "still broken at" in rest
    assert "interrupted" in err


@pytest.mark.parametrize("options", [["--for", "x"], ["--every", "1s"], ["--for", "3d"]])
def test_a_time_that_is_none_is_bad_usage(options, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["watch", "--monitor", "x", *options])
    assert ended.value.code == 2
    assert "such as 90s or 30m" in capsys.readouterr().err


def test_a_recording_alone_cannot_be_watched(healthy):
    done = run(healthy, "rumkit", "watch", "--recording", "x.har", RUMKIT_MONITOR=None,
               RUMKIT_PAGE=None)  # fmt: skip
    assert done.returncode == 2
    assert "does not change" in done.stderr


def test_the_notebook_s_watch_says_the_same_and_stops_when_asked():
    lines, ended = [], []
    with start("guest-role-permission") as sandbox, environment(sandbox.environment):
        watcher = Watcher(choose().watch, lines.append, lambda: ended.append(1))
        watcher.start()
        for _ in range(200):
            if len(lines) > 4:
                break
            time.sleep(0.1)
        watcher.stop()
        assert watcher.wait(20)
    assert lines[0].startswith("SANDBOX")
    assert lines[2].startswith("watching guest-role-permission")
    assert lines[-2] == "stopped"
    assert lines[-1].startswith("✗ BROKEN  still broken at ")
    assert ended == [1]
