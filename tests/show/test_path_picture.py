"""The picture of the path."""

from __future__ import annotations

import base64
import xml.etree.ElementTree as ET
from dataclasses import replace
from typing import TYPE_CHECKING

import examples
import pytest
from selectolax.lexbor import LexborHTMLParser

from rumkit.model import Condition, Hop, HopState, Status
from rumkit.show import html, path, words

if TYPE_CHECKING:
    from rumkit.investigation import Investigation

SVG = "{http://www.w3.org/2000/svg}"
ALL = [examples.broken, examples.healthy, examples.unproven, examples.hostile]


def picture(found: Investigation) -> ET.Element:
    return ET.fromstring(path.render(found, standalone=True))


@pytest.mark.parametrize("make", ALL)
def test_it_is_well_formed_with_a_role_a_title_and_a_description(
    make: type[Investigation],
) -> None:
    found = make()
    svg = picture(found)
    assert svg.get("role") == "img"
    assert svg.findtext(f"{SVG}title") == "Delivery path"
    said = svg.findtext(f"{SVG}desc") or ""
    for number, step in enumerate(found.path, 1):
        assert f"{number}. {words.HOP_NAMES[step.hop]}: {step.condition}" in said


def test_the_description_tells_each_hop_and_the_cause() -> None:
    said = picture(examples.broken()).findtext(f"{SVG}desc") or ""
    assert "4. Authorise: broken" in said
    assert "because of guest-role-permission" in said


def test_the_hops_stand_in_the_order_of_the_path() -> None:
    groups = picture(examples.broken()).findall(f"{SVG}g")
    assert [group.get("data-hop") for group in groups] == [str(hop) for hop in Hop]


def test_each_state_has_a_shape_of_its_own_beside_its_colour() -> None:
    shapes = set()
    for condition in Condition:
        step = HopState(Hop.PAGE, Status.UNKNOWN, condition)
        group = picture(replace(examples.broken(), path=(step,))).find(f"{SVG}g")
        assert group is not None
        shape, sign = group[0], group[1]
        shapes.add((shape.tag, shape.get("d"), sign.text))
    # What could not be looked at and what could not be told are one to the eye, and so are what
    # fits and what shows nothing amiss.
    assert len(shapes) == len(Condition) - 2


def test_the_cause_is_called_out_only_where_there_is_one() -> None:
    broken = examples.broken()
    assert f"breaks here: {broken.root_cause}" in path.render(broken)
    assert "breaks here" not in path.render(replace(broken, root_cause=None))


def test_where_no_script_runs_an_image_stands_for_the_picture() -> None:
    shown = LexborHTMLParser(html.overview(examples.broken()))
    # A cleaner keeps the words of a tag that it takes away, but not those of a script.
    assert shown.css_first("svg") is None
    assert "PutRumEventsis authorised" not in shown.body.text()
    image = shown.css_first("img.rk-still")
    kind, _, data = image.attributes["src"].partition(",")
    assert kind == "data:image/svg+xml;base64"
    assert ET.fromstring(base64.b64decode(data)).findtext(f"{SVG}title") == "Delivery path"
    assert "Authorise: broken" in image.attributes["alt"]


def test_a_widget_is_given_the_picture_as_it_is() -> None:
    shown = LexborHTMLParser(html.delivery_path(examples.broken(), drawn=True))
    assert shown.css_first("svg.rk-path title").text() == "Delivery path"
    assert shown.css_first("script.rk-drawing") is None
