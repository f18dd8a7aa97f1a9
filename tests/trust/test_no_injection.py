"""No hostile text does anything where it comes out: a fixed slice of the matrix, and more.

`make trust` runs the whole.
"""

from __future__ import annotations

import random
import re
import shutil
from pathlib import Path

import hostile  # type: ignore[import-not-found]
import pytest
from injections import (  # type: ignore[import-not-found]
    KINDS,
    MEMBERS,
    SCENARIOS,
    Case,
    Matrix,
)
from pasting import Bench, javascript  # type: ignore[import-not-found]

import rumkit
from rumkit.aws.session import AwsSession
from rumkit.model import Fix, NotCollected

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("injections")]
if missing := [name for name in ("node", "dash", "chromium") if not shutil.which(name)]:
    pytest.skip(f"needs {', '.join(missing)}", allow_module_level=True)
_RANDOM = random.Random(6)
_NAMES = sorted(hostile.TEXTS)
SLICE = [Case(SCENARIOS[0], where, _RANDOM.choice(_NAMES)) for where in (*KINDS, *KINDS[:2])]
SLICE += [Case(SCENARIOS[0], where, _RANDOM.choice(_NAMES)) for where in _RANDOM.sample(MEMBERS, 6)]


@pytest.fixture(scope="module")
def matrix(tmp_path_factory):
    with Matrix(tmp_path_factory.mktemp("injections")) as running:
        yield running


@pytest.mark.parametrize("case", SLICE, ids=str)
def test_a_hostile_text_is_harmless_wherever_it_comes_out(matrix, case):
    assert matrix.run(case) == []


def test_a_region_that_a_reply_names_is_asked_only_where_it_has_the_form_of_one():
    with pytest.raises(NotCollected, match="names no Region"):
        AwsSession(region="eu-west-1").client("cloudtrail", "'; touch canary; echo '")


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("aws-cli", "aws x ; touch canary"),
        ("aws-cli", "aws x $(touch canary)"),
        ("aws-cli", "aws x --y file:///etc/passwd"),
        ("terraform", 'resource "a" "b" {\n  c = "${file("/etc/passwd")}"\n}'),
        ("cloudformation", "a:\n  Fn::Sub: x"),
        ("cloudformation", "a: '{{resolve:ssm:x}}'"),
        ("client-config", "a: canary(),"),
        ("client-config", "<script>canary()</script>"),
        ("csp-header", "a: b\nc: d"),
        (
            "resource-policy",
            '{"Statement":[{"Effect":"Allow","Principal":"*","Action":"rum:*","Resource":"*"}]}',
        ),
    ],
)
def test_the_bench_sees_what_is_not_inert(kind, text, tmp_path):
    assert Bench(tmp_path).wrong(Fix(kind, "t", text))


def test_node_runs_what_is_pasted():
    assert javascript(["canary()", "1"]) == [(True, ""), (False, "")]


@pytest.mark.parametrize(
    "live",
    [
        "<img src=x onerror=canary()>",
        "<script>canary()</script>",
        "<img src=http://canary.invalid/a.png>",
        "<a href=javascript:canary()>x</a>",
        "<b onmouseover=canary()>x</b>",
    ],
)
def test_the_browser_sees_what_is_started_and_asked_for(matrix, live):
    assert matrix.browser.wrong({"page": live})
    assert matrix.browser.wrong({"page": "<p>plain</p>"}) == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Content-Security-Policy: connect-src 'self' https://canary.invalid", "newly lets in"),
        ("Content-Security-Policy: connect-src *", "newly lets in"),
        ("Content-Security-Policy: connect-src 'self'\nSet-Cookie: a=b", "not one header"),
        ("X-Anything: connect-src 'self'", "not one header"),
        (
            '<meta http-equiv="Content-Security-Policy" content="a"><script>canary()</script>',
            "not one meta element",
        ),
    ],
)
def test_a_policy_that_opens_or_splits_is_seen(matrix, text, wrong):
    told = matrix.responses.wrong(Fix("csp-header", "t", text), ["default-src 'self'"], "shop.x")
    assert any(wrong in each for each in told)


def test_a_policy_for_the_client_alone_is_taken(matrix):
    text = (
        "Content-Security-Policy: default-src 'self'; connect-src 'self'"
        " https://dataplane.rum.eu-west-1.amazonaws.com"
    )
    fix = Fix("csp-header", "t", text)
    assert matrix.responses.wrong(fix, ["default-src 'self'"], "shop.example") == []


def test_rumkit_writes_no_csv():
    """What a spreadsheet would take for a formula is nowhere written for one."""
    files = Path(rumkit.__file__).parent.rglob("*.py")
    writes = re.compile(r"\bto_csv\(|\bto_excel\(|\bcsv\.(?:writer|DictWriter)\b")
    assert not [str(each) for each in files if writes.search(each.read_text())]
