"""Nothing that was planted comes through redaction, in whatever form it is shown."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace

import pytest
from examples import broken, healthy, hostile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from situations import NAMES, situation

from rumkit.investigation import Investigation
from rumkit.redact import Redactor, redacted, vocabulary
from rumkit.report_export import page_of, to_junit
from rumkit.show import markdown, screen, text

# What a reader of the file parses; nothing from outside ever stands there.
ENUMERATIONS = {"check", "condition", "hop", "kind", "root_cause", "section", "status", "verdict",
                "witness", "risk"}  # fmt: skip

names = st.from_regex(r"[a-z]{3,8}[-_][a-zA-Z0-9]{6,12}", fullmatch=True).filter(
    lambda name: name.casefold() not in vocabulary()
)
letters = st.text("bcdfgjklqvwxz", min_size=9, max_size=12)
accounts = st.from_regex(r"[1-9][0-9]{11}", fullmatch=True)
addresses = st.ip_addresses().map(str).filter(lambda each: len(each) > 4)


def canaries(name: str, word: str, account: str, address: str) -> dict[str, str]:
    return {
        "name": f"{name} is denied",
        "account": f"in account {account}.",
        "ARN": f"arn:aws:iam::{account}:role/ops/{name} and arn:aws:s3:::{word}/AWSLogs/{account}/",
        "session": f"arn:aws:sts::{account}:assumed-role/{name}/{word}@{name}.example",
        "person": f"{word}.{name}@{word}.co.uk",
        "host": f"https://{word}.example:8443/{name}?q={word}#x",
        "bucket": f"https://{word}.s3.eu-west-1.amazonaws.com/{name}.json",
        "address": f"from {address}, twice",
        "file": f"/home/{word}/{name}.har",
        "quoted": f"`{word}` \"{name}\" '{name}' ({name}), {name}; {name}: <{name}>",
        "header": f"script-src 'self' https://*.{word}.net 'nonce-{name}'",
        "unicode": f"Zoë{word} {word}ß",
    }


def planted(data, canary, key=""):
    if isinstance(data, dict):
        open_keys = key in {"values", "parameters"}
        made = {name: planted(item, canary, name) for name, item in data.items()}
        return {**made, canary: canary} if open_keys else made
    if isinstance(data, list):
        return [planted(item, canary, key) for item in data]
    return f"{data} {canary}" if isinstance(data, str) and key not in ENUMERATIONS else data


def forms(investigation: Investigation) -> str:
    return "\n".join([
        investigation.to_json(), screen.render(investigation, evidence=True),
        text.render(investigation), markdown.render(investigation), page_of(investigation),
        to_junit(investigation, name="x"),
    ])  # fmt: skip


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(name=names, word=letters, account=accounts, address=addresses)
def test_no_canary_in_any_field_comes_through(name, word, account, address):
    for canary in canaries(name, word, account, address).values():
        data = planted(broken().to_dict(), canary)
        shown = forms(redacted(Investigation.from_dict(data))).casefold()
        for secret in (name, word, account):
            assert secret.casefold() not in shown, canary
        assert not re.search(rf"(?<![\w.:]){re.escape(address)}(?![\w.:])", shown)


@pytest.mark.parametrize("plain", ["denied", "page", "checkout", "web", "role", "fail", "pass"])
def test_a_name_that_is_a_word_of_ours_goes_where_it_is_known_to_be_a_name(plain):
    data = broken().to_dict()
    data["target"]["monitor"] = plain
    for each in data["findings"]:
        each["summary"] = f"No event of {plain} arrived."
    cause = data["findings"][2]
    cause["fixes"][0]["tried"] = {"before": "fail", "after": "pass", "hop": "pass", "next": "role"}
    made = redacted(Investigation.from_dict(data))
    assert made.findings[2].fixes[0].tried.mends
    assert plain not in made.findings[0].summary.split()
    assert made.target["monitor"] == "monitor-1"
    assert made.findings[0].summary.startswith("No event of monitor-1")


@pytest.mark.parametrize("name", NAMES)
def test_what_decides_stays_as_it_is(name):
    before = situation(name)
    after = redacted(before)
    assert (after.verdict, after.root_cause, after.path) == (
        before.verdict, before.root_cause, before.path,
    )  # fmt: skip
    for old, new in zip(before.findings, after.findings, strict=True):
        assert (old.check, old.status, old.title, old.docs) == (
            new.check, new.status, new.title, new.docs,
        )  # fmt: skip
        assert [fix.kind for fix in old.fixes] == [fix.kind for fix in new.fixes]
        kinds = [[n.partition(":")[0] for n in each.missing] for each in (old, new)]
        assert kinds[0] == kinds[1]


def test_rumkit_s_own_sentences_stay_readable():
    made = screen.render(redacted(situation("permission")))
    assert "may not call rum:PutRumEvents" in " ".join(made.split())
    assert "aws iam put-role-policy --role-name role-" in made
    assert '"Effect":"Allow","Action":"rum:PutRumEvents"' in made
    assert "2026-03-01 09:00 to 2026-03-02 09:00 UTC" in made
    assert "eu-west-1" in made
    for secret in ("shop", "111122223333", "operator", "Unauth"):
        assert secret not in made


def test_the_same_word_has_the_same_stand_in_everywhere_and_in_the_next_case():
    redactor = Redactor()
    first, second = map(redactor.investigation, (broken(), healthy()))
    role = re.search(r"role (\S+) may not call", first.findings[2].summary)[1]
    assert f"--role-name {role} " in first.findings[2].fixes[0].text
    assert first.target["monitor"] == second.target["monitor"]
    assert redactor.text("111122223333") in first.findings[2].fixes[0].target


def test_two_names_never_share_a_stand_in():
    redactor = Redactor()
    made = [redactor.text(f"blorp{number}x") for number in range(300)]
    made += [redactor.text(f"10.0.{number // 250}.{number % 250 + 1}") for number in range(600)]
    assert len(set(made)) == 900


def test_hostile_text_is_no_way_round():
    data = hostile().to_dict()
    data["findings"][0]["summary"] += " \u202eowner\u200b-secretname x\x00secretname"
    shown = forms(redacted(Investigation.from_dict(data)))
    assert "secretname" not in shown


def test_the_command_line_redacts_what_it_saves_and_what_it_prints(tmp_path):
    path = tmp_path / "case.json"
    path.write_text(json.dumps(replace(broken()).to_dict()))
    for form in ("text", "markdown", "html", "json", "junit"):
        done = subprocess.run(
            [sys.executable, "-m", "rumkit", "show", str(path), "--redact", "--format", form],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 1, done.stderr
        assert "shop" not in done.stdout
        assert "111122223333" not in done.stdout
