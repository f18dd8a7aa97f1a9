"""The web client inside a bundle: recognised by what minification leaves, in the page's scripts.

The names of classes and variables are gone in a bundle. Cookie names, members, messages and the
version remain, and so do the arguments of the construction where they are literal.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from rumkit.client.anchors import OWN_OPTIONS, places
from rumkit.client.constructions import find_constructions, strength

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rumkit.client.generations import Build
    from rumkit.client.snippet import Snippet

Number = tuple[int, int, int]

# Each of these is in the published packages 1.0.3 to 3.2.1, after esbuild, rollup with terser,
# webpack and vite. A page or a library about RUM has some of them, not all.
_COOKIES = ("cwr_s", "cwr_u")
_WIRE = ("RumEvents", "AppMonitorDetails")
_CODE = (
    "incrementSessionEventCount",
    "dispatchFetchFailSilent",
    "AWS RUM Client record: Invalid plugin ID",
    "CWR: Cannot dispatch; no AWS credentials.",
)
# What only the full build holds; what 3.x holds in both builds, which share one part; and the
# part of 3.x that either build constructs.
_FULL = ("constructBuiltinPlugins", "CWR: Failed to retrieve Cognito")
_SINCE_3 = "setSigningConfigFactory"
_SLIM = "Initialized RUM Slim"
# The global from which the CDN's script takes its orders.
_SCRIPT = "AwsRumClient"
_MARKS = (*_COOKIES, *_WIRE, *_CODE, *_FULL, _SINCE_3, _SLIM, _SCRIPT)

# Of `strength`: enough when the client's code itself was not read.
_CERTAIN = 6

_VERSION_KEY = "aws:clientVersion"
_VERSION_USE = re.compile(
    r"aws:clientVersion[\"'`]\]?\s*[:=]\s*(?:[\"'`](\d+\.\d+\.\d+)[\"'`]|([\w$.]{1,60}))"
)
_RELEASE = re.compile(r"\s*=\s*[\"'`](\d{1,3}\.\d{1,3}\.\d{1,3})[\"'`]")


@dataclass(frozen=True)
class _Feature:
    """From release `since` on, the client's code holds `text`; `full`: in the full build alone."""

    since: Number
    text: str
    full: bool = False


# Source: `git grep` over the release tags of aws-observability/aws-rum-web.
_FEATURES = (
    _Feature((1, 0, 0), "incrementSessionEventCount"),
    _Feature((1, 5, 0), "routeChangeComplete"),
    _Feature((1, 6, 0), "recordJsErrorEvent", full=True),
    _Feature((1, 9, 0), "useBeacon"),
    _Feature((1, 10, 0), "addSessionAttributes"),
    _Feature((1, 11, 0), "CWR: Failed to retrieve Cognito OpenId token: ", full=True),
    _Feature((1, 13, 0), _VERSION_KEY),
    _Feature((1, 15, 0), "cwr_i"),
    _Feature((1, 16, 0), "isTraceIdHeaderEnabled", full=True),
    _Feature((1, 16, 2), "validateOpenIdToken", full=True),
    _Feature((1, 18, 0), "disableCodes"),
    _Feature((1, 21, 0), "aws:releaseId"),
    _Feature((1, 23, 0), "candidatesCacheSize"),
    _Feature((1, 25, 0), "enableW3CTraceId"),
    _Feature((2, 0, 0), "forceRebuildClient"),
    _Feature((2, 1, 0), "compressionStrategy"),
    _Feature((3, 0, 0), _SINCE_3),
    _Feature((3, 1, 0), "suppressSessionStartEvent"),
)


@dataclass(frozen=True)
class BundledClient:
    """The web client in the scripts of a page, and what it is told there.

    `installed` is `module` for the NPM package, `script` for a cwr.js, which takes its orders
    from a loader elsewhere. `build` is None when the scripts at hand do not tell it. `version` is
    exact, or empty when only its bounds are known: at least `since`, lower than `before`; None is
    no bound. `url` names the script that holds the client's code; it is empty when only a
    construction was seen and the code comes from a script that was not read. `snippets` are the
    constructions, of kind `npm`, as far as their arguments are literal; none when the
    configuration comes from elsewhere.
    """

    installed: Literal["module", "script"]
    build: Build | None
    version: str = ""
    since: Number | None = None
    before: Number | None = None
    url: str = ""
    snippets: tuple[Snippet, ...] = ()

    @property
    def version_text(self) -> str:
        """Return `3.2.1`, `at least 1.9.0, before 1.10.0`, `at least 3.1.0` or `unknown`."""
        if self.version or self.since is None:
            return self.version or "unknown"
        least = f"at least {'.'.join(map(str, self.since))}"
        return f"{least}, before {'.'.join(map(str, self.before))}" if self.before else least


def find_in_scripts(scripts: Iterable[tuple[str, str]]) -> BundledClient | None:
    """Return the web client in the scripts of a page, given as (URL, text).

    Bundlers spread the client, its configuration and its construction over several files, so all
    are looked at together. Never raises; the work is bounded whatever the texts are.
    """
    read = [(url, text, _marks(text)) for url, text in scripts]
    seen = frozenset[str]().union(*(marks for _, _, marks in read))
    made = [snippet for _, text, _ in read for snippet in find_constructions(text)]
    if not _is_client(seen):
        made = [snippet for snippet in made if _convincing(snippet)]
        return BundledClient("module", None, snippets=tuple(made)) if made else None
    build = _build(seen)
    code = [text for _, text, marks in read if marks]
    version = next(filter(None, map(_version, code)), "")
    since, before = (None, None) if version else _range(code, build)
    return BundledClient(
        installed="script" if _SCRIPT in seen and not made else "module",
        build=build,
        version=version,
        since=since,
        before=before,
        url=max(read, key=lambda script: len(script[2]))[0],
        snippets=tuple(replace(snippet, build=build or "full") for snippet in made),
    )


def _marks(text: str) -> frozenset[str]:
    """Return the client's marks in a text; none unless the text has one that is hardly chance."""
    if not any(mark in text for mark in (*_CODE, *_FULL, _SINCE_3, _SLIM)):
        return frozenset()
    return frozenset(mark for mark in _MARKS if _holds(text, mark))


def _holds(text: str, mark: str) -> bool:
    """Say whether a text holds a mark; the cookies' names count only as whole strings."""
    if mark not in _COOKIES:
        return mark in text
    return any(f"{quote}{mark}{quote}" in text for quote in "\"'`")


def _is_client(marks: frozenset[str]) -> bool:
    return marks.issuperset([*_COOKIES, *_WIRE]) and len(marks.intersection(_CODE)) >= 3


def _convincing(snippet: Snippet) -> bool:
    """Say whether a construction is the client's by its arguments alone, no client in sight."""
    return strength(snippet) >= _CERTAIN and len(OWN_OPTIONS & snippet.config.keys()) >= 2


def _build(marks: frozenset[str]) -> Build | None:
    if not marks.isdisjoint(_FULL) or _SINCE_3 not in marks:
        return "full"
    return "slim" if _SLIM in marks else None


def _version(text: str) -> str:
    """Return the version that the client puts into its events' metadata, where it is literal."""
    use = _VERSION_USE.search(text)
    if use is None or use[1]:
        return use[1] if use else ""
    holder, _, name = use[2].rpartition(".")
    if holder and len(name) < 3:
        return ""  # a member that webpack renamed; many others are called the same
    releases = {
        release[1]
        for place in _assignments(text, name)
        if (release := _RELEASE.match(text, place)) is not None
    }
    return releases.pop() if len(releases) == 1 else ""


def _assignments(text: str, name: str) -> Iterator[int]:
    """Yield the places behind a whole name that an equals sign follows."""
    for spelling in (f"{name}=", f"{name} ="):
        for place in places(text, spelling):
            before = text[place - 1 : place]
            if not (before.isalnum() or before in {"_", "$"}):
                yield place + len(name)


def _range(code: list[str], build: Build | None) -> tuple[Number | None, Number | None]:
    """Return the release that the features begin with, and the first one that is ruled out.

    Features count only in an unbroken row: a later one alone may be another library's.
    """
    since: Number | None = None
    for feature in _FEATURES:
        if feature.full and build != "full":
            continue
        if not any(feature.text in text for text in code):
            return since, feature.since
        since = feature.since
    return since, None
