"""Checks of one's own in a file: asked wherever the file is named, and nowhere else."""

from __future__ import annotations

import json

import pytest
from harness import environment, run  # type: ignore[import-not-found]

from rumkit import cli
from rumkit.checks.own import own_checks, remove_check
from rumkit.inputs import OWN_CHECKS

NAME = "page-over-https"
CODE = f'''
from __future__ import annotations

from dataclasses import dataclass

import rumkit
from rumkit.checks.base import failed, passed


@dataclass
class Scheme:
    name: str


@rumkit.add_check("{NAME}", hop="page", title="The page is served over HTTPS")
def page_over_https(evidence):
    """Is the page's address one of HTTPS?"""
    scheme = Scheme(evidence.page.url.partition(":")[0])
    return passed("HTTPS it is.") if scheme.name == "https" else failed("It is not HTTPS.")
'''


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.delenv(OWN_CHECKS, raising=False)
    monkeypatch.setattr("rumkit.checks.named_file._run", set())
    written = tmp_path / "own_checks.py"
    written.write_text(CODE)
    yield written
    remove_check(NAME)


@pytest.mark.parametrize("option", [True, False], ids=["--checks", "RUMKIT_CHECKS"])
def test_an_investigation_asks_them(healthy, file, option):
    words = ["--checks", str(file)] if option else []
    named = {} if option else {OWN_CHECKS: str(file)}
    done = run(healthy, "rumkit", "investigate", "--json", *words, **named)
    findings = {each["check"]: each for each in json.loads(done.stdout)["findings"]}
    assert findings[NAME]["status"] == "pass"
    assert len(findings) == 31


def test_one_alone_is_shown_by_its_name_whatever_the_order_of_the_options(healthy, file):
    words = ("--check", NAME, "--checks", str(file))
    done = run(healthy, "rumkit", "investigate", *words)
    assert done.returncode == 0, done.stderr
    assert "HTTPS it is." in done.stdout


def test_it_is_explained(file, capsys):
    assert cli.main(["explain", NAME, "--checks", str(file)]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "Is the page's address one of HTTPS?" in said


def test_a_saved_investigation_shows_them_without_the_file(healthy, file, tmp_path):
    case = str(tmp_path / "case.json")
    run(healthy, "rumkit", "investigate", "--checks", str(file), "--save", case)
    done = run(healthy, "rumkit", "show", case, "--check", NAME)
    assert "HTTPS it is." in done.stdout
    assert run(healthy, "rumkit", "show", case, "--check", "page-over-http").returncode == 2


def test_the_kernel_of_a_report_asks_them(healthy, file, tmp_path):
    words = ("--monitor", "shop-web", "--checks", str(file), "--output", str(tmp_path), "--json")
    done = run(healthy, "rumkit", "report", *words, "--quiet")
    assert done.returncode == 0, done.stderr
    html = open(json.loads(done.stdout)["html"]).read()  # noqa: PTH123, SIM115
    assert NAME in html


def test_a_fleet_asks_them_and_accepts_what_they_find(healthy, file, tmp_path):
    file.write_text(CODE.replace("passed(", "failed("))
    targets = tmp_path / "fleet.yaml"
    accepted = f'{{check: {NAME}, monitor: "*", reason: known}}'
    targets.write_text(
        "monitors: [{monitor: shop-web, page: 'https://www.shop.example/'}]\n"
        f"accepted: [{accepted}]\n"
    )
    words = ("--targets", str(targets), "--output", str(tmp_path / "out"), "--json", "--quiet")
    done = run(healthy, "rumkit", "fleet", *words, "--notebooks", "none", "--checks", str(file))
    assert NAME in done.stdout, done.stderr
    refused = run(healthy, "rumkit", "fleet", *words, "--notebooks", "none")
    assert refused.returncode == 2
    assert f"the name of no check: {NAME}" in refused.stderr


def test_nothing_is_run_because_it_lies_in_the_current_folder(healthy, file, monkeypatch):
    monkeypatch.chdir(file.parent)
    with environment(healthy.environment):
        assert own_checks() == ()
    done = run(healthy, "rumkit", "investigate", "--json", **{OWN_CHECKS: file.name})
    assert done.returncode == 2
    assert "write the whole path" in done.stderr


def test_a_file_that_is_named_by_an_option_may_lie_in_the_current_folder(file, monkeypatch, capsys):
    monkeypatch.chdir(file.parent)
    assert cli.main(["explain", NAME, "--checks", file.name]) == 0


@pytest.mark.parametrize(
    ("code", "part"),
    [
        (None, "can't be read"),
        ("def (:", "is not Python"),
        ("x = 1\nraise KeyError('y')", "line 2 can't be run: KeyError: 'y'"),
        ("import rumkit\n\nrumkit.add_check('signing', hop='page', title='x')", "line 3"),
        ("raise SystemExit(0)", "line 1 can't be run: SystemExit"),
    ],
)
@pytest.mark.parametrize("command", ["investigate", "report", "explain"])
def test_a_file_that_can_t_be_run_is_bad_usage_before_anything_is_looked_at(
    file, code, part, command, monkeypatch, capsys
):
    monkeypatch.setattr("rumkit.runner.run", lambda *_, **__: pytest.fail("it was looked at"))
    if code is None:
        file.unlink()
    else:
        file.write_text(code)
    words = ["signing"] if command == "explain" else ["--monitor", "shop-web"]
    assert cli.main([command, *words, "--checks", str(file)]) == 2
    said = capsys.readouterr().err
    assert part in said
    assert file.name in said


def test_it_is_run_once_in_a_process(file):
    file.write_text(CODE + "\nprint('run')")
    with environment({OWN_CHECKS: str(file)}):
        first = own_checks()
        assert own_checks() == first
    assert [each.id for each in first] == [NAME]
