"""Options and names that are spelt almost, and which is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.client.generations import OPTION_NAMES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

# Other words for an option, among them those of the API's AppMonitorConfiguration.
_OTHER_WORDS = {
    "telemetry": "telemetries",
    "samplerate": "sessionSampleRate",
    "samplingrate": "sessionSampleRate",
    "sessionsamplingrate": "sessionSampleRate",
    "identitypool": "identityPoolId",
    "cognitoidentitypoolid": "identityPoolId",
    "guestrole": "guestRoleArn",
    "rolearn": "guestRoleArn",
    "xray": "enableXRay",
    "enablexraytracing": "enableXRay",
    "cookies": "allowCookies",
    "enablecookies": "allowCookies",
    "includedpages": "pagesToInclude",
    "excludedpages": "pagesToExclude",
    "dataplaneendpoint": "endpoint",
    "eventlimit": "sessionEventLimit",
}
_EXACT = {name.lower(): name for name in OPTION_NAMES}
_MAX_LENGTH = 40


def misspelt(names: Collection[str]) -> dict[str, str]:
    """Return the options that no client reads and the ones that are meant, as far as clear."""
    corrections = {}
    for name in list(names)[:200]:
        meant = None if name in OPTION_NAMES or len(name) > _MAX_LENGTH else _option(name)
        if meant and meant not in names:
            corrections[name] = meant
    return corrections


def _option(name: str) -> str | None:
    plain = name.replace("_", "").replace("-", "").lower()
    exact = _EXACT.get(plain) or _OTHER_WORDS.get(plain)
    return exact or _EXACT.get(nearest(plain, _EXACT, max(1, min(2, len(plain) // 5))) or "")


def nearest(word: str, words: Iterable[str], most: int) -> str | None:
    """Return the only closest word that at most so many letters set apart."""
    near = closest(word, words, most)
    return near[0] if len(near) == 1 else None


def closest(word: str, words: Iterable[str], most: int) -> list[str]:
    """Return the closest words, sorted, none when more letters set them apart."""
    if not word or len(word) > _MAX_LENGTH:
        return []
    near = [(apart(word, other, most), other) for other in words]
    best = min((distance for distance, _ in near), default=most + 1)
    return sorted(other for distance, other in near if distance == best <= most)


def apart(first: str, second: str, most: int) -> int:
    """Return how many letters are added, lost, changed or swapped; `most` + 1 for many more."""
    if abs(len(first) - len(second)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(second) + 1))
    for i, letter in enumerate(first, 1):
        earlier, before, row = before, row, [i]
        for j, other in enumerate(second, 1):
            cost = min(before[j] + 1, row[-1] + 1, before[j - 1] + (letter != other))
            swapped = i > 1 and j > 1 and letter == second[j - 2] and first[i - 2] == other
            row.append(min(cost, earlier[j - 2] + 1) if swapped else cost)
    return row[-1]
