"""The page of an installation: a real HTML page with the loader, and what its script calls."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from rumkit.sandbox.snippet import Client, write_snippet
from rumkit.sandbox.wire.write import Reply

if TYPE_CHECKING:
    from rumkit.sandbox.installation import Installation
    from rumkit.sandbox.wire.read import Http
    from rumkit.sandbox.world import World

_APP: Final = """\
document.addEventListener('DOMContentLoaded', function () {
  fetch('/api/products').then(function (reply) { return reply.json(); }).then(function (items) {
    var list = document.getElementById('products');
    items.forEach(function (item) {
      var row = document.createElement('li');
      row.textContent = item.name + ' ' + item.price;
      list.appendChild(row);
    });
  });
  document.getElementById('buy').addEventListener('click', function () {
    fetch('/api/basket', { method: 'POST', body: '{}' });
  });
});
"""
_PRODUCTS: Final = [{"name": "Kettle", "price": "29.00"}, {"name": "Lamp", "price": "45.50"}]
# The real client is AWS's; the sandbox only says that the script was asked for.
_CLIENT: Final = "/* the web client is not part of the sandbox */\n"


def render(client: Client, *, title: str = "Shop", head: str = "", in_body: bool = False) -> str:
    """Return the page's HTML; `head` is put before the loader."""
    loader = f"<script>{write_snippet(client)}</script>"
    early, late = ("", f"\n  {loader}") if in_body else (f"\n  {loader}", "")
    app = '\n  <script src="/app.js" defer></script>' if not in_body else ""
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>{title}</title>{head}{early}{app}
</head>
<body>
  <h1>{title}</h1>
  <ul id="products"></ul>
  <button id="buy">Buy</button>{late}
</body>
</html>
"""


def serve(world: World, http: Http) -> Reply:
    """Answer a request for a page, its script or its API."""
    host = http.headers.get("host", "").partition(":")[0]
    if host.startswith("client.rum."):
        return _client(host)
    place = place_of(world, host)
    if place is None:
        return _text(404, "there is no page of this host")
    path = http.path
    if path in place.files:
        return Reply(
            200, (("content-type", "text/html; charset=utf-8"),), place.files[path].encode()
        )
    if path == "/app.js":
        return Reply(200, (("content-type", "text/javascript"),), _APP.encode())
    if path.startswith("/api/"):
        body = _PRODUCTS if http.method == "GET" else {}
        return Reply(200, (("content-type", "application/json"),), json.dumps(body).encode())
    if path not in {"/", "/index.html"}:
        return _text(404, "not found")
    headers = (("content-type", "text/html; charset=utf-8"), *place.headers)
    return Reply(200, headers, place.html.encode())


def place_of(world: World, host: str) -> Installation | None:
    """Return the installation of a host; loopback names mean the first one."""
    places = list(world.installations.values())
    named = next((place for place in places if place.host == host), None)
    if named is None and re.fullmatch(r"localhost|127\.0\.0\.1", host) and places:
        return places[0]
    return named


def _client(host: str) -> Reply:
    if not host.startswith("client.rum.us-east-1."):
        return _text(404, "there is no such host")
    return Reply(200, (("content-type", "text/javascript"),), _CLIENT.encode())


def _text(status: int, text: str) -> Reply:
    return Reply(status, (("content-type", "text/plain"),), text.encode())
