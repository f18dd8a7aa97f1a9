"""The reader sees in each input of a table what a careful person sees in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from installs import ID, URL
from readings import CASES, Case

from rumkit.client.find import find_configurations, find_snippets
from rumkit.client.options import KnownOption, UnreadOption
from rumkit.client.page import read_page
from rumkit.client.values import Expression, Undefined

if TYPE_CHECKING:
    from pathlib import Path

    from rumkit.client.options import Option
    from rumkit.client.snippet import Snippet
    from rumkit.client.source.configuration import Configuration
    from rumkit.client.values import Value


def told(value: Value | Option) -> Any:
    """Return a value as the table writes it: None for what is left out."""
    if isinstance(value, KnownOption):
        value = value.value
    if isinstance(value, Expression | UnreadOption):
        return "~" + value.source
    if isinstance(value, Undefined):
        return "-"
    return value


def expected(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def of_snippet(snippet: Snippet, found: list[Snippet]) -> dict[str, Any]:
    """Return all that a reading can say of an installation."""
    fields = {
        "namespace": told(snippet.namespace),
        "monitor": told(snippet.app_monitor_id),
        "version": told(snippet.app_version),
        "region": told(snippet.region),
        "url": told(snippet.client_url),
        "remote": told(snippet.remote_config_url),
        "rest": snippet.config_source,
        "when": snippet.conditional,
        "started": snippet.started_by,
        "problems": ", ".join(sorted(problem.code for problem in snippet.problems)),
        "commands": ", ".join(str(command.name) for command in snippet.commands),
        "excludes": ", ".join(str(i) for i, s in enumerate(found) if snippet.excludes(s)),
    }
    options = {name: told(snippet.setting(name)) for name in snippet.config}
    if "region" in options:
        options["region_option"] = options.pop("region")
    return {**fields, **options}


def ordinary(kind: str) -> dict[str, Any]:
    npm = kind == "npm"
    return {
        "namespace": None if npm else "cwr",
        "monitor": ID,
        "version": "1.0.0",
        "region": "eu-west-1",
        "url": None if npm else URL,
        "remote": None,
        "rest": "",
        "when": "",
        "started": "",
        "problems": "",
        "commands": "",
        "excludes": "",
    }


def of_configuration(found: Configuration) -> dict[str, Any]:
    options = {name: told(value) for name, value in found.options.items()}
    fields = {"where": found.where, "line": found.line, "monitor": found.app_monitor_id}
    return {**fields, "region": found.region, **options}


@pytest.mark.parametrize("case", CASES, ids=[f"{c.kind}: {c.title}" for c in CASES])
def test_the_reader_equals_the_reading(case: Case, tmp_path: Path) -> None:
    file = tmp_path / case.file
    file.write_text(case.source, encoding="utf-8")
    page = read_page(str(file))
    snippets = find_snippets(page)
    kinds = [what for what, _ in case.readings if what in {"loader", "npm"}]
    assert [snippet.kind for snippet in snippets] == kinds
    for snippet, (what, given) in zip(snippets, case.readings, strict=False):
        reading = {key: expected(value) for key, value in given.items()}
        reading["excludes"] = given.get("excludes", "")
        line, when = reading.pop("line", None), reading.pop("command_when", None)
        assert of_snippet(snippet, snippets) == {**ordinary(what), **reading}
        assert line in {None, snippet.line}
        if when:
            name, _, condition = when.partition(" = ")
            assert {c.conditional for c in snippet.commands if c.name == name} == {condition}
    configurations = find_configurations(page)
    written = [given for what, given in case.readings if what == "configuration"]
    assert len(configurations) == len(written)
    for configuration, given in zip(configurations, written, strict=True):
        reading = {key: expected(value) for key, value in given.items()}
        assert of_configuration(configuration) == {"monitor": ID, "region": "eu-west-1", **reading}


def test_no_internal_notation_reaches_a_person(tmp_path: Path) -> None:
    for case in CASES:
        file = tmp_path / case.file
        file.write_text(case.source, encoding="utf-8")
        assert "\ue000" not in repr(find_snippets(read_page(str(file))))


def test_a_text_reads_as_its_file_does() -> None:
    for case in CASES:
        told_kinds = [snippet.kind for snippet in find_snippets(case.source)]
        assert told_kinds == [w for w, _ in case.readings if w in {"loader", "npm"}], case.title


@pytest.mark.parametrize("kind", sorted({case.kind for case in CASES}))
def test_each_kind_has_eight_inputs(kind: str) -> None:
    assert sum(case.kind == kind for case in CASES) >= 8
