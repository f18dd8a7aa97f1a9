"""What is saved of a visit: no secret of it, and nothing less than a full export tells."""

from __future__ import annotations

import base64
import dataclasses
import zipfile
from urllib.parse import quote

import pytest
import real_client_bundles
from raw_har import write_raw
from real_client_browser import world_of
from recorder_visits import BROWSERS, BY_NAME, driver_of, impatient, missing, saved, served
from recorder_visits import record_page as record

from rumkit.client.recording import read_recording

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600), pytest.mark.xdist_group("browser")]
if why := real_client_bundles.missing():
    pytest.skip(why, allow_module_level=True)

CANARY = "k4n4ry"
SECRETS = {
    "password": f"{CANARY}-Pa55w0rd!",
    "field": f"{CANARY}-csrf-4411",
    "cookie": f"{CANARY}-session-77",
    "bearer": f"{CANARY}bearer90",
    "query": f"{CANARY}-query-12",
    "stored": f"{CANARY}-stored-31",
    "printed": f"{CANARY}-printed-5",
    "thrown": f"{CANARY}-thrown-8",
    "script": f"{CANARY}script22",
}


def made(name: str) -> str:
    """Return an expression that makes a secret which does not stand in the page's source."""
    return f"'{SECRETS[name][::-1]}'.split('').reverse().join('')"


PAGE = f"""
<form><input type="password" name="password" value="{SECRETS["password"]}">
<input type="hidden" name="csrf" value="{SECRETS["field"]}"></form>
<script>
  var api_key = "{SECRETS["script"]}";
  document.cookie = 'sid=' + {made("cookie")} + '; path=/';
  localStorage.setItem('auth', {made("stored")});
  fetch('/api/basket?token=' + {made("query")}, {{ method: 'POST', body: {made("stored")},
    headers: {{ Authorization: 'Bearer ' + {made("bearer")} }} }});
  console.log('the user typed ' + {made("printed")});
  setTimeout(function () {{ throw new Error('bad ' + {made("thrown")}) }}, 200);
</script></body>"""


@pytest.fixture(scope="module", params=BROWSERS)
def visit(request, tmp_path_factory):
    """Visit a page full of secrets; give the capture, the file, and the guests' keys."""
    if why := missing(request.param):
        pytest.skip(why)
    case = BY_NAME["healthy-2-1"]
    folder = tmp_path_factory.mktemp(request.param)
    with served() as (front, port), impatient(), driver_of(request.param, front=port) as driver:
        site = front.add(*world_of(case))
        site.place.html = site.place.html.replace("</body>", PAGE)
        capture = record(driver, site)
        file = saved(capture, folder / "visit.rum.zip", driver)
    return capture, file, write_raw(capture, folder / "raw.har"), site


def texts(file):
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_no_secret_of_the_visit_is_in_the_file(visit):
    _, file, raw, site = visit
    keys = [value for session in site.world.sessions.values() for value in (
        session.access_key, session.secret_key, session.token)]  # fmt: skip
    secrets = [*SECRETS.values(), *keys]
    assert keys
    exported = raw.read_text() + raw.with_suffix(".console.json").read_text()
    assert sum(secret in exported for secret in secrets) >= 8  # they were there to be lost
    for name, text in texts(file).items():
        for secret in secrets:
            forms = {secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode()}
            assert not any(form in text for form in forms), name
        assert CANARY not in text, name


def test_nothing_that_a_reader_uses_is_lost(visit):
    _, file, raw, _ = visit
    full, kept = read_recording(raw), read_recording(file)
    assert list(map(_comparable, kept.calls)) == list(map(_comparable, full.calls))
    assert [(d.html, d.headers, d.hashes) for d in kept.documents] == [
        (d.html, d.headers, d.hashes) for d in full.documents
    ]
    assert [script.text for script in kept.scripts] == [script.text for script in full.scripts]
    assert kept.storage == full.storage
    assert (kept.console.messages, kept.console.uncaught) == (
        full.console.messages, full.console.uncaught)  # fmt: skip
    assert kept.console.client == full.console.client


def _comparable(call):
    """Leave out the place in the file, and the fingerprint of an identity that is not kept."""
    vending = call.vending and dataclasses.replace(call.vending, identity_mark="")
    return dataclasses.replace(call, index=0, vending=vending)


def test_the_har_inside_is_one_of_devtools(visit):
    import json

    log = json.loads(texts(visit[1])["recording.har"])["log"]
    assert log["version"] == "1.2"
    assert {"creator", "pages", "entries"} <= log.keys()
    for entry in log["entries"]:
        assert {"startedDateTime", "time", "request", "response", "cache", "timings"} <= set(entry)
        assert entry["pageref"] in {page["id"] for page in log["pages"]}
