"""The HTML of an installation's page, with the loader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.sandbox.snippet import Client, write_snippet

if TYPE_CHECKING:
    from collections.abc import Sequence


def render(
    client: Client,
    *,
    title: str = "Shop",
    head: str = "",
    in_body: bool = False,
    links: Sequence[str] = (),
) -> str:
    """Return the page's HTML; `head` is put before the loader."""
    anchors = "".join(f'\n  <a href="{link}">{link}</a>' for link in links)
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
  <button id="buy">Buy</button>{anchors}{late}
</body>
</html>
"""
