"""Client URLs to versions, and versions to behaviours."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from rumkit.client.generations import TABLE, Behaviour, ClientVersion, behaviour

CDN = "https://client.rum.us-east-1.amazonaws.com/"

URLS = [
    (CDN + "1.0.2/cwr.js", (1, 0, 2), False, "full", True),
    (CDN + "1.x/cwr.js", (1, 25, 0), True, "full", True),
    (CDN + "1.16.x/cwr.js", (1, 16, 2), True, "full", True),
    (CDN + "2.x/cwr.js", (2, 1, 0), True, "full", True),
    (CDN + "3.x/cwr-slim.js", (3, 2, 1), True, "slim", True),
    (CDN + "3.2.0/cwr.js", (3, 2, 0), False, "full", True),
    (CDN + "3.2.x/cwr.js", (3, 2, 1), True, "full", True),
    (CDN + "4.x/cwr.js", (4, 0, 0), True, "full", False),
    (CDN + "3.9.9/cwr.js", (3, 9, 9), False, "full", False),
    (CDN + "1.2.3.4/cwr.js", None, False, "full", False),
    (CDN + "latest/cwr.js", None, False, "full", False),
    ("https://client.rum.eu-west-1.amazonaws.com/2.x/cwr.js", (2, 1, 0), True, "full", True),
    ("https://static.shop.example/cwr.js", None, False, "full", False),
    ("https://static.shop.example/1.0.0/cwr-slim.js", None, False, "slim", False),
    ("/assets/cwr.js", None, False, "full", False),
    ("2.1.0", (2, 1, 0), False, "full", True),
    ("https://[bad", None, False, "full", False),
    (None, None, False, "full", False),
]


@pytest.mark.parametrize(("url", "number", "floating", "build", "known"), URLS)
def test_a_client_url_tells_version_and_build(
    url: str | None, number: tuple[int, int, int] | None, floating: bool, build: str, known: bool
) -> None:
    found = ClientVersion.parse(url)
    assert (found.number, found.floating, found.build, found.known) == (
        number,
        floating,
        build,
        known,
    )


@pytest.mark.parametrize(
    ("url", "cdn"),
    [
        (CDN + "2.x/cwr.js", True),
        ("https://client.rum.eu-west-1.amazonaws.com/2.x/cwr.js", False),
        ("https://static.shop.example/cwr.js", False),
    ],
)
def test_only_the_us_east_1_host_is_the_cdn(url: str, cdn: bool) -> None:
    assert ClientVersion.parse(url).cdn is cdn


# field, then the value on both sides of each border
BORDERS: list[tuple[str, str, Any]] = [
    ("enhanced_flow", "1.14.0", False),
    ("enhanced_flow", "1.15.0", True),
    ("token_errors_noticed", "1.16.1", False),
    ("token_errors_noticed", "1.16.2", True),
    ("signing", "1.10.0", "ignored"),
    ("signing", "1.11.0", "without-pool"),
    ("signing", "2.0.0", "honoured"),
    ("disables", "1.5.0", "never"),
    ("disables", "1.6.0", "any-rejection"),
    ("disables", "1.17.2", "any-rejection"),
    ("disables", "1.18.0", "403-or-404"),
    ("disables", "2.0.0", "second-403-or-404"),
    ("late_credentials_disable", "1.17.2", True),
    ("late_credentials_disable", "1.18.0", False),
    ("purges_credentials_on_403", "1.25.0", False),
    ("purges_credentials_on_403", "2.0.0", True),
    ("unique_credentials", "1.18.0", False),
    ("unique_credentials", "1.19.0", True),
    ("trailing_slash", "1.10.0", True),
    ("trailing_slash", "1.11.0", False),
    ("default_endpoint_region", "2.1.0", None),
    ("default_endpoint_region", "3.0.0", "us-west-2"),
    ("default_endpoint_region", "3.2.0", "us-west-2"),
    ("default_endpoint_region", "3.2.1", None),
    ("default_telemetries", "2.1.0", ()),
    ("default_telemetries", "3.0.0", ("errors", "performance", "http", "replay")),
    ("xray_header_list", "1.15.0", False),
    ("xray_header_list", "1.16.0", True),
    ("empty_pages_to_include_records_all", "1.6.0", True),
    ("empty_pages_to_include_records_all", "1.7.0", False),
]


@pytest.mark.parametrize(("field", "version", "value"), BORDERS)
def test_a_behaviour_changes_at_its_version(field: str, version: str, value: object) -> None:
    assert getattr(behaviour(version), field) == value


SLIM = [
    ("cognito", False),
    ("signing", "factory"),
    ("default_endpoint_region", None),
    ("default_telemetries", ()),
    ("remote_configuration", False),
]


@pytest.mark.parametrize(("field", "value"), SLIM)
def test_the_slim_build_differs(field: str, value: object) -> None:
    assert getattr(behaviour("3.2.0", "slim"), field) == value


@pytest.mark.parametrize("version", [None, "9.9.9", "https://static.shop.example/cwr.js"])
def test_an_unknown_version_does_as_the_newest(version: str | None) -> None:
    found = behaviour(version)
    assert (found.version, found.known) == ((3, 2, 1), False)


def test_a_floating_version_says_so() -> None:
    assert behaviour(CDN + "3.x/cwr.js").floating


@pytest.mark.parametrize("row", TABLE, ids=lambda r: f"{r.field}-{r.since}-{r.build}")
def test_every_row_names_a_behaviour_and_its_source(row: Any) -> None:
    assert row.field in {f.name for f in fields(Behaviour)}
    assert len(row.source) > 10


def test_the_rows_of_a_field_are_in_the_order_of_their_versions() -> None:
    for field in {row.field for row in TABLE}:
        since = [row.since for row in TABLE if row.field == field]
        assert since == sorted(since)
