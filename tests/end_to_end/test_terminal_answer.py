"""What a terminal shows of the sandbox: one screen, one fix, one check, or all of it."""

from __future__ import annotations

import json
import subprocess

import pytest
from harness import BIN, NOBODY, run  # type: ignore[import-not-found]

from rumkit.sandbox.runner import start


@pytest.fixture(scope="module")
def screen(denied):
    return run(denied, "rumkit", "investigate")


def test_the_answer_fits_a_screen_and_keeps_its_exit_code(screen):
    rows = sum(max(1, -(-len(line) // 80)) for line in screen.stdout.splitlines())
    assert screen.returncode == 1
    assert rows <= 40
    assert screen.stdout.startswith("SANDBOX")


def test_the_fix_alone_is_what_the_screen_shows_and_nothing_else(denied, screen):
    done = run(denied, "rumkit", "investigate", "--fix", "cli")
    assert done.stdout.startswith("aws iam put-role-policy ")
    assert done.stdout.count("\n") == 1
    assert done.stdout in screen.stdout
    assert "widens access" in done.stderr


def test_a_fix_of_another_form_is_said_to_be_missing_with_those_there_are(denied):
    done = run(denied, "rumkit", "investigate", "--fix", "csp-header")
    assert (done.returncode, done.stdout) == (2, "")
    assert "it has: aws-cli, cloudformation, terraform" in done.stderr


def test_named_checks_are_shown_alone_and_whole(denied):
    done = run(denied, "rumkit", "investigate", "--check", "signing", "--check", "csp-script")
    heads = [line for line in done.stdout.splitlines() if line[:2] in {"✗ ", "○ ", "✓ ", "- "}]
    assert [head.split()[1] for head in heads] == ["signing", "csp-script"]
    assert "evidence:" in done.stdout


def test_all_has_every_finding_and_the_account(denied):
    done = run(denied, "rumkit", "investigate", "--all")
    found = json.loads(run(denied, "rumkit", "investigate", "--json").stdout)
    assert all(each["check"] in done.stdout for each in found["findings"])
    assert f"  account   {found['target']['account']}" in done.stdout
    assert "  profile   rumkit-sandbox" in done.stdout


@pytest.mark.parametrize("options", [[], ["--all"], ["--check", "signing"], ["--evidence"]])
def test_the_sandbox_is_said_first_in_every_view(denied, options):
    done = run(denied, "rumkit", "investigate", *options)
    assert done.stdout.startswith("SANDBOX")


def test_the_sandbox_is_said_beside_a_fix_that_is_pasted(denied):
    done = run(denied, "rumkit", "investigate", "--fix", "terraform")
    assert "SANDBOX" in done.stderr
    assert "SANDBOX" not in done.stdout


@pytest.mark.parametrize("command", ["rumkit investigate --all", "rumkit sandbox list"])
def test_a_reader_that_stops_early_is_no_failure(denied, command):
    script = f"{command} | head -n 1; echo ${{PIPESTATUS[0]}}"
    done = run(denied, "rumkit", "sandbox", "healthy", "--", "bash", "-c", script)
    assert done.stdout.splitlines()[-1] == "0"
    assert done.stderr == ""


def test_a_stream_without_the_signs_shows_plain_ones_in_their_place(denied):
    done = run(denied, "rumkit", "investigate", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.returncode == 1
    assert "x BROKEN" in done.stdout


def test_rumkit_alone_lists_the_account_s_monitors_ready_to_be_picked(denied):
    done = run(denied, "rumkit")
    lines = done.stdout.splitlines()
    assert done.returncode == 0
    assert "account 111122223333, profile rumkit-sandbox: 1 app monitor in 1 of" in lines[1]
    assert "shop-web  eu-west-1  2026-03-02 06:00, silent for 2 hours" in done.stdout
    assert lines[-1].strip() == "rumkit investigate --monitor shop-web --region eu-west-1"


@pytest.mark.parametrize(
    ("action", "part"),
    [
        ("cloudwatch:GetMetricData", "shop-web  eu-west-1  not known: cloudwatch:GetMetricData"),
        ("rum:ListAppMonitors", "…): rum:ListAppMonitors in REGION was refused"),
    ],
)
def test_what_may_not_be_read_is_said_in_its_place(action, part):
    with start("healthy", denied_actions={action}) as sandbox:
        done = run(sandbox, "rumkit")
    assert done.returncode == 0
    assert part in done.stdout
    assert len(done.stdout.splitlines()) < 10


def test_one_region_can_be_named(denied):
    done = run(denied, "rumkit", "--region", "us-east-1")
    assert "0 app monitors in us-east-1" in done.stdout


def test_rumkit_alone_without_credentials_says_in_three_lines_how_to_sign_in(denied):
    done = run(denied, "rumkit", **NOBODY)
    assert (done.returncode, done.stdout) == (2, "")
    lines = done.stderr.splitlines()
    assert len(lines) == 3
    assert lines[1].endswith("  aws configure")


def test_refused_credentials_name_the_command_that_renews_them(denied, tmp_path):
    config = tmp_path / "config"
    config.write_text(
        f"[profile prod]\nendpoint_url = {denied.url}\naws_access_key_id = AKIAGONE\n"
        "aws_secret_access_key = gone\nregion = eu-west-1\n"
    )
    done = run(denied, "rumkit", "investigate", "--monitor", "shop", "--profile", "prod",
               AWS_CONFIG_FILE=str(config), RUMKIT_PAGE=None)  # fmt: skip
    lines = done.stdout.splitlines()
    assert lines[0] == "? NOT SIGNED IN: profile prod: AWS took none (InvalidClientTokenId)"
    assert lines[1] == "  sign in, then repeat:  aws configure --profile prod"


def test_a_monitor_without_credentials_gets_three_lines(denied):
    done = run(denied, "rumkit", "investigate", "--monitor", "other", "--region", "eu-west-1",
               RUMKIT_PAGE=None, **NOBODY)  # fmt: skip
    assert done.returncode == 3
    assert [line.split(":")[0].strip() for line in done.stdout.splitlines()] == [
        "? NOT SIGNED IN", "sign in, then repeat", "without an account",
    ]  # fmt: skip


def test_a_monitor_without_a_region_gets_the_command_that_names_one(denied, tmp_path):
    config = tmp_path / "config"
    config.write_text(f"[profile rumkit-sandbox]\nendpoint_url = {denied.url}\n")
    done = run(denied, "rumkit", "investigate", "--monitor", "shop", AWS_CONFIG_FILE=str(config),
               RUMKIT_PAGE=None)  # fmt: skip
    assert done.returncode == 3
    assert "rumkit investigate --monitor shop --region REGION" in done.stdout


def test_explain_says_what_a_check_asks_and_from_what():
    done = subprocess.run(
        [str(BIN / "rumkit"), "explain", "guest-role-permission"],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    for part in ("healthy when", "a browser's recording", "CloudWatch RUM returns 403",
                 "PutRolePolicy", "cdn_troubleshooting.md"):  # fmt: skip
        assert part in done.stdout


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        (["inv"], {"investigate"}),
        (["explain", "csp"], {"csp-script", "csp-connect"}),
        (["investigate", "--fix", "terr"], {"terraform"}),
        (["investigate", "--evi"], {"--evidence"}),
    ],
)
def test_a_shell_completes_commands_options_and_names(typed, offered):
    words = " ".join(["rumkit", *typed])
    script = (
        f'source <("{BIN}/rumkit" completion bash); COMP_WORDS=({words}); '
        f'COMP_CWORD={len(typed)}; _rumkit; printf "%s\\n" "${{COMPREPLY[@]}}"'
    )
    done = subprocess.run(
        ["/bin/bash", "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    assert set(done.stdout.split()) == offered


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_every_command(shell):
    done = subprocess.run(
        [str(BIN / "rumkit"), "completion", shell],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    for command in ("investigate", "monitors", "explain", "record", "report", "permissions"):
        assert command in done.stdout
