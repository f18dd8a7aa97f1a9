"""The account's roles and managed policies, as everything that decides or describes sees them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from rumkit.sandbox.ids import ACCOUNT, letters

if TYPE_CHECKING:
    from collections.abc import Iterator

Document = dict[str, Any]
# When the installation was set up, long before anything broke.
_CREATED: Final = datetime(2025, 11, 3, 10, 0, tzinfo=UTC)


@dataclass
class Version:
    """One version of a managed policy."""

    document: Document
    created: datetime = _CREATED


@dataclass
class ManagedPolicy:
    """A managed policy; `owner` is an account, or `aws`. `versions` is oldest first, by id."""

    name: str
    versions: dict[str, Version]
    default: str = "v1"
    path: str = "/"
    owner: str = ACCOUNT
    description: str = ""
    created: datetime = _CREATED
    updated: datetime = _CREATED
    tags: dict[str, str] = field(default_factory=dict)
    # Ids of versions are counted on; those of deleted versions do not come back.
    newest: int = 1

    @property
    def arn(self) -> str:
        """Return the ARN."""
        return f"arn:aws:iam::{self.owner}:policy{self.path}{self.name}"

    @property
    def id(self) -> str:
        """Return the unique id."""
        return "ANPA" + letters(17, "policy", self.name)

    @property
    def document(self) -> Document:
        """Return the default version's document, the one that decides."""
        return self.versions[self.default].document


@dataclass
class Role:
    """A role with all that decides what it may do; `managed` is by ARN.

    `again` counts the earlier roles of this name: a role made anew has another unique id.
    `service` is the service whose role it is, which nobody else may change.
    """

    name: str
    trust: Document
    inline: dict[str, Document] = field(default_factory=dict)
    managed: dict[str, ManagedPolicy] = field(default_factory=dict)
    boundary: ManagedPolicy | None = None
    path: str = "/service-role/"
    description: str = "Guest role of CloudWatch RUM"
    max_session: int = 3600
    tags: dict[str, str] = field(default_factory=dict)
    created: datetime = _CREATED
    service: str = ""
    again: int = 0

    @property
    def arn(self) -> str:
        """Return the role's ARN."""
        return f"arn:aws:iam::{ACCOUNT}:role{self.path}{self.name}"

    @property
    def id(self) -> str:
        """Return the role's unique id."""
        return "AROA" + letters(17, "role", self.name, *([self.again] if self.again else []))


class Roles:
    """The account's roles by name, its own managed policies by ARN, and the account's aliases."""

    def __init__(self) -> None:
        self.policies: dict[str, ManagedPolicy] = {}
        self.aliases: list[str] = []
        self._roles: dict[str, Role] = {}
        self._made: Counter[str] = Counter()

    def __iter__(self) -> Iterator[Role]:
        return iter(sorted(self._roles.values(), key=lambda role: role.name))

    def add(self, role: Role) -> Role:
        """Add a role."""
        role.again = self._made[role.name]
        self._made[role.name] += 1
        self._roles[role.name] = role
        return role

    def add_policy(self, policy: ManagedPolicy) -> ManagedPolicy:
        """Add a managed policy of the account."""
        self.policies[policy.arn] = policy
        return policy

    def remove(self, name: str) -> None:
        """Take a role away."""
        self._roles.pop(name, None)

    def get(self, name: str) -> Role | None:
        """Return the role of a name, or None."""
        return self._roles.get(name)

    def by_arn(self, arn: str) -> Role | None:
        """Return the role with this ARN, or None."""
        role = self.get(arn.rsplit("/", 1)[-1])
        return role if role is not None and role.arn == arn else None
