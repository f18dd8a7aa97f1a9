"""What a file of infrastructure that defines an app monitor shows of the rest of the path.

Terraform, CloudFormation (also SAM and Serverless), the CDK and Pulumi: the text is searched and
never run. Other files of the same project may hold what this one lacks, so these are remarks on
an answer that stays open, and no finding of their own.
"""

from __future__ import annotations

import re
from typing import Final

_MOST: Final = 300_000
_PUT: Final = re.compile(r"(?i)rum:(?:PutRumEvents|Put\*|\*)")
_POOL: Final = re.compile(
    r"AWS::Cognito::IdentityPool\b|aws_cognito_identity_pool\b|CfnIdentityPool\b|cognito\.IdentityPool\b"
    r"|new IdentityPool\b|(?i:identity_?pool_?id)"
)
# Pools of the first three kinds get their roles by a resource of its own; the CDK's IdentityPool
# construct attaches them itself.
_BARE_POOL: Final = re.compile(
    r"AWS::Cognito::IdentityPool\b(?!Role)|resource\s+\"aws_cognito_identity_pool\"|CfnIdentityPool\("
    r"|aws\.cognito\.IdentityPool\("
)
_ATTACHED: Final = re.compile(r"(?i)identity_?pool_?roles?_?attachment")
_POLICY: Final = re.compile(r"(?i)resource_?policy")
# What is wrong wherever it stands, and what to say of it.
_WRONG: Final = (
    (
        re.compile(
            r"(?i)allow_?unauthenticated_?identities[\"']?\s*[:=]\s*(?:cdk\.\w+\()?[\"']?false"
        ),
        "its identity pool admits no guests, so GetId is refused unless the page logs them in",
    ),
    (
        re.compile(r"appmonitor/[^\s\"'`]{0,80}(?:app_monitor_id|\.attrId\b|\.Id\})"),
        "the ARN of its policy ends in the monitor's id, where RUM takes the name",
    ),
    (
        re.compile(r"(?im)^[^#\n]*\bdomain[\"']?\s*[:=]\s*[\"']?https?://"),
        "its monitor's domain is a URL, where RUM takes a host name",
    ),
    (
        re.compile(r"(?i)session_?sample_?rate[\"']?\s*[:=]\s*[\"']?0(?:\.0*)?[\"']?\s*(?:[,;}\n]|$)"),
        "its sample rate is 0, which a snippet made of it would take over: no session is recorded",
    ),
    (
        re.compile(
            r"(?im)(?:monitor|application|app)_?id[\"']?\s{0,20}[:=,]\s{0,20}[^#\n=]{0,80}?"
            r"(aws_rum_app_monitor\.[\w.\[\]]{1,80}\.id\b|(?<!\w)\w{0,40}app_?monitor\w{0,40}\.ref\b)"
        ),
        "it hands out {}, the monitor's name as its id (its id: app_monitor_id, CDK: attrId)",
    ),
)  # fmt: skip
_AMR: Final = re.compile(r":amr[\"'\]]{0,3}\s{0,9}[:=,]{1,3}[\s\[\"']{0,40}(\w{1,40})")


def template_remarks(text: str) -> str:
    """Return a sentence on what a file of infrastructure shows; empty where nothing stands out."""
    text = text[:_MOST]
    found = ((wrong.search(text), say) for wrong, say in _WRONG)
    remarks = [say.format(*match.groups()) for match, say in found if match]
    pool = _POOL.search(text)
    if not pool and not _POLICY.search(text):
        remarks.append(
            "it names no identity pool, and no resource policy that admits unsigned calls"
        )
    if pool and not _PUT.search(text):
        remarks.append("it gives no role rum:PutRumEvents")
    if _BARE_POOL.search(text) and not _ATTACHED.search(text):
        remarks.append(
            "it attaches no roles to the identity pool, which the enhanced flow (no guestRoleArn)"
            " needs"
        )
    amr = {match[1] for match in _AMR.finditer(text)}
    if amr == {"authenticated"}:
        remarks.append("its role trusts logged-in identities only (amr authenticated)")
    if not remarks:
        return ""
    return f" Unless another file says otherwise: {'; '.join(remarks)}."
