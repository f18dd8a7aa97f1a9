"""What is asked for stands once: every place that asks is held against it."""

from __future__ import annotations

import inspect
from dataclasses import fields
from pathlib import Path

import nbformat
import pytest

import rumkit
from rumkit import cli, report
from rumkit.inputs import (
    INPUTS,
    named_targets,
    of_command_line,
    of_notebooks,
    refuse_contradictions,
)
from rumkit.model import BadInput
from rumkit.runner import evidence_for
from rumkit.target import Target, parse_monitor
from rumkit.verbs import More

# A fleet's notebook reads what was kept, and asks for no target.
NOTEBOOKS = [path for path in sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
             if path.stem != "fleet"]  # fmt: skip
# What `investigate` takes beside what is asked of a person.
BESIDE = {"session", "timeout", "on_finding"}
# Only notebooks practise or draw what was saved: commands do so by `sandbox` and `show`.
NAMES = {each.name for each in INPUTS} - {"sandbox", "case"}
# What has a value where nobody gave one.
OPEN = {each.name for each in INPUTS if each.default}


def options(command):
    return {
        action.dest: action
        for action in cli.parser().commands[command]._actions
        if action.option_strings
    }


def test_every_input_is_a_parameter_of_investigate_with_its_default():
    given = inspect.signature(rumkit.investigate).parameters
    assert set(given) - BESIDE == NAMES
    for each in INPUTS:
        if each.name in given:
            assert given[each.name].default == (each.default or (False if each.flag else None))


def test_every_input_is_a_field_of_the_target():
    held = {field.name for field in fields(Target)}
    assert held - {"window"} == NAMES - {"since", "until"}


def test_a_verb_takes_every_input():
    first = set(inspect.signature(rumkit.denied_put_events).parameters) - {"more"}
    assert (first | set(More.__annotations__)) - {"session", "timeout"} == NAMES


def sorted_words(*words):
    given = vars(cli.parser().parse_args(["report", *words]))
    return {name: given[name] for name in NAMES - OPEN if given.get(name)}


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["https://www.shop.example/"], {"page": "https://www.shop.example/"}),
        (["shop-web"], {"monitor": "shop-web"}),
        (["arn:aws:rum:eu-west-1:111122223333:appmonitor/shop-web"],
         {"monitor": "arn:aws:rum:eu-west-1:111122223333:appmonitor/shop-web"}),
        (["saved/session.HAR"], {"recording": "saved/session.HAR"}),
        (["visit.zip"], {"recording": "visit.zip"}),
        (["session.console.txt", "session.storage.json"],
         {"console": "session.console.txt", "storage": "session.storage.json"}),
        (["page.html", "src/rum.ts"], {"page": "page.html", "source": "src/rum.ts"}),
        (["--page", "page.html", "rum.ts"], {"page": "page.html", "source": "rum.ts"}),
        (["shop-web", "--page", "page.html", "rum.ts"],
         {"monitor": "shop-web", "page": "page.html", "source": "rum.ts"}),
    ],
)  # fmt: skip
def test_a_word_without_an_option_is_known_by_its_form(words, named):
    assert sorted_words(*words) == named


def test_a_word_that_is_a_file_or_a_folder_here_is_known_by_it(tmp_path, monkeypatch):
    (tmp_path / "nginx").write_text("server {}")
    for folder in ("saved", "src"):
        (tmp_path / folder).mkdir()
    (tmp_path / "saved" / "shop.har").touch()
    monkeypatch.chdir(tmp_path)
    assert sorted_words("nginx", "saved") == {"page": "nginx", "recording": "saved"}
    assert sorted_words("src", "nginx") == {"page": "src", "source": "nginx"}


@pytest.mark.parametrize("command", ["investigate", "report"])
def test_every_input_is_an_option_with_its_help_and_default(command):
    known = options(command)
    for each in of_command_line():
        assert known[each.name].help.startswith(each.help)
        assert known[each.name].metavar == each.metavar
        assert known[each.name].default == (each.default or None)
    wanted = {each.name for each in INPUTS if each.flag and each.command}
    assert wanted <= set(options("investigate"))


def test_the_widgets_have_a_field_for_every_input_of_a_notebook(monkeypatch):
    from rumkit.notebook.widgets import Chooser

    chooser = Chooser(rumkit.choose())
    assert list(chooser.fields) == [each.name for each in of_notebooks()]
    for each in of_notebooks():
        field = chooser.fields[each.name]
        assert (field.value, field.description, field.placeholder, field.tooltip) == (
            each.default,
            each.label,
            each.hint,
            each.help,
        )


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_cells_of_a_notebook_ask_for_every_input_and_pass_it_on(path):
    cells = [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]
    names = [each.name for each in of_notebooks()]
    assert [line.split(":")[0] for line in cells[0].source.splitlines()] == names
    assert [name for name in names if f"{name}={name}" not in cells[1].source] == []


def test_the_json_says_every_input_but_the_flags():
    found = rumkit.investigate(page=str(Path(__file__)), trail="none")
    wanted = {each.name for each in INPUTS if not each.flag}
    assert set(found.to_dict()["target"]) == wanted | {"account"}


@pytest.mark.parametrize(
    "name", ["monitor", "page", "recording", "console", "storage", "source", "profile"]
)
def test_practice_beside_a_target_of_ones_own_is_refused(name):
    with pytest.raises(BadInput, match=r"don't mix"):
        refuse_contradictions({name: "mine", "sandbox": "healthy"})
    assert named_targets({name: "mine"}) == (name,)


def test_a_contradiction_is_refused_before_a_notebook_runs(tmp_path):
    given = {"monitor": "m", "sandbox": "healthy"}
    with pytest.raises(BadInput, match=r"don't mix"):
        report.run_report("health_report", given, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_what_is_named_reaches_the_target_as_it_stands():
    given = {name: f"the {name}" for name in ("page", "recording", "console", "storage", "source")}
    target = evidence_for(**given, trail="none").target
    assert {name: getattr(target, name) for name in given} == given


def test_a_misspelt_parameter_of_choose_is_refused_with_the_nearest():
    with pytest.raises(BadInput, match="did you mean monitor"):
        rumkit.choose(monitr="shop-web")


ARN = "arn:aws:rum:eu-west-1:111122223333:appmonitor/shop-web"


@pytest.mark.parametrize(
    ("text", "region", "read"),
    [
        ("shop-web", None, ("shop-web", None)),
        (" shop-web ", "eu-west-1", ("shop-web", "eu-west-1")),
        (ARN, None, ("shop-web", "eu-west-1")),
        (ARN, "eu-west-1", ("shop-web", "eu-west-1")),
    ],
)
def test_a_monitor_is_read_from_its_name_or_arn(
    text: str, region: str | None, read: tuple[str, str | None]
) -> None:
    assert parse_monitor(text, region) == read


@pytest.mark.parametrize(
    ("text", "region", "why"),
    [
        (ARN, "us-east-1", "names eu-west-1, and --region us-east-1"),
        ("https://www.shop.example/", None, "named with --page"),
        ("arn:aws:iam::111122223333:role/shop", None, "can't be an app monitor"),
        ("shop web", None, "can't be an app monitor"),
    ],
)
def test_what_can_be_no_monitor_is_refused(text: str, region: str | None, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        parse_monitor(text, region)
