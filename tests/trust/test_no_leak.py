"""No secret that is planted anywhere comes out anywhere: a fixed slice of the matrix, and more.

`make trust` runs the whole.
"""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
from pathlib import Path

import canaries  # type: ignore[import-not-found]
import given  # type: ignore[import-not-found]
import pytest
from harness import BIN  # type: ignore[import-not-found]
from leaks import KINDS, SCENARIO, TEXTS, Case, Matrix  # type: ignore[import-not-found]

from rumkit.aws.reads import READS
from rumkit.checks import fixes
from rumkit.sandbox.runner import start
from rumkit.secret import MASK, hide_secrets, without_secrets
from rumkit.trail.events import read_record

pytestmark = pytest.mark.xdist_group("leaks")
# Where a stranger's text stands in a reply, and what decides the most.
PLACES = (
    ("lookup", "cloudtrail:LookupEvents", ""),
    ("auto", "logs:GetQueryResults", ""),
    ("auto", "rum:GetAppMonitorData", ""),
    ("auto", "rum:GetAppMonitor", ""),
    ("auto", "iam:GetRolePolicy", ""),
    ("auto", "cognito-identity:DescribeIdentityPool", ""),
)
_RANDOM = random.Random(5)
REPLIES = [Case(source, name, _RANDOM.choice(TEXTS), member) for source, name, member in PLACES]
REFUSALS = [
    Case("auto", f"{each.service}:{each.operation}", _RANDOM.choice(TEXTS), code="SomethingElse")
    for each in _RANDOM.sample([read for read in READS if read.service != "s3"], 6)
]


@pytest.fixture(scope="module")
def matrix():
    with Matrix() as running:
        yield running


@pytest.mark.parametrize("case", [*REPLIES, *REFUSALS], ids=str)
def test_no_secret_of_an_answer_of_aws_comes_out(matrix, case):
    assert matrix.run(case) == []


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
@pytest.mark.parametrize("kind", KINDS)
def test_no_secret_of_a_page_a_recording_or_a_trail_comes_out(matrix, kind, text, tmp_path):
    assert matrix.read(kind, text, tmp_path) == []


@pytest.mark.parametrize("canary", canaries.SECRETS, ids=lambda each: each.kind)
def test_the_secret_goes_and_hiding_again_changes_nothing(canary):
    kept = hide_secrets(canary.text)
    assert not canaries.survivors(kept)
    assert hide_secrets(kept) == kept


@pytest.mark.parametrize("canary", canaries.SECRETS, ids=lambda each: each.kind)
def test_no_row_of_a_trail_holds_the_secret(canary):
    pool = "eu-west-1:11111111-2222-4333-8444-555555555555"
    for record in given.records(canary.text, "arn:aws:iam::111122223333:role/guest", pool):
        assert not canaries.survivors(str(read_record(record)))


@pytest.mark.parametrize(
    "text",
    [
        (
            "User: arn:aws:sts::111122223333:assumed-role/R/x is not authorized to perform:"
            " rum:PutRumEvents on resource: arn:aws:rum:eu-west-1:111122223333:appmonitor/shop"
        ),
        "The security token included in the request is invalid.",
        "Basic (classic) flow is not enabled, please use enhanced flow.",
        "https://shop.example/search?q=shoes&page=2#list",
        "Credential should be scoped to a valid region",
        "script-src 'self' 'sha256-AAAA' https://client.rum.us-east-1.amazonaws.com/2.1.0/cwr.js",
        r"https?://shop\.example/(a|b)?c",
    ],
)
def test_what_is_no_secret_stays(text):
    assert hide_secrets(text) == text


def test_the_token_of_the_next_page_is_none():
    reply = {"NextToken": "abc", "Items": [{"sessionToken": "abc", "Name": "shop"}]}
    assert without_secrets(reply) == {
        "NextToken": "abc", "Items": [{"sessionToken": "***", "Name": "shop"}],
    }  # fmt: skip


def test_a_policy_that_lost_a_secret_says_that_it_is_to_be_put_back():
    line = f"Content-Security-Policy: report-uri https://r.example/?{MASK}"
    fix = fixes.policy("t", line, in_header=True)
    assert "put your own back" in fix.side_effect
    plain = fixes.policy("t", "Content-Security-Policy: default-src 'self'", in_header=True)
    assert not plain.side_effect


# What the surroundings of a process hold of secrets; the sandbox knows no such keys.
SURROUNDINGS = {
    "RUMKIT_PAGE": "https://reader:Zk7cnaryPw@www.shop.example/?token=Zk7cnaryQuery",
    "SHOP_API_KEY": "Zk7cnaryApi",
    "GITHUB_TOKEN": "Zk7cnaryTok",
}
KEYS = {
    "AWS_ACCESS_KEY_ID": "AKIAZK7CNARYKEYID012",
    "AWS_SECRET_ACCESS_KEY": "Zk7cnaryIni/W7+kPxRfiCYzAAAA01234567890",
    "AWS_SESSION_TOKEN": "IQoJb3JpZ2luX2VjEHoaCWV1LXdlc3QtMSJHMEUCIQZk7cnarySession",
    "AWS_PROFILE": None,
}
NOWHERE = "http://u:Zk7cnaryPw@127.0.0.1:9/?token=Zk7cnaryQuery"
COMMANDS = {
    "investigate": (["investigate", "--all", "--debug"], {}),
    "investigate, bad keys": (["investigate", "--monitor", "shop-web", "--json", "--debug"], KEYS),
    "no such page": (["investigate", "--page", NOWHERE, "--debug"], {}),
    "no such profile": (["monitors", "--debug"], {"AWS_PROFILE": "password=Zk7cnaryPlain"}),
    "save": (["investigate", "--save", "case.json", "--quiet"], {}),
    "report": (["report", "--output", "reports", "--exit-zero"], {}),
    "watch": (["watch", "--for", "2s"], {}),
}  # fmt: skip


@pytest.fixture(scope="module")
def sandbox():
    with start(SCENARIO) as running:
        yield running


@pytest.mark.notebooks
@pytest.mark.parametrize("name", COMMANDS)
def test_no_secret_of_the_surroundings_is_printed_written_or_passed_on(name, sandbox, tmp_path):
    words, extra = COMMANDS[name]
    env = {**sandbox.environment, **SURROUNDINGS, **extra}
    process = subprocess.Popen(
        [str(BIN / "rumkit"), *words], cwd=tmp_path, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, start_new_session=True,
        env={key: value for key, value in env.items() if value is not None},
    )  # fmt: skip
    heard = ""
    with contextlib.suppress(subprocess.TimeoutExpired):
        for _ in range(1200):
            heard += _arguments_of(process.pid)
            with contextlib.suppress(subprocess.TimeoutExpired):
                printed = process.communicate(timeout=0.1)[0]
                break
    assert printed
    assert canaries.survivors(printed) == set()
    assert canaries.survivors(heard) == set()
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert canaries.survivors(path.read_text(errors="replace")) == set(), path
            assert canaries.survivors(str(path)) == set()


def _arguments_of(session: int) -> str:
    """Return the words of every other process of a session, as `ps` shows them."""
    made = ""
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if int(folder.name) != session and os.getsid(int(folder.name)) == session:
                made += (folder / "cmdline").read_text(errors="replace")
    return made
