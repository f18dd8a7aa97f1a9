"""`rumkit fleet` as a person or a scheduler calls it, with bad input and bad luck among it."""

from __future__ import annotations

import json
import resource
import signal
import subprocess
import time
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from fleet_sandbox import RUMKIT  # type: ignore[import-not-found]
from fleet_servers import serving  # type: ignore[import-not-found]

if TYPE_CHECKING:
    from pathlib import Path

FAST = ("--notebooks", "none", "--quiet")


def latest(folder: Path) -> dict[str, object]:
    return json.loads((folder / "latest" / "fleet.json").read_text())


def states(folder):
    return {(row["place"], row["monitor"]): row["state"] for row in latest(folder)["rows"]}


def test_a_nightly_run_of_two_profiles_keeps_reports_and_compares_with_the_last(rumkit, tmp_path):
    first = rumkit("fleet", "--profile", "prod", "--profile", "stage", "--output", "out")
    assert first.returncode == 1, first.stderr
    assert "1 broken, 4 healthy" in first.stdout
    assert "[5/5]" in first.stderr
    out = tmp_path / "out"
    broken = latest(out)["rows"][0]
    # The notebook of what is not healthy, executed, and the investigation of every monitor.
    assert {"case", "html", "notebook"} == set(broken["files"])
    assert all((out / path).is_file() for path in broken["files"].values())
    assert set(latest(out)["rows"][1]["files"]) == {"case"}
    executed = json.loads((out / broken["files"]["notebook"]).read_text())
    assert str(tmp_path) not in json.dumps(executed)
    assert "guest-role-permission" in (out / broken["files"]["html"]).read_text()
    second = rumkit("fleet", "--profile", "prod", "--profile", "stage", "--output", "out", *FAST,
                    "--fail-on", "new,failed", "--notify", "file:news")  # fmt: skip
    assert second.returncode == 0, second.stderr
    assert {row["change"] for row in latest(out)["rows"]} == {"same"}
    assert not (tmp_path / "news").exists()
    assert len(list((out / "runs").glob("dt=*/run=*"))) == 2
    assert ET.parse(out / "latest" / "fleet.xml").getroot()[0].get("failures") == "1"


def test_a_notebook_of_a_saved_investigation_shows_what_the_investigation_found(rumkit, tmp_path):
    rumkit("fleet", "--profile", "prod", "--monitor", "web-0000", "--output", "out", "--quiet")
    files = latest(tmp_path / "out")["rows"][0]["files"]
    notebook = json.loads((tmp_path / "out" / files["notebook"]).read_text())
    mime = "application/vnd.rumkit.investigation+json"
    shown = [
        output["data"][mime]
        for cell in notebook["cells"]
        for output in cell.get("outputs", ())
        if mime in output.get("data", {})
    ]
    assert shown
    assert shown[0] == json.loads((tmp_path / "out" / files["case"]).read_text())


def test_a_targets_file_with_an_accepted_finding(rumkit, tmp_path):
    (tmp_path / "fleet.yaml").write_text(
        "accounts:\n  - {name: production, profile: prod}\n"
        "monitors:\n  - {monitor: web-0000, owner: shop team}\n"
        "accepted:\n  - {check: guest-role-permission, monitor: 'web-*', reason: moves in May,"
        " until: 2026-03-02}\n"
    )
    done = rumkit("fleet", "--targets", "fleet.yaml", "--output", "out", *FAST)
    assert done.returncode == 0, done.stdout
    row = next(each for each in latest(tmp_path / "out")["rows"] if each["monitor"] == "web-0000")
    assert (row["state"], row["owner"]) == ("accepted", "shop team")
    assert [bad["accepted"] for bad in row["findings"] if bad["accepted"]] == ["moves in May"]
    # A day later the acceptance is over, and the finding is back.
    over = (tmp_path / "fleet.yaml").read_text().replace("2026-03-02", "2026-03-01")
    (tmp_path / "fleet.yaml").write_text(over)
    done = rumkit("fleet", "--targets", "fleet.yaml", "--output", "out", *FAST)
    assert done.returncode == 1
    row = next(each for each in latest(tmp_path / "out")["rows"] if each["monitor"] == "web-0000")
    assert (row["state"], row["change"]) == ("broken", "new")


BAD = [
    (("--targets", "nowhere.yaml"), "nowhere.yaml can't be read"),
    (("--targets", "nowhere.yaml", "--profile", "prod"), "exclude each other"),
    (("--profile", "prodd"), "There is no AWS profile 'prodd'"),
    (("--profile", "prod", "--region", "eu-west-9"), "eu-west-9"),
    (("--profile", "prod", "--tag", "team"), "--tag takes KEY=VALUE"),
    (("--profile", "prod", "--shard", "9/8"), "There is no shard 9/8"),
    (("--profile", "prod", "--notify", "mail:x@y"), "--notify takes file:PATH"),
    (("--profile", "prod", "--notify", "slack:http://hooks.example/x"), "takes an https address"),
    (("--profile", "prod", "--output", "ftp://x"), "neither a folder nor s3://"),
    (("--profile", "prod", "--output", "/dev/null/x"), "Nothing can be kept in"),
    (("--profile", "prod", "--fail-on", "brokn"), "is not some of broken"),
    (("--profile", "prod", "--since", "yesterday"), "is not a moment"),
    (("--profile", "prod", "--timeout", "0"), "0 is not between 0 and 3600 seconds"),
    (("--profile", "prod", "--at-once", "many"), "many is not between 1 and 64"),
    (("--targets", "x.yaml", "--external-id", "x"), "--external-id and --targets exclude"),
    (("--profile", "prod", "--organization", "arn:aws:iam::1:role/x"), "takes the name of a role"),
    (("--targets", "x.yaml", "--organization", "x"), "--organization and --targets exclude"),
    (("--targets", "x.yaml", "--session-name", "x"), "--session-name and --targets exclude"),
    (("--targets", "x.yaml", "--tag", "a=b"), "--tag and --targets exclude"),
    (("--profile", "prod", "--external-id", "x"), "--external-id belongs to a role"),
    (("merge",), "Name the folders"),
    (("merge", "nowhere"), "holds no run of a fleet"),
    (("run", "folder"), "Folders belong to"),
]


@pytest.mark.parametrize(("arguments", "told"), BAD, ids=[told for _, told in BAD])
def test_bad_usage_is_told_in_a_sentence_and_exits_2(rumkit, arguments, told):
    done = rumkit("fleet", *arguments)
    assert done.returncode == 2, done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_a_refused_role_fails_its_row_and_the_run_exits_4(rumkit, tmp_path):
    (tmp_path / "fleet.yaml").write_text(
        "accounts:\n  - {name: stage, profile: stage}\n"
        "  - {name: partner, profile: prod, role: 'arn:aws:iam::111122223333:role/rumkit-reader'}\n"
    )
    done = rumkit("fleet", "--targets", "fleet.yaml", "--output", "out", *FAST)
    assert done.returncode == 4, done.stderr
    assert "Traceback" not in done.stderr
    assert states(tmp_path / "out")["partner", ""] == "failed"
    assert states(tmp_path / "out")["stage", "web-0000"] == "healthy"


def test_sigterm_keeps_what_is_finished_and_the_next_run_picks_up(surroundings, tmp_path, rumkit):
    running = subprocess.Popen(
        [RUMKIT, "fleet", "--profile", "prod", "--output", "out", "--at-once", "1"],
        env=surroundings, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    line = running.stderr.readline()
    assert line.startswith("[1/3]")
    running.send_signal(signal.SIGTERM)
    begun = time.monotonic()
    _, told = running.communicate(timeout=30)
    assert time.monotonic() - begun < 15
    out = tmp_path / "out"
    assert "told to end" in told
    rows = latest(out)["rows"]
    failed = [row for row in rows if row["state"] == "failed"]
    done = [row for row in rows if row["state"] != "failed"]
    assert len(rows) == 3
    assert failed
    assert all("told to end" in row["error"] for row in failed)
    assert all((out / row["files"]["case"]).is_file() for row in done)
    assert running.returncode == (1 if any(row["state"] == "broken" for row in done) else 4)
    assert list(out.rglob("*.part")) == []
    again = rumkit("fleet", "--profile", "prod", "--output", "out", *FAST)
    assert again.returncode == 1
    assert set(states(out).values()) == {"broken", "healthy"}


def test_sigterm_among_the_notebooks_is_told_and_leaves_nothing_running(
    surroundings, tmp_path, rumkit
):
    (tmp_path / "temporary").mkdir()
    running = subprocess.Popen(
        [RUMKIT, "fleet", "--profile", "prod", "--output", "out", "--notebooks", "all"],
        env=surroundings | {"TMPDIR": str(tmp_path / "temporary")}, cwd=tmp_path,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    while running.stderr.readline() != "finishing the notebooks\n":
        assert running.poll() is None
    running.send_signal(signal.SIGTERM)
    _, told = running.communicate(timeout=30)
    assert running.returncode == 1
    assert "it was told to end before all notebooks were made" in told
    assert not list((tmp_path / "temporary").glob("rumkit-fleet-*"))
    run = latest(tmp_path / "out")
    assert run["stopped"]
    assert {row["state"] for row in run["rows"]} == {"broken", "healthy"}
    unmade = [row for row in run["rows"] if "html" not in row["files"]]
    assert unmade
    assert all("told to end" in row["note"] for row in unmade)


def test_a_disk_that_is_full_costs_what_did_not_fit_and_the_next_run_picks_up(
    surroundings, tmp_path, rumkit
):
    """The system itself refuses: no file may grow beyond what an investigation takes."""
    limit = 40_000
    done = subprocess.run(
        [RUMKIT, "fleet", "--profile", "prod", "--output", "out", *FAST],
        env=surroundings, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert done.stderr.count("File too large") == 3
    assert "Traceback" not in done.stderr
    out = tmp_path / "out"
    assert all("File too large" in row["note"] for row in latest(out)["rows"])
    assert list(out.rglob("*.part")) == []
    again = rumkit("fleet", "--profile", "prod", "--output", "out", *FAST)
    assert again.returncode == 1
    assert {row["change"] for row in latest(out)["rows"]} == {"same"}
    assert all((out / row["files"]["case"]).is_file() for row in latest(out)["rows"])


def test_two_runs_at_once_are_both_kept(surroundings, tmp_path):
    both = [
        subprocess.Popen(
            [RUMKIT, "fleet", "--profile", profile, "--output", "out", *FAST],
            env=surroundings, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )
        for profile in ("prod", "stage")
    ]  # fmt: skip
    for each in both:
        each.communicate(timeout=90)
    assert [each.returncode for each in both] == [1, 0]
    out = tmp_path / "out"
    assert len(list((out / "runs").glob("dt=*/run=*"))) == 2
    kept = (out / "latest" / "state.jsonl").read_text().splitlines()
    assert len([json.loads(line) for line in kept]) == 5


def test_shards_run_as_processes_make_the_same_fleet_as_one_run(rumkit, tmp_path):
    rumkit("fleet", "--profile", "prod", "--profile", "stage", "--output", "whole", *FAST)
    parts = []
    for number in (1, 2, 3):
        rumkit("fleet", "--profile", "prod", "--profile", "stage", *FAST,
               "--shard", f"{number}/3", "--output", f"part-{number}")  # fmt: skip
        parts.append(states(tmp_path / f"part-{number}"))
    assert sum(map(len, parts)) == 5
    merged = rumkit("fleet", "merge", "part-1", "part-2", "part-3", "--output", "merged")
    assert merged.returncode == 1, merged.stderr

    def comparable(folder):
        rows = latest(tmp_path / folder)["rows"]
        own = ("run", "seconds", "files")
        return [{key: value for key, value in row.items() if key not in own} for row in rows]

    assert comparable("merged") == comparable("whole")
    for row in latest(tmp_path / "merged")["rows"]:
        assert (tmp_path / "merged" / row["files"]["case"]).is_file()
    twice = rumkit("fleet", "merge", "whole", "merged", "--output", "again")
    assert twice.returncode == 2
    assert "More than one shard looked at" in twice.stderr


def test_history_in_s3(rumkit, tmp_path):
    with serving() as s3:
        there = {"AWS_ENDPOINT_URL_S3": s3.url, "AWS_PROFILE": "prod"}
        for change in ("first", "same"):
            done = rumkit(
                "fleet", "--profile", "stage", "--output", "s3://reports/rum", *FAST, **there
            )
            assert done.returncode == 0, done.stderr
            run = json.loads(s3.objects["/reports/rum/latest/fleet.json"])
            assert {row["change"] for row in run["rows"]} == {change}
        assert "s3://reports/rum/runs/dt=2026-03-02/" in done.stdout
        assert set(s3.methods) == {"PUT", "GET"}


def test_s3_that_refuses_is_told_before_anything_is_asked(rumkit, accounts):
    with serving() as s3:
        s3.refuse_puts_of = "/latest/"
        accounts["stage"].calls()
        done = rumkit("fleet", "--profile", "stage", "--output", "s3://reports/rum", *FAST,
                      AWS_ENDPOINT_URL_S3=s3.url, AWS_PROFILE="prod")  # fmt: skip
        assert done.returncode == 2
        assert "Nothing can be kept in s3://reports/rum: " in done.stderr
        assert "AccessDenied" in done.stderr
        assert accounts["stage"].calls() == []


def test_a_report_that_cannot_be_kept_is_told_and_the_rest_is(rumkit):
    with serving() as s3:
        s3.refuse_puts_of = "/reports/rum/reports/"
        done = rumkit("fleet", "--profile", "stage", "--output", "s3://reports/rum", *FAST,
                      AWS_ENDPOINT_URL_S3=s3.url, AWS_PROFILE="prod")  # fmt: skip
        assert done.returncode == 4
        assert "web-0000" in done.stderr
        assert json.loads(s3.objects["/reports/rum/latest/fleet.json"])["rows"][0]["note"]


def test_metrics_of_the_run(rumkit, tmp_path):
    done = rumkit("fleet", "--profile", "stage", "--output", "out", *FAST, "--emf",
                  "--metrics", "rumkit.prom")  # fmt: skip
    text = (tmp_path / "rumkit.prom").read_text()
    assert 'rumkit_fleet_monitors{state="healthy"} 2' in text
    line = json.loads(done.stdout.splitlines()[0])
    assert line["Healthy"] == 2
    assert line["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "rumkit"


def test_a_failed_notification_never_hides_a_failed_check(rumkit):
    with serving() as hook:
        hook.status = 500
        done = rumkit("fleet", "--profile", "prod", "--output", "out", *FAST,
                      "--notify", f"slack:{hook.url}/services/secret")  # fmt: skip
        assert done.returncode == 1
        assert "was not sent" in done.stderr
        assert "secret" not in done.stderr
        hook.status = 200
        done = rumkit("fleet", "--profile", "stage", "--output", "out", *FAST,
                      "--notify", f"slack:{hook.url}/x")  # fmt: skip
        assert (done.returncode, len(hook.posted)) == (0, 1)


def test_a_fleet_of_the_sandbox_says_so(tmp_path):
    done = subprocess.run(
        [RUMKIT, "sandbox", "healthy", "--", RUMKIT, "fleet", "--output", "out", *FAST],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout.split()[0]) == (0, "SANDBOX")
    page = (tmp_path / "out" / "latest" / "fleet.html").read_text()
    assert "SANDBOX practice on this machine" in page
