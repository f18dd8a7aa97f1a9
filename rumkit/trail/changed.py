"""What a configuration change changed, in words, from its request parameters.

Policies and trust policies are summed up, not shown: who may do what on what, in one line.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal
from urllib.parse import unquote

from rumkit.json_text import read_json
from rumkit.secret import without_secrets
from rumkit.trail.names import CHANGES, COGNITO_SOURCE, IAM_SOURCE, KIND_OF, RUM_SOURCE
from rumkit.trail.text import clean

ResourceKind = Literal["monitor", "pool", "role", "policy"]

_OF_POLICIES: Final = frozenset(
    {"CreatePolicyVersion", "SetDefaultPolicyVersion", "DeletePolicyVersion", "DeletePolicy"}
)
_LIMIT: Final = 600
_MAX_POLICY: Final = 50_000


def describe_change(source: str, name: str, parameters: Mapping[str, Any]) -> str:
    """Return what a configuration change changed; "" for every other call."""
    if KIND_OF.get((source, name)) != CHANGES:
        return ""
    return clean(_WORDS[source](name, without_secrets(parameters)), _LIMIT)


def resource_of(source: str, parameters: Mapping[str, Any], answer: Mapping[str, Any]) -> str:
    """Return the role or policy that an IAM call is about; "" for other sources."""
    if source != IAM_SOURCE:
        return ""
    made = answer.get("role")
    created = made.get("roleName") if isinstance(made, Mapping) else ""
    return clean(parameters.get("roleName") or parameters.get("policyArn") or created, 512)


def policy_of(source: str, parameters: Mapping[str, Any]) -> str:
    """Return the ARN of the managed policy that an IAM call names; "" for other sources."""
    return clean(parameters.get("policyArn"), 512) if source == IAM_SOURCE else ""


def resource_kind(source: str, name: str) -> ResourceKind:
    """Return what kind of resource a configuration change is about."""
    if source == RUM_SOURCE:
        return "monitor"
    if source == COGNITO_SOURCE:
        return "pool"
    return "policy" if name in _OF_POLICIES else "role"


def _rum(name: str, parameters: Mapping[str, Any]) -> str:
    monitor = clean(parameters.get("Name") or parameters.get("name"), 255)
    if name == "DeleteAppMonitor":
        return f"app monitor {monitor} deleted"
    if name == "PutResourcePolicy":
        return f"resource policy of {monitor} set: {_policy(_first(parameters, 'policyDocument'))}"
    if name == "DeleteResourcePolicy":
        return f"resource policy of {monitor} deleted"
    verb = "created" if name == "CreateAppMonitor" else "updated"
    settings = _settings(parameters, leave=("name",))
    return f"app monitor {monitor} {verb}{f': {settings}' if settings else ''}"


def _cognito(name: str, parameters: Mapping[str, Any]) -> str:
    pool = clean(
        _first(parameters, "identityPoolId") or _first(parameters, "identityPoolName"), 128
    )
    if name == "DeleteIdentityPool":
        return f"identity pool {pool} deleted"
    settings = _settings(parameters, leave=("identitypoolid",))
    verbs = {"CreateIdentityPool": "created", "SetIdentityPoolRoles": "roles set"}
    return f"identity pool {pool} {verbs.get(name, 'updated')}: {settings or 'none'}"


def _iam(name: str, parameters: Mapping[str, Any]) -> str:
    role = clean(parameters.get("roleName"), 128)
    policy = clean(parameters.get("policyName") or parameters.get("policyArn"), 256)
    document = parameters.get("policyDocument") or parameters.get("assumeRolePolicyDocument")
    boundary = clean(parameters.get("permissionsBoundary"), 256)
    version = clean(parameters.get("versionId"), 16)
    sentence = _policy(document)
    return {
        "CreateRole": f"role {role} created; trust policy: {sentence}",
        "UpdateRole": f"role {role} updated: {_settings(parameters, leave=('rolename',))}",
        "DeleteRole": f"role {role} deleted",
        "UpdateAssumeRolePolicy": f"trust policy of {role} set: {sentence}",
        "PutRolePolicy": f"inline policy {policy} of {role} set: {sentence}",
        "DeleteRolePolicy": f"inline policy {policy} of {role} deleted",
        "AttachRolePolicy": f"policy {policy} attached to {role}",
        "DetachRolePolicy": f"policy {policy} detached from {role}",
        "PutRolePermissionsBoundary": f"permissions boundary of {role} set to {boundary}",
        "DeleteRolePermissionsBoundary": f"permissions boundary of {role} removed",
        "CreatePolicyVersion": f"policy {policy} has a new version: {sentence}",
        "SetDefaultPolicyVersion": f"policy {policy} now uses version {version}",
        "DeletePolicyVersion": f"version {version} of policy {policy} deleted",
        "DeletePolicy": f"policy {policy} deleted",
    }.get(name, name)


_WORDS: Final[dict[str, Callable[[str, Mapping[str, Any]], str]]] = {
    RUM_SOURCE: _rum,
    COGNITO_SOURCE: _cognito,
    IAM_SOURCE: _iam,
}


def _first(parameters: Mapping[str, Any], key: str) -> Any:
    """Return a parameter whatever the case of its first letter: RUM uses PascalCase."""
    return parameters.get(key) or parameters.get(key[:1].upper() + key[1:])


def _settings(parameters: Mapping[str, Any], *, leave: tuple[str, ...]) -> str:
    """Return the parameters as `key=value`, one level of objects opened, bounded."""
    words: list[str] = []
    for key, value in list(parameters.items())[:20]:
        if str(key).lower() in leave:
            continue
        if isinstance(value, Mapping):
            inner = list(value.items())[:20]
            words.extend(f"{clean(key, 60)}.{clean(k, 60)}={_brief(v)}" for k, v in inner)
        else:
            words.append(f"{clean(key, 60)}={_brief(value)}")
    return ", ".join(words)


def _brief(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return "null"
    if isinstance(value, Mapping | list):
        return f"({len(value)} items)" if len(value) > 3 else clean(_json(value), 160)
    return clean(value, 160)


def _json(value: object) -> str:
    try:
        return json.dumps(value)[:400]
    except (RecursionError, TypeError, ValueError):
        return "(unreadable)"


def _policy(document: object) -> str:
    """Sum a policy document up: `Allow rum:PutRumEvents on arn:...; ...`."""
    if isinstance(document, str):
        if len(document) > _MAX_POLICY:
            return "(a very long policy)"
        try:
            document = read_json(unquote(document) if document.startswith("%") else document)
        except ValueError:
            return "(not JSON)"
    if not isinstance(document, Mapping):
        return "(not shown)"
    statements = document.get("Statement")
    listed = statements if isinstance(statements, list) else [statements]
    each_statement = [_statement(item) for item in listed[:6] if isinstance(item, Mapping)]
    more = f"; and {len(listed) - 6} more" if len(listed) > 6 else ""
    return ("; ".join(each_statement) or "no statements") + more


def _statement(statement: Mapping[str, Any]) -> str:
    effect = clean(statement.get("Effect"), 8)
    actions = _words(statement.get("Action") or statement.get("NotAction"))
    words = f"{effect} {'all but ' if 'NotAction' in statement else ''}{actions}"
    if "Resource" in statement:
        words += f" on {_words(statement.get('Resource'))}"
    if "Principal" in statement:
        words += f" for {_principal(statement.get('Principal'))}"
    condition = statement.get("Condition")
    return f"{words} if {clean(_json(condition), 200)}" if condition else words


def _principal(principal: object) -> str:
    if isinstance(principal, Mapping):
        return ", ".join(_words(value) for value in list(principal.values())[:4])
    return clean(principal, 160)


def _words(value: object) -> str:
    items = value if isinstance(value, list) else [value]
    text = ", ".join(clean(item, 160) for item in items[:4])
    return f"{text} and {len(items) - 4} more" if len(items) > 4 else text
