"""An option is known, left out, or not said by this file; and whoever reads it has to ask which."""

from __future__ import annotations

import pytest
from installs import ID, POOL, loader, npm, page

from rumkit.client.find import find_snippets
from rumkit.client.options import KnownOption, LeftOut, Option, UnreadOption
from rumkit.client.snippet import Expression

RATE = "sessionSampleRate"

# what stands before the construction, the configuration, the reading of sessionSampleRate
READINGS: list[tuple[str, str, Option]] = [
    ("", "{}", LeftOut()),
    ("", "undefined", LeftOut()),
    ("", "{sessionSampleRate: 0.5}", KnownOption(0.5)),
    ("", "{sessionSampleRate: undefined}", LeftOut()),
    ("", "{sessionSampleRate: null}", KnownOption(None)),
    ("", "{sessionSampleRate: rate}", UnreadOption("rate", ("rate",))),
    ("const rate = 0.5;", "{sessionSampleRate: rate}", KnownOption(0.5)),
    ("", "{sessionSampleRate: 1, sessionSampleRate: 0.5}", KnownOption(0.5)),
    ("", "{...shared, sessionSampleRate: 1}", KnownOption(1)),
    ("", "{sessionSampleRate: 1, ...shared}", UnreadOption("...shared", ("shared",))),
    ("", "{...shared}", UnreadOption("...shared", ("shared",))),
    ("", "{allowCookies: true, ...shared}", UnreadOption("...shared", ("shared",))),
    ("", "{...first, ...second}", UnreadOption("...first", ("first",))),
    ("const shared = {};", "{sessionSampleRate: 1, ...shared}", KnownOption(1)),
    ("const shared = {sessionSampleRate: 0};", "{sessionSampleRate: 1, ...shared}", KnownOption(0)),
    ("", "{sessionSampleRate: 1, ...(on && {allowCookies: true})}", KnownOption(1)),
    (
        "",
        "{sessionSampleRate: 1, ...(on && {sessionSampleRate: 0})}",
        UnreadOption("...(on && {sessionSampleRate: 0})", ("on",)),
    ),
    (
        "",
        "{...(on ? {sessionSampleRate: 1} : {sessionSampleRate: 0})}",
        UnreadOption("...(on ? {sessionSampleRate: 1} : {sessionSampleRate: 0})", ("on",)),
    ),
    (
        "",
        "{sessionSampleRate: 1, ...(on && more)}",
        UnreadOption("...(on && more)", ("on", "more")),
    ),
    ("", "{sessionSampleRate: 1, [key]: 2}", UnreadOption("[key]: 2", ("key",))),
    ("", "imported", UnreadOption("imported", ("imported",))),
    ("import { RUM } from './env';", "RUM", UnreadOption("RUM", ("RUM",))),
    ("", "Object.assign({sessionSampleRate: 1}, more)", UnreadOption("more", ("more",))),
    ("", "Object.assign({}, more, {sessionSampleRate: 1})", KnownOption(1)),
    ("const c = {sessionSampleRate: 1}; c[key] = 2;", "c", UnreadOption("c", ("c",))),
]


@pytest.mark.parametrize(("before", "config", "reading"), READINGS)
def test_an_option_is_known_left_out_or_unread(before: str, config: str, reading: Option) -> None:
    assert find_snippets(before + npm(config))[0].setting(RATE) == reading


@pytest.mark.parametrize(
    ("config", "source"),
    [("{a: 1}", ""), ("{a: 1, ...shared}", "...shared"), ("settings.rum", "settings.rum")],
)
def test_where_unseen_options_come_from_is_quoted(config: str, source: str) -> None:
    assert find_snippets(npm(config))[0].config_source == source


def test_a_remote_configuration_may_set_what_the_snippet_leaves_out() -> None:
    found = find_snippets(page(loader("{allowCookies:true}", "'https://shop.example/rum.json'")))[0]
    assert found.setting("allowCookies") == KnownOption(value=True)
    assert found.setting(RATE) == UnreadOption(
        "the remote configuration https://shop.example/rum.json", ()
    )


def test_a_list_stays_known_with_the_expression_inside() -> None:
    found = find_snippets(npm("{telemetries: ['errors', more, ...others]}"))[0]
    assert found.setting("telemetries") == KnownOption(
        ["errors", Expression("more", ("more",)), Expression("...others", ("others",))]
    )
    assert found.telemetry("errors") == {}
    assert isinstance(found.telemetry("http"), Expression)


def test_what_an_unread_option_quotes_is_short() -> None:
    long = "+".join(f"name{i}" for i in range(500))
    reading = find_snippets(npm(f"{{{RATE}: {long}}}"))[0].setting(RATE)
    assert isinstance(reading, UnreadOption)
    assert len(reading.source) <= 200
    assert len(reading.names) <= 5


SURE = f"identityPoolId: '{POOL}', signing: true, endpoint: 'https://rum.shop.example'"


@pytest.mark.parametrize(
    ("config", "flow", "endpoint"),
    [
        (f"{{{SURE}}}", "enhanced", "https://rum.shop.example"),
        (f"{{...more, {SURE}, guestRoleArn: ''}}", "enhanced", "https://rum.shop.example"),
        (f"{{{SURE}, ...more}}", "unknown", None),
        ("more", "unknown", None),
    ],
)
def test_what_an_unread_option_decides_is_unknown(
    config: str, flow: str, endpoint: str | None
) -> None:
    found = find_snippets(npm(config))[0]
    assert (found.flow(), found.endpoint()) == (flow, endpoint)
    assert ("cognito" in found.connect_urls()) is (flow == "enhanced")


def test_the_monitor_s_id_in_the_url_is_the_one_written() -> None:
    assert find_snippets(npm())[0].connect_urls()["data-plane"].endswith(ID)
