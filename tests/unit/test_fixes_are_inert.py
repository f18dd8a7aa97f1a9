"""What a fix prints means what was meant, whatever a name holds, or nothing is printed."""

from __future__ import annotations

import html
import itertools
import json
import os
import re
import subprocess
from dataclasses import replace

import examples
import pytest
import tree_sitter
import tree_sitter_javascript
import yaml

from rumkit.aws.identity import IdentityPool, PoolRoles
from rumkit.aws.monitor import Monitor
from rumkit.checks import fixes, infrastructure
from rumkit.client.csp import evaluate
from rumkit.client.page import page_from_html
from rumkit.client.values import RegExp
from rumkit.model import Fix, Status
from rumkit.printable import hidden
from rumkit.show import html as html_view
from rumkit.show import text as text_view
from rumkit.trail.selectors import setting_fix

TOUCH = "touch canary"
HOSTILE = [
    f"x; {TOUCH}",
    f"x\n{TOUCH}\n",
    f"x\r\n{TOUCH}\r\n",
    f"$({TOUCH})",
    f"`{TOUCH}`",
    f"'; {TOUCH} #",
    f"\"; {TOUCH} #",
    f"'\"'\"'; {TOUCH} #",
    f"\x1b]0;' ; {TOUCH} #",
    f"\x1b]0;x\x07; {TOUCH} #",
    f"\x1b[' ; {TOUCH} ; '",
    f"a\x1b]'; {TOUCH}; '\x07b",
    f"\x9b2J; {TOUCH}",
    f"x\x85{TOUCH}",
    f"x\u2028{TOUCH}\u2029",
    f"\u202e'; {TOUCH} #\u202c",
    f"a\u200b; {TOUCH}",
    f"a\x00; {TOUCH}",
    f"a\x7f'; {TOUCH} #",
    f"a\t{TOUCH}\t",
    f"a & {TOUCH} & b",
    f"a | {TOUCH}",
    "a > canary",
    f"${{IFS}}<({TOUCH})",
    f"!{TOUCH}",
    f"{{a,$({TOUCH})}}",
    "${path.module}%{ for x in y }",
    "$${file(\"/etc/passwd\")}",
    "{{resolve:ssm:secret}}",
    "</script><script>canary()</script>",
    "<!--<script>",
    "'}); canary(); ({a: '",
    "${canary()}",
    "https://a.example;script-src *",
    "file:///etc/passwd",
    "--endpoint-url=https://evil.example",
    "-x",
    "=ls",
    "~root",
    "\ud800",
    "\U000e0041\U000e0042",
    "null",
    "a: {b: c}\n- d",
]  # fmt: skip
REGION, ACCOUNT = "eu-west-1", "111122223333"
POOL = f"{REGION}:11111111-2222-4333-8444-555555555555"
TRAIL = f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/main"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/guest"


def document(word):
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": word,
                "Effect": "Allow",
                "Action": ["rum:PutRumEvents", word],
                "Resource": word,
                "Condition": {"Null": {word: "true"}},
            }
        ],
    }


def monitor(name="shop", region=REGION, **config):
    return Monitor(name, "11111111-2222-4333-8444-555555555555", region, config=config)


def pool(word):
    configuration = {"IdentityPoolId": POOL, "IdentityPoolName": word, "X": {word: [word]}}
    return IdentityPool(POOL, word, REGION, False, None, configuration)


def selectors(word):
    return {"EventSelectors": [{"DataResources": [{"Type": word, "Values": [word + ":::::"]}]}]}


# One command for each position in which a name can stand, and the word that it should come to.
POSITIONS = {
    "role": lambda w: fixes.put_role_policy(w, "p", {}, "t"),
    "policy name": lambda w: fixes.put_role_policy("r", w, {}, "t"),
    "policy document": lambda w: fixes.put_role_policy("r", "p", document(w), "t"),
    "policy arn": lambda w: fixes.new_policy_version(w, {}, "t"),
    "arn's end": lambda w: fixes.new_policy_version(f"arn:aws:iam::{ACCOUNT}:policy/{w}", {}, "t"),
    "trust": lambda w: fixes.update_trust("r", document(w), "t"),
    "trust of role": lambda w: fixes.update_trust(w, {}, "t"),
    "monitor": lambda w: fixes.put_resource_policy(monitor(w), {}, "t"),
    "region": lambda w: fixes.put_resource_policy(monitor(region=w), {}, "t"),
    "monitor's policy": lambda w: fixes.put_resource_policy(monitor(), document(w), "t"),
    "configuration": lambda w: fixes.update_monitor(monitor(IdentityPoolId=w), "t", Telemetries=w),
    "domain": lambda w: fixes.update_monitor(monitor(), "t", "--domain-list", "a.example", w),
    "pool": lambda w: fixes.set_guest_role(w, None, ROLE),
    "pool's end": lambda w: fixes.set_guest_role(f"{REGION}:{w}", None, ROLE),
    "pool's role": lambda w: fixes.set_guest_role(POOL, PoolRoles(w, w, {w: w}), w),
    "pool's configuration": lambda w: fixes.update_pool(pool(w), "t", AllowClassicFlow=True),
    "new role": lambda w: fixes.command("t", *fixes.make_role(w, "/", {}, {})),
    "path": lambda w: fixes.command("t", *fixes.make_role("r", w, {}, {})),
    "trail": lambda w: setting_fix(w, REGION, {}, ()),
    "trail's region": lambda w: setting_fix(TRAIL, w, {}, ()),
    "selectors": lambda w: setting_fix(TRAIL, REGION, selectors(w), ()),
}


def in_a_finding(fix):
    fix = replace(fix, target="", side_effect="")
    found = examples.finding(
        "guest-role-permission", examples.Hop.AUTHORIZE, Status.FAIL, "s", fixes=(fix,)
    )
    return replace(
        examples.broken(), findings=(found,), root_cause="guest-role-permission", not_collected=()
    )


def in_the_terminal(fix):
    """The lines that the terminal prints between a fix's head and what follows it."""
    lines = text_view.fixes(in_a_finding(fix), None).split("\n")
    start = next(at for at, line in enumerate(lines) if line.startswith("  FIX [")) + 1
    body = itertools.takewhile(lambda line: line.startswith("    ") or not line, lines[start:])
    return "\n".join(line for line in body if line)


def in_the_page(fix):
    [shown] = re.findall(r"<pre[^>]*>(.*?)</pre>", html_view.fixes(in_a_finding(fix)), re.DOTALL)
    return html.unescape(shown)


VIEWS = {"terminal": in_the_terminal, "page": in_the_page}


@pytest.fixture(scope="module")
def shell(tmp_path_factory):
    """Paste a text into bash where `aws` writes down its words; give them, line by line."""
    folder = tmp_path_factory.mktemp("paste")
    stub = folder / "bin" / "aws"
    stub.parent.mkdir()
    stub.write_text('#!/bin/sh\nfor word in aws "$@"; do printf "%s\\0" "$word"; done >>"$OUT"\n')
    stub.chmod(0o700)
    work = folder / "work"
    work.mkdir()
    env = {"PATH": f"{stub.parent}:{os.environ['PATH']}", "OUT": str(folder / "out")}

    def paste(text):
        (folder / "out").write_text("")
        subprocess.run(
            ["bash", "-c", text], cwd=work, env=env, capture_output=True, timeout=20, check=True
        )
        assert not list(work.iterdir()), f"a canary ran: {text!r}"
        return (folder / "out").read_bytes().decode().split("\0")[:-1]

    return paste


def meant(make, word, monkeypatch):
    """The words of the commands before they were quoted."""
    given = []
    original = fixes.commands.shlex.join
    monkeypatch.setattr(
        fixes.commands.shlex, "join", lambda words: given.extend(words) or original(words)
    )
    return make(word), given


@pytest.mark.parametrize("position", POSITIONS)
def test_a_pasted_command_has_the_words_that_were_meant_or_is_not_printed(
    position, shell, monkeypatch
):
    for word in HOSTILE:
        with monkeypatch.context() as patch:
            fix, given = meant(POSITIONS[position], word, patch)
        if fix.kind != "aws-cli":
            assert fix.kind == "advice"
            assert not re.search(r"[^\w .,:/@=+·-]", fix.text), "an advice repeats the word"
            continue
        for view in VIEWS.values():
            assert shell(view(fix)) == given


@pytest.mark.parametrize("position", POSITIONS)
def test_an_ordinary_name_is_printed(position):
    ordinary = {
        "policy arn": f"arn:aws:iam::{ACCOUNT}:policy/shared",
        "region": REGION,
        "trail's region": REGION,
        "domain": "www.shop.example",
        "pool": POOL,
        "pool's end": "11111111-2222-4333-8444-555555555555",
        "path": "/service/",
        "trail": TRAIL,
    }
    assert POSITIONS[position](ordinary.get(position, "shop-web")).kind == "aws-cli"


@pytest.mark.parametrize("word", HOSTILE, ids=ascii)
def test_no_fix_holds_what_a_view_takes_away(word):
    for kind in ("aws-cli", "client-config", "terraform", "csp-header", "advice"):
        fix = Fix(kind, "title", f"aws '{word}'", target=word)
        assert not hidden(fix.text)
        assert fix.kind in {kind, "advice"}


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_shows_a_fix_as_it_is(view):
    text = 'aws iam x \\\n  --y \'{"a": "<b>&amp;"}\''
    shown = VIEWS[view](Fix("aws-cli", "title", text))
    assert shown == text or [line[4:] for line in shown.split("\n")] == text.split("\n")


def test_a_stored_investigation_cannot_bring_such_a_fix_back():
    stored = in_a_finding(Fix("aws-cli", "t", "aws x")).to_dict()
    stored["findings"][0]["fixes"][0]["text"] = "aws 'a\x1b]'; touch canary; '\x07b'"
    from rumkit.investigation import Investigation

    [fix] = Investigation.from_dict(json.loads(json.dumps(stored))).findings[0].fixes
    assert fix.kind == "advice"
    assert "canary" not in fix.text


FORMS = {
    "role policy": lambda w: infrastructure.role_policy(w, w, document(w)),
    "managed policy": lambda w: infrastructure.managed_policy(w, document(w)),
    "trust policy": lambda w: infrastructure.trust_policy(w, document(w)),
    "pool": lambda w: infrastructure.identity_pool(pool(w)),
    "pool's roles": lambda w: infrastructure.pool_roles(w, {"unauthenticated": w, w: w}),
    "monitor": lambda w: infrastructure.app_monitor(
        monitor(w), AppMonitorConfiguration={"Telemetries": [w], "IdentityPoolId": w}
    ),
    "resource policy": lambda w: infrastructure.resource_policy(monitor(w), document(w)),
}


def texts(value):
    """Every text inside a value, keys too."""
    if isinstance(value, dict):
        return {each for pair in value.items() for item in pair for each in texts(item)}
    if isinstance(value, list):
        return {each for item in value for each in texts(item)}
    return {value} if isinstance(value, str) else set()


@pytest.mark.parametrize("form", FORMS)
def test_a_template_reads_back_as_the_words_that_were_meant(form):
    for word in HOSTILE:
        template, _ = FORMS[form](word)
        if template.kind == "advice":
            continue
        assert not hidden(template.text)
        assert word in texts(yaml.safe_load(template.text))
        assert "{{" not in template.text


def hcl_texts(source):
    """Every quoted text of Terraform code, read by its documented escapes; no template in it."""
    bare = re.sub(r'"(?:[^"\\\n]|\\.)*"', "", source)
    assert not re.search(r"[$%`'\"]", bare), f"something stands outside its quotes: {bare!r}"
    for quoted in re.findall(r'"((?:[^"\\\n]|\\.)*)"', source):
        plain = quoted.replace("$${", "").replace("%%{", "")
        assert not re.search(r"[$%]\{", plain), f"a template: {quoted!r}"
        assert not re.search(r"\\[^nrt\"\\uU]", quoted.replace("\\\\", "")), quoted
        signs = re.sub(r"([$%])\1\{", r"\1{", quoted)
        yield re.sub(
            r"\\(?:u([0-9a-f]{4})|U([0-9a-f]{8})|(.))",
            lambda m: chr(int(m[1] or m[2], 16)) if m[1] or m[2] else
            {"n": "\n", "r": "\r", "t": "\t"}.get(m[3], m[3]),
            signs,
        )  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_terraform_code_reads_back_as_the_words_that_were_meant(form):
    for word in HOSTILE:
        _, code = FORMS[form](word)
        assert not hidden(code.text)
        if code.kind == "advice":
            # A text of it does not show, or is not what AWS lets such a name be.
            assert not re.search(r"[;`$|&\n]", code.text)
            continue
        assert not re.search(r"[\n\t]", word)
        assert not hidden(word)
        assert word in set(hcl_texts(code.text))


_PARSER = tree_sitter.Parser(tree_sitter.Language(tree_sitter_javascript.language()))


def javascript_kinds(source):
    """The kinds of all nodes of a script."""
    todo, kinds = [_PARSER.parse(source.encode()).root_node], set()
    while todo:
        node = todo.pop()
        kinds.add(node.type)
        todo.extend(node.children)
    return kinds


@pytest.mark.parametrize("word", HOSTILE, ids=ascii)
def test_a_line_of_configuration_is_one_member_with_one_literal(word):
    line = fixes.configuration("t", fixes.member("identityPoolId", word)).text
    kinds = javascript_kinds(f"({{{line}}})")
    assert not kinds & {"ERROR", "call_expression", "template_string", "comment"}
    assert not re.search(r"(?i)</script|<!--|<script", line)
    assert not hidden(line)


@pytest.mark.parametrize("word", HOSTILE, ids=ascii)
def test_a_pattern_is_one_expression_that_calls_nothing_of_its_own(word):
    line = fixes.member("pagesToInclude", [RegExp(word, "")])
    kinds = javascript_kinds(f"({{{line}}})")
    assert not kinds & {"ERROR", "call_expression", "template_string", "comment"}
    assert not re.search(r"(?i)</script|<!--|<script", line)


@pytest.mark.parametrize("word", HOSTILE, ids=ascii)
def test_an_argument_of_the_loader_is_a_literal_or_not_printed(word):
    for make in (fixes.monitor_id, fixes.region, fixes.client_url):
        assert make("t", word).kind == "advice"


@pytest.mark.parametrize("word", HOSTILE, ids=ascii)
def test_a_snippet_holds_one_script_element(word):
    fix = fixes.snippet("t", f"f({fixes.javascript(word)})")
    assert len(re.findall(r"(?i)<script|</script|<!--", fix.text)) == 2
    assert fixes.snippet("t", f"f(`{word}</script>`)").kind == "advice"


POLICY = "default-src 'self'; connect-src 'self'"
HOSTS = [
    "https://a.example;script-src *",
    "https://a.example,script-src *",
    "https://a.example script-src",
    "https://a.example\nX-Header: 1",
    "https://a.example' 'unsafe-eval",
    "https://a.example\u202e",
    "https://*",
]


@pytest.mark.parametrize("url", HOSTS, ids=ascii)
@pytest.mark.parametrize("where", ["header", "meta"])
def test_no_host_of_a_page_brings_a_directive_of_its_own(url, where):
    head = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    headers = [("Content-Security-Policy", POLICY)] if where == "header" else []
    page = page_from_html(
        f"<head>{head if where == 'meta' else ''}</head>",
        url="https://www.shop.example/", headers=headers,
    )  # fmt: skip
    evaluation = evaluate(page, [url])
    for result in evaluation.results:
        for correction in (*result.fixes, *evaluation.corrections):
            assert "script-src" not in correction.value
            assert "unsafe-eval" not in correction.value
            assert "\n" not in correction.value


def test_a_policy_with_a_line_end_is_no_header_to_paste():
    fix = fixes.policy("t", "Content-Security-Policy: a\nX: b", in_header=True)
    assert fix.kind == "advice"


def test_an_advice_is_not_offered_to_be_pasted():
    for kind, offered in (("advice", False), ("aws-cli", True)):
        page = html_view.fixes(in_a_finding(Fix(kind, "t", "aws x")))
        assert ("<button" in page) is offered
