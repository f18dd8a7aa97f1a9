"""Which client meets which scenario, and what its recording can tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from real_client_bundles import GENERATIONS, Generation

from rumkit.sandbox.installation import plain_name
from rumkit.sandbox.scenarios import SCENARIOS

if TYPE_CHECKING:
    from rumkit.sandbox.scenarios.base import Scenario

_BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}
_BY_VERSION = {generation.name: generation for generation in GENERATIONS}
# What the generations differ in, and what everybody has: every generation meets these.
CORE = (
    "healthy",
    "healthy-basic",
    "healthy-unsigned",
    "client-version",
    "session-sample-rate",
    "classic-flow",
    "guest-role-trust",
    "identity-pool",
    "guest-role-permission",
    "signing",
    "endpoint-region",
    "endpoint-default",
    "stored-credentials",
    "telemetries-string",
    "csp-script",
    "csp-connect",
)
# The others meet one generation each, in turn, unless they are about a certain one.
_IN_TURN = ("newest", "1.25", "2.1", "3.2.0", "1.16")
_OLD_TO_NEW = ("1.14", "2.1", "newest")
_CERTAIN = {"slim-build": "slim"}
_VISITS = {"stored-credentials": ("/blog/", "/"), "session-event-limit": ("/", "/")}
# The fault is where the client's script comes from.
_OWN_CLIENT = ("client-script-loads",)

# A browser cannot tell these from their neighbours, and is held to the neighbour.
_SEEN_AS: dict[str, str | None] = {
    # Cognito answers alike whether the pool has no role or the role does not trust the pool.
    "guest-role-trust-enhanced": "pool-guest-role",
    "trusts-rum-service": "pool-guest-role",
    "trusts-authenticated": "pool-guest-role",
    "trust-source-ip": "pool-guest-role",
    "endpoint-region+guest-role-trust": "pool-guest-role",
    # With region and endpoint in agreement, there just is no such monitor there.
    "region-argument": "monitor-exists",
    # The answer itself names the quota, which a trail's count of failures does not.
    "token-vending-failures": "throttling",
    # RUM and the API answer 200, whatever becomes of the event and the trace.
    "custom-events": None,
    "xray-monitor-off": None,
    # That nothing on the page holds the client, another tool's recording does not prove.
    "snippet-present": None,
    # A browser sees the refusal whatever becomes of the trail that should hold it.
    "trail-stopped": "put-events-denied",
    "trail-delivers-nothing": "put-events-denied",
    "trail-one-region": "put-events-denied",
    "trail-other-monitor": "put-events-denied",
    "xray-joined": None,
}
# Nothing is asked of Cognito by the slim build, which sends unsigned: so nothing there can fail.
_MISSED_BY_SLIM = {
    "identity-pool", "classic-flow", "guest-role-trust", "pool-guest-role", "client-version",
    "credentials-configured", "stored-credentials", "guest-role-permission", "put-events-denied",
    "throttling", "session-event-limit", "xray-enabled", "xray-header", "xray-cors", None,
}  # fmt: skip
_PAGE_FIRST = {"snippet-present", "client-script-loads", "csp-script", "csp-connect"}
_HEALED_SINCE_2 = {"stored-credentials"}
_UNSIGNED = {"healthy-unsigned", "resource-policy", "resource-policy-referer"}
_ANSWERS: dict[str | None, set[int]] = {
    None: {200},
    "session-event-limit": {200},
    "xray-enabled": {200},
    "xray-header": {200},
    "xray-cors": {200},
    "stored-credentials": {200, 403},
    "guest-role-permission": {403},
    "put-events-denied": {403},
    "resource-policy": {403},
    "signing": {403},
    "monitor-domain": {400},
    "endpoint-region": {403},
    "monitor-exists": {404},
}


@dataclass(frozen=True)
class Case:
    """A scenario with one generation of the client, and the paths that are visited."""

    scenario: Scenario
    generation: Generation

    def __str__(self) -> str:
        return plain_name(f"{self.scenario.name}-{self.generation.name}")

    @property
    def visits(self) -> tuple[str, ...]:
        """Return the paths that are visited, one after the other."""
        return _VISITS.get(self.scenario.name, ("/",))

    @property
    def own_client(self) -> bool:
        """Tell whether the scenario's own client stays on the page."""
        return self.scenario.name in _OWN_CLIENT


@dataclass(frozen=True)
class Expected:
    """The cause that a recording must show, and the statuses of PutRumEvents that go with it."""

    cause: str | None
    answers: set[int]


def expected(case: Case) -> Expected:
    """Return what the recording of a case must show."""
    cause = _cause(case)
    return Expected(cause, _answers(case, cause))


def _cause(case: Case) -> str | None:
    name, client = case.scenario.name, case.generation
    cause = _SEEN_AS.get(name, case.scenario.root_cause)
    if client.slim:
        return _slim_cause(name, cause)
    if client.number < (1, 15) and _enhanced(case) and cause not in _PAGE_FIRST:
        return "client-version"
    if name == "client-version" or (name == "slim-build" and not client.slim):
        return None
    if name == "signing":
        # Until 2.0 a client with an identity pool signs, whatever the option says.
        return cause if client.number >= (2, 0) else None
    if name == "endpoint-default":
        return cause if (3, 0) <= client.number < (3, 2, 1) else None
    if cause in _HEALED_SINCE_2 and client.number >= (2, 0):
        return None
    return cause


def _slim_cause(name: str, cause: str | None) -> str | None:
    if name in _UNSIGNED:
        return cause
    # The slim build has no telemetries option.
    if name in {"csp-connect", "endpoint-default", "telemetries-string"}:
        return "signing"
    return "signing" if cause in _MISSED_BY_SLIM else cause


def _enhanced(case: Case) -> bool:
    basic = {"healthy-basic", "classic-flow", "guest-role-trust", "credentials-configured"}
    basic |= {"healthy-trust-source-ip"}
    stored = {"stored-credentials"}
    return case.scenario.name not in basic | stored | _UNSIGNED


def _answers(case: Case, cause: str | None) -> set[int]:
    name, client = case.scenario.name, case.generation
    if name == "snippet-present":
        return set()
    if name == "stored-credentials":
        return {200, 403}
    if name == "telemetries-string" and client.number >= (3, 0):
        # Since 3.0 the client sends what it has before it throws.
        return {403} if client.slim else {200}
    if name == "throttling":
        return {429}
    if name == "snippet-placeholder":
        return {400}
    if client.slim and name == "endpoint-region":
        # Unsigned, there is no region to disagree about.
        return {404}
    return _ANSWERS.get(cause, set())


def _cases() -> list[Case]:
    core = [Case(_BY_NAME[name], generation) for name in CORE for generation in GENERATIONS]
    others = [each for each in SCENARIOS if each.browser and each.name not in CORE]
    turns = (_IN_TURN[number % len(_IN_TURN)] for number in range(len(others)))
    certain = (_CERTAIN.get(each.name, turn) for each, turn in zip(others, turns, strict=True))
    pairs = zip(others, certain, strict=True)
    return [*core, *(Case(scenario, _BY_VERSION[name]) for scenario, name in pairs)]


def _everything() -> list[Case]:
    """Return every scenario with an old, a middle and the newest client, or with its own."""
    scenarios = [each for each in SCENARIOS if each.browser]
    return [
        Case(each, _BY_VERSION[name])
        for each in scenarios
        for name in ([_CERTAIN[each.name]] if each.name in _CERTAIN else _OLD_TO_NEW)
    ]


CASES = _cases()
EVERYTHING = _everything()
# The export that DevTools offers first is held to the same, with an old and a new client.
SANITISED = [c for c in CASES if c.scenario.name in CORE and c.generation.name in _IN_TURN[:2]]
