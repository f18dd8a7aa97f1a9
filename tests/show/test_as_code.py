"""Open as code: what is printed gives the same rows again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import examples
import pytest
from selectolax.lexbor import LexborHTMLParser

import rumkit
from rumkit import practice
from rumkit.frames import TABLES
from rumkit.model import BadInput, Origin, Question
from rumkit.show import tables
from rumkit.show.code import code, python_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rumkit.investigation import Investigation


@pytest.fixture(scope="module")
def found() -> Iterator[Investigation]:
    practice.enter("guest-role-permission")
    yield rumkit.investigate(monitor="shop-web", since="6h")
    practice.leave()


@pytest.mark.parametrize("name", [name for name in TABLES if name not in {"calls", "checks"}])
def test_the_python_line_of_a_table_gives_the_same_rows(found: Investigation, name: str) -> None:
    again = eval(python_line(found, name), {"rumkit": rumkit})
    assert again.equals(getattr(found, name))
    assert again.attrs["since"] == found.target["since"]


@pytest.mark.parametrize("name", ["put-events-denied", "guest-role-permission", "signing"])
def test_the_python_line_of_a_finding_gives_the_same_status(
    found: Investigation, name: str
) -> None:
    again = eval(python_line(found, name), {"rumkit": rumkit})
    assert (again.check, again.status) == (name, found.finding(name).status)


def test_a_finding_of_the_trail_has_its_frame_query_window_and_command(
    found: Investigation,
) -> None:
    text = str(found.code("put-events-denied"))
    assert "rumkit.check('put-events-denied', 'shop-web'" in text
    assert "rumkit.denied_put_events('shop-web'" in text
    assert "2026-03-02T03:00:00Z to 2026-03-02T09:00:00Z" in text
    assert "\nfields @message\n" in text
    assert "aws logs start-query --region eu-west-1 --log-group-name" in text


def test_a_finding_that_reads_no_table_has_its_line_alone(found: Investigation) -> None:
    assert code(found, "signing").text.count("\n# ") == 0


def test_the_code_of_a_table_unfolds_below_it(found: Investigation) -> None:
    shown = LexborHTMLParser(tables.table(found, "denied_put_events").html)
    assert shown.css_first("details summary").text() == "Open as code"
    assert shown.css_first("details a").attributes["href"].startswith("https://eu-west-1.console.")


def test_another_name_is_refused(found: Investigation) -> None:
    with pytest.raises(BadInput, match="no check 'nope'"):
        code(found, "nope")


def test_hostile_text_is_shown_as_text_and_no_command_is_made_of_it() -> None:
    asked = Question("insights", examples.HOSTILE, examples.HOSTILE, ("aws", examples.HOSTILE))
    origin = Origin("x", "a", "b", (asked,))
    shown = code(replace(examples.broken(), origins={"changes": origin}), "changes")
    assert not LexborHTMLParser(shown.html).css("script:not(:last-child), img")
    assert "AWS CLI" not in shown.text
    assert "\x1b" not in shown.text
    assert "\u202e" not in shown.html


@pytest.mark.parametrize("word", ["file:///etc/passwd", "fileb://x", "a\u202eb", "x\x1b[2J"])
def test_no_command_is_printed_of_a_word_that_would_not_mean_itself(word: str) -> None:
    assert Question("insights", "", "", ("aws", "logs", word)).command == ""


def test_an_older_file_that_does_not_say_where_rows_come_from_is_read() -> None:
    kept = examples.broken().to_dict()
    del kept["origins"]
    read = rumkit.Investigation.from_dict(kept)
    assert read.denied_put_events.attrs["source"] == ""
    assert not read.denied_put_events.empty
    assert read.token_failures.attrs["reason"] or not read.token_failures.empty
