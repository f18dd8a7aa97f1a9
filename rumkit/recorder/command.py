"""A recording as the command line asks for it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rumkit.recorder.record import RecordingPlan, announcement, record

if TYPE_CHECKING:
    import argparse
    from pathlib import Path


def recorded(options: argparse.Namespace, url: str, output: Path | None, *, quiet: bool) -> Path:
    """Record as the options say, with progress on standard error, and return the file."""
    plan = RecordingPlan(
        url=url,
        browser=options.browser,
        output=output,
        seconds=options.seconds,
        headless=options.headless,
        dry=options.dry,
        reload=options.reload,
        then=tuple(options.then),
        private=options.private,
    ).checked()

    def say(line: str) -> None:
        if not quiet:
            print(f"  {line}", file=sys.stderr, flush=True)  # noqa: T201 - progress for a person

    print(announcement(plan), file=sys.stderr, flush=True)  # noqa: T201 - said before it starts
    return record(plan, say=say, ready=_enter if options.wait_for_me else None)


def _enter() -> None:
    print("Click through what is in the way, then press Enter here.", file=sys.stderr)  # noqa: T201
    sys.stdin.readline()
