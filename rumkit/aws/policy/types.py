"""The words of policy evaluation: answers, requests, documents, decisions. Frozen, no I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


class Truth(StrEnum):
    """A three-valued truth: what an element, a statement or a layer says of a request."""

    YES = "matched"
    NO = "not matched"
    UNTOLD = "cannot tell"

    @property
    def negated(self) -> Truth:
        """Return the opposite; what cannot be told stays so."""
        return {Truth.YES: Truth.NO, Truth.NO: Truth.YES}.get(self, self)


def all_of(answers: Iterable[Truth]) -> Truth:
    """Return NO when any is NO, else UNTOLD when any is, else YES (also for none)."""
    seen = set(answers)
    return next((each for each in (Truth.NO, Truth.UNTOLD) if each in seen), Truth.YES)


def any_of(answers: Iterable[Truth]) -> Truth:
    """Return YES when any is YES, else UNTOLD when any is, else NO (also for none)."""
    seen = set(answers)
    return next((each for each in (Truth.YES, Truth.UNTOLD) if each in seen), Truth.NO)


class KeyState(Enum):
    """What is known of a condition key when its values are not."""

    ABSENT = "not in this request"
    PRESENT = "in this request, with a value that is not known"
    NOT_TRUE = "not in this request, or false"
    UNKNOWN = "not known to be in this request or not"


ABSENT, PRESENT, UNKNOWN = KeyState.ABSENT, KeyState.PRESENT, KeyState.UNKNOWN
NOT_TRUE = KeyState.NOT_TRUE
KeyValue = tuple[str, ...] | KeyState

Layer = Literal[
    "identity",
    "boundary",
    "session",
    "service-control",
    "resource-control",
    "resource",
    "trust",
]
LAYER_TITLES: Mapping[str, str] = {
    "identity": "identity-based policy",
    "boundary": "permissions boundary",
    "session": "session policy",
    "service-control": "service control policy",
    "resource-control": "resource control policy",
    "resource": "resource-based policy",
    "trust": "role trust policy",
}


@dataclass(frozen=True)
class Principal:
    """Who calls.

    `arn` is the session's or user's; `role_arn` the role's with its path; `provider` the
    identity provider of a web identity. An anonymous caller has none of them.
    """

    kind: Literal["role-session", "user", "web-identity", "anonymous"]
    arn: str = ""
    role_arn: str = ""
    account: str = ""
    provider: str = ""
    provider_certain: bool = True


@dataclass(frozen=True)
class Request:
    """One API call to decide on.

    `context` maps condition keys to their values or to what is known of them; a key that is
    not named is UNKNOWN. `aws:PrincipalTag/*` stands for all keys with that beginning.
    `facts` holds what only the wording of near misses uses (`monitor_id`, `flow`).
    """

    action: str
    resource: str
    principal: Principal
    context: Mapping[str, KeyValue] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)

    def value(self, key: str) -> KeyValue:
        """Return what is known of a condition key; names compare without regard to case."""
        wanted = key.lower()
        group = wanted.partition("/")[0] + "/*"
        known = {name.lower(): value for name, value in self.context.items()}
        if wanted in known:
            return known[wanted]
        if "/" in wanted and group in known:
            return known[group]
        return ABSENT if self._of_another_provider(wanted) else UNKNOWN

    def _of_another_provider(self, key: str) -> bool:
        # A token carries the claims of its issuer alone, so `accounts.google.com:aud` is
        # certainly absent from a request that came with Cognito's.
        provider, _, claim = key.rpartition(":")
        mine = self.principal.provider.lower()
        if not mine or not self.principal.provider_certain or provider == mine:
            return False
        return "." in provider and claim in {"aud", "amr", "sub", "oaud", "email", "azp", "id"}


@dataclass(frozen=True, eq=False)
class PolicyDocument:
    """A policy as it was read: its name and the JSON, parsed or as text.

    Each is itself alone, so that what was made of it can be kept; nothing in it changes.
    `level` groups service control policies (root, unit, account), since each level must
    allow. `editable` is false for policies that AWS owns.
    """

    name: str
    document: Any
    level: str = ""
    editable: bool = True


@dataclass(frozen=True)
class Policies:
    """All policies that bear on a request, by layer.

    None for `boundary`, `session`, `resource` and `trust` means that there is none; None for
    `service_control` and `resource_control` means that nobody looked. `unknown` names layers
    that are known to exist and could not be read.
    """

    identity: tuple[PolicyDocument, ...] = ()
    boundary: PolicyDocument | None = None
    session: PolicyDocument | None = None
    service_control: tuple[PolicyDocument, ...] | None = None
    resource_control: tuple[PolicyDocument, ...] | None = None
    resource: PolicyDocument | None = None
    trust: PolicyDocument | None = None
    unknown: tuple[Layer, ...] = ()

    def of(self, layer: Layer) -> tuple[PolicyDocument, ...]:
        """Return the documents of a layer."""
        layer_policies = getattr(self, layer.replace("-", "_"))
        if layer_policies is None:
            return ()
        return layer_policies if isinstance(layer_policies, tuple) else (layer_policies,)


@dataclass(frozen=True)
class Explanation:
    """One node of the tree that explains a decision."""

    subject: str
    answer: Truth
    reason: str = ""
    parts: tuple[Explanation, ...] = ()

    def walk(self, depth: int = 0) -> Iterator[tuple[int, Explanation]]:
        """Yield every node with its depth, itself first."""
        yield depth, self
        for part in self.parts:
            yield from part.walk(depth + 1)

    def lines(self) -> list[str]:
        """Return the tree as indented text, one node per line."""
        return [
            f"{'  ' * depth}{node.subject}: {node.answer}"
            + (f" ({node.reason})" if node.reason else "")
            for depth, node in self.walk()
        ]


@dataclass(frozen=True)
class StatementName:
    """Where a statement stands: layer, policy name, 1-based position and Sid."""

    layer: Layer
    policy: str
    position: int
    sid: str = ""

    def __str__(self) -> str:
        sid = f" ({self.sid})" if self.sid else ""
        return f"statement {self.position}{sid} of {LAYER_TITLES[self.layer]} {self.policy}"


DecisionOutcome = Literal["allowed", "implicitly-denied", "explicitly-denied", "cannot-tell"]


@dataclass(frozen=True)
class Decision:
    """What AWS would decide, and why.

    `decisive` names the statements that allow or deny; `caveats` what the decision takes for
    granted; `expected_error` how AWS would word the refusal (empty when allowed).
    """

    outcome: DecisionOutcome
    explanation: Explanation
    near_misses: tuple[str, ...] = ()
    decisive: tuple[StatementName, ...] = ()
    caveats: tuple[str, ...] = ()
    expected_error: str = ""
