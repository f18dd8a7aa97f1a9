"""Marks the events of a recording, where the client on the page is known to allow it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rumkit.recorder.capture import Capture
    from rumkit.recorder.driver import Driver

ATTRIBUTE = "rumkitRecording"
_COMMAND = "addSessionAttributes"


class Mark:
    """Sets a session attribute once, through the command that the loader's client takes.

    A client whose script does not name the command would throw, so it is left alone; so is one
    inside a bundle, which nothing outside can reach.
    """

    def __init__(self, capture: Capture, driver: Driver) -> None:
        self._capture, self._driver = capture, driver
        self._set = False

    def set(self) -> None:
        """Set it if the client has started and has not been marked yet."""
        page = self._capture.page
        state = next((s for s in self._capture.states if s["visit"] == page), {})
        client = state.get("clientState")
        if self._set or not isinstance(client, dict) or client.get("cwrIsStub") is not False:
            return
        scripts = [e.reply for e in self._capture.of_page(page) if e.client_script]
        name = client.get("name")
        if isinstance(name, str) and any(_COMMAND in script for script in scripts):
            arguments = json.dumps([_COMMAND, {ATTRIBUTE: "true"}])
            self._driver.run(
                f"try {{ window[{json.dumps(name)}](...{arguments}) }} catch (_) {{ }}"
            )
            self._set = True
