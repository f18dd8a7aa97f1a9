"""What consoles and builds say where the client of the package is never made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.checks import fixes
from rumkit.checks.observed import seen_to_fail

if TYPE_CHECKING:
    from rumkit.client.visit import Visit
    from rumkit.model import Outcome

NAMED_IMPORT = fixes.advice(
    "Import the class by its name",
    "import { AwsRum } from 'aws-rum-web'; or, without modules, const { AwsRum } ="
    " require('aws-rum-web'); the rest of the file stays as it is.",
)
IN_THE_BROWSER = fixes.advice(
    "Construct the client in code that the browser runs",
    "Move the construction into the entry of the application that is bundled for the browser (in"
    " Next.js a component that begins with 'use client'), or put the snippet into the HTML that the"
    " server sends.",
)
# What a console or a build says that keeps the client from being made: why, and what to do.
_TOLD = {
    "class-undefined": (
        "The client is never made: AwsRum is not defined where the code constructs it.",
        fixes.advice(
            "Import the class, or paste the snippet in place of this code",
            "import { AwsRum } from 'aws-rum-web', in a module that a bundler reads. A page without"
            " a bundler takes the console's snippet for the CDN (HTML) instead.",
        ),
    ),
    "no-constructor": (
        "The client is never made: what the code constructs is not the package's class.",
        NAMED_IMPORT,
    ),
    "package-missing": (
        "The build does not find the client's package.",
        fixes.advice("Install the package", "npm install aws-rum-web, and build again."),
    ),
    "dependency-missing": (
        "A module that the client's package needs is not installed.",
        fixes.advice(
            "Install the package again",
            "npm install aws-rum-web@latest, and let the host's bundler take its dependencies with"
            " it; releases before 1.13.7 leave some out of their list.",
        ),
    ),
    "no-window": ("The client was constructed on a server, where it throws.", IN_THE_BROWSER),
    "sandboxed": (
        "The page runs in a sandboxed frame, where the client may keep no cookie and throws.",
        fixes.advice(
            "Give the frame its origin",
            "Add allow-same-origin to the frame's sandbox attribute (sandbox=\"allow-scripts"
            ' allow-same-origin"), or construct the client in the page around it.',
        ),
    ),
}


def told_never_made(visit: Visit) -> Outcome | None:
    """Fail for a message that shows why no client was made; None where there is none."""
    told = visit.console.said(*_TOLD) if visit.console and not visit.puts else None
    if told is None:
        return None
    why, way = _TOLD[told.reason]
    return seen_to_fail(f"{why} The console says: {told.text.rstrip('.')}.", fixes=(way,))
