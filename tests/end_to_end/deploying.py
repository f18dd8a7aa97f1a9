"""Deploys a printed template or Terraform resource onto the sandbox, as those tools would.

A fragment holds the properties that a fix is about, so the resource's other properties stay.
"""

from __future__ import annotations

import json
import re

import boto3
import hcl2
import yaml
from harness import environment  # type: ignore[import-not-found]

# The arguments of each resource, by the documentation of the providers `aws` (6.x) and `awscc`;
# a nested dict is a block, one behind `=` a nested attribute.
_CONFIGURATION = {
    "allow_cookies": "AllowCookies",
    "enable_xray": "EnableXRay",
    "excluded_pages": "ExcludedPages",
    "favorite_pages": "FavoritePages",
    "guest_role_arn": "GuestRoleArn",
    "identity_pool_id": "IdentityPoolId",
    "included_pages": "IncludedPages",
    "session_sample_rate": "SessionSampleRate",
    "telemetries": "Telemetries",
}
ARGUMENTS = {
    "aws_cognito_identity_pool": (
        "AWS::Cognito::IdentityPool",
        {
            "identity_pool_name": "IdentityPoolName",
            "allow_unauthenticated_identities": "AllowUnauthenticatedIdentities",
            "allow_classic_flow": "AllowClassicFlow",
        },
    ),
    "aws_cognito_identity_pool_roles_attachment": (
        "AWS::Cognito::IdentityPoolRoleAttachment",
        {"identity_pool_id": "IdentityPoolId", "roles": "Roles"},
    ),
    "aws_iam_policy": (
        "AWS::IAM::ManagedPolicy",
        {"name": "ManagedPolicyName", "policy": "PolicyDocument"},
    ),
    "aws_iam_role": (
        "AWS::IAM::Role",
        {"name": "RoleName", "path": "Path", "assume_role_policy": "AssumeRolePolicyDocument"},
    ),
    "aws_iam_role_policy": (
        "AWS::IAM::RolePolicy",
        {"role": "RoleName", "name": "PolicyName", "policy": "PolicyDocument"},
    ),
    "aws_rum_app_monitor": (
        "AWS::RUM::AppMonitor",
        {
            "name": "Name",
            "domain": "Domain",
            "domain_list": "DomainList",
            "cw_log_enabled": "CwLogEnabled",
            "app_monitor_configuration": ("AppMonitorConfiguration", _CONFIGURATION),
            "custom_events": ("CustomEvents", {"status": "Status"}),
        },
    ),
    "awscc_rum_app_monitor": (
        "AWS::RUM::AppMonitor",
        {"name": "Name", "resource_policy": "ResourcePolicy"},
    ),
}
_ENCODED = re.compile(r"\$\{jsonencode\((.*)\)\}", re.DOTALL)
_NOT_A_TEMPLATE = re.compile(r"([$%])\1\{")


def resources(fix):
    """Return what a fix declares: pairs of a CloudFormation type and its properties."""
    if fix.kind == "cloudformation":
        declared = yaml.safe_load(fix.text)["Resources"].values()
        return [(each["Type"], each["Properties"]) for each in declared]
    parsed = hcl2.loads(fix.text + "\n")["resource"]
    return [_of_terraform(json.loads(kind), *body.values())
            for each in parsed for kind, body in each.items()]  # fmt: skip


def _of_terraform(kind, attributes):
    template, known = ARGUMENTS[kind]
    return template, _renamed(attributes, known)


def _renamed(attributes, known):
    given = {name: value for name, value in attributes.items() if name != "__is_block__"}
    assert given.keys() <= known.keys(), given.keys() - known.keys()
    named = {}
    for name, value in given.items():
        if isinstance(known[name], tuple):
            assert value[0]["__is_block__"], f"{name} is a block"
            named[known[name][0]] = _renamed(value[0], known[name][1])
        else:
            named[known[name]] = _value(value)
    return named


def _value(value):
    """Return what Terraform makes of an expression."""
    if isinstance(value, list):
        return list(map(_value, value))
    if isinstance(value, dict):
        assert "__is_block__" not in value
        return {_key(name): _value(each) for name, each in value.items()}
    if not isinstance(value, str):
        return value
    if encoded := _ENCODED.fullmatch(value):
        return _value(hcl2.loads(f"x = {encoded[1]}\n")["x"])
    return _NOT_A_TEMPLATE.sub(r"\1{", json.loads(value))


def _key(name):
    return _value(name) if name.startswith('"') else {"policy_document": "PolicyDocument"}.get(
        name, name
    )  # fmt: skip


def deploy(sandbox, fix):
    """Bring each resource that a fix declares into the state that its properties say."""
    with environment(sandbox.environment):
        clients = Clients()
        for kind, properties in resources(fix):
            DEPLOYERS[kind](clients, dict(properties))


class Clients:
    """A client of each service by its name, with the credentials in force."""

    def __init__(self):
        self._session = boto3.Session()

    def __getattr__(self, service):
        return self._session.client(service.replace("_", "-"))


def _text(document):
    return document if isinstance(document, str) else json.dumps(document)


def _role_policy(aws, given):
    aws.iam.put_role_policy(
        RoleName=given["RoleName"],
        PolicyName=given["PolicyName"],
        PolicyDocument=_text(given["PolicyDocument"]),
    )


def _managed_policy(aws, given):
    account = aws.sts.get_caller_identity()["Account"]
    aws.iam.create_policy_version(
        PolicyArn=f"arn:aws:iam::{account}:policy/{given['ManagedPolicyName']}",
        PolicyDocument=_text(given["PolicyDocument"]),
        SetAsDefault=True,
    )


def _role(aws, given):
    iam, name = aws.iam, given["RoleName"]
    trust = _text(given["AssumeRolePolicyDocument"])
    try:
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=trust)
    except iam.exceptions.NoSuchEntityException:
        path = given.get("Path", "/")
        iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=trust)


def _pool(aws, given):
    pools = aws.cognito_identity.list_identity_pools(MaxResults=60)["IdentityPools"]
    [pool] = [each["IdentityPoolId"] for each in pools
              if each["IdentityPoolName"] == given["IdentityPoolName"]]  # fmt: skip
    now = aws.cognito_identity.describe_identity_pool(IdentityPoolId=pool)
    now.pop("ResponseMetadata")
    aws.cognito_identity.update_identity_pool(**(now | given))


def _pool_roles(aws, given):
    aws.cognito_identity.set_identity_pool_roles(**given)


def _monitor(aws, given):
    policy = given.pop("ResourcePolicy", None)
    if policy:
        document = _text(policy["PolicyDocument"])
        aws.rum.put_resource_policy(Name=given["Name"], PolicyDocument=document)
    if given.keys() > {"Name"}:
        now = aws.rum.get_app_monitor(Name=given["Name"])["AppMonitor"]
        merged = now["AppMonitorConfiguration"] | given.pop("AppMonitorConfiguration", {})
        aws.rum.update_app_monitor(**given, AppMonitorConfiguration=merged)


DEPLOYERS = {
    "AWS::IAM::RolePolicy": _role_policy,
    "AWS::IAM::ManagedPolicy": _managed_policy,
    "AWS::IAM::Role": _role,
    "AWS::Cognito::IdentityPool": _pool,
    "AWS::Cognito::IdentityPoolRoleAttachment": _pool_roles,
    "AWS::RUM::AppMonitor": _monitor,
}
