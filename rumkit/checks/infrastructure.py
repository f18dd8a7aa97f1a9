"""Fixes as CloudFormation and Terraform, for things that are usually managed so.

Each fragment holds the resource's name and the properties that the fix is about; the template's
other properties stay. Sources: the CloudFormation resource reference, and the documentation of
Terraform's providers `aws` and, for a monitor's resource policy, `awscc`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rumkit.checks.fixes import POLICY_NAME, compact
from rumkit.commands import is_host, is_pool_name, no_command, not_written
from rumkit.model import Fix
from rumkit.printable import escape_hidden, hidden

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rumkit.aws.identity import IdentityPool
    from rumkit.aws.monitor import Monitor

_KEEP = "Keep the resource's other properties as they are in your code."
_IN_CLOUDFORMATION = "Where CloudFormation manages it"
_IN_TERRAFORM = "Where Terraform manages it"
_HIDDEN = "A text of it holds a character that does not show."
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
# What YAML or Terraform reads as another thing than a text; `Null` is an operator of IAM too.
_KEYWORD = re.compile(r"(?i)null|true|false|yes|no|on|off|y|n|for|if")
_ESCAPES = {"b": "\\u0008", "f": "\\u000c"}


@dataclass(frozen=True)
class Encoded:
    """A document that Terraform writes as a JSON text."""

    value: Any


class TerraformBlock(dict[str, Any]):
    """A nested block of Terraform, which takes no equals sign."""


@dataclass(frozen=True)
class Reference:
    """The id of another resource of the same template, in both languages."""

    cloudformation: str
    terraform: str


POOL_ID = Reference("IdentityPool", "aws_cognito_identity_pool.rum.id")
_ROLE_ARN = Reference("GuestRole.Arn", "aws_iam_role.guest_role.arn")


def role_policy(role: str, name: str, document: Any) -> tuple[Fix, ...]:
    """Return an inline policy of a role."""
    return _forms(
        ("AWS::IAM::RolePolicy", "GuestRolePolicy"),
        {"RoleName": role, "PolicyName": name, "PolicyDocument": document},
        ("aws_iam_role_policy", "guest_role_policy"),
        {"role": role, "name": name, "policy": Encoded(document)},
    )


def managed_policy(name: str, document: Any) -> tuple[Fix, ...]:
    """Return a customer managed policy."""
    return _forms(
        ("AWS::IAM::ManagedPolicy", "GuestPolicy"),
        {"ManagedPolicyName": name, "PolicyDocument": document},
        ("aws_iam_policy", "guest_policy"),
        {"name": name, "policy": Encoded(document)},
    )


def trust_policy(name: str, document: Any, path: str = "/") -> tuple[Fix, ...]:
    """Return a role's trust policy, with the role's path: another one would replace the role."""
    return _forms(
        ("AWS::IAM::Role", "GuestRole"),
        {
            "RoleName": name,
            **({} if path == "/" else {"Path": path}),
            "AssumeRolePolicyDocument": document,
        },
        ("aws_iam_role", "guest_role"),
        {
            "name": name,
            **({} if path == "/" else {"path": path}),
            "assume_role_policy": Encoded(document),
        },
    )


def identity_pool(pool: IdentityPool, **changed: bool) -> tuple[Fix, ...]:
    """Return an identity pool's flags, by their API names, as they should be."""
    flags = {
        "AllowUnauthenticatedIdentities": pool.guest_access,
        **({} if pool.classic_flow is None else {"AllowClassicFlow": pool.classic_flow}),
        **changed,
    }
    if not is_pool_name(pool.name):
        return _withheld(not_written("identity pool name", pool.name))
    properties = {"IdentityPoolName": pool.name, **flags}
    return _forms(
        ("AWS::Cognito::IdentityPool", "IdentityPool"),
        properties,
        ("aws_cognito_identity_pool", "rum"),
        _for_terraform(properties),
    )


def pool_roles(pool_id: str, roles: dict[str, str]) -> tuple[Fix, ...]:
    """Return the roles of an identity pool, by `unauthenticated` and `authenticated`."""
    return _forms(
        ("AWS::Cognito::IdentityPoolRoleAttachment", "IdentityPoolRoles"),
        {"IdentityPoolId": pool_id, "Roles": roles},
        ("aws_cognito_identity_pool_roles_attachment", "rum"),
        {"identity_pool_id": pool_id, "roles": roles},
    )


def app_monitor(monitor: Monitor, **changed: Any) -> tuple[Fix, ...]:
    """Return an app monitor with properties by their API names, as they should be."""
    wrong = [host for host in changed.get("DomainList", ()) if not is_host(host)]
    if wrong:
        return _withheld(not_written("domain", wrong[0]))
    named = {"Name": monitor.name, **changed}
    blocks = {
        _snake(key): TerraformBlock(_for_terraform(value)) if isinstance(value, dict) else value
        for key, value in named.items()
    }
    return _forms(
        ("AWS::RUM::AppMonitor", "AppMonitor"), named, ("aws_rum_app_monitor", "rum"), blocks
    )


def resource_policy(monitor: Monitor, document: Any) -> tuple[Fix, ...]:
    """Return an app monitor's resource policy; the provider `aws` has none for it."""
    return _forms(
        ("AWS::RUM::AppMonitor", "AppMonitor"),
        {"Name": monitor.name, "ResourcePolicy": {"PolicyDocument": compact(document)}},
        ("awscc_rum_app_monitor", "rum"),
        {"name": monitor.name, "resource_policy": {"policy_document": Encoded(document)}},
    )


def pool_with_role(pool: str, role: str, trust: Any, allow: Any) -> tuple[Fix, ...]:
    """Return a new identity pool that admits guests, its guest role, and what the role may do."""
    if _hides([pool, role, trust, allow]):
        return _withheld(_HIDDEN)
    guests = {"IdentityPoolName": pool, "AllowUnauthenticatedIdentities": True}
    resources = {
        "IdentityPool": ("AWS::Cognito::IdentityPool", guests),
        "GuestRole": (
            "AWS::IAM::Role",
            {
                "RoleName": role,
                "AssumeRolePolicyDocument": trust,
                "Policies": [{"PolicyName": POLICY_NAME, "PolicyDocument": allow}],
            },
        ),
        "IdentityPoolRoles": (
            "AWS::Cognito::IdentityPoolRoleAttachment",
            {"IdentityPoolId": POOL_ID, "Roles": {"unauthenticated": _ROLE_ARN}},
        ),
    }
    body = {name: {"Type": kind, "Properties": given} for name, (kind, given) in resources.items()}
    blocks = (
        ("aws_cognito_identity_pool", "rum", _for_terraform(guests)),
        ("aws_iam_role", "guest_role", {"name": role, "assume_role_policy": Encoded(trust)}),
        (
            "aws_iam_role_policy",
            "guest_role_policy",
            {
                "role": Reference("GuestRole", "aws_iam_role.guest_role.name"),
                "name": POLICY_NAME,
                "policy": Encoded(allow),
            },
        ),
        (
            "aws_cognito_identity_pool_roles_attachment",
            "rum",
            {"identity_pool_id": POOL_ID, "roles": {"unauthenticated": _ROLE_ARN}},
        ),
    )
    text = "\n\n".join(_resource(kind, name, given) for kind, name, given in blocks)
    title = "The same as a new identity pool in"
    return (
        Fix("cloudformation", f"{title} CloudFormation", "\n".join(_yaml({"Resources": body}))),
        Fix("terraform", f"{title} Terraform", text),
    )


def _forms(
    template: tuple[str, str],
    properties: dict[str, Any],
    resource: tuple[str, str],
    attributes: Mapping[str, Any],
) -> tuple[Fix, ...]:
    kind, name = template
    if _hides(properties):
        return _withheld(_HIDDEN)
    if _resolves(properties):
        reason = "CloudFormation would take a text of it for a reference of its own."
        cloudformation = no_command(_IN_CLOUDFORMATION, reason)
    else:
        body = {"Resources": {name: {"Type": kind, "Properties": properties}}}
        text = "\n".join(_yaml(body))
        cloudformation = Fix("cloudformation", _IN_CLOUDFORMATION, text, _KEEP, kind)
    terraform = _resource(*resource, attributes)
    return cloudformation, Fix("terraform", _IN_TERRAFORM, terraform, _KEEP, resource[0])


def _resource(kind: str, name: str, attributes: Mapping[str, Any]) -> str:
    """Return a resource as Terraform writes it."""
    return "\n".join([f'resource "{kind}" "{name}" {{', *_attributes(attributes), "}"])


def _withheld(reason: str) -> tuple[Fix, Fix]:
    """Return the advice that stands where neither language has a form."""
    return no_command(_IN_CLOUDFORMATION, reason), no_command(_IN_TERRAFORM, reason)


def _hides(value: Any) -> bool:
    """Tell whether a text of a value, or a name of a member, holds what does not show."""
    if isinstance(value, dict):
        return any(_hides(key) or _hides(item) for key, item in value.items())
    if isinstance(value, list | tuple):
        return any(map(_hides, value))
    return isinstance(value, str) and bool(hidden(value) or "\n" in value or "\t" in value)


def _resolves(value: Any) -> bool:
    """Tell whether CloudFormation would replace a part of a value: a function or `{{resolve:`."""
    if isinstance(value, dict):
        return any(
            _is_function(key, item) or _resolves(key) or _resolves(item)
            for key, item in value.items()
        )
    if isinstance(value, list | tuple):
        return any(map(_resolves, value))
    return isinstance(value, str) and "{{" in value


def _is_function(key: str, value: Any) -> bool:
    return key.startswith("Fn::") or (key in {"Ref", "Condition"} and isinstance(value, str))


def _for_terraform(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the same with Terraform's names in the place of the API's."""
    return {_snake(key): value for key, value in values.items()}


def _snake(name: str) -> str:
    plain = name.replace("XRay", "Xray").replace("OpenId", "Openid")
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", plain).lower()


def _yaml(value: Any, indent: int = 0) -> Iterator[str]:
    """Write nested mappings and lists as YAML, every scalar as a JSON text, which YAML reads."""
    pad = "  " * indent
    if isinstance(value, dict):
        for key, written in value.items():
            item = _template_reference(written)
            name = key if _bare(key) else _json(key)
            if isinstance(item, dict | list) and item:
                yield f"{pad}{name}:"
                yield from _yaml(item, indent + 1)
            else:
                yield f"{pad}{name}: {_json(item)}"
        return
    for item in value:
        if isinstance(item, dict | list) and item:
            first, *rest = _yaml(item, indent + 1)
            yield f"{pad}- {first.lstrip()}"
            yield from rest
        else:
            yield f"{pad}- {_json(item)}"


def _template_reference(value: Any) -> Any:
    """Return a reference as CloudFormation writes it; any other value as it is."""
    if not isinstance(value, Reference):
        return value
    name, _, attribute = value.cloudformation.partition(".")
    return {"Fn::GetAtt": [name, attribute]} if attribute else {"Ref": name}


def _attributes(values: Mapping[str, Any], indent: int = 1) -> Iterator[str]:
    pad = "  " * indent
    width = max(
        (len(key) for key, item in values.items() if not isinstance(item, TerraformBlock)),
        default=0,
    )
    for key, item in values.items():
        if isinstance(item, TerraformBlock):
            yield f"{pad}{key} {{"
            yield from _attributes(item, indent + 1)
            yield f"{pad}}}"
        else:
            yield f"{pad}{key:<{width}} = {_hcl(item, indent)}"


def _hcl(value: Any, indent: int) -> str:
    if isinstance(value, Reference):
        return value.terraform
    if isinstance(value, Encoded):
        return f"jsonencode({_hcl(value.value, indent)})"
    pad = "  " * indent
    if isinstance(value, dict) and value:
        rows = [
            f"{pad}  {key if _bare(key) else _quoted(key)} = {_hcl(item, indent + 1)}\n"
            for key, item in value.items()
        ]
        return "{\n" + "".join(rows) + pad + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_hcl(item, indent) for item in value) + "]"
    return _quoted(value) if isinstance(value, str) else json.dumps(value)


def _json(value: Any) -> str:
    """Write a scalar as JSON that YAML reads alike: it knows no pairs of surrogates."""
    return escape_hidden(json.dumps(value, ensure_ascii=False))


def _quoted(text: str) -> str:
    """Quote a text for Terraform, which reads `${` and `%{` as its own and fewer escapes."""
    known = re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[0]), _json(text))
    return re.sub(r"(\$+|%+)\{", _not_a_template, known)


def _not_a_template(match: re.Match[str]) -> str:
    signs = match[1]
    # How `$$${` is read is not documented: longer runs are written by code point.
    return f"{signs * 2}{{" if len(signs) == 1 else f"\\u{ord(signs[0]):04x}" * len(signs) + "{"


def _bare(key: str) -> bool:
    """Tell whether a key means itself without quotes, in YAML and in Terraform."""
    return bool(_WORD.fullmatch(key)) and not _KEYWORD.fullmatch(key)
