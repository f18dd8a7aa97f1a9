"""How fixes write what a person pastes."""

from __future__ import annotations

import shlex

import pytest

from rumkit.aws.identity import PoolRoles
from rumkit.aws.monitor import Monitor
from rumkit.checks import fixes
from rumkit.client.values import Expression, RegExp

POOL = "eu-west-1:11111111-2222-4333-8444-555555555555"
WRITTEN = [
    ("it's", "'it\\'s'"),
    ('say "so"', "'say \"so\"'"),
    ("a\\b\n", "'a\\\\b\\n'"),
    ("</script>", "'<\\/script>'"),
    ("<!--<script>", "'\\x3C!--\\x3Cscript>'"),
    ("\u2028\u202e\x7f", "'\\u2028\\u202e\\u007f'"),
    (RegExp("a/,alert(1),/b"), "new RegExp('a/,alert(1),/b', '')"),
    (RegExp("[/]\\/x"), "/[/]\\/x/"),
    (RegExp(""), "new RegExp('', '')"),
    (True, "true"),
    (None, "null"),
    (0.5, "0.5"),
    ([RegExp("api\\.shop", "i"), Expression("window.x")], "[/api\\.shop/i, window.x]"),
    ({"unique": True, "data-x": 1}, "{ unique: true, 'data-x': 1 }"),
    ({}, "{}"),
]


@pytest.mark.parametrize(("value", "text"), WRITTEN)
def test_a_value_is_written_as_javascript_that_can_be_pasted(value, text):
    assert fixes.javascript(value) == text


def test_a_long_value_is_written_whole():
    assert fixes.javascript(["x" * 1000]).count("x") == 1000


def test_a_changed_configuration_repeats_what_it_would_replace():
    monitor = Monitor("shop", "id", "eu-west-1", config={"AllowCookies": True, "Telemetries": []})
    fix = fixes.update_monitor(monitor, "title", EnableXRay=True)
    given = shlex.split(fix.text)[-1]
    assert given == '{"AllowCookies":true,"Telemetries":[],"EnableXRay":true}'


def test_a_pools_other_roles_are_repeated():
    roles = PoolRoles("old", "arn:signed-in", {"provider": {"Type": "Token"}})
    words = shlex.split(fixes.set_guest_role(POOL, roles, "arn:guest").text)
    assert '{"authenticated":"arn:signed-in","unauthenticated":"arn:guest"}' in words
    assert '{"provider":{"Type":"Token"}}' in words


def test_a_command_survives_the_shell():
    policy = fixes.compact({"it's": '; rm -rf $HOME `id` \\ "q"'})
    words = ["aws", "iam", "put-role-policy", "--role-name", "r", "--policy-document", policy]
    assert shlex.split(fixes.command("title", words).text) == words
