"""Headless runs: what they write, what they refuse, and that they end."""

from __future__ import annotations

import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import examples
import nbformat
import pytest
from cells import showing

import rumkit
from rumkit import cli, report, report_engine, report_files
from rumkit.investigation import Investigation
from rumkit.model import BadInput, RumkitError
from rumkit.report_engine import RanTooLong
from rumkit.report_export import external_resources, to_html
from rumkit.show import words

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.notebooks


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> report.Report:
    """Return the report of a broken installation."""
    folder = tmp_path_factory.mktemp("run")
    made = nbformat.v4.new_notebook()
    made.metadata["kernelspec"] = {"name": "python3", "language": "python", "display_name": "P"}
    made.cells = [
        nbformat.v4.new_markdown_cell("# A report"),
        nbformat.v4.new_code_cell("account: str = ''  # account"),
        nbformat.v4.new_code_cell(showing(examples.broken())),
        nbformat.v4.new_code_cell(
            "from rumkit.show import tables\ntables.table(_, 'denied_put_events')"
        ),
        nbformat.v4.new_code_cell("account"),
    ]
    made.cells[1].metadata["tags"] = ["parameters"]
    nbformat.write(made, folder / "small.ipynb")
    parameters = {"account": "012345678901"}
    return report.run_report(str(folder / "small.ipynb"), parameters, folder / "out", timeout=90)


def test_a_broken_installation_is_a_result_with_its_exit_code(finished: report.Report) -> None:
    assert finished.exit_code == 1


def test_the_json_is_the_investigation_that_the_notebook_displayed(
    finished: report.Report,
) -> None:
    read = json.loads(finished.paths["json"].read_text())
    assert Investigation.from_dict(read).to_dict() == examples.broken().to_dict()


def test_the_page_fetches_nothing_and_hides_the_code(finished: report.Report) -> None:
    page = finished.paths["html"].read_text()
    assert external_resources(page) == []
    assert "Investigation.from_dict" not in page


def test_the_page_forbids_the_browser_every_request(finished: report.Report) -> None:
    assert "default-src 'none'" in finished.paths["html"].read_text()


def test_junit_has_a_case_for_each_check_and_a_failure_for_each_fail(
    finished: report.Report,
) -> None:
    suite = ET.parse(finished.paths["junit"]).getroot().find("testsuite")
    assert suite is not None
    assert len(suite.findall("testcase")) == len(examples.broken().findings)
    failed = [case.get("name") for case in suite if case.find("failure") is not None]
    assert failed == ["guest-role-permission", "put-events-denied"]


def test_latest_names_the_run_and_its_files(finished: report.Report) -> None:
    latest = json.loads(finished.paths["latest"].read_text())
    assert latest["root_cause"] == "guest-role-permission"
    files = {finished.paths["latest"].parent / name for name in latest["files"].values()}
    assert [path for path in files if not path.is_file()] == []


def test_an_account_id_keeps_its_leading_zero(finished: report.Report) -> None:
    run = nbformat.read(finished.paths["notebook"], as_version=4)
    assert run.cells[-1].outputs[0]["data"]["text/plain"] == "'012345678901'"


def test_a_misspelt_parameter_is_refused_with_the_nearest_name(notebook: Callable) -> None:
    with pytest.raises(BadInput, match="did you mean monitor"):
        report.run_report(notebook(), {"monitr": "shop-web"})


def test_a_misspelt_notebook_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(BadInput, match="did you mean health_report"):
        report.run_report("helth_report")


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf")])
def test_a_time_out_that_is_no_length_of_time_is_refused(seconds: float) -> None:
    with pytest.raises(BadInput, match="time-out"):
        report.run_report(timeout=seconds)


def test_a_word_that_is_neither_true_nor_false_is_refused(notebook: Callable) -> None:
    with pytest.raises(BadInput, match="true or false"):
        report.run_report(notebook(), {"probe": "perhaps"})


def test_an_access_key_is_refused_as_a_parameter(notebook: Callable) -> None:
    with pytest.raises(BadInput, match="access key"):
        report.run_report(notebook(), {"monitor": "AKIA" + "A" * 16})


def test_an_address_with_a_password_is_refused(notebook: Callable) -> None:
    with pytest.raises(BadInput, match="holds a password"):
        report.run_report(notebook(), {"monitor": "https://me:secret@shop.example/"})


def test_the_watchdog_ends_a_run_whose_client_would_wait_for_ever(
    notebook: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_engine.KernelClient, "_left", lambda *_: 3600)
    monkeypatch.setattr(report_engine, "_GRACE_SECONDS", 1.0)
    began = time.monotonic()
    with pytest.raises(RanTooLong, match="was still running"):
        report.run_report(notebook("import time\ntime.sleep(600)"), {}, tmp_path / "out", timeout=4)
    assert time.monotonic() - began < 40


def test_a_cell_that_hangs_ends_in_time_and_is_named(notebook: Callable, tmp_path: Path) -> None:
    hangs = notebook("1", "import time\ntime.sleep(600)  # waits for ever")
    began = time.monotonic()
    with pytest.raises(RanTooLong, match=r"cell 3 \(import time / time\.sleep"):
        report.run_report(hangs, {}, tmp_path / "out", timeout=4)
    assert time.monotonic() - began < 20


def test_a_cell_that_fails_is_named_with_its_error(notebook: Callable, tmp_path: Path) -> None:
    with pytest.raises(RumkitError, match=r"Cell 2 .* ended with ZeroDivisionError"):
        report.run_report(notebook("1 / 0"), {}, tmp_path / "out", timeout=60)


def test_bad_input_inside_the_notebook_is_bad_input_outside(
    notebook: Callable, tmp_path: Path
) -> None:
    refuses = notebook("from rumkit.model import BadInput\nraise BadInput('There is no monitor.')")
    with pytest.raises(BadInput, match=r"^There is no monitor\.$"):
        report.run_report(refuses, {}, tmp_path / "out", timeout=60)


def test_a_notebook_without_a_result_is_an_error(notebook: Callable, tmp_path: Path) -> None:
    with pytest.raises(RumkitError, match="displays no investigation"):
        report.run_report(notebook("1"), {}, tmp_path / "out", timeout=60)


def test_widgets_with_output_do_not_hang_a_run(notebook: Callable, tmp_path: Path) -> None:
    prints = "import ipywidgets\nout = ipywidgets.Output()\nwith out:\n    print('x')\nout"
    found = report.run_report(
        notebook(*[prints] * 3, showing(examples.healthy())), {}, tmp_path / "out", timeout=60
    )
    assert found.exit_code == 0


def test_progress_is_heard_finding_by_finding(notebook: Callable, tmp_path: Path) -> None:
    tells = (
        "from rumkit.notebook.progress import publish\n"
        "from rumkit.model import *\n"
        "publish(Finding('signing', Hop.PAGE, Section.BEYOND, Status.PASS, '', ''))"
    )
    heard: list[str] = []
    report.run_report(
        notebook(tells, showing(examples.healthy())),
        {},
        tmp_path / "out",
        timeout=60,
        progress=heard.append,
    )
    assert "signing: pass" in heard


def test_a_target_of_one_s_own_switches_the_sandbox_off() -> None:
    known = {name: {"inferred_type_name": "str"} for name in ("monitor", "sandbox")}
    given = report._checked({"monitor": "mine"}, known, "any")
    assert given == {"monitor": "mine", "sandbox": ""}


def test_a_target_of_one_s_own_and_a_sandbox_do_not_mix() -> None:
    known = {name: {"inferred_type_name": "str"} for name in ("monitor", "sandbox")}
    with pytest.raises(BadInput, match="don't mix"):
        report._checked({"monitor": "mine", "sandbox": "healthy"}, known, "any")


def test_a_sandbox_asked_for_wins_over_a_target_in_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RUMKIT_MONITOR", "outside")
    assert "RUMKIT_MONITOR" not in report.environment({"sandbox": "healthy"})
    assert report.environment({})["RUMKIT_MONITOR"] == "outside"


@pytest.mark.parametrize(
    "markup",
    [
        '<img src="https://a.example/x.png">',
        '<script src="//a.example/x.js"></script>',
        '<link rel="stylesheet" href="x.css">',
        "<style>@import 'https://a.example/x.css';</style>",
        '<p style="background:url(https://a.example/x)">x</p>',
    ],
)
def test_a_resource_from_outside_is_found(markup: str) -> None:
    assert external_resources(f"<!doctype html><body>{markup}") != []


def test_a_link_for_a_person_is_no_resource() -> None:
    assert external_resources('<a href="https://docs.example/">read</a>') == []


def of(monitor: str | None = "shop-web", **more: str | None) -> Investigation:
    target = {"monitor": monitor, "region": "eu-west-1", "account": "111122223333", **more}
    return replace(examples.broken(), target=examples.TARGET | target)


def test_each_monitor_has_a_folder_of_its_own_whose_name_stays() -> None:
    same_name = [of(), of(region="us-east-1"), of(account="444455556666"), of("Shop-Web"),
                 of("shop/web"), of("shop-web", sandbox="practice")]  # fmt: skip
    folders = {report_files.folder_name(each, "") for each in same_name}
    assert len({name.lower() for name in folders}) == len(same_name)
    assert report_files.folder_name(of(), "") == "shop-web.eu-west-1.111122223333"
    assert report_files.folder_name(of(None), "") == "www.shop.example.eu-west-1.111122223333"


@pytest.mark.parametrize(
    "name", ["../../etc", "..", ".hidden", "a\x00b", "x" * 400, "-rf", "con/x"]
)
def test_a_monitor_s_name_never_leads_out_of_the_folder(name: str) -> None:
    made = report_files.folder_name(of(name), "")
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,200}", made)


def test_the_same_run_stands_under_its_own_name_and_as_the_latest(
    finished: report.Report,
) -> None:
    folder = finished.paths["html"].parent
    assert folder.name == "shop-web.eu-west-1"
    assert finished.paths["latest_html"] == folder / "latest.html"
    assert (folder / "latest.html").read_text() == finished.paths["html"].read_text()


def test_title_and_head_say_what_it_is_of_and_when_it_was_made(finished: report.Report) -> None:
    page = finished.paths["html"].read_text()
    title = re.search(r"<title>(.*?)</title>", page)
    head = re.search(r'<header class="about">(.*?)</header>', page)
    made = json.loads(finished.paths["latest"].read_text())["made"]
    minute = made[:16].replace("T", " ")
    for part in ("monitor shop-web, eu-west-1", "2026-03-01 09:00 to 2026-03-02 09:00 UTC",
                 f"rumkit {rumkit.__version__}", f"made {minute} UTC"):  # fmt: skip
        assert title
        assert head
        assert part in title[1]
        assert part in head[1]


@pytest.mark.parametrize("name", sorted({*report.notebooks()} - {"fleet"}))
def test_no_word_about_practice_in_a_report_of_an_account(name: str) -> None:
    made = nbformat.read(report.notebook_path(name), as_version=4)
    for cell in made.cells:
        cell.update({"outputs": []} if cell.cell_type == "code" else {})
    account = to_html(made, of(), made="2026-03-02T09:00:00Z")
    read = re.sub(r"<style>.*?</style>", "", account, flags=re.DOTALL)
    assert re.findall(r"(?i)practi[cs]e|sandbox", read) == []


def test_a_fleet_s_notebook_is_no_report(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="looks at no installation"):
        report.run_report("fleet", {}, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_report_of_the_sandbox_says_so_in_title_and_page() -> None:
    found = of(sandbox="practice")
    made = nbformat.v4.new_notebook()
    made.cells = [nbformat.v4.new_code_cell("")]
    made.cells[0].outputs = [
        nbformat.v4.new_output("display_data", found._repr_mimebundle_(), metadata={})
    ]
    page = to_html(made, found, made="2026-03-02T09:00:00Z")
    assert "<title>SANDBOX, RUM broken" in page
    assert words.SANDBOX_SENTENCE in page


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file() and path.name[0] != "."}


def test_an_interrupted_run_leaves_no_notebook(notebook: Callable, tmp_path: Path) -> None:
    def interrupt(_: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        report.run_report(
            notebook(showing(examples.healthy())), {}, tmp_path / "out", timeout=60,
            progress=interrupt,
        )  # fmt: skip
    assert names_in(tmp_path / "out") == set()


def test_a_run_that_fails_is_kept_under_a_name_that_says_so(
    notebook: Callable, tmp_path: Path
) -> None:
    with pytest.raises(RumkitError, match="failed"):
        report.run_report(notebook("1 / 0"), {}, tmp_path / "out", timeout=60)
    assert [name.endswith("-failed.ipynb") for name in names_in(tmp_path / "out")] == [True]
    assert [path for path in (tmp_path / "out").rglob("*") if ".part" in path.name] == []


def finish(folder: Path, number: int, found: Investigation) -> report.Report:
    draft = report_files.Draft(folder)
    draft.stamp = "20260302T090000Z"
    made = nbformat.v4.new_notebook()
    made.cells = [nbformat.v4.new_markdown_cell(f"run {number}"), nbformat.v4.new_code_cell("")]
    made.cells[1].outputs = [
        nbformat.v4.new_output("display_data", found._repr_mimebundle_(), metadata={})
    ]
    nbformat.write(made, draft.path)
    return report._write(made, draft, "")


def test_runs_of_one_second_into_one_folder_never_mix(tmp_path: Path) -> None:
    monitors = ["shop-web", "shop-api"] * 8
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda n: finish(tmp_path, n, of(monitors[n])), range(16)))
    assert len({each.paths["notebook"] for each in made}) == 16
    for number, each in enumerate(made):
        assert f"run {number}" in each.paths["html"].read_text()
        assert f"run {number}" in each.paths["notebook"].read_text()
        assert json.loads(each.paths["json"].read_text())["target"]["monitor"] == monitors[number]
    for folder in {each.paths["html"].parent for each in made}:
        latest = json.loads((folder / "latest.json").read_text())
        page = folder / latest["files"]["html"]
        assert (folder / "latest.html").read_text() == page.read_text()
        assert latest["target"]["monitor"] in folder.name
    assert {path.name for path in tmp_path.rglob(".*")} == {".lock"}


def test_an_earlier_run_that_ends_later_does_not_become_the_latest(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    for run in ("20260302T090000Z", "20260301T090000Z"):
        page.write_text(run)
        report_files.set_latest(tmp_path, page, {"run": run})
    assert (tmp_path / "latest.html").read_text() == "20260302T090000Z"


@pytest.mark.parametrize("options", [[], ["--since", "3d"], ["--profile", "prod"]])
def test_a_report_of_nothing_is_bad_usage(
    options: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("RUMKIT_MONITOR", "RUMKIT_PAGE"):
        monkeypatch.delenv(name, raising=False)
    assert cli.main(["report", *options]) == 2
    assert "nothing to report on" in capsys.readouterr().err


def test_a_headless_run_builds_no_grammar_that_it_does_not_need() -> None:
    import subprocess
    import sys

    code = (
        "from rumkit.report import notebook_path, parameters_of; import sys;"
        "parameters_of(notebook_path('health_report')); import rumkit.report_engine;"
        "print('lark' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
