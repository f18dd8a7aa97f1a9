"""Files of infrastructure as people published them, in words of our own: what they show."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

import rumkit
from rumkit.checks.events_not_sent.template_remarks import template_remarks

if TYPE_CHECKING:
    from pathlib import Path

_POOL = """
resource "aws_cognito_identity_pool" "rum" {
  identity_pool_name               = "${terraform.workspace}-rum"
  allow_unauthenticated_identities = true
}
"""
_MONITOR = """
resource "aws_rum_app_monitor" "site" {
  name   = "${terraform.workspace}-site"
  domain = "*.shop.example"
  app_monitor_configuration {
    identity_pool_id    = aws_cognito_identity_pool.rum.id
    session_sample_rate = 1.0
  }
}
"""
_ROLE = """
resource "aws_iam_role" "guest" {
  assume_role_policy = jsonencode({ Statement = [{
    Effect    = "Allow"
    Principal = { Federated = "cognito-identity.amazonaws.com" }
    Action    = "sts:AssumeRoleWithWebIdentity"
    Condition = {
      StringEquals = { "cognito-identity.amazonaws.com:aud" = aws_cognito_identity_pool.rum.id }
      "ForAnyValue:StringLike" = { "cognito-identity.amazonaws.com:amr" = "unauthenticated" }
    }
  }] })
}
resource "aws_iam_role_policy" "put" {
  policy = jsonencode({ Statement = [{
    Effect = "Allow", Action = ["rum:PutRumEvents"], Resource = aws_rum_app_monitor.site.arn
  }] })
}
"""
_ATTACHED = """
resource "aws_cognito_identity_pool_roles_attachment" "rum" {
  roles = { unauthenticated = aws_iam_role.guest.arn }
}
"""
_WHOLE = _POOL + _MONITOR + _ROLE + _ATTACHED
_SAM = """
Resources:
  Pool:
    Type: AWS::Cognito::IdentityPool
    Properties:
      AllowUnauthenticatedIdentities: %s
  Monitor:
    Type: AWS::RUM::AppMonitor
    Properties:
      Domain: %s
      AppMonitorConfiguration:
        IdentityPoolId: !Ref Pool
        SessionSampleRate: %s
"""
_CONSTRUCTS = """
new rum.CfnAppMonitor(this, 'M', { appMonitorConfiguration: { identityPoolId: p.ref } });
const pool = new IdentityPool(this, 'P', { allowUnauthenticatedIdentities: true });
pool.unauthenticatedRole.addToPrincipalPolicy(put({ actions: ['rum:PutRumEvents'] }));
"""
WRONG = {
    "a pool and a monitor, and no role": (
        _POOL + _MONITOR,
        ["no role rum:PutRumEvents", "attaches no roles"],
    ),
    "a role that nothing attaches": (_POOL + _MONITOR + _ROLE, ["attaches no roles"]),
    "a monitor without a pool": (
        'resource "aws_rum_app_monitor" "web" {\n  name = "web"\n}\n',
        ["names no identity pool"],
    ),
    "a role for those who log in": (
        _WHOLE.replace('"unauthenticated"', '"authenticated"'),
        ["amr authenticated"],
    ),
    "an ARN with the id": (
        _WHOLE.replace(
            "aws_rum_app_monitor.site.arn",
            '"arn:aws:rum:*:*:appmonitor/${aws_rum_app_monitor.site.app_monitor_id}"',
        ),
        ["ends in the monitor's id"],
    ),
    "an output of the name as the id": (
        _WHOLE + 'output "o" {\n  value = { app_monitor_id = aws_rum_app_monitor.site.id }\n}\n',
        ["name as its id"],
    ),
    "a template of CloudFormation with a URL": (
        _SAM % ("true", "https://www.shop.example/", "1"),
        ["domain is a URL", "no role rum:PutRumEvents", "attaches no roles"],
    ),
    "guests kept out and no session recorded": (
        _SAM % ("false", "www.shop.example", "0"),
        [
            "admits no guests",
            "sample rate is 0",
            "no role rum:PutRumEvents",
            "attaches no roles",
        ],
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_a_published_file_lacks_is_said(name: str) -> None:
    text, says = WRONG[name]
    remarks = template_remarks(text)
    assert [words for words in says if words not in remarks] == []
    assert remarks.count(";") == len(says) - 1


@pytest.mark.parametrize(
    "text",
    [
        _WHOLE,
        _WHOLE.replace("session_sample_rate = 1.0", "session_sample_rate = 0.5"),
        _CONSTRUCTS,
        "new rum.CfnAppMonitor(this, 'M', { resourcePolicy: { policyDocument: open } });",
    ],
)
def test_a_whole_file_gets_no_remark(text: str) -> None:
    assert template_remarks(text) == ""


def test_remarks_leave_the_answer_open(tmp_path: Path) -> None:
    (tmp_path / "rum.tf").write_text(_POOL + _MONITOR)
    found = rumkit.investigate(page=str(tmp_path / "rum.tf"), trail="none")
    said = next(each for each in found.findings if each.check == "snippet-present")
    assert (str(found.verdict), str(said.status)) == ("unproven", "unknown")
    assert re.search(r"defines an app monitor .* no role rum:PutRumEvents", said.summary)
