"""`--dry`: whatever a page does, while it lives and while it is left, no event goes out."""

from __future__ import annotations

import pytest
from recorder_visits import BROWSERS, driver_of, impatient, missing

from rumkit.recorder.capture import Capture
from rumkit.recorder.detour import front_to
from rumkit.recorder.record import RecordingPlan, visit
from rumkit.sandbox.server import Server
from rumkit.sandbox.wire.write import Reply

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240), pytest.mark.xdist_group("browser")]
DATA_PLANE = "https://dataplane.rum.eu-west-1.amazonaws.com"
# A site's own host in front of the data plane: the path is all that tells what is sent.
OWN = "https://events.shop.example/rum"
SENDS = """
const send = (way) => {
  for (const base of BASES) {
    const url = `${base}/appmonitors/4f1c8a52-93d7-4e0b-b6a4-1d2e7f809c35?way=${way}`;
    fetch(url, { method: 'POST', body: '{}', keepalive: true }).catch(() => {});
    if (self.navigator.sendBeacon) navigator.sendBeacon(url, '{}');
  }
};
"""
PAGE = (
    """<!doctype html><title>Shop</title><script>"""
    + SENDS
    + """
send('loading');
for (const name of ['load', 'pagehide', 'unload', 'beforeunload'])
  addEventListener(name, () => send(name));
document.addEventListener('visibilitychange', () => send('hidden'));
setInterval(() => send('timer'), 400);
new Worker('/worker.js');
new SharedWorker('/worker.js');
navigator.serviceWorker.register('/worker.js');
const frame = document.createElement('iframe');
frame.src = 'https://frames.other.example/';
document.documentElement.append(frame);
</script>"""
)
FRAME = f"<!doctype html><script>{SENDS}addEventListener('pagehide', () => send('frame'));"
FRAME += "send('frame');</script>"
WORKER = SENDS + "send('worker'); setInterval(() => send('worker'), 400);"
BASES = f"const BASES = ['{DATA_PLANE}', '{OWN}'];"


class Site:
    """Serves the page, and keeps which events came."""

    def __init__(self) -> None:
        self.came: list[str] = []
        self.asked: set[str] = set()

    def __call__(self, http):
        if "/appmonitors/" in http.path:
            self.came.append(f"{http.method} {http.query or http.path}")
            return Reply(200, (("access-control-allow-origin", "*"),), b"")
        self.asked.add(http.path)
        if http.path == "/worker.js":
            return Reply(200, (("content-type", "text/javascript"),), (BASES + WORKER).encode())
        text = FRAME if "frames" in http.headers["host"] else PAGE
        text = text.replace("<script>", f"<script>{BASES}", 1)
        return Reply(200, (("content-type", "text/html"),), text.encode())


EVERYTHING = {"/", "/next", "/worker.js"}


def visited(browser, *, dry, seconds=2):
    if why := missing(browser):
        pytest.skip(why)
    site = Site()
    server = Server(site)
    url = "https://www.shop.example/"
    plan = RecordingPlan(
        url, seconds=seconds, reload=True, then=(f"{url}next",), private=True, dry=dry
    )
    try:
        with (
            front_to(("127.0.0.1", server.port)) as port,
            impatient(),
            driver_of(browser, front=port, dry=dry) as driver,
        ):
            visit(driver, plan, Capture())
    finally:
        server.stop()
    return site


@pytest.mark.parametrize("browser", BROWSERS)
def test_a_dry_visit_sends_nothing_in_any_way(browser):
    site = visited(browser, dry=True)
    if not site.asked >= EVERYTHING:  # A busy machine gets more time.
        site = visited(browser, dry=True, seconds=8)
    assert site.asked >= EVERYTHING
    assert site.came == []


def test_the_same_page_sends_when_nothing_holds_it_back():
    ways = " ".join(visited("chromium", dry=False).came)
    assert all(way in ways for way in ("loading", "timer", "hidden", "worker", "frame"))
