"""Service workers, COEP, dead hosts, extensions, the console's snippet: what no HAR tells alone."""

from __future__ import annotations

import json

import pytest
import real_client_bundles
import real_client_front
from real_client_browser import world_of
from recorder_visits import BROWSERS, BY_NAME, driver_of, impatient, missing, saved, served

import rumkit
from rumkit.client.har.author import Author
from rumkit.client.har.conversation import Kind
from rumkit.client.har.silence import Silent
from rumkit.client.recording import read_recording
from rumkit.recorder.allowed import sent_body
from rumkit.recorder.capture import Capture
from rumkit.recorder.page_scripts import snippet
from rumkit.recorder.record import RecordingPlan, visit
from rumkit.sandbox.wire.write import Reply

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600), pytest.mark.xdist_group("browser")]
if why := real_client_bundles.missing():
    pytest.skip(why, allow_module_level=True)
both = pytest.mark.parametrize("browser", BROWSERS)
DATA_PLANE = "dataplane.rum.eu-west-1.amazonaws.com"
WORKER = f"""
self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(clients.claim()));
self.addEventListener('fetch', (event) => {{
  if (new URL(event.request.url).host === '{DATA_PLANE}') event.respondWith(
    new Response('<!doctype html>offline', {{ headers: {{ 'content-type': 'text/html' }} }}));
}});"""
REGISTER = "<script>navigator.serviceWorker.register('/sw.js')</script></body>"


@pytest.fixture(autouse=True)
def no_aws(monkeypatch, tmp_path):
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def recorded(tmp_path):
    """Return what records the healthy page after a change, and gives the file."""

    def run(browser, change=lambda _: None, *, reload=False, dry=False, **launch):
        if why := missing(browser):
            pytest.skip(why)
        with served() as (front, port), impatient():
            site = front.add(*world_of(BY_NAME["healthy-newest"]))
            change(site.place)
            with driver_of(browser, front=port, dry=dry, **launch) as driver:
                capture = Capture()
                plan = RecordingPlan(site.place.url, seconds=12, reload=reload, dry=dry)
                visit(driver, plan, capture)
                return saved(capture, tmp_path / "visit.rum.zip", driver)

    return run


def cause(file):
    return rumkit.investigate(recording=str(file), trail="none").root_cause


@both
def test_embedder_policy_keeps_the_client_out(browser, recorded):
    def isolate(place):
        place.headers.append(("Cross-Origin-Embedder-Policy", "require-corp"))

    file = recorded(browser, isolate)
    assert cause(file) == "client-script-loads"
    headers = dict(read_recording(file).documents[0].headers)
    assert headers["cross-origin-embedder-policy"] == "require-corp"


@both
def test_a_host_without_network_is_told_by_its_name(browser, recorded):
    file = recorded(browser, dead_hosts=(DATA_PLANE,))
    call = read_recording(file).of(Kind.PUT_EVENTS)[0]
    assert call.silence.kind is Silent.DNS
    assert cause(file) == "events-arriving"


@both
def test_a_service_worker_that_answers_for_the_data_plane(browser, recorded, monkeypatch):
    answer = real_client_front.Front.__call__

    def with_worker(front, http):
        if http.path == "/sw.js":
            return Reply(200, (("content-type", "text/javascript"),), WORKER.encode())
        return answer(front, http)

    def register(place):
        place.html = place.html.replace("</body>", REGISTER)

    monkeypatch.setattr(real_client_front.Front, "__call__", with_worker)
    recording = read_recording(recorded(browser, register, reload=True))
    assert recording.meta.states[-1].service_worker.endswith("/sw.js")
    if browser == "chromium":  # Firefox does not tell which reply its worker wrote
        authors = {call.author for call in recording.of(Kind.PUT_EVENTS)}
        assert Author.SERVICE_WORKER in authors


def test_a_blocking_extension_is_named(recorded, tmp_path):
    folder = tmp_path / "blocker"
    folder.mkdir()
    rules = [{"id": 1, "priority": 1, "action": {"type": "block"},
              "condition": {"urlFilter": f"||{DATA_PLANE}"}}]  # fmt: skip
    manifest = {
        "manifest_version": 3, "name": "blocker", "version": "1",
        "permissions": ["declarativeNetRequest"],
        "declarative_net_request": {
            "rule_resources": [{"id": "r", "enabled": True, "path": "rules.json"}]
        },
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / "rules.json").write_text(json.dumps(rules))
    file = recorded("chromium", extension=folder)
    call = read_recording(file).of(Kind.PUT_EVENTS)[0]
    assert call.silence.kind is Silent.EXTENSION
    assert cause(file) == "events-arriving"


@both
def test_violations_are_told_as_events_whatever_the_language(browser, recorded):
    def forbid(place):
        place.headers.append(("Content-Security-Policy", "connect-src 'self'"))

    recording = read_recording(recorded(browser, forbid))
    assert {(v.directive, v.blocked) for v in recording.console.violations} == {
        ("connect-src", "https://cognito-identity.eu-west-1.amazonaws.com/")
    }
    if browser == "chromium":
        assert "ContentSecurityPolicyIssue" in {i.code for i in recording.console.issues}


@both
def test_a_dry_visit_sends_no_event_and_evaluates_up_to_there(browser, tmp_path):
    if why := missing(browser):
        pytest.skip(why)
    from rumkit.recorder.saved import Meta, save

    with served() as (front, port), impatient():
        site = front.add(*world_of(BY_NAME["healthy-newest"]))
        with driver_of(browser, front=port, dry=True) as driver:
            capture = Capture()
            visit(driver, RecordingPlan(site.place.url, seconds=12, dry=True), capture)
            meta = Meta(driver.version, True, True, capture.pages[0][2], capture.pages[0][2] + 9)
            file = save(capture, meta, tmp_path / "dry.rum.zip")
    found = rumkit.investigate(recording=str(file), trail="none")
    assert site.puts() == []
    assert not site.world.accepted
    assert found.root_cause is None
    assert "held" in found.finding("events-arriving").summary
    assert str(found.finding("credentials-configured").status) == "pass"


@both
def test_what_the_snippet_prints_is_a_recording(browser, recorded, tmp_path, monkeypatch):
    printed = []
    kind = {"chromium": "rumkit.recorder.chromium", "firefox": "rumkit.recorder.firefox"}[browser]
    monkeypatch.setattr(f"{kind}.keep_state", lambda _c, _p, value: printed.append(value))
    monkeypatch.setattr("rumkit.recorder.page_scripts.STATE", snippet())
    recorded(browser)
    file = tmp_path / "pasted.json"
    file.write_text(json.dumps(printed[-1]))  # as a string, the way a console shows it
    recording = read_recording(file)
    assert recording.storage.sessions[0].record is True
    assert recording.storage.credentials[0].has_secret_key
    assert recording.meta.states[0].stub is False
    assert 'secretAccessKey": "A' not in printed[-1]
    assert cause(file) is None


@both
def test_a_visit_can_be_repeated_continued_and_made_privately(browser, tmp_path):
    if why := missing(browser):
        pytest.skip(why)
    with served() as (front, port), impatient(), driver_of(browser, front=port) as driver:
        site = front.add(*world_of(BY_NAME["healthy-newest"]))
        capture, url = Capture(), site.place.url
        plan = RecordingPlan(url, seconds=10, reload=True, then=(f"{url}index.html",), private=True)
        visit(driver, plan, capture)
        recording = read_recording(saved(capture, tmp_path / "visit.rum.zip", driver))
    assert [load.url for load in recording.loads] == [url, url, f"{url}index.html", url]
    assert recording.meta.private == ("page_4",)
    vended = [bool(load.of(Kind.GET_CREDENTIALS)) for load in recording.loads]
    assert vended == [True, False, False, True]  # a private window has no stored credentials


def test_events_are_marked_where_the_client_allows_it(tmp_path):
    if why := missing("chromium"):
        pytest.skip(why)
    with served() as (front, port), impatient(), driver_of("chromium", front=port) as driver:
        site = front.add(*world_of(BY_NAME["healthy-newest"]))
        capture = Capture()
        visit(driver, RecordingPlan(site.place.url, seconds=10), capture)
    bodies = [sent_body(exchange) for exchange in capture.exchanges if exchange.puts]
    assert any("rumkitRecording" in body for body in bodies)
