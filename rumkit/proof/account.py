"""A fix of the account: its commands, carried out on a copy of the facts that were read."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from rumkit.aws.identity import IdentityPool, PoolRoles
from rumkit.aws.roles import NamedPolicy, Role, RolePolicies, role_name
from rumkit.model import Absent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rumkit.evidence import Evidence

    Options = Mapping[str, str]


class NotTried(Exception):
    """A command that changes something which was not read, or in a way that is not known here."""


@dataclass
class _Account:
    """The facts as they are, and those that the commands have replaced."""

    evidence: Evidence
    changed: dict[str, Any] = field(default_factory=dict)
    made: dict[str, Role] = field(default_factory=dict)
    allowed: dict[str, RolePolicies] = field(default_factory=dict)

    def fact(self, name: str) -> Any:
        """Return a fact as it is by now."""
        return self.changed[name] if name in self.changed else getattr(self.evidence, name)


def after_commands(evidence: Evidence, text: str) -> dict[str, Any]:
    """Return the facts that the commands change, as they are after them.

    Raises NotTried for a command that cannot be carried out on what was read, and NotCollected
    where that was not read.
    """
    account = _Account(evidence)
    for line in text.splitlines():
        words = shlex.split(line)
        carry_out = _COMMANDS.get(tuple(words[1:3]))
        if words[:1] != ["aws"] or carry_out is None:
            raise NotTried(" ".join(words[:3]))
        carry_out(account, _options(words[3:]))
    _settle_new_role(account)
    return account.changed


def _options(words: list[str]) -> Options:
    options: dict[str, str] = {}
    name = ""
    for word in words:
        if word.startswith("--"):
            name = word
            options[name] = ""
        else:
            options[name] = f"{options[name]} {word}".strip()
    return options


def _put_role_policy(account: _Account, options: Options) -> None:
    role, name = options["--role-name"], options["--policy-name"]
    new = NamedPolicy(name, json.loads(options["--policy-document"]))
    if role in account.made:
        account.allowed[role] = RolePolicies((new,))
        return
    _change_policies(account, role, lambda kept: _replaced(kept, name, new))


def _delete_role_policy(account: _Account, options: Options) -> None:
    role, name = options["--role-name"], options["--policy-name"]
    _change_policies(account, role, lambda kept: _replaced(kept, name, None))


def _replaced(
    policies: tuple[NamedPolicy, ...], name: str, new: NamedPolicy | None
) -> tuple[NamedPolicy, ...]:
    """Return the policies with the inline one of this name replaced, added or taken away."""
    at = next((i for i, p in enumerate(policies) if not p.arn and p.name == name), len(policies))
    return (*policies[:at], *([new] if new else []), *policies[at + 1 :])


def _change_policies(
    account: _Account,
    role: str,
    change: Callable[[tuple[NamedPolicy, ...]], tuple[NamedPolicy, ...]],
) -> None:
    if role_name(account.evidence.guest_role_arn).name != role:
        raise NotTried(f"the policies of {role}")
    read: RolePolicies = account.fact("guest_role_policies")
    account.changed["guest_role_policies"] = replace(read, policies=change(read.policies))


def _create_policy_version(account: _Account, options: Options) -> None:
    arn, document = options["--policy-arn"], json.loads(options["--policy-document"])
    boundary: NamedPolicy | None = account.fact("guest_role_boundary")
    if boundary and boundary.arn == arn:
        account.changed["guest_role_boundary"] = replace(boundary, document=document)
        return
    read: RolePolicies = account.fact("guest_role_policies")
    if arn not in {policy.arn for policy in read.policies}:
        raise NotTried(f"the policy {arn}")
    policies = tuple(
        replace(policy, document=document) if policy.arn == arn else policy
        for policy in read.policies
    )
    account.changed["guest_role_policies"] = replace(read, policies=policies)


def _update_trust(account: _Account, options: Options) -> None:
    role = account.fact("guest_role_lookup")
    if isinstance(role, Absent) or role.name != options["--role-name"]:
        raise NotTried("a role that was not read")
    trust = json.loads(options["--policy-document"])
    account.changed["guest_role_lookup"] = replace(role, trust=trust)


def _create_role(account: _Account, options: Options) -> None:
    name, caller = options["--role-name"], account.evidence.caller
    path = options.get("--path", "/")
    arn = f"arn:{caller.partition}:iam::{caller.account}:role{path}{name}"
    trust = json.loads(options["--assume-role-policy-document"])
    account.made[name] = Role(arn, name, caller.account, trust, None)


def _settle_new_role(account: _Account) -> None:
    """Let a role that was made be the guests' role, where the pool or the page names it."""
    if not account.made:
        return
    roles: PoolRoles | None = account.changed.get("pool_roles")
    arn = roles.guest if roles else account.evidence.guest_role_arn
    role = next((each for each in account.made.values() if each.arn == arn), None)
    if role is None:
        raise NotTried("a role that nobody gets")
    account.changed["guest_role_lookup"] = role
    account.changed["guest_role_policies"] = account.allowed.get(role.name, RolePolicies(()))
    account.changed["guest_role_boundary"] = None


def _update_pool(account: _Account, options: Options) -> None:
    pool: IdentityPool | Absent = account.fact("identity_pool_lookup")
    configuration = json.loads(options["--cli-input-json"])
    if isinstance(pool, Absent) or pool.id != configuration.get("IdentityPoolId"):
        raise NotTried("a pool that was not read")
    account.changed["identity_pool_lookup"] = replace(
        pool,
        name=str(configuration.get("IdentityPoolName", "")),
        guest_access=bool(configuration.get("AllowUnauthenticatedIdentities")),
        classic_flow=configuration.get("AllowClassicFlow"),
        configuration=configuration,
    )


def _set_pool_roles(account: _Account, options: Options) -> None:
    if options["--identity-pool-id"] != account.evidence.pool_id:
        raise NotTried("another pool")
    roles = json.loads(options["--roles"])
    account.changed["pool_roles"] = PoolRoles(
        roles.get("unauthenticated"),
        roles.get("authenticated"),
        json.loads(options.get("--role-mappings", "{}")),
    )


def _put_resource_policy(account: _Account, options: Options) -> None:
    _refuse_other_monitor(account, options)
    account.changed["resource_policy"] = json.loads(options["--policy-document"])


def _delete_resource_policy(account: _Account, options: Options) -> None:
    _refuse_other_monitor(account, options)
    account.changed["resource_policy"] = None


def _refuse_other_monitor(account: _Account, options: Options) -> None:
    monitor = account.evidence.monitor
    if (options["--name"], options["--region"]) != (monitor.name, monitor.region):
        raise NotTried("another monitor")


def _update_monitor(account: _Account, options: Options) -> None:
    _refuse_other_monitor(account, options)
    monitor = account.fact("monitor_lookup")
    if "--app-monitor-configuration" in options:
        config = json.loads(options["--app-monitor-configuration"])
        monitor = replace(monitor, config=config)
    if "--domain-list" in options:
        monitor = replace(monitor, domains=tuple(options["--domain-list"].split()))
    if "--custom-events" in options:
        on = options["--custom-events"] == "Status=ENABLED"
        monitor = replace(monitor, custom_events=on)
    account.changed["monitor_lookup"] = monitor


_COMMANDS: Mapping[tuple[str, ...], Callable[[_Account, Options], None]] = {
    ("iam", "put-role-policy"): _put_role_policy,
    ("iam", "delete-role-policy"): _delete_role_policy,
    ("iam", "create-policy-version"): _create_policy_version,
    ("iam", "update-assume-role-policy"): _update_trust,
    ("iam", "create-role"): _create_role,
    ("cognito-identity", "update-identity-pool"): _update_pool,
    ("cognito-identity", "set-identity-pool-roles"): _set_pool_roles,
    ("rum", "put-resource-policy"): _put_resource_policy,
    ("rum", "delete-resource-policy"): _delete_resource_policy,
    ("rum", "update-app-monitor"): _update_monitor,
}
