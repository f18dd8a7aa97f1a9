"""Answers of the AWS CLI that a person has at hand, and the check that asks for the same.

They are named, not read: what is pasted may be of another day, Region or account.
"""

from __future__ import annotations

import re
from typing import Final

_MOST: Final = 65_536
# What tells an answer, the command that prints it, and the checks that read it.
_ANSWERS: Final = tuple(
    (re.compile(mark), command, checks)
    for mark, command, checks in (
        (r'"AppMonitor"\s*:\s*\{', "aws rum get-app-monitor", "monitor-exists, monitor-domain"),
        (r'"AppMonitorSummaries"\s*:', "aws rum list-app-monitors", "monitor-exists"),
        (r'"PolicyRevisionId"\s*:', "aws rum get-resource-policy", "resource-policy"),
        (
            r'"AllowUnauthenticatedIdentities"\s*:',
            "aws cognito-identity describe-identity-pool",
            "identity-pool, classic-flow",
        ),
        (
            r'"IdentityPoolId"[^}]{0,200}"Roles"\s*:\s*\{',
            "aws cognito-identity get-identity-pool-roles",
            "pool-guest-role",
        ),
        (r'"IdentityPools"\s*:\s*\[', "aws cognito-identity list-identity-pools", "identity-pool"),
        (r'"EvaluationResults"\s*:', "aws iam simulate-principal-policy", "guest-role-permission"),
        (r'"AssumeRolePolicyDocument"\s*:', "aws iam get-role", "guest-role-trust"),
        (r'"AttachedPolicies"\s*:', "aws iam list-attached-role-policies", "guest-role-permission"),
        (r'"PolicyDocument"\s*:', "aws iam get-role-policy", "guest-role-permission"),
        (r'"PolicyVersion"\s*:', "aws iam get-policy-version", "guest-role-permission"),
        (r'"trailList"\s*:', "aws cloudtrail describe-trails", "put-events-denied"),
    )
)
_POLICY: Final = re.compile(r'\{\s*"(?:Version|Id|Statement)"[\s\S]{0,300}"Effect"\s*:')
_ERROR: Final = re.compile(
    r"An error occurred \((\w{1,80})\) when calling the (\w{1,80}) operation"
)


def what_aws_printed(text: str) -> str:
    """Say in a sentence which answer of AWS a text is, and what asks for it; empty for another."""
    head = text[:_MOST].lstrip("\ufeff \t\r\n")
    if head.startswith("<"):  # a page that shows one
        return ""
    for mark, command, checks in _ANSWERS:
        if mark.search(head):
            return (
                f"It is what `{command}` prints, which rumkit asks for by itself ({checks}):"
                " rumkit investigate --monitor NAME --profile PROFILE."
            )
    if error := _ERROR.search(head):
        return (
            f"It is what the AWS CLI says of {error[2]}, refused with {error[1]}: what a browser is"
            " answered is in a recording (--recording) or in CloudTrail's records (--trail)."
        )
    if _POLICY.search(head):
        return (
            "It is a policy, which says nothing of what it is attached to: with --monitor NAME and"
            " --profile PROFILE rumkit reads the policies of the guest role and of the monitor."
        )
    return ""
