"""Finds the browsers of this machine; nothing is ever downloaded, and no relative path is run."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from rumkit import isolated
from rumkit.model import BadInput

# The first that is there is taken where none is named. Chromium's protocol tells the most.
_COMMANDS = {
    "chrome": ("google-chrome", "google-chrome-stable"),
    "chromium": ("chromium", "chromium-browser"),
    "edge": ("microsoft-edge", "microsoft-edge-stable"),
    "firefox": ("firefox", "firefox-esr"),
}
_MAC = {
    "chrome": "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "chromium": "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "edge": "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "firefox": "/Applications/Firefox.app/Contents/MacOS/firefox",
}
NAMES = tuple(_COMMANDS)
_FIREFOX = re.compile(r"firefox|librewolf|waterfox|icecat", re.IGNORECASE)


@dataclass(frozen=True)
class Browser:
    """An installed browser; `firefox` tells which of the two protocols it speaks."""

    name: str
    path: str

    @property
    def firefox(self) -> bool:
        """Return whether it is a Firefox, which speaks WebDriver BiDi; others speak CDP."""
        return self.name == "firefox"


def find_browser(named: str = "") -> Browser:
    """Return the browser of a name or an absolute path, the first installed one without either.

    Raises BadInput, which says what was looked for.
    """
    if named in _COMMANDS:
        if path := _path_of(named):
            return Browser(named, path)
        raise BadInput(f"{named.capitalize()} is not installed here: name another, or its path.")
    if named:
        return _at(named)
    for name in NAMES:
        if path := _path_of(name):
            return Browser(name, path)
    raise BadInput(
        "No browser was found here (looked for Chrome, Chromium, Edge and Firefox): name one with"
        " --browser PATH, or give a recording that was saved elsewhere."
    )


def _path_of(name: str) -> str | None:
    if sys.platform == "darwin":
        return _MAC[name] if Path(_MAC[name]).is_file() else None
    return next(filter(None, map(isolated.which, _COMMANDS[name])), None)


def _at(named: str) -> Browser:
    path = Path(named)
    if not path.is_absolute():
        raise BadInput(
            f"{named!r} is not a browser's name ({', '.join(NAMES)}) or an absolute path to one."
        )
    if not path.is_file() or not os.access(path, os.X_OK):
        raise BadInput(f"There is no browser at {named}.")
    return Browser("firefox" if _FIREFOX.search(path.name) else "chromium", str(path))


def has_display() -> bool:
    """Return whether a window could be shown to a person."""
    if sys.platform == "darwin":
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
