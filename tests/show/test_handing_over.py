"""A saved investigation is drawn again in every form, compared with another, and kept short."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import mistune
import pytest
from examples import HOSTILE, broken, healthy, hostile, unproven
from situations import NAMES, situation

from rumkit import case, cli
from rumkit.cli_answer import refuse_unnamed
from rumkit.compare import compare
from rumkit.mcp import answers
from rumkit.model import DEFECT, BadInput, Fix, Status, Tried
from rumkit.report_export import summary
from rumkit.show import difference_markdown, markdown
from rumkit.show.difference import render


@pytest.fixture
def saved(tmp_path):
    return str(case.save(broken(), tmp_path / "case.json"))


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ([], "CAUSE     guest-role-permission"),
        (["--all"], "ROOT CAUSE"),
        (["--evidence"], "EVIDENCE"),
        (["--json"], '"root_cause": "guest-role-permission"'),
        (["--format", "json"], '"root_cause": "guest-role-permission"'),
        (["--format", "markdown"], "**Cause:** `guest-role-permission`"),
        (["--format", "html"], "<!DOCTYPE html>"),
        (["--format", "junit"], '<testcase classname="rumkit.authorize"'),
        (["--fix", "cli"], "aws iam put-role-policy"),
        (["--check", "snippet-present"], "One snippet, which parses."),
    ],
)
def test_a_case_is_shown_in_every_form_with_its_exit_code(saved, capsys, options, part):
    assert cli.main(["show", saved, *options]) == 1
    assert part in capsys.readouterr().out
    assert cli.main(["show", saved, "--exit-zero", *options]) == 0


def test_showing_a_case_as_json_gives_back_what_was_saved(saved, capsys):
    cli.main(["show", saved, "--json"])
    assert json.loads(capsys.readouterr().out) == broken().to_dict()


@pytest.mark.parametrize(
    ("made", "code"), [(broken, 1), (healthy, 0), (unproven, 3)], ids=["broken", "ok", "unproven"]
)
def test_the_exit_code_is_the_verdict_s(made, code, tmp_path):
    assert cli.main(["show", str(case.save(made(), tmp_path / "case.json"))]) == code


@pytest.mark.parametrize(("made", "code"), [(broken, 1), (healthy, 4), (unproven, 4)])
def test_where_a_check_failed_by_a_defect_every_place_says_so(made, code, tmp_path):
    first, *others = made().findings
    found = replace(made(), findings=(replace(first, missing=(DEFECT,)), *others))
    assert found.exit_code == code
    assert cli.main(["show", str(case.save(found, tmp_path / "case.json"))]) == code
    assert summary(found, {}, "", made="")["exit_code"] == code
    assert answers.of_investigation(found)["data"]["exit_code"] == code


def test_what_is_saved_with_stand_ins_is_what_is_shown(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("rumkit.runner.investigate", lambda **_: broken())
    file = tmp_path / "case.json"
    words = ["--monitor", "shop-web", "--json", "--quiet", "--save", str(file), "--redact"]
    assert cli.main(["investigate", *words]) == 1
    assert json.loads(capsys.readouterr().out) == case.load(file).to_dict()
    assert "shop-web" not in file.read_text()


@pytest.mark.parametrize("name", ["case", "console", "storage", "source", "sandbox"])
def test_what_can_be_looked_at_alone_is_a_target_of_a_report(name, monkeypatch):
    monkeypatch.delenv("RUMKIT_MONITOR", raising=False)
    monkeypatch.delenv("RUMKIT_PAGE", raising=False)
    refuse_unnamed({name: "given"})
    with pytest.raises(BadInput, match="nothing to report on"):
        refuse_unnamed({"profile": "prod"})


def test_an_investigation_that_is_none_is_told_from_a_recording(tmp_path):
    har, old = tmp_path / "x.har", tmp_path / "old.json"
    har.write_text(json.dumps({"log": {}, "findings": []}))
    assert case.load_if_case(har) is None
    assert case.load_if_case(tmp_path / "none") is None
    old.write_text(json.dumps({**broken().to_dict(), "schema": 99}))
    with pytest.raises(BadInput, match="schema"):
        case.load_if_case(old)


def test_a_har_is_told_apart_by_its_content_and_not_by_its_name(tmp_path, capsys):
    har = tmp_path / "case.json"
    har.write_text(json.dumps({"log": {"version": "1.2", "creator": {}, "entries": [],
                                       "comment": '"findings"'}}))  # fmt: skip
    assert cli.main(["show", str(har)]) == 0
    assert "0 entries" in capsys.readouterr().out
    odd = tmp_path / "session.har"
    case.save(broken(), odd)
    assert cli.main(["show", str(odd)]) == 1


def test_a_recording_has_no_forms_of_an_investigation(tmp_path, capsys):
    har = tmp_path / "session.har"
    har.write_text(json.dumps({"log": {"version": "1.2", "creator": {}, "entries": []}}))
    assert cli.main(["show", str(har), "--format", "markdown"]) == 2
    assert "is not a saved investigation" in capsys.readouterr().err


def test_where_a_case_can_t_be_saved_nothing_is_looked_at(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("rumkit.runner.run", lambda *_, **__: pytest.fail("it was looked at"))
    for place in (tmp_path / "none" / "case.json", tmp_path):
        assert cli.main(["investigate", "--page", "x.html", "--save", str(place)]) == 2
    assert "can't be written" in capsys.readouterr().err


@pytest.mark.parametrize("name", NAMES)
def test_markdown_is_short(name):
    made = markdown.render(situation(name))
    assert len(made) <= markdown.LONGEST
    assert situation(name).verdict in made


def test_markdown_from_strangers_is_text_and_short():
    sharp = (
        "[x](https://evil.example) @channel #12 <b> ![i](//e) **b** ~~s~~ www.evil.example `` ` "
    )
    data = hostile().to_dict()
    text = json.dumps(data).replace(json.dumps(HOSTILE)[1:-1], (sharp * 30).replace('"', ""))
    made = markdown.render(type(hostile()).from_dict(json.loads(text)))
    assert len(made) <= markdown.LONGEST
    page = mistune.create_markdown(escape=False, plugins=["strikethrough", "url"])(made)
    assert set(re.findall(r"<(\w+)", page)) <= {"p", "strong", "code", "pre", "ul", "li"}
    outside = re.sub(r"<code>.*?</code>", "", page, flags=re.DOTALL)
    for sign in ("@", "://", "www.", "#1"):
        assert sign not in outside, sign


@pytest.mark.parametrize("kind", ["aws-cli", "advice"])
@pytest.mark.parametrize("lines", [1, 20, 200])
def test_markdown_is_short_whatever_is_said(kind, lines):
    """Long sentences everywhere, full of signs that are escaped: what is pasted is whole or out."""
    long = "An [odd] *name* <of> the ~role~ | policy. " * 60
    text = "aws iam put-role-policy --policy-document '{}'\n" * lines
    fix = Fix(kind, long, text, side_effect=long, risk="widens access", account=long, undo="x",
              tried=Tried(Status.FAIL, Status.PASS, Status.PASS, long))  # fmt: skip
    cause = replace(broken().cause, summary=long, fixes=(fix,))
    others = tuple(
        cause if each.check == cause.check else replace(each, summary=long)
        for each in broken().findings
    )
    target = {**broken().target, "monitor": long, "profile": long, "account": long}
    made = markdown.render(replace(broken(), findings=others, target=target))
    assert len(made) <= markdown.LONGEST
    assert made.count("```") in {0, 2}
    if kind == "aws-cli":
        assert (text in made) is (lines == 1)


def test_a_fix_with_fences_stays_inside_its_own():
    cause = replace(broken().findings[2], fixes=(Fix("client-config", "x", "a\n````\n# b"),))
    made = markdown.render(replace(broken(), findings=(cause,)))
    assert "`````js\na\n````\n# b\n`````" in made


def test_a_fix_too_long_for_a_message_says_how_to_get_it():
    cause = replace(broken().findings[2], fixes=(Fix("client-config", "x", "a\n" * 2000),))
    made = markdown.render(replace(broken(), findings=(cause,)))
    assert "`rumkit show FILE --fix client-config` prints it" in made


def test_mended_is_no_worse_and_the_way_back_is():
    forth, back = compare(broken(), healthy()), compare(healthy(), broken())
    assert not forth.worse
    assert back.worse
    assert "guest-role-permission" in {pair.now.check for pair in back.new}
    shown = render(forth)
    assert shown.startswith("✓ BROKEN → HEALTHY  nothing got worse")
    assert "CAUSE     guest-role-permission → none" in shown
    assert "Authorise broken → works" in shown


def test_the_same_investigation_twice_differs_in_nothing():
    difference = compare(broken(), broken())
    assert not difference.worse
    assert difference.same == len(broken().findings)
    assert "PATH      as before" in render(difference)


def with_status(status, summary):
    return replace(healthy(), findings=(replace(healthy().findings[0], status=status,
                                                summary=summary),))  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "group", "worse"),
    [
        (Status.PASS, Status.WARN, "new", True),
        (Status.WARN, Status.FAIL, "new", True),
        (Status.UNKNOWN, Status.FAIL, "new", True),
        (Status.FAIL, Status.WARN, "changed", False),
        (Status.FAIL, Status.PASS, "mended", False),
        (Status.FAIL, Status.UNKNOWN, "lost", False),
        (Status.PASS, Status.UNKNOWN, "lost", False),
        (Status.UNKNOWN, Status.PASS, "", False),
    ],
)
def test_each_change_of_a_finding_has_its_place(before, after, group, worse):
    difference = compare(with_status(before, "x"), with_status(after, "y"))
    groups = {name for name in ("new", "mended", "changed", "lost") if getattr(difference, name)}
    assert groups == ({group} if group else set())
    assert difference.worse is worse


def test_moments_and_counts_are_no_change_and_other_words_are():
    old = with_status(Status.FAIL, "28 calls failed until 2026-03-02T08:52:43Z.")
    new = with_status(Status.FAIL, "3 calls failed until 2026-03-02T09:10:00Z.")
    assert compare(old, new).same == 1
    assert compare(old, with_status(Status.FAIL, "Calls failed otherwise.")).changed


def test_a_verdict_that_fell_is_worse_even_without_a_new_finding():
    assert compare(healthy(), replace(healthy(), verdict=unproven().verdict)).worse


@pytest.mark.parametrize("options", [[], ["--json"], ["--redact"], ["--json", "--redact"]])
def test_diff_exits_1_where_something_got_worse(tmp_path, capsys, options):
    good = str(case.save(healthy(), tmp_path / "good.json"))
    bad = str(case.save(broken(), tmp_path / "bad.json"))
    assert cli.main(["diff", bad, good, *options]) == 0
    assert cli.main(["diff", good, bad, *options]) == 1
    assert cli.main(["diff", good, bad, "--exit-zero", *options]) == 0
    out = capsys.readouterr().out
    assert ("shop-web" in out) is ("--redact" not in options)


@pytest.mark.parametrize("options", [[], ["--redact"]])
def test_diff_as_markdown_is_for_a_ticket(tmp_path, capsys, options):
    good = str(case.save(healthy(), tmp_path / "good.json"))
    bad = str(case.save(broken(), tmp_path / "bad.json"))
    assert cli.main(["diff", good, bad, "--format", "markdown", *options]) == 1
    made = capsys.readouterr().out
    assert made.startswith("**✗ RUM delivery: healthy → broken**; something got worse.")
    assert "**Cause:** none → `guest-role-permission`" in made
    assert "Authorise works → broken" in made
    assert re.search(r"\*\*Worse:\*\*\n\n- [✗!] `", made)
    assert ("shop-web" in made) is (not options)


def test_diff_as_markdown_from_strangers_is_text_and_short():
    sharp = "[x](https://evil.example) @channel #12 <b> ![i](//e) ~~s~~ ` "
    bad = json.dumps(hostile().to_dict()).replace(json.dumps(HOSTILE)[1:-1], sharp * 30)
    made = difference_markdown.render(
        compare(healthy(), type(hostile()).from_dict(json.loads(bad)))
    )
    assert len(made) <= markdown.LONGEST
    page = mistune.create_markdown(escape=False, plugins=["strikethrough", "url"])(made)
    assert set(re.findall(r"<(\w+)", page)) <= {"p", "strong", "code", "ul", "li"}


def test_diff_has_one_form_at_a_time(tmp_path, capsys):
    good = str(case.save(healthy(), tmp_path / "good.json"))
    cli.main(["diff", good, good, "--format", "json"])
    assert json.loads(capsys.readouterr().out)["worse"] is False
    with pytest.raises(SystemExit) as ended:
        cli.main(["diff", good, good, "--json", "--format", "markdown"])
    assert ended.value.code == 2


def test_diff_as_json_has_every_part(tmp_path, capsys):
    good = str(case.save(healthy(), tmp_path / "good.json"))
    bad = str(case.save(broken(), tmp_path / "bad.json"))
    cli.main(["diff", good, bad, "--json"])
    made = json.loads(capsys.readouterr().out)
    assert made["worse"] is True
    assert made["verdict"] == {"before": "healthy", "after": "broken"}
    assert made["root_cause"] == {"before": None, "after": "guest-role-permission"}
    assert {each["check"] for each in made["findings"]["new"]} >= {"guest-role-permission"}
    assert {each["hop"] for each in made["path"]} >= {"authorize"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [("silent for 2.9 h", "silent for 2.9 h"), ("see shop.example now", "see `shop.example` now")],
)
def test_a_number_is_no_address(text: str, shown: str) -> None:
    assert markdown.prose(text) == shown
