"""Tables and plots of what stands behind the findings."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from typing import TYPE_CHECKING

import examples
import pytest
from selectolax.lexbor import LexborHTMLParser

from rumkit.model import Origin
from rumkit.show import plots, tables

if TYPE_CHECKING:
    from rumkit.investigation import Investigation


def test_times_carry_their_zone() -> None:
    tree = LexborHTMLParser(tables.table(examples.broken(), "denied_put_events").html)
    assert tree.css_first("td.rk-time").text() == "2026-03-02 08:10:00 UTC"


def test_a_long_arn_is_shortened_and_whole_on_hover() -> None:
    rows = (examples.trail_row(1), examples.trail_row(2, role=f"{examples.ROLE}-2"))
    found = replace(examples.healthy(), tables={"denied_put_events": rows})
    cell = LexborHTMLParser(tables.table(found, "denied_put_events").html).css_first("td[title]")
    assert cell.attributes["title"] == examples.ROLE
    assert cell.text() == "iam…role/shop-web-rum-guest"


def test_what_is_the_same_in_every_row_is_said_once() -> None:
    shown = tables.table(examples.broken(), "denied_put_events")
    assert shown.html.count("User is not authorized to perform rum:PutRumEvents") == 1
    assert "in every row, error: AccessDenied" in shown.text


def test_columns_that_hold_nothing_are_left_out() -> None:
    row = examples.trail_row(1, name="DeleteRolePolicy", error_code="")
    found = replace(examples.healthy(), tables={"changes": (row,)})
    heads = [
        th.text() for th in LexborHTMLParser(tables.table(found, "changes").html).css("thead th")
    ]
    assert heads == ["time", "call", "resource", "by", "region"]


@pytest.mark.parametrize("name", ["denied_put_events", "token_failures", "changes"])
def test_an_empty_table_is_a_sentence_that_does_not_claim_absence(name: str) -> None:
    shown = tables.table(examples.healthy(), name)
    assert "<table" not in shown.html
    assert "was read" in shown.text


@pytest.mark.parametrize("draw", [plots.arrival, plots.denials, plots.timeline])
def test_without_data_there_is_a_sentence_and_no_axes(draw: type) -> None:
    shown = draw(examples.healthy())
    assert "<svg" not in shown.html
    assert shown.text.strip().endswith(".")


@pytest.mark.parametrize("draw", [plots.arrival, plots.denials, plots.timeline])
def test_a_plot_is_the_same_on_every_run(draw: type) -> None:
    assert draw(examples.broken()).html == draw(examples.broken()).html


@pytest.mark.parametrize(
    ("draw", "names"),
    [
        (plots.arrival, ["time (UTC)", "events"]),
        (plots.denials, ["time (UTC)", "denied calls"]),
        (plots.timeline, ["time (UTC)", "events", "denied calls", "changes"]),
    ],
)
def test_axes_are_named(draw: type, names: list[str]) -> None:
    shown = LexborHTMLParser(draw(examples.broken()).html).css_first("svg").text()
    assert [name for name in names if name not in shown] == []


def test_ids_of_two_plots_on_a_page_do_not_meet() -> None:
    both = [
        {
            node.attributes["id"]
            for node in LexborHTMLParser(draw(examples.broken()).html).css("[id]")
        }
        for draw in (plots.arrival, plots.denials)
    ]
    assert both[0]
    assert both[0] & both[1] == set()


@pytest.mark.parametrize("draw", [plots.arrival, plots.denials, plots.timeline])
def test_what_a_plot_refers_to_is_in_it(draw: type) -> None:
    svg = draw(examples.broken()).html
    ids = set(re.findall(r'\bid="([^"]+)"', svg))
    referred = re.findall(r'(?:url\(#|href="#)([^")]+)', svg)
    assert referred
    assert set(referred) <= ids


def test_a_plot_is_well_formed() -> None:
    shown = plots.timeline(examples.broken()).html
    svg = shown[shown.index("<svg") : shown.index("</svg>") + 6]
    assert ET.fromstring(svg.replace("xlink:href", "href")) is not None


def test_arrival_says_since_when_nothing_arrives() -> None:
    said = plots.arrival_sentence(examples.broken().arrival)
    assert said == "80 events arrived; none since the period from 2026-03-02 08:05 UTC."


def test_the_time_line_says_since_when_and_names_the_change_before() -> None:
    said = plots.timeline_sentence(examples.broken())
    assert said == (
        "Arrival stopped: since about 2026-03-02 08:10 (08:05\u201308:15 UTC); nearest change "
        "before: DeleteRolePolicy by operator (user) at 08:04. "
        "The grey band is when it began."
    )


def test_without_an_onset_the_time_line_claims_none() -> None:
    said = plots.timeline_sentence(replace(examples.broken(), onset=None))
    assert said == "Neither silence nor denials begin within this window."


def test_the_table_library_is_inlined_whole() -> None:
    assert len(tables.library()) > 500_000


def arrivals(*events: int) -> Investigation:
    rows = tuple(
        {"time": f"2026-03-02T08:{5 * index:02d}:00Z", "events": count}
        for index, count in enumerate(events)
    )
    return replace(examples.healthy(), tables={"arrival": rows})


def test_a_pause_as_long_as_an_earlier_one_is_no_silence() -> None:
    assert "none since" not in plots.arrival_sentence(arrivals(9, 0, 0, 9, 0, 0).arrival)


def test_a_pause_longer_than_every_earlier_one_is_silence() -> None:
    assert "none since" in plots.arrival_sentence(arrivals(9, 0, 9, 0, 0).arrival)


def visited() -> Investigation:
    found = examples.broken()
    rows = tuple({**row, "requests": 7} for row in found.tables["arrival"])
    return replace(found, tables={**found.tables, "arrival": rows})


def test_arrival_beside_site_traffic_says_who_came_in_the_silence() -> None:
    said = plots.arrival_sentence(visited().arrival)
    assert said.endswith("08:05 UTC, while the site had 28 requests.")


@pytest.mark.parametrize("draw", [plots.arrival, plots.timeline])
def test_site_traffic_has_an_axis_of_its_own_with_its_unit(draw: type) -> None:
    with_traffic, without = draw(visited()).html, draw(examples.broken()).html
    assert "requests (dashed)" in with_traffic
    assert "requests" not in LexborHTMLParser(without).css_first("svg").text()


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("sessions", "200                    31        yes"),
        ("budget", "page_view_event  80      80%"),
        ("client_versions", "1.25.0          80      9"),
        ("traces", "1-69a5-1  https://api.example/  no"),
    ],
)
def test_what_arrived_is_shown_as_a_table(name: str, says: str) -> None:
    assert says in tables.table(examples.broken(), name).text
    assert "<table" not in tables.table(examples.healthy(), name).html


def test_sizes_of_sessions_are_not_marked_where_the_limit_is_not_known() -> None:
    rows = ({"events": 5, "sessions": 12, "at_limit": None},)
    found = replace(examples.healthy(), tables={"sessions": rows})
    assert "limit" not in tables.table(found, "sessions").text


def test_an_empty_table_says_why_it_is_empty() -> None:
    origin = Origin("", "", "", reason="iam:GetRole was refused.")
    shown = tables.table(replace(examples.healthy(), origins={"changes": origin}), "changes")
    assert "iam:GetRole was refused." in shown.text
    assert "iam:GetRole was refused." in shown.html
