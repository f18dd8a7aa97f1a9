"""Secrets in a recorded page are masked by their value alone: what is left says the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from har_builder import CANARY, MONITOR, POOL, Har
from har_schema import snippet

from rumkit.client.csp.hashes import browser_hash
from rumkit.client.find import find_snippets
from rumkit.client.har.masking import mask_page, mask_script
from rumkit.client.page import page_from_html
from rumkit.client.recording import read_recording

if TYPE_CHECKING:
    from pathlib import Path

# A script with a secret, and what must be left of it.
SCRIPTS = {
    "object": ('window.APP={maps:{apiKey:"S3cret"},env:"prod"};', 'apiKey:"******"},env:"prod"'),
    "single quotes": ("x={ 'client_secret' : 'S3cret' };", "'client_secret' : '******' };"),
    "template": ("x={token:`S3cret`,a:1}", "token:`******`,a:1}"),
    "assignment": ('window.accessToken = "S3cret"; go()', 'accessToken = "******"; go()'),
    "index": ("env['API_KEY']='S3cret';go()", "['API_KEY']='******';go()"),
    "escaped quote": ('x={password:"S3\\"cret",b:2}', 'password:"********",b:2}'),
    "JSON": ('{"accessKey":"S3cret","b":[1]}', '{"accessKey":"******","b":[1]}'),
    "JSON in a string": ('p("{\\"token\\":\\"S3cret\\",\\"b\\":1}")', '\\"******\\",\\"b\\":1}")'),
    "query": ('get("/a?api_key=S3cret&b=2#c")', '"/a?api_key=xxxxxx&b=2#c")'),
    "bearer": ('h={"X":"Bearer S3cretS3cret"}', 'h={"X":"Bearer ************"}'),
    "key id": ('k="ASIAQWERTYUIOPASDFGH";f()', 'k="********************";f()'),
    "web token": ('k="eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.c2ln";f()', '*";f()'),
}
# Code that only names secrets: it must stay as it is, to the letter.
CODE = [
    "c={accessKeyId:e.AccessKeyId,secretAccessKey:e.SecretKey,sessionToken:e.SessionToken}",
    'if(token=="x"||password===y){authorization(token)}',
    'fetch(`/x?token=${t}`,{headers:{a:"Bearer "+t}})',
    'i18n={passwordHint:"Eight letters",tokenField:"#t"}',
    "headers.authorization=sign(request,secret)",
    "a&&b.token;c?password:d",
]


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_scripts_secret_is_masked_and_the_rest_stays(name: str) -> None:
    script, left = SCRIPTS[name]
    masked = mask_script(script)
    assert left in masked
    assert "S3cret" not in masked
    assert len(masked) == len(script)


@pytest.mark.parametrize("code", CODE)
def test_code_that_only_names_secrets_stays(code: str) -> None:
    assert mask_script(code) == code


@pytest.mark.parametrize(
    ("html", "left"),
    [
        ('<div data-api-key="S3cret" data-x="1">', '<div data-api-key="******" data-x="1">'),
        ("<div data-token=S3cret data-x=1>", "<div data-token=****** data-x=1>"),
        ('<i data-c=\'{"token":"S3cret"}\'>', '<i data-c=\'{"token":"******"}\'>'),
        (
            '<i data-c="{&quot;token&quot;:&quot;S3cret&quot;}">',
            '<i data-c="{&quot;token&quot;:&quot;******&quot;}">',
        ),
        ('<a href="/a?token=S3cret&amp;b=2">', '<a href="/a?token=******&amp;b=2">'),
        ("<p>password: S3cret</p>", "<p>password: ******</p>"),
        ('<input type=hidden value="S3cret">', '<input type=hidden value="******">'),
        ("<meta name=csrf-token content='S3cret'>", "<meta name=csrf-token content='******'>"),
        ('<meta name=viewport content="a=b">', '<meta name=viewport content="a=b">'),
    ],
)
def test_a_pages_markup_is_masked_by_value(html: str, left: str) -> None:
    assert mask_page(html).html == left


def test_markup_in_a_script_is_not_taken_for_a_form() -> None:
    html = '<script>f("<input value="+x+">");g()</script><input value="S3cret">'
    assert (
        mask_page(html).html
        == '<script>f("<input value="+x+">");g()</script><input value="******">'
    )


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_secret_beside_the_snippet_changes_nothing_that_is_read(
    name: str, tmp_path: Path
) -> None:
    page = snippet(identityPoolId=POOL)
    beside = page.replace("<script>", f"<script>{SCRIPTS[name][0]};\n", 1)
    html = f"<html><head>{beside}</head><body></body></html>"
    (document,) = read_recording(Har().document(html=html).write(tmp_path)).documents
    assert document.html is not None
    assert document.masked
    before, after = (find_snippets(page_from_html(text)) for text in (html, document.html))
    assert [s.config for s in after] == [s.config for s in before]
    assert [s.app_monitor_id for s in after] == [MONITOR]
    assert after[0].problems == before[0].problems


def test_the_hash_of_a_masked_script_leads_to_the_one_that_was_served() -> None:
    script = 'x={apiKey:"S3cret"};\r\ngo()'
    page = mask_page(f"<script>{script}</script><script>go()</script>")
    served = script.replace("\r\n", "\n")
    masked = served.replace("S3cret", "******")
    assert dict(page.hashes) == {
        browser_hash(masked): tuple(
            browser_hash(served, name) for name in ("sha256", "sha384", "sha512")
        )
    }


def test_scripts_of_the_recording_are_masked(tmp_path: Path) -> None:
    har = Har().document().client()
    har.entries[-1]["response"]["content"]["text"] = f'a("/appmonitors/");b={{token:"{CANARY}"}}'
    (script,) = read_recording(har.write(tmp_path)).scripts
    assert script.text == 'a("/appmonitors/");b={token:"******"}'
