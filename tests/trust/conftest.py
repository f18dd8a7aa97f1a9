"""The figures that the suites of trust print at the end of a run."""

from __future__ import annotations

import pytest
from share import WHOLE  # type: ignore[import-not-found]

_KEY = "trust"


@pytest.fixture
def figure(record_property):
    """Return what notes one figure of a suite: `figure("read only", "6000 attempts, 0 sent")`."""
    return lambda suite, text: record_property(_KEY, f"{suite}: {text}")


def pytest_terminal_summary(terminalreporter):
    """Print the figures, whichever process they were taken in."""
    reports = [each for kind in ("passed", "failed") for each in terminalreporter.getreports(kind)]
    lines = [
        value
        for report in reports
        for key, value in report.user_properties
        if key == _KEY and report.when == "call"
    ]
    if lines:
        terminalreporter.section(f"figures of trust ({'the whole' if WHOLE else 'a slice'})")
        for line in sorted(lines):
            terminalreporter.line(line)
