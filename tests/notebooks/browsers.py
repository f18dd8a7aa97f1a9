"""A headless Chromium, a JupyterLab and a Voila for the tests that look at the real thing."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headless import CHROMIUM
from renew import surroundings

if TYPE_CHECKING:
    from collections.abc import Iterator

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
_TOKEN = "for-this-test-only"


@contextmanager
def chromium() -> Iterator[Any]:
    """Yield a browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(browser: Any, address: str, **context: Any) -> Iterator[Any]:
    """Yield a page of a fresh context, opened and quiet; `heard` holds what it asked and said."""
    fresh = browser.new_context(**context)
    page = fresh.new_page()
    page.heard = []
    page.on("request", lambda request: page.heard.append(request.url))
    page.on("console", lambda message: page.heard.append(message.text))
    page.on("pageerror", lambda error: page.heard.append(str(error)))
    page.goto(address)
    page.wait_for_load_state("networkidle")
    try:
        yield page
    finally:
        fresh.close()


@contextmanager
def jupyterlab(folder: Path) -> Iterator[str]:
    """Serve copies of the notebooks in JupyterLab; yield the address to open them under."""
    port = free_port()
    command = (
        *("jupyterlab", "--no-browser", "--allow-root"),
        *("--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0"),
        *(f"--IdentityProvider.token={_TOKEN}", "--LabApp.news_url="),
        f"--ServerApp.root_dir={folder / 'notebooks'}",
    )
    with _served(folder, command, f"http://127.0.0.1:{port}/api"):
        yield f"http://127.0.0.1:{port}/lab/tree/{{}}?token={_TOKEN}"


@contextmanager
def fresh_copies(address: str, folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield the address and the folder of copies in a JupyterLab that runs; their kernels end.

    They stand in a workspace of their own, and no other copy's signature makes one trusted.
    The name of their folder is shown beside them, so it is of no word that a test looks for.
    """
    name = uuid.uuid4().hex
    place = folder / "notebooks" / name
    shutil.copytree(NOTEBOOKS, place, ignore=shutil.ignore_patterns("training", "pictures"))
    for path in place.glob("*.ipynb"):
        made = json.loads(path.read_text(encoding="utf-8"))
        made["metadata"]["copy"] = name
        path.write_text(json.dumps(made), encoding="utf-8")
    try:
        yield address.replace("/lab/tree/", f"/lab/workspaces/{name}/tree/{name}/"), place
    finally:
        _end_kernels(address)


def _end_kernels(address: str) -> None:
    sessions = address.partition("/lab/")[0] + "/api/sessions"
    with urllib.request.urlopen(f"{sessions}?token={_TOKEN}", timeout=30) as reply:
        running = json.load(reply)
    for each in running:
        end = urllib.request.Request(
            f"{sessions}/{each['id']}?token={_TOKEN}", method="DELETE",
        )  # fmt: skip
        urllib.request.urlopen(end, timeout=30).close()


@contextmanager
def voila(folder: Path) -> Iterator[str]:
    """Serve copies of the notebooks with Voila; yield the address to open them under."""
    port = free_port()
    command = (
        *("voila", "--no-browser", f"--port={port}", "--Voila.ip=127.0.0.1"),
        str(folder / "notebooks"),
    )
    with _served(folder, command, f"http://127.0.0.1:{port}/"):
        yield f"http://127.0.0.1:{port}/voila/render/{{}}"


@contextmanager
def _served(folder: Path, command: tuple[str, ...], ready: str) -> Iterator[None]:
    """Run a module of this interpreter beside copies of the notebooks, until they are left."""
    shutil.copytree(NOTEBOOKS, folder / "notebooks", dirs_exist_ok=True)
    environment = surroundings() | {
        "JUPYTER_CONFIG_DIR": str(folder / "configuration"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "HOME": str(folder),
    }
    del environment["RUMKIT_HEADLESS"]
    server = subprocess.Popen(
        [sys.executable, "-m", *command],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(ready)
        yield
    finally:
        server.terminate()
        server.wait(30)


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


def wait_for(address: str, seconds: float = 90.0) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.3)
    raise TimeoutError(address)
