"""Bad input gets one clear sentence, the right exit code, and loses nothing else."""

from __future__ import annotations

import argparse
import json

import pytest
from harness import NOBODY, run  # type: ignore[import-not-found]

from rumkit import cli
from rumkit.cli_output import with_exit_zero

# Longer than the name of any file.
LONG = "x" * 300


def said(done):
    """Return the one sentence on standard error, sure that it is no traceback."""
    assert "Traceback" not in done.stderr
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    assert len(lines) == 1, done.stderr
    return lines[0]


def findings(done):
    return {each["check"]: each for each in json.loads(done.stdout)["findings"]}


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--profile", "nobody"], "nobody"),
        (["--region", "eu-wset-1"], "eu-west-1"),
        (["--page", "/no/such/page.html"], "/no/such/page.html"),
        (["--page", "ftp://www.shop.example/"], "ftp"),
        (["--page", "file:///etc/passwd"], "file"),
        (["--recording", "/no/such.har"], "such.har"),
        (["--since", "yesterday"], "yesterday"),
        (["--since", "2026-03-03", "--until", "2026-03-01"], "before it begins"),
        (["--since", "5000d"], "year"),
        (["--trail", "nowhere:x"], "nowhere:x"),
        (["--page", "http://127.0.0.1:9/"], "127.0.0.1:9"),
        (["--page", "a.html", "--page", "b.html"], "a.html and b.html"),
        (["shop-web", "shop-app"], "shop-web and shop-app"),
        (["shop-web", "--monitor", "shop-app"], "shop-app and shop-web"),
        (["no-such.har"], "no-such.har"),
        (["--page", "~nobody-here/page.html"], "~nobody-here/page.html"),
        (["--trail", "~nobody-here/trail"], "~nobody-here/trail"),
        (["--trail", LONG], LONG),
        ([LONG], LONG),
        (["--timeout", "soon"], "soon is not between 0 and 3600 seconds"),
        (["--save", f"{LONG}/case.json"], LONG),
    ],
)
def test_what_does_not_exist_is_named_with_the_next_step(healthy, arguments, named):
    done = run(healthy, "rumkit", "investigate", "--json", *arguments)
    assert done.returncode == 2, done.stdout[:300]
    assert named in said(done)


@pytest.mark.parametrize(
    "arguments", [["investigate", "--page"], ["investigate", "--no-such-flag"], ["invent"]]
)
def test_a_misspelt_command_line_is_bad_usage(healthy, arguments):
    done = run(healthy, "rumkit", *arguments)
    assert done.returncode == 2
    assert "--help" in said(done)


BARE = {"RUMKIT_MONITOR": "", "RUMKIT_PAGE": ""}


@pytest.mark.parametrize("other", ["--json", "--all"])
def test_some_checks_and_everything_contradict_each_other(healthy, other):
    done = run(healthy, "rumkit", "investigate", "--check", "signing", other)
    assert done.returncode == 2
    assert other in said(done)


@pytest.mark.parametrize("command", ["investigate", "report"])
def test_nothing_named_says_in_three_lines_what_to_name(healthy, command):
    done = run(healthy, "rumkit", command, **BARE)
    assert (done.returncode, done.stdout) == (2, "")
    lines = done.stderr.splitlines()
    assert len(lines) == 3
    assert "name an app monitor" in lines[0]
    assert lines[1].endswith("  rumkit")


@pytest.mark.parametrize(
    ("arguments", "near"),
    [
        (["investigte"], "investigate"),
        (["investigate", "--moniter", "x"], "--monitor"),
        (["investigate", "--fix", "teraform"], "terraform"),
        (["investigate", "--check", "csp-conect"], "csp-connect"),
        (["explain", "guest-role-permision"], "guest-role-permission"),
    ],
)
def test_an_unknown_word_is_refused_with_the_nearest(healthy, arguments, near):
    done = run(healthy, "rumkit", *arguments)
    assert done.returncode == 2
    assert f"did you mean {near}?" in said(done)


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("page.html", b"", "empty"),
        ("page.html", b"\x89PNG\r\n\x1a\n\x00\x00\x00\x00", "binary"),
        ("page.html", b'{"log": {}}', "JSON"),
        ("page.html", b"no markup at all", "HTML"),
        ("x.har", b"", "empty"),
        ("x.har", b"<html>", "HAR"),
        ("x.har", b"[1, 2]", "HAR"),
    ],
)
def test_a_file_of_another_kind_is_refused_by_name(healthy, tmp_path, name, content, word):
    file = tmp_path / name
    file.write_bytes(content)
    option = "--recording" if name.endswith(".har") else "--page"
    done = run(healthy, "rumkit", "investigate", option, str(file))
    assert done.returncode == 2, done.stdout[:300]
    assert word in said(done)
    assert name in said(done)


def test_a_page_without_a_snippet_is_a_finding(healthy, tmp_path):
    file = tmp_path / "page.html"
    file.write_text("<!DOCTYPE html><title>Shop</title><p>Welcome")
    done = run(healthy, "rumkit", "investigate", "--page", str(file), "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["root_cause"] == "snippet-present"


def test_a_page_that_cannot_be_read_loses_nothing_that_the_account_still_says(healthy):
    done = run(healthy, "rumkit", "investigate", "--monitor", "shop-web", "--page", "/no/page.html",
               "--json")  # fmt: skip
    found = findings(done)
    assert done.returncode == 0, done.stderr
    assert found["events-arriving"]["status"] == "pass"
    assert found["snippet-present"]["status"] == "unknown"
    assert "/no/page.html" in found["snippet-present"]["summary"]


def test_a_monitor_that_does_not_exist_is_a_finding_that_names_the_others(healthy):
    done = run(healthy, "rumkit", "investigate", "--monitor", "no-such", "--page",
               healthy.environment["RUMKIT_PAGE"], "--json")  # fmt: skip
    found = findings(done)
    assert done.returncode == 1
    assert found["monitor-exists"]["status"] == "fail"
    assert "no-such" in found["monitor-exists"]["summary"]
    assert "shop-web" in found["monitor-exists"]["summary"]
    assert found["snippet-present"]["status"] == "pass"


def test_without_credentials_the_page_is_still_evaluated(healthy):
    done = run(healthy, "rumkit", "investigate", "--page", healthy.environment["RUMKIT_PAGE"],
               "--json", **NOBODY)  # fmt: skip
    found = findings(done)
    assert done.returncode == 3, done.stderr
    assert found["csp-script"]["status"] == "pass"
    assert found["session-sample-rate"]["status"] == "pass"
    for check in ("guest-role-permission", "events-arriving", "identity-pool"):
        assert found[check]["status"] == "unknown"
        assert "credentials" in found[check]["summary"]


def test_expired_credentials_are_unknown_and_say_so(healthy, tmp_path):
    files = tmp_path / "credentials"
    files.write_text("[old]\naws_access_key_id = ASIAEXPIREDEXPIRED00\naws_secret_access_key = x\n"
                     "aws_session_token = gone\n")  # fmt: skip
    config = tmp_path / "config"
    config.write_text(f"[profile old]\nregion = eu-west-1\nendpoint_url = {healthy.url}\n")
    expired = {"AWS_PROFILE": "old", "AWS_CONFIG_FILE": str(config),
               "AWS_SHARED_CREDENTIALS_FILE": str(files)}  # fmt: skip
    done = run(healthy, "rumkit", "investigate", "--json", **expired)
    found = findings(done)
    assert done.returncode == 3, done.stderr + done.stdout[:200]
    assert found["identity-pool"]["status"] == "unknown"
    assert "sign in again" in found["identity-pool"]["summary"]


def test_a_command_that_does_not_exist_is_bad_usage(healthy):
    done = run(healthy, "rumkit", "sandbox", "healthy", "--", "no-such-command")
    assert done.returncode == 2
    assert "no-such-command" in said(done)


def test_a_scenario_that_does_not_exist_gets_the_nearest_name(healthy):
    done = run(healthy, "rumkit", "sandbox", "guest-role-permision", "--", "true")
    assert done.returncode == 2
    assert "guest-role-permission" in said(done)


def test_exit_zero_hides_no_failure_of_rumkit_itself():
    options = argparse.Namespace(exit_zero=True)
    assert [with_exit_zero(code, options) for code in (0, 1, 3, 4)] == [0, 0, 0, 4]


def test_an_option_that_is_cut_short_is_refused(denied):
    done = run(denied, "rumkit", "report", "--check", "our.py")
    assert done.returncode == 2
    assert "did you mean --checks?" in done.stderr


@pytest.mark.parametrize("name", ["*", "arn:aws:iam::111122223333:role/x"])
def test_permissions_for_what_is_no_role_of_an_organization_are_refused(name, capsys):
    assert cli.main(["permissions", "--organization", name]) == 2
    assert "takes the name of a role" in capsys.readouterr().err


def test_a_report_of_an_address_with_a_secret_is_refused(denied):
    page = "https://www.shop.example/?X-Amz-Security-Token=abcdefghijkl"
    done = run(denied, "rumkit", "report", "--page", page)
    assert done.returncode == 2
    assert "holds a secret" in done.stderr
    assert "abcdefghijkl" not in done.stderr


def test_exit_zero_is_for_jobs_that_only_report(denied):
    assert run(denied, "rumkit", "investigate", "--json", "--exit-zero").returncode == 0
