"""A fault of the account as people make it: commands of `aws`, and the right answer to them."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from rumkit.sandbox.ids import ACCOUNT, REGION, uuid_of

if TYPE_CHECKING:
    from collections.abc import Mapping

MONITOR = "shop-web"
ARN = f"arn:aws:rum:{REGION}:{ACCOUNT}:appmonitor/{MONITOR}"
ROLE = f"RUM-Monitor-{MONITOR}-Unauth"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/service-role/{ROLE}"
POOL = f"{REGION}:{uuid_of('pool', MONITOR)}"
POLICY = "RUMPutBatchMetrics"
COGNITO = "cognito-identity.amazonaws.com"
# Words of a command; what a step is kept as may stand in later ones as $NAME.
Step = tuple[str, ...]


@dataclass(frozen=True)
class AccountCase:
    """Commands against a healthy sandbox, and what is allowed as the answer.

    `later` are the minutes for which visitors come after them. `mends` says that the first fix of
    the cause that can be pasted lets events arrive; `kept_shut` are names that nothing to be
    pasted may hold. `alone` is a monitor that is asked for by its name, without a page. The rest
    is that of `Case` in `field_case`.
    """

    name: str
    report: str
    steps: tuple[Step, ...]
    verdict: str = "broken"
    root: tuple[str | None, ...] = (None,)
    find: Mapping[str, str] = field(default_factory=dict)
    path: Mapping[str, str] = field(default_factory=dict)
    says: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    later: int = 0
    mends: bool = False
    kept_shut: tuple[str, ...] = ()
    alone: str = ""


def aws(line: str, *words: str, keep: str = "") -> Step:
    """Return a command, written as a line, with more words; `keep` names what it prints."""
    kept = (f"{keep}=",) if keep else ()
    return (*kept, *shlex.split(line), *words)


def document(*statements: Mapping[str, Any]) -> str:
    """Return a policy of some statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(
    resource: Any = ARN, action: Any = "rum:PutRumEvents", condition: Any = None
) -> dict[str, Any]:
    """Return the permission to send events, or one like it."""
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    return statement | ({"Condition": condition} if condition else {})


def deny(condition: Any = None, principal: Any = "*", action: Any = "rum:PutRumEvents") -> Any:
    """Return a statement of a resource policy that denies."""
    return allow(action=action, condition=condition) | {"Effect": "Deny", "Principal": principal}


EVERYBODY = allow() | {"Principal": "*"}


def trusted(
    aud: Any = POOL,
    amr: str = "unauthenticated",
    *,
    action: Any = "sts:AssumeRoleWithWebIdentity",
    principal: Any = None,
    operators: tuple[str, str] = ("StringEquals", "ForAnyValue:StringLike"),
    more: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the statement by which a role trusts a pool's guests, or one like it."""
    condition = {operators[0]: {f"{COGNITO}:aud": aud}, operators[1]: {f"{COGNITO}:amr": amr}}
    for operator, keys in (more or {}).items():
        condition[operator] = condition.get(operator, {}) | keys
    return {
        "Effect": "Allow",
        "Principal": principal or {"Federated": COGNITO},
        "Action": action,
        "Condition": condition,
    }


def policy(*statements: Mapping[str, Any], role: str = ROLE, name: str = POLICY) -> Step:
    """Return the command that writes an inline policy."""
    line = f"iam put-role-policy --role-name {role} --policy-name {name} --policy-document"
    return aws(line, document(*statements))


def trust(*statements: Mapping[str, Any], role: str = ROLE) -> Step:
    """Return the command that writes a trust policy."""
    return aws(
        f"iam update-assume-role-policy --role-name {role} --policy-document", document(*statements)
    )


def new_role(name: str, *statements: Mapping[str, Any], path: str = "/") -> Step:
    """Return the command that makes a role, kept as $R."""
    line = f"iam create-role --role-name {name} --path {path} --query Role.Arn --output text"
    return aws(line, "--assume-role-policy-document", document(*statements), keep="R")


def managed(name: str, *statements: Mapping[str, Any], path: str = "/") -> Step:
    """Return the command that makes a managed policy, kept as $P."""
    line = f"iam create-policy --policy-name {name} --path {path} --query Policy.Arn --output text"
    return aws(line, "--policy-document", document(*statements), keep="P")


def resource_policy(*statements: Mapping[str, Any], monitor: str = MONITOR) -> Step:
    """Return the command that writes a monitor's resource policy."""
    return aws(f"rum put-resource-policy --name {monitor} --policy-document", document(*statements))


def pool_roles(roles: str, pool: str = POOL) -> Step:
    """Return the command that gives a pool its roles."""
    return aws(f"cognito-identity set-identity-pool-roles --identity-pool-id {pool} --roles", roles)


def monitor_set(name: str = MONITOR, **changed: Any) -> Step:
    """Return the command that replaces the configuration of a monitor."""
    usual = {
        "IdentityPoolId": POOL, "SessionSampleRate": 1, "AllowCookies": True, "EnableXRay": True,
        "Telemetries": ["errors", "performance", "http"],
    }  # fmt: skip
    written = json.dumps(usual | changed)
    return aws(f"rum update-app-monitor --name {name} --app-monitor-configuration", written)


ATTACH = aws(f"iam attach-role-policy --role-name {ROLE} --policy-arn $P")
BOUND = aws(f"iam put-role-permissions-boundary --role-name {ROLE} --permissions-boundary $P")
DROP = aws(f"iam delete-role-policy --role-name {ROLE} --policy-name {POLICY}")
DELETE_ROLE = aws(f"iam delete-role --role-name {ROLE}")
GIVE = pool_roles("unauthenticated=$R")
OTHER_POOL = aws(
    "cognito-identity create-identity-pool --identity-pool-name partners"
    " --allow-unauthenticated-identities --query IdentityPoolId --output text",
    keep="O",
)
UPDATE_POOL = (
    f"cognito-identity update-identity-pool --identity-pool-id {POOL} --identity-pool-name"
)

healthy = partial(AccountCase, verdict="healthy")
# Policies that open more than they must may be remarked on.
works = partial(AccountCase, verdict="healthy|degraded")


def permission(name: str, report: str, *steps: Step, **more: Any) -> AccountCase:
    """Return a case in which the guest role may not send, and the printed fix lets it."""
    given: dict[str, Any] = {
        "root": ("guest-role-permission",), "find": {"guest-role-permission": "fail"},
        "mends": True, **more,
    }  # fmt: skip
    return AccountCase(name, report, steps, **given)


def distrusted(name: str, report: str, *steps: Step, **more: Any) -> AccountCase:
    """Return a case in which the guest role trusts somebody else, and the fix changes that."""
    given: dict[str, Any] = {
        "root": ("guest-role-trust",), "find": {"guest-role-trust": "fail"}, "mends": True, **more,
    }  # fmt: skip
    return AccountCase(name, report, steps, **given)
