"""Who starts an installation that is written well, and under which condition."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.checks import fixes
from rumkit.checks.base import passed, unknown, warned
from rumkit.checks.events_not_sent.never_made import IN_THE_BROWSER
from rumkit.checks.loader import paste_snippet
from rumkit.checks.written import sentence
from rumkit.client.builds import for_visitors

if TYPE_CHECKING:
    from rumkit.client.snippet import Snippet
    from rumkit.evidence import Evidence
    from rumkit.model import Outcome, Proof

COMMANDS = fixes.advice(
    "Use the client's own commands",
    "The loader itself starts the client; cwr('initialize', …) and cwr('init', …) are none of its"
    " commands. The list is in docs/cdn_commands.md of the client.",
)
_ONCE = fixes.advice(
    "Construct the client once",
    "Move the construction out of the component, or into an effect that runs once"
    " (useEffect(() => …, [])): each render makes another client, with its own listeners and"
    " timer.",
)
_FOR_VISITORS = fixes.advice(
    "Start the client in builds for visitors",
    "Turn the condition round (process.env.NODE_ENV === 'production', import.meta.env.PROD), or"
    " take it away.",
)
_PUBLIC_NAME = fixes.advice(
    "Give the variable a name that the build hands to browsers",
    "Write it out where it is read, with the prefix of your build: import.meta.env.VITE_NAME for"
    " Vite, process.env.NEXT_PUBLIC_NAME for Next.js, process.env.REACT_APP_NAME for Create React"
    " App. Set it where the site is built, and build again.",
)
_BUNDLED = fixes.advice(
    "Let the bundler see the import",
    "Write import { AwsRum } from 'aws-rum-web' or await import('aws-rum-web') as it is, and"
    " install the package, or give the page an import map that names it.",
)
_AS_HTML = fixes.advice(
    "Give the snippet to the element as HTML",
    "<script dangerouslySetInnerHTML={{ __html: `…the snippet…` }} />, or in Next.js"
    ' <Script id="rum" strategy="beforeInteractive">{`…the snippet…`}</Script>.',
)
SNIPPET_FIRST = fixes.advice(
    "Put the snippet before every command",
    "The snippet defines the function that takes the commands, so it has to be the first script of"
    " the page's head. A command in its own script is queued once the snippet ran.",
)
_WHO_STARTS = fixes.advice(
    "Record a browser for which it should start",
    "Meet the condition first (agree to what the page asks for, sign in), reload, wait fifteen"
    " seconds, save the network panel as HAR with content, and repeat with --recording FILE.",
)
# What a client starts with all the same, or may: its code, the fix, and whether it is certain.
_AT_RISK = (
    ("constructed-each-render", _ONCE, True),
    ("on-the-server", IN_THE_BROWSER, True),
    ("private-variable", _PUBLIC_NAME, False),
    ("past-the-bundler", _BUNDLED, False),
    ("jsx-text", _AS_HTML, False),
    ("command-before-snippet", SNIPPET_FIRST, True),
    ("unknown-command", COMMANDS, True),
)
# These start the script in the page by themselves; whatever else may or may not.
_STARTERS = ("next/script", "Rocket Loader")


def conditions(evidence: Evidence, snippet: Snippet, proof: Proof) -> Outcome:
    """Say who starts the installation and under which condition; what may not run is no pass."""
    for code, way, certain in _AT_RISK:
        if problem := snippet.problem(code):
            return warned(sentence(problem), proof, fixes=(way,), certain=certain)
    if problem := snippet.problem("perhaps-syntax"):
        whole = paste_snippet(evidence) if snippet.kind == "loader" else ()
        return unknown(sentence(problem), proof, fixes=whole, missing=("input:recording",))
    if snippet.started_by and not snippet.started_by.startswith(_STARTERS):
        return _open(
            "The page holds an installation that no browser runs by itself:"
            f" {snippet.started_by} starts it.",
            evidence,
            proof,
        )
    visitors = for_visitors(snippet.conditional)
    if visitors is False:
        return warned(
            f"The client starts in developers' builds alone: {snippet.conditional}. A site that is"
            " built for visitors does not start it.",
            proof,
            fixes=(_FOR_VISITORS,),
            certain=False,
        )
    if snippet.conditional and not visitors:
        return _open(
            f"The client starts only under a condition: {snippet.conditional}. Visitors for whom"
            " it does not hold send nothing.",
            evidence,
            proof,
        )
    by = f" {snippet.started_by} runs it." if snippet.started_by else ""
    if visitors:
        by += f" Builds for visitors start it, a developer's does not: {snippet.conditional}."
    if snippet.kind == "npm":
        return passed(f"The client is constructed (line {snippet.line}).{by}", proof)
    return passed(f"The page holds a snippet that can start the client.{by}", proof)


def _open(text: str, evidence: Evidence, proof: Proof) -> Outcome:
    seen = evidence.client_seen()
    more = f"It does for some: {seen}." if seen else "A recording shows whether it does."
    return unknown(f"{text} {more}", proof, fixes=(_WHO_STARTS,), missing=("input:recording",))
