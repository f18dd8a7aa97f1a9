"""The page of an installation: a real HTML page with the loader, and what its script calls."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rumkit.sandbox.wire.write import Reply

if TYPE_CHECKING:
    from rumkit.sandbox.installation import Installation
    from rumkit.sandbox.wire.read import Http
    from rumkit.sandbox.world import World

_APP: Final = """\
document.addEventListener('DOMContentLoaded', function () {
  fetch('@API@/api/products').then(function (reply) {
    return reply.json();
  }).then(function (items) {
    var list = document.getElementById('products');
    items.forEach(function (item) {
      var row = document.createElement('li');
      row.textContent = item.name + ' ' + item.price;
      list.appendChild(row);
    });
  });
  document.getElementById('buy').addEventListener('click', function () {
    fetch('@API@/api/basket', { method: 'POST', body: '{}' });
  });
});
"""
_PRODUCTS: Final = [{"name": "Kettle", "price": "29.00"}, {"name": "Lamp", "price": "45.50"}]
# The real client is AWS's own: a file of it is served when this variable names one.
_OWN_CLIENT: Final = "RUMKIT_SANDBOX_CLIENT"
_CLIENT: Final = f"/* set {_OWN_CLIENT} to a file of cwr.js to serve it here */\n"


def serve(world: World, http: Http) -> Reply:
    """Answer a request for a page, its script or its API."""
    host = http.headers.get("host", "").partition(":")[0]
    if host.startswith("client.rum."):
        return _client(host)
    place = place_of(world, host)
    if place is not None and place.app:
        return _text(404, "this is an app, and has no page")
    if place is None:
        return _api(http) if _is_api(world, host) else _text(404, "there is no page of this host")
    if http.path in place.files:
        return _html(place.files[http.path])
    if http.path == "/app.js":
        script = _APP.replace("@API@", f"https://{place.api_host}" if place.api_host else "")
        return Reply(200, (("content-type", "text/javascript"),), script.encode())
    if http.path.startswith("/api/"):
        return _api(http)
    if http.path not in {"/", "/index.html"}:
        return _text(404, "not found")
    return _html(place.html, *place.headers)


def place_of(world: World, host: str) -> Installation | None:
    """Return the installation of a host; loopback names mean the first one."""
    places = list(world.installations.values())
    named = next((place for place in places if place.host == host), None)
    if named is None and re.fullmatch(r"localhost|127\.0\.0\.1", host) and places:
        return places[0]
    return named


def _is_api(world: World, host: str) -> bool:
    return any(place.api_host == host for place in world.installations.values())


def _api(http: Http) -> Reply:
    """Answer for the shop's API; to other origins it allows no header beyond the plain ones."""
    headers = [("content-type", "application/json")]
    if http.headers.get("origin"):
        headers.append(("access-control-allow-origin", http.headers["origin"]))
    if http.method == "OPTIONS":
        return Reply(204, tuple(headers[1:]), b"")
    return Reply(
        200, tuple(headers), json.dumps(_PRODUCTS if http.method == "GET" else {}).encode()
    )


def _html(text: str, *headers: tuple[str, str]) -> Reply:
    return Reply(200, (("content-type", "text/html; charset=utf-8"), *headers), text.encode())


def _client(host: str) -> Reply:
    if not host.startswith("client.rum.us-east-1."):
        return _text(404, "there is no such host")
    own = os.environ.get(_OWN_CLIENT)
    script = Path(own).read_bytes() if own else _CLIENT.encode()
    return Reply(200, (("content-type", "text/javascript"),), script)


def _text(status: int, text: str) -> Reply:
    return Reply(status, (("content-type", "text/plain"),), text.encode())
