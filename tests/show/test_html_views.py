"""The HTML views: escaped, accessible, without a request."""

from __future__ import annotations

import examples
import pytest
from selectolax.lexbor import LexborHTMLParser

from rumkit.investigation import MIME_TYPE, Investigation
from rumkit.model import Hop
from rumkit.report_export import external_resources
from rumkit.show import html, path, plots, tables, views

DRAWERS = {
    "render": html.render,
    "overview": html.overview,
    "delivery_path": html.delivery_path,
    "findings": html.findings,
    "section": lambda found: views.section(found, "events-not-sent").html,
    "fixes": html.fixes,
    "gaps": html.gaps,
    "path": path.render,
    "denied": lambda found: tables.table(found, "denied_put_events").html,
    "failures": lambda found: tables.table(found, "token_failures").html,
    "changes": lambda found: tables.table(found, "changes").html,
    "budget": lambda found: tables.table(found, "budget").html,
    "client_versions": lambda found: tables.table(found, "client_versions").html,
    "traces": lambda found: tables.table(found, "traces").html,
    "checks": lambda found: tables.checks(found).html,
    "timeline": lambda found: plots.timeline(found).html,
    "denials": lambda found: plots.denials(found).html,
}


def parsed(text: str) -> LexborHTMLParser:
    return LexborHTMLParser(f"<!doctype html><body>{text}")


def script_and_markup(text: str) -> list[str]:
    """Return every element and handler that our own views never write."""
    tree = parsed(text)
    handlers = [name for node in tree.css("*") for name in node.attributes if name[:2] == "on"]
    foreign = [node.tag for node in tree.css("img,iframe,object,embed,form,base,link,meta")]
    still = tree.css_first("img.rk-still[src^='data:image/svg+xml;base64,']")
    if still is not None:  # the picture of the path, where inline SVG is cleaned away
        foreign.remove("img")
    scripts = [node.text() for node in tree.css("script") if "alert" in node.text()]
    addresses = [
        node.attributes["href"]
        for node in tree.css("a")
        if not str(node.attributes.get("href")).startswith("https://")
    ]
    return handlers + foreign + scripts + addresses


@pytest.mark.parametrize("name", DRAWERS)
def test_hostile_text_stays_text(name: str) -> None:
    assert script_and_markup(DRAWERS[name](examples.hostile())) == []


@pytest.mark.parametrize("name", ["render", "overview", "findings", "checks", "denied"])
def test_hostile_text_is_shown_and_not_swallowed(name: str) -> None:
    assert "<script>alert(1)</script>" in parsed(DRAWERS[name](examples.hostile())).body.text()


@pytest.mark.parametrize("name", DRAWERS)
@pytest.mark.parametrize("make", [examples.broken, examples.healthy, examples.unproven])
def test_no_view_fetches_anything(name: str, make: type[Investigation]) -> None:
    assert external_resources(DRAWERS[name](make())) == []


def test_the_cause_its_fix_and_its_side_effect_are_in_the_overview() -> None:
    shown = parsed(html.overview(examples.broken())).css_first(".rk-cause").text()
    assert "guest-role-permission" in shown
    assert examples.permission_fix().text in shown
    assert examples.permission_fix().side_effect in shown


def test_broken_findings_stand_open_and_good_ones_are_folded() -> None:
    tree = parsed(html.findings(examples.broken()))
    state = {
        node.attributes["data-check"]: "open" in node.attributes
        for node in tree.css("details[data-check]")
    }
    assert state["put-events-denied"]
    assert not state["snippet-present"]


def test_the_cause_is_not_repeated_among_the_other_findings() -> None:
    assert 'data-check="guest-role-permission"' not in html.findings(examples.broken())


def test_a_hop_filters_the_findings() -> None:
    tree = parsed(html.findings(examples.broken(), Hop.AUTHORIZE))
    found = [node.attributes["data-check"] for node in tree.css("details[data-check]")]
    assert found == ["guest-role-permission", "put-events-denied"]


def test_every_fix_has_a_copy_button_that_says_what_it_copies() -> None:
    tree = parsed(html.render(examples.broken()))
    labels = [node.attributes["aria-label"] for node in tree.css(".rk-fix button.rk-copy")]
    assert labels == [f"Copy: {examples.permission_fix().title}"]


def test_a_link_that_is_not_https_stays_text() -> None:
    assert parsed(html.render(examples.hostile())).css("a") == []


def test_the_displayed_bundle_carries_the_investigation_as_data() -> None:
    found = examples.broken()
    bundle = views.overview(found)._repr_mimebundle_()
    assert Investigation.from_dict(bundle[MIME_TYPE]).to_dict() == found.to_dict()


def test_the_overview_says_since_when_and_the_nearest_change() -> None:
    said = parsed(html.overview(examples.broken())).css_first("p.rk-since").text()
    assert said.startswith("Since about 2026-03-02 08:10 (08:05\u201308:15 UTC)")
    assert "DeleteRolePolicy by operator (user) at 08:04." in said
