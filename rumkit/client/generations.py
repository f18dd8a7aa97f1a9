"""What each generation of the RUM web client does: one table, each row with its source."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal
from urllib.parse import urlsplit

Build = Literal["full", "slim"]

CDN_HOST = "client.rum.us-east-1.amazonaws.com"
NEWEST = (3, 2, 1)
# The last release of each line that a floating URL can name; other N.M.x resolve to their own line.
# Source: release tags of aws-observability/aws-rum-web, npm.
_NEWEST_OF_MAJOR = {1: (1, 25, 0), 2: (2, 1, 0), 3: NEWEST}
_NEWEST_OF_MINOR = {
    (1, 0): (1, 0, 2),
    (1, 2): (1, 2, 1),
    (1, 16): (1, 16, 2),
    (1, 17): (1, 17, 2),
    (3, 2): (3, 2, 1),
}
_FILE = re.compile(r"/cwr(-slim)?\.js", re.IGNORECASE)
_PATH = re.compile(r"/(\d{1,3}(?:\.(?:\d{1,3}|x)){1,2})/cwr(?:-slim)?\.js")
_SPELLING = re.compile(r"(\d{1,3})(?:\.(\d{1,3}|x))?(?:\.(\d{1,3}|x))?")


@dataclass(frozen=True)
class ClientVersion:
    """The version that a client URL names.

    `text` is as written (`1.x`, `3.2.0`) or empty. `floating` says that the CDN decides, and
    `number` is then the newest that is known. `number` is None when the URL does not tell.
    `cdn` says that AWS serves it; `host` is the URL's host.
    """

    text: str = ""
    number: tuple[int, int, int] | None = None
    floating: bool = False
    build: Build = "full"
    cdn: bool = False
    host: str = ""

    @property
    def known(self) -> bool:
        """Say whether it lies within the generations of the table."""
        return self.number is not None and _in_table(self.number)

    def __str__(self) -> str:
        return ".".join(map(str, self.number)) if self.number else "unknown"

    @classmethod
    def parse(cls, client_url: object) -> ClientVersion:
        """Read a client URL, or a bare version; anything else has no number. Never raises."""
        if not isinstance(client_url, str):
            return cls()
        if _SPELLING.fullmatch(client_url.strip()):
            number, floating = _resolve(client_url.strip())
            return cls(client_url.strip(), number, floating)
        try:
            parts = urlsplit(client_url.strip())
            host = parts.hostname or ""
        except ValueError:
            return cls()
        name = _FILE.search(parts.path)
        build: Build = "slim" if name and name[1] else "full"
        cdn = host == CDN_HOST
        path = _PATH.fullmatch(parts.path)
        if not path or not _of_aws(host):
            return cls(build=build, cdn=cdn, host=host)
        number, floating = _resolve(path[1])
        return cls(path[1], number, floating, build, cdn, host)


def _of_aws(host: str) -> bool:
    return host.startswith("client.rum.") and host.endswith((".amazonaws.com", ".amazonaws.com.cn"))


def _in_table(number: tuple[int, int, int]) -> bool:
    newest = _NEWEST_OF_MAJOR.get(number[0])
    return newest is not None and number[1] <= newest[1] and number <= NEWEST


def _resolve(text: str) -> tuple[tuple[int, int, int], bool]:
    """Return the number that a spelling stands for, and whether it floats."""
    match = _SPELLING.fullmatch(text)
    assert match is not None
    major, minor, patch = int(match[1]), match[2] or "x", match[3] or "x"
    if minor == "x":
        return _NEWEST_OF_MAJOR.get(major, (major, 0, 0)), True
    if patch == "x":
        return _NEWEST_OF_MINOR.get((major, int(minor)), (major, int(minor), 0)), True
    return (major, int(minor), int(patch)), False


Disables = Literal["never", "any-rejection", "403-or-404", "second-403-or-404"]
Signing = Literal["ignored", "without-pool", "honoured", "factory"]


@dataclass(frozen=True)
class Behaviour:
    """What decides delivery in one version of one build. Each field is a row of `TABLE`.

    `version` is the number whose rows apply; `known` is false when the version asked for is not
    in the table and the newest rows stand in.
    """

    version: tuple[int, int, int] = NEWEST
    build: Build = "full"
    known: bool = True
    floating: bool = False
    # credentials
    enhanced_flow: bool = False
    cognito: bool = True
    signing: Signing = "ignored"
    token_errors_noticed: bool = False
    unique_credentials: bool = False
    late_credentials_disable: bool = False
    purges_credentials_on_403: bool = False
    # dispatch
    disables: Disables = "never"
    trailing_slash: bool = True
    # configuration
    default_endpoint_region: str | None = None
    default_telemetries: tuple[str, ...] = ()
    telemetries_option: bool = True
    sends_before_it_throws: bool = False
    remote_configuration: bool = True
    session_event_limit: int = 200
    empty_pages_to_include_records_all: bool = True
    xray_header_list: bool = False

    @property
    def label(self) -> str:
        """Return the version as text."""
        return ".".join(map(str, self.version))


@dataclass(frozen=True)
class BehaviourRow:
    """From version `since` on (of `build`, or of both), `field` of Behaviour is `value`."""

    field: str
    since: tuple[int, int, int]
    value: Any
    source: str
    build: Build | None = None


_DOCS = "https://github.com/aws-observability/aws-rum-web/blob/main/docs/"
_REPO = "https://github.com/aws-observability/aws-rum-web/"
_RUN = "published bundles run in a browser: "

TABLE: tuple[BehaviourRow, ...] = (
    BehaviourRow("enhanced_flow", (1, 15, 0), True, _REPO + "pull/433"),
    BehaviourRow("cognito", (3, 0, 0), False, _DOCS + "packages/slim.md", "slim"),
    BehaviourRow("signing", (1, 11, 0), "without-pool", _RUN + "1.13.7, 1.16.1, 1.19.0, 1.25.0"),
    BehaviourRow("signing", (2, 0, 0), "honoured", _RUN + "2.1.0, 3.2.0"),
    BehaviourRow("signing", (3, 0, 0), "factory", _DOCS + "packages/slim.md", "slim"),
    BehaviourRow("token_errors_noticed", (1, 16, 2), True, _RUN + "1.16.1, 1.17.2"),
    BehaviourRow(
        "unique_credentials", (1, 19, 0), True, "src/dispatch/Authentication.ts at 1.19.0"
    ),
    BehaviourRow("late_credentials_disable", (1, 6, 0), True, _RUN + "1.13.7, 1.17.2"),
    BehaviourRow("late_credentials_disable", (1, 18, 0), False, _RUN + "1.19.0"),
    BehaviourRow("purges_credentials_on_403", (2, 0, 0), True, _RUN + "2.1.0, 3.2.0"),
    BehaviourRow("disables", (1, 6, 0), "any-rejection", _RUN + "1.13.7, 1.16.1, 1.17.2"),
    BehaviourRow("disables", (1, 18, 0), "403-or-404", _RUN + "1.19.0, 1.25.0"),
    BehaviourRow("disables", (2, 0, 0), "second-403-or-404", _RUN + "2.1.0, 3.2.0"),
    BehaviourRow("trailing_slash", (1, 11, 0), False, _RUN + "1.5.0, 1.13.7"),
    BehaviourRow("default_endpoint_region", (3, 0, 0), "us-west-2", _REPO + "issues/854", "full"),
    BehaviourRow("default_endpoint_region", (3, 2, 1), None, _REPO + "pull/869", "full"),
    BehaviourRow(
        "default_telemetries",
        (3, 0, 0),
        ("errors", "performance", "http", "replay"),
        _DOCS + "migration_v2_to_v3.md",
        "full",
    ),
    BehaviourRow("telemetries_option", (3, 0, 0), False, _DOCS + "packages/slim.md", "slim"),
    BehaviourRow("sends_before_it_throws", (3, 0, 0), True, _RUN + "3.2.0, 3.2.1", "full"),
    BehaviourRow("remote_configuration", (3, 0, 0), False, _DOCS + "packages/slim.md", "slim"),
    BehaviourRow(
        "empty_pages_to_include_records_all", (1, 7, 0), False, _RUN + "1.17.2, 1.25.0, 3.2.1"
    ),
    BehaviourRow("xray_header_list", (1, 16, 0), True, _RUN + "1.13.7, 1.16.1"),
)

# The first version that knows a configuration field; a field not named here is in all of them.
# Source: git history of src/orchestration/Orchestration.ts.
OPTION_SINCE: dict[str, tuple[int, int, int]] = {
    "alias": (1, 20, 0),
    "applicationAttributes": (3, 1, 0),
    "candidatesCacheSize": (1, 23, 0),
    "compressionStrategy": (2, 1, 0),
    "debug": (2, 0, 0),
    "enableW3CTraceId": (1, 25, 0),
    "headers": (1, 22, 0),
    "releaseId": (1, 21, 0),
    "retries": (1, 6, 0),
    "routeChangeComplete": (1, 5, 0),
    "routeChangeTimeout": (1, 5, 0),
    "sessionAttributes": (1, 10, 0),
    "sessionId": (3, 1, 0),
    "userId": (3, 1, 0),
    "signing": (1, 11, 0),
    "suppressSessionStartEvent": (3, 1, 0),
    "useBeacon": (1, 9, 0),
}

# Every option that a client of any generation reads. Source: docs/configuration.md.
OPTION_NAMES = frozenset({
    *OPTION_SINCE,
    "allowCookies", "batchLimit", "client", "clientBuilder", "cookieAttributes",
    "disableAutoPageView", "dispatchInterval", "enableRumClient", "enableXRay", "endpoint",
    "endpointUrl", "eventCacheSize", "eventPluginsToLoad", "fetchFunction", "guestRoleArn",
    "identityPoolId", "pageIdFormat", "pagesToExclude", "pagesToInclude", "recordResourceUrl",
    "sessionEventLimit", "sessionLengthSeconds", "sessionSampleRate", "telemetries",
    "userIdRetentionDays",
})  # fmt: skip

TELEMETRIES = ("errors", "performance", "http", "interaction", "replay")


def behaviour(version: ClientVersion | str | None = None, build: Build | None = None) -> Behaviour:
    """Return what a version does; one that is not in the table does as the newest, unknown.

    `version` is a ClientVersion, a client URL, a bare version, or None. The build is the
    version's own unless given.
    """
    parsed = version if isinstance(version, ClientVersion) else ClientVersion.parse(version)
    chosen = build or parsed.build
    number = parsed.number if parsed.known and parsed.number else NEWEST
    return replace(_behaviour(number, chosen), known=parsed.known, floating=parsed.floating)


@cache
def _behaviour(number: tuple[int, int, int], build: Build) -> Behaviour:
    values: dict[str, Any] = {}
    for row in TABLE:
        if row.since <= number and row.build in {None, build}:
            values[row.field] = row.value
    return Behaviour(version=number, build=build, **values)
