"""The fleet's page and its other forms: nothing fetched, all escaped, quick with 1,000 rows."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsers import chromium, opened  # type: ignore[import-not-found]
from fleet_rows import bad, many, row, run_of  # type: ignore[import-not-found]

from rumkit.fleet import exports, signals
from rumkit.fleet.page import not_looked_at, render
from rumkit.fleet.publish import publish
from rumkit.fleet.store import FolderStore
from rumkit.report_export import external_resources

HOSTILE = "<script>alert(1)</script>\"'`|*_[x](javascript:alert(2)) \x1b[31m\u202e &amp;"
HOSTILE_ROW = row(
    "broken", monitor=HOSTILE, place=HOSTILE, owner=HOSTILE, cause=HOSTILE, summary=HOSTILE,
    note=HOSTILE, change=HOSTILE, since=HOSTILE, files={"html": HOSTILE}, region=HOSTILE,
    findings=(bad(accepted=HOSTILE),),
)  # fmt: skip
EVERY_STATE = run_of(
    *(row(state, monitor=state, owner="shop team")
      for state in ("failed", "broken", "unproven", "degraded", "accepted", "healthy"))
)  # fmt: skip


@pytest.fixture(scope="module")
def browser():
    with chromium() as running:
        yield running


@pytest.fixture
def page_of(browser, tmp_path):
    def show(run, **context):
        path = tmp_path / "fleet.html"
        path.write_text(render(run, up="../"), encoding="utf-8")
        return opened(browser, path.as_uri(), offline=True, **context)

    return show


def test_nothing_is_fetched():
    assert external_resources(render(many(50), up="../")) == []


def test_what_names_hold_is_text_everywhere():
    run = run_of(HOSTILE_ROW)
    page = render(run, up="../")
    assert "<script>alert" not in page
    assert 'href="javascript' not in page
    assert "\x1b" not in page
    assert "\u202e" not in page
    case = ET.fromstring(exports.to_junit(run))[0][0]
    assert "<script>alert(1)</script>" in case.get("name")
    markdown = exports.to_markdown(run).replace("\\<", "").replace("\\]", "")
    assert "<script" not in markdown
    assert "](javascript" not in markdown
    assert len(markdown.splitlines()[-1].replace("\\|", "").split("|")) == 9
    assert "\n" not in signals.embedded(run)


@pytest.mark.browser
def test_hostile_names_run_nothing(page_of):
    with page_of(run_of(HOSTILE_ROW)) as page:
        assert page.heard[1:] == []
        assert "<script>alert(1)</script>" in page.locator("tbody").inner_text()


@pytest.mark.browser
def test_search_and_filters_need_no_server(page_of):
    with page_of(many(200)) as page:
        shown = page.locator("#rf-shown")
        assert shown.inner_text() == "200 of 200 shown"
        page.get_by_label("Search").fill("WEB-001 team")
        assert shown.inner_text() == "10 of 200 shown"
        page.get_by_label("State").select_option("broken")
        assert shown.inner_text() == "1 of 200 shown"
        page.get_by_label("Search").fill("")
        assert shown.inner_text() == "10 of 200 shown"
        page.get_by_label("Owner").select_option("team 4")
        assert page.locator("tbody tr:visible").count() == int(shown.inner_text().split()[0])


@pytest.mark.browser
def test_a_thousand_monitors_open_in_a_second(page_of):
    quickest = []
    for _ in range(5):
        with page_of(many(1000)) as page:
            quickest.append(
                page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
            )
            page.wait_for_selector("tbody tr:nth-child(1000)", state="visible")
    # The machine may be busy with other things: the quickest opening is the page's own.
    assert min(quickest) < 1000


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_has_no_serious_finding(page_of, scheme):
    with page_of(EVERY_STATE, color_scheme=scheme) as page:
        found = Axe().run(page).response["violations"]
        assert [each["id"] for each in found if each["impact"] in ("serious", "critical")] == []


@pytest.mark.browser
def test_without_script_the_whole_matrix_is_there(page_of):
    with page_of(EVERY_STATE, java_script_enabled=False) as page:
        assert page.locator("tbody tr").count() == 6
        assert page.get_by_label("Search").is_hidden()


@pytest.mark.browser
def test_links_lead_to_the_reports_of_any_name(browser, tmp_path):
    store = FolderStore(tmp_path)
    path = "reports/monitor=shop%2Fweb%23 a/x.html"
    store.write(path, "<title>the report</title>")
    publish(store, run_of(row("broken", files={"html": path})))
    for page_path in ("latest", "runs/dt=2026-03-02/run=20260302T090000Z-aaaaaa"):
        with opened(browser, (tmp_path / page_path / "fleet.html").as_uri()) as page:
            page.locator("tbody a").click()
            page.wait_for_load_state()
            assert page.title() == "the report"


def test_the_page_stands_worst_first_and_says_so_in_its_title():
    page = render(EVERY_STATE, up="../")
    told = "1 not looked at, 1 broken, 1 unproven, 1 degraded, 1 accepted, 1 healthy"
    assert f"<title>App monitors: {told}</title>" in page


def test_why_monitors_were_not_looked_at_is_told_once_for_each_reason():
    rows = [row("failed", monitor=name, error="refused") for name in ("a", "b", "c")]
    rows += [row("failed", monitor="d", error="switched\noff"), row("healthy")]
    first, second = not_looked_at(rows)
    assert first.endswith("a and 2 more: refused")
    assert second.endswith("d: switched off")


def test_json_is_read_back_as_it_was():
    run = run_of(HOSTILE_ROW, row("failed"), notes=("the clock",))
    assert exports.from_json(exports.to_json(run), where="x") == run


def test_junit_tells_broken_from_what_could_not_be_looked_at():
    suite = ET.fromstring(exports.to_junit(EVERY_STATE))[0]
    counts = {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": "6", "failures": "1", "errors": "1", "skipped": "1"}


def test_markdown_leaves_the_healthy_out():
    text = exports.to_markdown(EVERY_STATE)
    assert "| broken |" in text
    assert "| healthy |" not in text


@pytest.mark.parametrize(
    ("run", "kept", "whole"),
    [(EVERY_STATE, True, 1), (EVERY_STATE, False, 0), (run_of(row(note="unkept")), True, 0),
     (run_of(row(), stopped="it was told to end"), True, 0)],
)  # fmt: skip
def test_a_run_that_was_stopped_or_not_kept_is_not_counted_as_whole(run, kept, whole):
    assert f"rumkit_fleet_run_whole {whole}\n" in signals.prometheus(run, kept=kept)
    assert json.loads(signals.embedded(run, kept=kept))["Whole"] == whole


def test_prometheus_escapes_labels_and_counts_states():
    text = signals.prometheus(run_of(row("broken", monitor='a"b\\c\nd')), failed_notifications=2)
    assert 'monitor="a\\"b\\\\c\\nd"' in text
    assert "rumkit_fleet_notifications_failed 2" in text
    assert "rumkit_fleet_run_timestamp_seconds 1772442000" in text


def test_the_embedded_format_has_a_value_for_each_metric_that_it_names():
    line = json.loads(signals.embedded(EVERY_STATE))
    definition = line["_aws"]["CloudWatchMetrics"][0]
    assert all(isinstance(line[each["Name"]], int | float) for each in definition["Metrics"])
    assert all(name in line for group in definition["Dimensions"] for name in group)
