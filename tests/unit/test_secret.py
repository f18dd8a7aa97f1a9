"""What is no secret stays as it is: an answer that rests on it would be another."""

from __future__ import annotations

import json

import pytest

from rumkit.aws.replies import drop_secrets
from rumkit.client.find import find_snippets, mention_of
from rumkit.client.page import page_from_html
from rumkit.client.values import RegExp
from rumkit.secret import MASK, hide_secrets, without_secrets


@pytest.mark.parametrize(
    "text",
    [
        "InvalidIdentityToken: No OpenIDConnect provider found in your account",
        "IncompleteSignature: Authorization header requires 'Credential' parameter",
        "Signature: it is not the one that was calculated",
        "the basic AssumeRoleWithWebIdentity call, then GetCredentialsForIdentity",
        "arn:aws:logs:eu-west-1:111122223333:log-group:/app/signature:*",
        "https://www.shop.example/a?page=2&sort=price",
        '{"sessionToken":null,"password":true,"a":1}',
        "cognito-identity.amazonaws.com:aud",
        "dataplane.rum.eu-west-1.amazonaws.com/appmonitors/0b5a1ae3-5ad4-4a8e-8a80-9d2a5d1b1111",
    ],
)
def test_what_is_no_secret_stays(text):
    assert hide_secrets(text) == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("password: hunter2!", f"password: {MASK}"),
        ('{"password":"abc","a":1}', f'{{"password":"{MASK}","a":1}}'),
        ('{"pwd":1234}', '{"pwd":0}'),
        ("x-api-key=abcdef", f"x-api-key={MASK}"),
        ("https://a.example/?key=1);next()", f"https://a.example/?{MASK});next()"),
        ("Authorization: Basic dXNlcjpwYXNzd29yZA==", f"Authorization: {MASK}"),
        ("secretAccessKey:correcthorsebatterystaple", f"secretAccessKey:{MASK}"),
    ],
)
def test_a_secret_goes_and_nothing_beside_it(text, left):
    assert hide_secrets(text) == left


@pytest.mark.parametrize("gap", [" ", ""])
def test_a_policy_keeps_the_directives_behind_an_address(gap):
    text = f"default-src *; report-uri https://r.example/csp?token=abc;{gap}connect-src 'self'"
    assert hide_secrets(text) == text.replace("token=abc", MASK)
    two = "report-uri https://r.example/?token=1, default-src 'none'"
    assert hide_secrets(two) == two.replace("token=1", MASK)


@pytest.mark.parametrize("name", ["NextToken", "nextToken", "Marker", "NextContinuationToken"])
def test_a_token_of_pages_goes_back_as_it_came(name):
    reply = {name: "eyJsYXN0S2V5IjoiYWJjIn0=", "SessionToken": "eyJsYXN0S2V5IjoiYWJjIn0="}
    drop_secrets(reply)
    assert reply == {name: "eyJsYXN0S2V5IjoiYWJjIn0=", "SessionToken": MASK}


def test_json_stays_json():
    text = json.dumps({"accessToken": None, "password": 12, "signature": "abc", "id": "x"})
    assert json.loads(hide_secrets(text))["id"] == "x"


def test_a_pattern_for_pages_stays_a_pattern():
    (snippet,) = find_snippets(
        "import {AwsRum} from 'aws-rum-web'; new AwsRum('0b5a1ae3-5ad4-4a8e-8a80-9d2a5d1b1111',"
        " '1.0.0', 'eu-west-1', {pagesToInclude: [/[?&]token=[^&]+/]})"
    )
    (pattern,) = snippet.config["pagesToInclude"]
    assert isinstance(pattern, RegExp)
    assert pattern.matches("https://www.shop.example/?token=abc")


def test_a_page_is_shown_without_its_secret_and_patterns_are_tried_on_all_of_it():
    page = page_from_html("", url="https://www.shop.example/login?code=abc")
    assert page.url == f"https://www.shop.example/login?{MASK}"
    assert page.address == "https://www.shop.example/login?code=abc"
    assert "abc" not in repr(page)


def test_a_line_that_names_the_client_is_shown_without_its_secret():
    line = 'import{x}from"aws-rum-web";const c={secretAccessKey:"wJalrXUtnFEMI"}'
    assert "wJalr" not in str(mention_of(line))


def test_members_that_are_kept_by_type():
    assert without_secrets({"a": ["token=abc"]}, keep=(list,)) == {"a": ["token=abc"]}
