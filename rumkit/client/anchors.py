"""Where in minified code the web client may be constructed: found in large texts unparsed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from rumkit.aws_names import UUID

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

CLASS = "AwsRum"
# Options that hardly anything but the web client has.
OWN_OPTIONS = frozenset({
    "allowCookies", "disableAutoPageView", "enableRumClient", "enableXRay", "eventPluginsToLoad",
    "guestRoleArn", "identityPoolId", "pagesToExclude", "pagesToInclude", "sessionEventLimit",
    "sessionSampleRate", "telemetries",
})  # fmt: skip
# Anchors this close belong to one construction, or to the objects that it is handed.
GAP = 3_000
_LONGEST = 12_000
# The namespaces that RFC 4122 names are in every bundle with the `uuid` package.
_UUID = re.compile(rf"[\"'`](?!6ba7b81){UUID}[\"'`]")
_KEY_END = re.compile(r"[\"']?\s*:")
# A module function of webpack, Turbopack or SystemJS, up to its first statement:
# `123: (e, t, n) => {`, `"./a.js": function (e) {`, `123(e, t) {`, `12345, e => {`, `execute: ...`.
_MODULE_START = re.compile(
    r"[,{[]\s*(?:(?:\d+|\"[^\"\n]{1,200}\"|'[^'\n]{1,200}'|execute)\s*:|\d+(?=\()|\d{3,},)\s*"
    r"(?:async\s*)?(?:function)?\s*(?:\([\w$,\s]{0,40}\)|[\w$]{1,3})\s*(?:=>)?\s*\{"
    r"(?:\s*[\"']use strict[\"'];)?"
)
_STATEMENT = re.compile(r"(?<=[;}])(?=(?:var|let|const|function|class|async|import|export)\b)")
_BRACE = re.compile(r"[{}]")
_MAX_ANCHORS = 300
_MAX_SPOTS = 4
_BEFORE = 10_000


@dataclass
class Spot:
    """Anchors side by side: their places, in characters, and of which kind each is."""

    anchors: list[tuple[int, str]] = field(default_factory=list)

    @property
    def start(self) -> int:
        """Return the first anchor's place."""
        return self.anchors[0][0]

    @property
    def end(self) -> int:
        """Return the last anchor's place."""
        return self.anchors[-1][0]

    @property
    def kinds(self) -> set[str]:
        """Return the kinds of its anchors: an option's name, `uuid` or `AwsRum`."""
        return {kind for _, kind in self.anchors}

    @property
    def weight(self) -> int:
        """Weigh how likely it is that the client is constructed or configured here."""
        kinds = self.kinds
        return len(kinds) + ("uuid" in kinds) + 3 * (CLASS in kinds)

    def distance(self, start: int, end: int) -> int:
        """Return how far a stretch is from the nearest option, or from an anchor of any kind."""
        options = [place for place, kind in self.anchors if kind in OWN_OPTIONS]
        places = options or [place for place, _ in self.anchors]
        return min(max(start - place, place - end, 0) for place in places)


def find_spots(text: str, constructed: Iterable[int]) -> list[Spot]:
    """Return the few most likely places, in order; at `constructed` the class is known already."""
    spots: list[Spot] = []
    for place, kind in sorted([*_options(text), *((place, CLASS) for place in constructed)]):
        if not spots or place > min(spots[-1].end + GAP, spots[-1].start + _LONGEST):
            spots.append(Spot())
        spots[-1].anchors.append((place, kind))
    likely = sorted((spot for spot in spots if spot.weight >= 2), key=lambda spot: -spot.weight)
    return sorted(likely[:_MAX_SPOTS], key=lambda spot: spot.start)


def start_before(text: str, place: int) -> int:
    """Return where to begin reading: in a module function or at a statement, not in a string."""
    if place <= _BEFORE:
        return 0
    least = place - _BEFORE
    modules = list(_MODULE_START.finditer(text, least, place))
    if modules and _still_open(text, modules[-1].end(), place):
        return modules[-1].end()
    statement = _STATEMENT.search(text, least, place)
    return statement.start() if statement else least


def end_after(text: str, start: int, place: int, most: int) -> int:
    """Return where the outermost block ends that is open at `place`, as far as braces tell.

    What was closed before `place` counts from `start`; `most` is the limit.
    """
    depth = floor = 0
    for brace in _BRACE.finditer(text, start, most):
        depth += 1 if brace[0] == "{" else -1
        if depth >= floor:
            continue
        if brace.start() >= place:
            return brace.start()
        floor = depth
    return most


def _still_open(text: str, start: int, end: int) -> bool:
    """Say whether the block that begins at `start` goes on to `end`, as far as braces tell."""
    return end_after(text, start, start, end) == end


def _options(text: str) -> Iterator[tuple[int, str]]:
    for option in OWN_OPTIONS:
        for place in places(text, option):
            if _KEY_END.match(text, place + len(option)):
                yield place, option
    for match in islice(_UUID.finditer(text), _MAX_ANCHORS):
        yield match.start(), "uuid"


def places(text: str, word: str) -> Iterator[int]:
    """Yield the offsets of a word, up to a few hundred."""
    place = text.find(word)
    for _ in range(_MAX_ANCHORS):
        if place < 0:
            break
        yield place
        place = text.find(word, place + len(word))
