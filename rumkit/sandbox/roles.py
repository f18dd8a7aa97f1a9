"""The account's roles: plain seeds until IAM is asked over HTTP, moto's state from then on."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from rumkit.sandbox.ids import ACCOUNT, letters

Document = dict[str, Any]
_CREATED = datetime(2025, 11, 3, 10, 0, tzinfo=UTC)


@dataclass
class Role:
    """A role with all that decides what it may do.

    `again` counts the earlier roles of this name: a role made anew has another unique id.
    """

    name: str
    trust: Document
    inline: dict[str, Document] = field(default_factory=dict)
    managed: dict[str, Document] = field(default_factory=dict)
    boundary: Document | None = None
    path: str = "/service-role/"
    created: datetime = _CREATED
    again: int = 0

    @property
    def arn(self) -> str:
        """Return the role's ARN."""
        return f"arn:aws:iam::{ACCOUNT}:role{self.path}{self.name}"

    @property
    def id(self) -> str:
        """Return the role's unique id."""
        return "AROA" + letters(17, "role", self.name, *([self.again] if self.again else []))


# moto's modules import each other in a circle, which two threads at once do not survive.
_IMPORTING = threading.Lock()


def import_moto() -> None:
    """Import what the sandbox uses of moto, in one thread."""
    with _IMPORTING:
        import moto.iam.responses
        import moto.server  # noqa: F401


class Roles:
    """Roles by name. moto takes a second to import, so it is done on first need, or beforehand."""

    def __init__(self) -> None:
        self._seeds: dict[str, Role] = {}
        self._backend: Any = None
        self._lock = threading.Lock()

    def add(self, role: Role) -> Role:
        """Seed a role, before moto has taken over."""
        assert self._backend is None
        self._seeds[role.name] = role
        return role

    def remove(self, name: str) -> None:
        """Take a seeded role away."""
        self._seeds.pop(name, None)

    def get(self, name: str) -> Role | None:
        """Return a role as it is at this moment, or None."""
        if self._backend is None:
            return self._seeds.get(name)
        found = next((r for r in self._backend.roles.values() if r.name == name), None)
        return None if found is None else _from_moto(self._backend, found)

    def by_arn(self, arn: str) -> Role | None:
        """Return the role with this ARN, or None."""
        role = self.get(arn.rsplit("/", 1)[-1])
        return role if role is not None and role.arn == arn else None

    def backend(self) -> Any:
        """Return moto's IAM with all roles in it; the first call fills it."""
        with self._lock:
            if self._backend is None:
                self._backend = _filled(self._seeds)
            return self._backend


def _from_moto(backend: Any, found: Any) -> Role:
    boundary = found.permissions_boundary_arn
    return Role(
        found.name,
        json.loads(found.assume_role_policy_document),
        {name: json.loads(text) for name, text in found.policies.items()},
        {p.arn: _default_document(p) for p in found.managed_policies.values()},
        _document_of(backend, boundary) if boundary else None,
        found.path,
        again=_again(found),
    )


def _again(found: Any) -> int:
    """Return how often a role of moto's was made before, by its id."""
    ids = (Role(found.name, {}, again=number).id for number in range(5))
    return next((number for number, ident in enumerate(ids) if ident == found.id), 0)


def _document_of(backend: Any, arn: str) -> Document:
    document: Document = _default_document(backend.get_policy(arn))
    return document


def _default_document(policy: Any) -> Document:
    version = next(v for v in policy.versions if v.is_default)
    document = version.document
    found: Document = json.loads(document) if isinstance(document, str) else document
    return found


def _filled(seeds: dict[str, Role]) -> Any:
    import_moto()
    from moto.iam.models import IAMBackend
    from moto.moto_api._internal import mock_random

    mock_random.seed(20260302)
    backend = IAMBackend("aws", ACCOUNT)
    for role in seeds.values():
        _fill(backend, role)
    return backend


def _fill(backend: Any, role: Role) -> None:
    from moto.iam import models

    boundary = _customer_policy(backend, f"{role.name}-boundary", role.boundary)
    make: Any = models.Role
    made = make(
        ACCOUNT,
        "aws",
        role.id,
        role.name,
        json.dumps(role.trust),
        role.path,
        boundary,
        description="Guest role of CloudWatch RUM",
        tags=[],
        max_session_duration="3600",
    )
    made.create_date = role.created.replace(tzinfo=None)
    backend.roles[made.id] = made
    for name, document in role.inline.items():
        made.put_policy(name, json.dumps(document))
    for arn, document in role.managed.items():
        if not arn.startswith("arn:aws:iam::aws:"):
            _customer_policy(backend, arn.rsplit("/", 1)[-1], document)
        backend.attach_role_policy(arn, role.name)


def _customer_policy(
    backend: Any,
    name: str,
    document: Document | None,
) -> str | None:
    if document is None:
        return None
    policy = backend.create_policy(
        policy_name=name, path="/", policy_document=json.dumps(document), description="", tags=[]
    )
    policy.id = "ANPA" + letters(17, "policy", name)
    policy.create_date = policy.update_date = _CREATED.replace(tzinfo=None)
    arn: str = policy.arn
    return arn
