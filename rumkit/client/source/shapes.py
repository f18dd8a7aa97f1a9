"""Options of the wrong shape: what the client then does is in each message."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rumkit.client.generations import TELEMETRIES
from rumkit.client.options import KnownOption
from rumkit.client.snippet import Problem
from rumkit.client.source.literals import to_number
from rumkit.client.source.spelling import nearest
from rumkit.client.values import Expression, RegExp, Value, written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rumkit.client.snippet import Snippet

# Sources: the published bundles 1.17.2, 1.25.0 and 3.2.1, run with each of these options.


def shape_problems(snippet: Snippet) -> Iterator[Problem]:
    """Yield the options whose shape the client does not take."""
    yield from _telemetries(snippet)
    yield from _pages(snippet)
    yield from _endpoint(snippet)
    yield from _sample_rate(snippet)
    yield from _compression(snippet)
    yield from _spelling(snippet)


def _known(snippet: Snippet, name: str) -> Value:
    """Return an option's literal; None when it has none."""
    setting = snippet.setting(name)
    return setting.value if isinstance(setting, KnownOption) else None


def _spelling(snippet: Snippet) -> Iterator[Problem]:
    for name, meant in snippet.misspelt.items():
        message = f"the client reads no option {name}; {meant} is meant, and its default applies"
        yield Problem("misspelt-option", message, name)


def _telemetries(snippet: Snippet) -> Iterator[Problem]:
    value = _known(snippet, "telemetries")
    if value is None:
        return
    if not isinstance(value, list):
        message = f"telemetries is {written(value)}, not a list: the client throws at start"
        yield Problem("telemetries-not-list", message, "telemetries")
        return
    for entry in value[:50]:
        name = entry[0] if isinstance(entry, list) and entry else entry
        if not isinstance(name, Expression) and name not in TELEMETRIES:
            close = nearest(name, TELEMETRIES, 2) if isinstance(name, str) else None
            meant = f" ({close} is meant?)" if close else ""
            message = (
                f"{written(name)} is not a telemetry{meant} and is ignored without notice; there"
                " are " + ", ".join(TELEMETRIES)
            )
            yield Problem("unknown-telemetry", message, "telemetries")


def _pages(snippet: Snippet) -> Iterator[Problem]:
    for option in ("pagesToInclude", "pagesToExclude"):
        value = _known(snippet, option)
        wrong = _not_regexp(value)
        if wrong:
            message = (
                f"{option} holds {wrong}, not a regular expression: the client throws at start"
            )
            yield Problem("pages-not-regexp", message, option)


def _not_regexp(value: Value) -> str | None:
    if value is None:
        return None
    if not isinstance(value, list):
        return written(value)
    wrong = (item for item in value if not isinstance(item, RegExp | Expression))
    first = next(wrong, None)
    return None if first is None else written(first)


def _endpoint(snippet: Snippet) -> Iterator[Problem]:
    value = _known(snippet, "endpoint")
    if isinstance(value, str) and value and not value.lower().startswith(("https://", "http://")):
        message = (
            f"the endpoint {value[:100]!r} lacks https://: since 1.6 the client throws at start, "
            "before it sends to the page's own host"
        )
        yield Problem("endpoint-no-scheme", message, "endpoint")


def _sample_rate(snippet: Snippet) -> Iterator[Problem]:
    value = _known(snippet, "sessionSampleRate")
    if value is None:
        return
    number = to_number(value)
    if number is None or math.isnan(number):
        message = f"sessionSampleRate is {written(value)}, not a number: no session is recorded"
        yield Problem("sample-rate-not-number", message, "sessionSampleRate")
    elif not 0 <= number <= 1:
        message = f"sessionSampleRate is {written(value)}; it goes from 0 to 1"
        yield Problem("sample-rate-out-of-range", message, "sessionSampleRate")
    elif isinstance(value, str | bool):
        message = f"sessionSampleRate is {written(value)}, which works as {number}; write a number"
        yield Problem("sample-rate-not-number", message, "sessionSampleRate")


def _compression(snippet: Snippet) -> Iterator[Problem]:
    value = _known(snippet, "compressionStrategy")
    if value is None or isinstance(value, dict):
        return
    message = (
        f"compressionStrategy is {written(value)}, which leaves compression off; it is an object "
        "such as {enabled: true}"
    )
    yield Problem("compression-not-object", message, "compressionStrategy")
