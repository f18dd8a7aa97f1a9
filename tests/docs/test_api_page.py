"""The API page holds every public name, and fetches nothing."""

from __future__ import annotations

import api_page
import pytest
from selectolax.lexbor import LexborHTMLParser

import rumkit
from rumkit.frames import TABLES
from rumkit.report_export import external_resources


@pytest.fixture(scope="module")
def tree() -> LexborHTMLParser:
    return LexborHTMLParser(api_page.page())


def test_every_public_name_stands_there_with_its_docstring(tree: LexborHTMLParser) -> None:
    headings = {node.attributes.get("id") for node in tree.css("h2[id]")}
    assert headings == set(rumkit.__all__)
    for node in tree.css("h2[id]"):
        assert node.next.tag == "p"
        assert len(node.next.text()) > 20


def test_every_table_stands_there(tree: LexborHTMLParser) -> None:
    assert {node.text() for node in tree.css("h3 code")} >= set(TABLES)


def test_an_example_stands_there_as_it_is_typed(tree: LexborHTMLParser) -> None:
    assert any(node.text().startswith(">>> denied = rumkit") for node in tree.css("pre"))


def test_it_fetches_nothing() -> None:
    assert external_resources(api_page.page()) == []
