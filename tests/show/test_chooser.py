"""The choice of what to look at, by parameters and by hand, without a browser."""

from __future__ import annotations

import html
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import examples
import pytest

import rumkit
from rumkit import practice
from rumkit.inputs import of_notebooks
from rumkit.model import BadInput, Hop
from rumkit.notebook import choice as choices
from rumkit.notebook import look
from rumkit.notebook.choosing import choose, forget_choices
from rumkit.notebook.fields import in_fields
from rumkit.notebook.widgets import Chooser

if TYPE_CHECKING:
    from collections.abc import Iterator

MIME = "application/vnd.jupyter.widget-view+json"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    """Return what was asked of `rumkit.investigate`, which answers with an example."""
    calls: list[dict[str, Any]] = []

    def investigate(**given: Any) -> Any:
        calls.append(given)
        for found in examples.broken().findings:
            given["on_finding"](found)
        return examples.broken()

    monkeypatch.setattr(rumkit, "investigate", investigate)
    monkeypatch.setattr(practice, "enter", lambda scenario: calls.append({"sandbox": scenario}))
    monkeypatch.setattr(practice, "scenarios", lambda: ("healthy", "signing"))
    monkeypatch.delenv("RUMKIT_MONITOR", raising=False)
    monkeypatch.delenv("RUMKIT_PAGE", raising=False)
    monkeypatch.delenv(choices.HEADLESS, raising=False)
    forget_choices()
    yield calls
    forget_choices()


def test_parameters_reach_the_investigation(asked: list) -> None:
    choose(monitor="shop-web", since="3d", trail="none").investigate()
    given = {name: value for name, value in asked[0].items() if value and name != "on_finding"}
    assert given == {"monitor": "shop-web", "since": "3d", "trail": "none"}


def test_views_of_one_choice_share_one_investigation(asked: list) -> None:
    choice = choose(monitor="shop-web")
    assert str(choice.overview()) != str(choice.findings())
    assert len(asked) == 1


def test_a_scenario_is_entered_before_the_look(asked: list) -> None:
    choose(sandbox="signing").investigate()
    assert asked[0] == {"sandbox": "signing"}


@pytest.mark.parametrize("name", ["RUMKIT_MONITOR", "RUMKIT_PAGE", "profile"])
def test_a_target_of_one_s_own_wins_over_the_default_scenario(
    name: str, asked: list, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name == "profile":
        choice = choose(sandbox="signing", profile="mine")
    else:
        monkeypatch.setenv(name, "mine")
        choice = choose(sandbox="signing")
    choice.investigate()
    assert {"sandbox": "signing"} not in asked


@pytest.mark.parametrize("name", ["monitor", "page", "profile", "recording"])
def test_a_parameter_that_names_a_target_switches_the_scenario_off(name: str, asked: list) -> None:
    choice = choose(**{name: "mine", "sandbox": "signing"})
    choice.investigate()
    assert {"sandbox": "signing"} not in asked
    assert "sandbox" not in repr(choice)


def test_the_scenario_field_works_beside_a_monitor(asked: list) -> None:
    chooser = Chooser(choose(monitor="mine", sandbox="signing"))
    chooser.fields["sandbox"].value = "healthy"
    chooser.go.click()
    assert asked[0] == {"sandbox": "healthy"}


def test_a_cell_run_again_keeps_what_was_picked_by_hand_and_looks_anew(asked: list) -> None:
    choose(monitor="shop-web").change(monitor="shop-app")
    again = choose(monitor="shop-web")
    again.investigate()
    assert again.settings["monitor"] == "shop-app"
    assert [call["monitor"] for call in asked] == ["shop-app"]


def test_other_parameters_begin_another_choice(asked: list) -> None:
    choose(monitor="shop-web").change(monitor="shop-app")
    assert choose(monitor="shop-api").settings["monitor"] == "shop-api"


def test_the_fields_set_the_variables_of_the_parameters_cell(asked: list) -> None:
    chooser = Chooser(choose())
    for name, value in {"monitor": "shop-web", "since": "1h", "region": "eu-west-1"}.items():
        chooser.fields[name].value = value
    chooser.go.click()
    assert asked[0]["monitor"] == "shop-web"
    assert asked[0]["since"] == "1h"
    assert asked[0]["region"] == "eu-west-1"


def test_every_parameter_has_a_labelled_field(asked: list) -> None:
    chooser = Chooser(choose())
    assert set(chooser.fields) == {each.name for each in of_notebooks()}
    assert [name for name, field in chooser.fields.items() if not field.description] == []


def test_progress_ends_full_and_says_the_verdict(asked: list) -> None:
    chooser = Chooser(choose())
    chooser.go.click()
    assert chooser.bar.value == chooser.bar.max
    assert chooser.state.value.startswith("BROKEN")


def test_an_investigation_that_a_view_asked_for_is_told_in_the_chooser_too(asked: list) -> None:
    choice = choose()
    chooser = Chooser(choice)
    str(choice.overview())
    assert chooser.state.value.startswith("BROKEN")


def test_hop_buttons_carry_the_state_in_words(asked: list) -> None:
    chooser = Chooser(choose())
    chooser.go.click()
    assert "✗ Authorise: broken" in chooser.hops.names


def test_a_hop_filters_the_findings_view(asked: list) -> None:
    choice = choose()
    chooser = Chooser(choice)
    view = choice.findings()
    chooser.go.click()
    chooser.hops.value = Hop.SESSION
    assert "session-sample-rate" in str(view)
    assert "snippet-present" not in str(view)


def test_bad_input_is_said_and_the_button_works_again(
    asked: list, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: Any) -> Any:
        raise BadInput("There is no monitor 'shop'.")

    chooser = Chooser(choose())
    monkeypatch.setattr(rumkit, "investigate", refuse)
    chooser.go.click()
    assert "There is no monitor &#39;shop&#39;." in chooser.error.value
    assert not chooser.go.disabled


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("name it with --region NAME.", "name it with the field “Region”."),
        ("name a profile with --profile or sign in", "name a profile with the field “Profile” or"),
        ("name the page beside the source (--page URL --source FILE).",
         "(the field “Page” the field “Source file”)."),
        ("repeat with --since 3d", "repeat with the field “Since”"),
        ("wait longer with --timeout SECONDS.", "wait longer with an option of the command line."),
        ("practise with `rumkit sandbox list`.", "practise with the field “Practice scenario”."),
        ("aws iam put-role-policy", "aws iam put-role-policy"),
    ],
)  # fmt: skip
def test_an_error_speaks_of_fields_and_not_of_options(
    message: str, shown: str, asked: list, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: Any) -> Any:
        raise BadInput(message)

    chooser = Chooser(choose())
    monkeypatch.setattr(rumkit, "investigate", refuse)
    chooser.go.click()
    assert shown in html.unescape(chooser.error.value)
    with pytest.raises(BadInput) as raised:
        choose().investigate()
    assert shown in str(raised.value)


def test_after_an_error_the_result_of_before_is_marked_as_old(
    asked: list, monkeypatch: pytest.MonkeyPatch
) -> None:
    choice = choose(monitor="shop-web")
    chooser = Chooser(choice)
    choice.widget = chooser
    chooser.go.click()
    assert f'.rk-look:not([data-look="{choice.look}"])' in chooser.present.value

    def refuse(**_: Any) -> Any:
        raise BadInput("There is no monitor 'shop'.")

    good = rumkit.investigate
    monkeypatch.setattr(rumkit, "investigate", refuse)
    chooser.fields["monitor"].value = "shop"
    chooser.go.click()
    assert ".rk-look{" in chooser.present.value
    assert chooser.answer.value == ""
    assert "There is no monitor" in chooser.error.value
    monkeypatch.setattr(rumkit, "investigate", good)
    chooser.go.click()
    assert chooser.error.value == ""
    assert f'.rk-look:not([data-look="{choice.look}"])' in chooser.present.value


def test_a_change_of_a_field_after_a_look_is_said(asked: list) -> None:
    chooser = Chooser(choose(monitor="shop-web"))
    chooser.go.click()
    chooser.fields["monitor"].value = "shop-api"
    assert chooser.state.value == "The fields have changed: Investigate looks again."


def test_a_hop_s_findings_stand_at_its_button(asked: list) -> None:
    choice = choose(monitor="shop-web")
    chooser = Chooser(choice)
    chooser.hops.value = Hop.AUTHORIZE
    assert 'data-check="put-events-denied"' in chooser.here.value
    assert 'data-check="snippet-present"' not in chooser.here.value
    chooser.hops.value = None
    assert chooser.here.value == ""


def test_a_look_renames_the_buttons_of_hops_and_makes_none_anew(asked: list) -> None:
    """Buttons that are made anew lose the keyboard's focus."""
    chooser = Chooser(choose(monitor="shop-web"))
    before = chooser.hops.widget.children
    chooser.go.click()
    assert chooser.hops.widget.children is before
    assert "✗ Authorise: broken" in chooser.hops.names


def test_of_the_hops_buttons_just_one_is_pressed(asked: list) -> None:
    chooser = Chooser(choose(monitor="shop-web"))
    every, *rest = chooser.hops.widget.children[1:]
    assert [button.value for button in (every, *rest)] == [True, *(False for _ in rest)]
    rest[0].value = True
    assert chooser.hops.value is Hop.PAGE
    assert not every.value
    rest[0].value = False  # a second press
    assert rest[0].value
    every.value = True
    assert chooser.hops.value is None
    assert every.value
    assert not rest[0].value


def test_an_error_leaves_no_state_of_an_earlier_look_on_the_buttons(
    asked: list, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: Any) -> Any:
        raise BadInput("no")

    choice = choose(monitor="shop-web")
    choice.widget = chooser = Chooser(choice)
    chooser.go.click()
    monkeypatch.setattr(rumkit, "investigate", refuse)
    chooser.go.click()
    assert chooser.hops.names == [
        *("all hops", "Page", "Session", "Credentials", "Authorise", "Ingest", "Trace")
    ]


def test_an_uploaded_recording_becomes_the_recording(asked: list) -> None:
    chooser = Chooser(choose())
    chooser.upload.value = (
        {
            "name": "a.har",
            "type": "",
            "size": 2,
            "content": b"{}",
            "last_modified": datetime.now(UTC),
        },
    )
    kept = Path(chooser.fields["recording"].value)
    assert kept.read_bytes() == b"{}"
    # Named after this process, so that the next one can remove what a killed one left.
    assert kept.parent.name.startswith(f"rumkit-recording-{os.getpid()}-")
    assert kept.parent.stat().st_mode & 0o077 == 0


def test_a_recorded_visit_becomes_the_recording_and_is_looked_at(
    asked: list, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rumkit.recorder import record as recorder

    plans: list[Any] = []
    steps: list[str] = []

    def record(plan: Any, *, say: Any) -> Any:
        plans.append(plan)
        say("first dispatch: 200")
        steps.append(chooser.state.value)
        return plan.file

    monkeypatch.setattr(recorder, "record", record)
    chooser = Chooser(choose(page="https://www.shop.example/"))
    chooser.dry.value = True
    chooser.record.click()
    assert (plans[0].url, plans[0].dry) == ("https://www.shop.example/", True)
    assert steps == ["first dispatch: 200"]
    assert asked[-1]["recording"] == chooser.fields["recording"].value == str(plans[0].file)
    assert not chooser.record.disabled


def test_without_an_address_nothing_is_visited(asked: list) -> None:
    chooser = Chooser(choose(page="page.html"))
    chooser.record.click()
    assert "address" in chooser.error.value
    assert asked == []


def test_where_widgets_are_the_chooser_is_shown_beside_the_same_html(asked: list) -> None:
    bundle = choose(monitor="shop-web")._repr_mimebundle_()
    assert set(bundle) == {MIME, "text/html", "text/plain"}
    assert "shop-web" in bundle["text/html"]


def test_headless_there_is_no_widget(asked: list, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(choices.HEADLESS, "1")
    assert set(choose()._repr_mimebundle_()) == {"text/html", "text/plain"}


def test_the_surroundings_are_restored_when_the_sandbox_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "mine")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "outside")
    monkeypatch.setattr(practice, "_start", lambda _: None)
    monkeypatch.setattr(practice, "_stop", lambda _: None)
    monkeypatch.setattr(practice, "_environment", lambda *_: {"AWS_PROFILE": "sandbox"})
    practice.enter("healthy")
    inside = (os.environ["AWS_PROFILE"], os.environ.get("AWS_ACCESS_KEY_ID"))
    practice.leave()
    assert inside == ("sandbox", None)
    assert (os.environ["AWS_PROFILE"], os.environ["AWS_ACCESS_KEY_ID"]) == ("mine", "outside")


def test_a_scenario_that_does_not_exist_is_bad_input() -> None:
    with pytest.raises(BadInput, match="no-such-scenario"):
        practice.enter("no-such-scenario")
    assert practice.running() == ""


def test_a_saved_investigation_is_drawn_and_nothing_is_asked(asked: list, tmp_path) -> None:
    from rumkit.case import save

    looked = choose(monitor="shop-web")
    kept = save(looked.investigation, tmp_path / "kept.json")
    drawn = str(looked.overview())
    asked.clear()
    choice = choose(case=str(kept), sandbox="healthy")
    assert str(choice.overview()) == drawn
    assert choice.settings["sandbox"] == ""
    assert asked == []


def test_a_saved_investigation_has_no_calls_and_nobody_is_asked(
    asked: list, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rumkit.case import save

    monkeypatch.setattr(rumkit, "calls", lambda *_, **__: pytest.fail("the account was asked"))
    kept = save(examples.broken(), tmp_path / "kept.json")
    choice = choose(case=str(kept))
    assert choice.calls.empty
    assert "saved investigation" in choice.calls.attrs["reason"]
    with pytest.raises(BadInput, match="does not change"):
        choice.watch()


def test_the_same_values_chosen_again_keep_the_look(asked: list) -> None:
    choice = choose(monitor="shop-web")
    looked = choice.investigation
    choice.change(monitor="shop-web", since=choice.settings["since"])
    assert choice.latest is looked
    choice.change(since="3d")
    assert choice.latest is None


def test_an_error_names_each_field_as_its_label_does(asked: list) -> None:
    for each in of_notebooks():
        assert in_fields(f"name it with --{each.name}") == f"name it with the field “{each.label}”"


def test_a_table_of_the_investigation_is_an_attribute_of_the_choice(asked: list) -> None:
    choice = choose(monitor="shop-web")
    assert choice.denied_put_events.equals(choice.investigation.denied_put_events)
    assert list(choice.checks["check"]) == [each.check for each in examples.broken().findings]
    assert len(asked) == 1
    assert "changes" in dir(choice)


def test_another_attribute_is_refused_with_the_names_that_there_are(asked: list) -> None:
    with pytest.raises(AttributeError, match="denied_put_events"):
        _ = choose().denied


def test_every_view_carries_the_mark_of_its_look(asked: list) -> None:
    choice = choose(monitor="shop-web")
    views = [choice.overview(), choice.table("changes"), choice.plot("timeline"), choice.gaps()]
    marks = {view.drawn().html.split('data-look="')[1].split('"')[0] for view in views}
    assert marks == {choice.look}


def test_the_same_answer_has_the_same_mark_and_another_answer_another() -> None:
    assert look.mark(examples.broken()) == look.mark(examples.broken())
    assert look.mark(examples.broken()) != look.mark(examples.healthy())


def test_the_chooser_marks_all_as_old_until_there_is_a_look_and_then_what_is_of_another(
    asked: list,
) -> None:
    choice = choose(monitor="shop-web")
    chooser = Chooser(choice)
    choice.widget = chooser
    assert ".rk-look{" in chooser.present.value
    choice.investigate()
    assert f'.rk-look:not([data-look="{choice.look}"])' in chooser.present.value
    choose(monitor="shop-web")
    assert ".rk-look{" in chooser.present.value
    assert chooser.state.value == "Nothing looked at yet."


def test_a_look_by_the_button_shows_its_answer_beside_it(asked: list) -> None:
    chooser = Chooser(choose(monitor="shop-web"))
    assert chooser.answer.value == ""
    chooser.go.click()
    assert "guest-role-permission" in chooser.answer.value


def test_what_is_asked_for_folds_away_behind_one_line(asked: list) -> None:
    chooser = Chooser(choose(monitor="shop-web"))
    line, body = chooser.fold.widget.children
    assert body.layout.display == "none"
    assert "monitor shop-web" in line.description
    assert line.description.endswith("(unfold to change)")
    line.value = True
    assert body.layout.display is None
    assert line.description.endswith("(fold away)")


def test_the_library_of_tables_is_in_no_output_that_a_notebook_stores(asked: list) -> None:
    choice = choose(monitor="shop-web")
    stored = str(choice._repr_mimebundle_()) + choice.table("denied_put_events").drawn().html
    assert "rumkitTables=import" not in stored
    assert "rumkitTables=import" in choice.widget.library.outputs[0]["data"]["text/html"]
