"""Every AWS operation that rumkit may call, and the IAM action that each needs.

The list is the guard of `aws.session` and the source of the policy that `rumkit permissions`
prints, so that the two can't differ.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Read:
    """One operation: boto3's service and operation names, its IAM action and resources.

    `resource` is an ARN pattern in which `{p}` stands for the partition, or `*` where IAM knows
    no resource for the action. `why` says what the answer is used for.
    """

    service: str
    operation: str
    action: str
    resource: str
    why: str


_MONITOR = "arn:{p}:rum:*:*:appmonitor/*"
_POOL = "arn:{p}:cognito-identity:*:*:identitypool/*"
_ROLE = "arn:{p}:iam::*:role/*"
_POLICY = "arn:{p}:iam::*:policy/*"
_TRAIL = "arn:{p}:cloudtrail:*:*:trail/*"
_STORE = "arn:{p}:cloudtrail:*:*:eventdatastore/*"
_LOGS = "arn:{p}:logs:*:*:log-group:*"

READS: tuple[Read, ...] = (
    Read("sts", "GetCallerIdentity", "sts:GetCallerIdentity", "*", "which account this is"),
    Read("rum", "ListAppMonitors", "rum:ListAppMonitors", "*", "a monitor's name for its id"),
    Read("rum", "GetAppMonitor", "rum:GetAppMonitor", _MONITOR, "the monitor's configuration"),
    Read("rum", "GetResourcePolicy", "rum:GetResourcePolicy", _MONITOR, "who may send unsigned"),
    Read("rum", "GetAppMonitorData", "rum:GetAppMonitorData", _MONITOR, "events that arrived"),
    Read(
        "cognito-identity",
        "DescribeIdentityPool",
        "cognito-identity:DescribeIdentityPool",
        _POOL,
        "guest access, classic flow",
    ),
    Read(
        "cognito-identity",
        "GetIdentityPoolRoles",
        "cognito-identity:GetIdentityPoolRoles",
        _POOL,
        "the pool's guest role",
    ),
    Read(
        "cognito-identity",
        "ListIdentityPools",
        "cognito-identity:ListIdentityPools",
        "*",
        "the pool that a page could use",
    ),
    Read(
        "iam",
        "ListAccountAliases",
        "iam:ListAccountAliases",
        "*",
        "the account's name beside a fix that changes access",
    ),
    Read("iam", "GetRole", "iam:GetRole", _ROLE, "trust policy and boundary of the guest role"),
    Read("iam", "ListRolePolicies", "iam:ListRolePolicies", _ROLE, "inline policies"),
    Read("iam", "GetRolePolicy", "iam:GetRolePolicy", _ROLE, "inline policies"),
    Read(
        "iam",
        "ListAttachedRolePolicies",
        "iam:ListAttachedRolePolicies",
        _ROLE,
        "managed policies",
    ),
    Read("iam", "GetPolicy", "iam:GetPolicy", _POLICY, "managed policies and boundary"),
    Read("iam", "GetPolicyVersion", "iam:GetPolicyVersion", _POLICY, "managed policies"),
    Read(
        "iam",
        "SimulatePrincipalPolicy",
        "iam:SimulatePrincipalPolicy",
        _ROLE,
        "a second opinion on the permission",
    ),
    Read("cloudwatch", "GetMetricData", "cloudwatch:GetMetricData", "*", "arrival over time"),
    Read("cloudtrail", "LookupEvents", "cloudtrail:LookupEvents", "*", "Event history"),
    Read("cloudtrail", "DescribeTrails", "cloudtrail:DescribeTrails", "*", "what is recorded"),
    Read(
        "cloudtrail",
        "GetEventSelectors",
        "cloudtrail:GetEventSelectors",
        _TRAIL,
        "which data events are recorded",
    ),
    Read(
        "cloudtrail",
        "GetTrailStatus",
        "cloudtrail:GetTrailStatus",
        _TRAIL,
        "whether the trail is running",
    ),
    Read(
        "cloudtrail",
        "ListEventDataStores",
        "cloudtrail:ListEventDataStores",
        "*",
        "what CloudTrail Lake holds",
    ),
    Read(
        "cloudtrail",
        "GetEventDataStore",
        "cloudtrail:GetEventDataStore",
        _STORE,
        "what CloudTrail Lake holds",
    ),
    Read("cloudtrail", "StartQuery", "cloudtrail:StartQuery", _STORE, "CloudTrail Lake"),
    Read("cloudtrail", "DescribeQuery", "cloudtrail:DescribeQuery", _STORE, "CloudTrail Lake"),
    Read("cloudtrail", "GetQueryResults", "cloudtrail:GetQueryResults", _STORE, "CloudTrail Lake"),
    Read("logs", "StartQuery", "logs:StartQuery", _LOGS, "a trail's or the monitor's log group"),
    Read("logs", "GetQueryResults", "logs:GetQueryResults", "*", "a log group's answer"),
    Read("athena", "StartQueryExecution", "athena:StartQueryExecution", "*", "a trail's S3 files"),
    Read("athena", "GetQueryExecution", "athena:GetQueryExecution", "*", "a trail's S3 files"),
    Read("athena", "GetQueryResults", "athena:GetQueryResults", "*", "a trail's S3 files"),
    Read("athena", "GetTableMetadata", "athena:GetTableMetadata", "*", "a trail's S3 files"),
    Read("s3", "ListObjectsV2", "s3:ListBucket", "arn:{p}:s3:::*", "a trail's S3 files"),
    Read("s3", "GetObject", "s3:GetObject", "arn:{p}:s3:::*/AWSLogs/*", "a trail's S3 files"),
    Read("xray", "BatchGetTraces", "xray:BatchGetTraces", "*", "whether traces join up"),
)

_BY_OPERATION = {(read.service, read.operation): read for read in READS}


def find_read(service: str, operation: str) -> Read | None:
    """Return the read for an operation, or None when rumkit may not call it."""
    return _BY_OPERATION.get((service, operation))


def policy(partition: str = "aws") -> dict[str, object]:
    """Return the least-privilege IAM policy document: a statement for each kind of resource."""
    by_resource: dict[str, set[str]] = {}
    for read in READS:
        by_resource.setdefault(read.resource.replace("{p}", partition), set()).add(read.action)
    statements = [
        {"Effect": "Allow", "Action": sorted(actions), "Resource": resource}
        for resource, actions in sorted(by_resource.items())
    ]
    return {"Version": "2012-10-17", "Statement": statements}
