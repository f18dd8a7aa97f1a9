"""Fixes as CloudFormation and Terraform are what those tools read."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace

import hcl2
import pytest
import yaml
from cfnlint.api import lint
from cfnlint.config import ManualArgs

from rumkit.aws.identity import IdentityPool
from rumkit.aws.monitor import Monitor
from rumkit.checks import infrastructure
from rumkit.commands import aws_command

ARN = "arn:aws:rum:eu-west-1:111122223333:appmonitor/shop-web"
DOCUMENT = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": ["rum:PutRumEvents"], "Resource": ARN},
        {
            "Effect": "Deny",
            "Action": "*",
            "Resource": "arn:aws:s3:::guests/${cognito-identity.amazonaws.com:sub}/*",
            "Condition": {"StringLike": {"aws:Referer": ['https://"odd"\\.example/%{x}']}},
        },
    ],
}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Federated": "cognito-identity.amazonaws.com"},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {
                "StringEquals": {"cognito-identity.amazonaws.com:aud": infrastructure.POOL_ID}
            },
        }
    ],
}
MONITOR = Monitor("shop-web", "id", "eu-west-1", domains=("www.shop.example",))
POOL = IdentityPool("eu-west-1:pool", "Guests", "eu-west-1", guest_access=False, classic_flow=None)
CONFIGURATION = {"SessionSampleRate": 0.5, "EnableXRay": True, "Telemetries": ["errors", "http"]}

FORMS = {
    "role policy": infrastructure.role_policy("guest", "AllowPutRumEvents", DOCUMENT),
    "managed policy": infrastructure.managed_policy("guests", DOCUMENT),
    "trust policy": infrastructure.trust_policy("guest", DOCUMENT),
    "identity pool": infrastructure.identity_pool(POOL, AllowClassicFlow=True),
    "pool roles": infrastructure.pool_roles(POOL.id, {"unauthenticated": "arn:aws:iam::1:role/g"}),
    "domains": infrastructure.app_monitor(MONITOR, DomainList=["www.shop.example", "b.example"]),
    "custom events": infrastructure.app_monitor(MONITOR, CustomEvents={"Status": "ENABLED"}),
    "configuration": infrastructure.app_monitor(MONITOR, AppMonitorConfiguration=CONFIGURATION),
    "resource policy": infrastructure.resource_policy(MONITOR, DOCUMENT),
}
NAMES = list(FORMS)


def resource(name):
    template = yaml.safe_load(FORMS[name][0].text)
    [found] = template["Resources"].values()
    return found


@pytest.mark.parametrize("name", NAMES)
def test_each_form_is_one_template_and_one_terraform_resource(name):
    assert [fix.kind for fix in FORMS[name]] == ["cloudformation", "terraform"]


@pytest.mark.parametrize("name", ["role policy", "managed policy"])
def test_a_template_holds_the_document_unchanged(name):
    assert resource(name)["Properties"]["PolicyDocument"] == DOCUMENT


def test_a_template_holds_the_trust_policy_unchanged():
    assert resource("trust policy")["Properties"]["AssumeRolePolicyDocument"] == DOCUMENT


def test_a_pools_flags_are_those_it_has_but_for_the_change():
    flags = resource("identity pool")["Properties"]
    assert flags["AllowUnauthenticatedIdentities"] is False
    assert flags["AllowClassicFlow"] is True


@pytest.mark.parametrize("name", NAMES)
def test_cloudformation_knows_every_property(name):
    found = lint(FORMS[name][0].text, config=ManualArgs(regions=["eu-west-1"]))
    unknown = [match for match in found if match.rule.id in {"E3001", "E3002", "E3006", "E3012"}]
    assert not unknown, unknown


def test_a_new_pool_with_its_guest_role_is_a_whole_template_and_four_terraform_resources():
    template, terraform = infrastructure.pool_with_role("RUM-shop", "guest", TRUST, DOCUMENT)
    found = lint(template.text, config=ManualArgs(regions=["eu-west-1"]))
    assert not [match for match in found if match.rule.id.startswith("E")], found
    resources = hcl2.loads(terraform.text + "\n")["resource"]
    assert [next(iter(each)).strip('"') for each in resources] == [
        "aws_cognito_identity_pool",
        "aws_iam_role",
        "aws_iam_role_policy",
        "aws_cognito_identity_pool_roles_attachment",
    ]


@pytest.mark.parametrize("name", NAMES)
def test_terraform_reads_the_resource(name):
    [read] = hcl2.loads(FORMS[name][1].text + "\n")["resource"]
    assert [kind.strip('"') for kind in read] == [FORMS[name][1].target]


def test_terraform_takes_no_text_of_a_policy_for_its_own():
    text = FORMS["role policy"][1].text
    assert "$${cognito-identity.amazonaws.com:sub}" in text
    assert "%%{x}" in text


def test_the_monitors_configuration_is_a_block_of_terraforms_names():
    text = FORMS["configuration"][1].text
    assert "app_monitor_configuration {" in text
    assert re.search(r"enable_xray +=", text)
    assert re.search(r"session_sample_rate += 0\.5", text)


@pytest.mark.parametrize(
    ("domain", "why"),
    [
        ("www.\ud800.example", "not written as AWS writes one"),
        ("$(touch canary)", "not written as AWS writes one"),
        ("x\ntouch canary", "not written as AWS writes one"),
    ],
)
def test_a_domain_that_is_none_is_in_no_template(domain, why):
    fixes = infrastructure.app_monitor(MONITOR, DomainList=["shop.example", domain])
    assert [fix.kind for fix in fixes] == ["advice", "advice"]
    assert all(why in fix.text and "\\ud800" not in fix.text for fix in fixes)


@pytest.mark.parametrize("sign", ["\n", "\u202e", "\ud800", "\ufffe", "\x1b[2J"])
def test_what_does_not_show_is_in_no_template(sign):
    document = {"Statement": [{"Effect": "Allow", "Resource": f"{ARN}{sign}"}]}
    for fix in infrastructure.role_policy("guest", "put", document):
        assert (fix.kind, sign in fix.text) == ("advice", False)
        assert "a character that does not show" in fix.text


@pytest.mark.parametrize("name", ["a & touch canary", "file:///etc/passwd", "-x", "@SUM(1)*x|'y"])
def test_a_name_that_no_pool_has_is_in_no_template(name):
    fixes = infrastructure.identity_pool(replace(POOL, name=name), AllowClassicFlow=True)
    assert [fix.kind for fix in fixes] == ["advice", "advice"]
    assert all("not written as AWS writes one" in fix.text for fix in fixes)


def test_a_pool_whose_name_has_spaces_is_mended_in_every_form():
    pool = replace(POOL, name="Guests of the shop")
    for fix in infrastructure.identity_pool(pool, AllowClassicFlow=True):
        assert (fix.kind != "advice", pool.name in fix.text) == (True, True)
    words = ["aws", "cognito-identity", "update-identity-pool", "--identity-pool-name", pool.name]
    command = aws_command("Change it", words)
    assert shlex.split(command.text) == words
