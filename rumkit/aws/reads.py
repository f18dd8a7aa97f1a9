"""Every AWS operation that rumkit may call, and the IAM action that each needs.

The list is the guard of `aws.session` and the source of the policy that `rumkit permissions`
prints (`aws.permissions`), so that the two can't differ. It also says what every reply of an
operation holds, which is the ground of `aws.replies`.
"""

from __future__ import annotations

from dataclasses import dataclass

# What the account records is looked up with every source that may hold none of the calls.
SURVEYED = frozenset({"auto", "lookup", "logs", "athena", "lake", "s3", "files"})
_LOOKUP, _LAKE, _S3 = (frozenset({"auto", each}) for each in ("lookup", "lake", "s3"))
_ATHENA = frozenset({"athena"})
ORGANIZATION = frozenset({"organization"})


@dataclass(frozen=True)
class Read:
    """One operation: boto3's service and operation names, its IAM action and resource.

    `resource` is an ARN pattern, the narrowest that IAM knows for the action, or `*` where it
    knows none; `{p}` stands for the partition, other braces for names of the trail source
    (`aws.permissions`). `why` says what the answer is used for. `needs` are the members that
    every reply has, as paths (`Items[].Name`; `A|B` is either). `sources` are the trail sources
    for which it is called, `organization` where a fleet looks for its accounts, empty where every
    investigation may call it.
    """

    service: str
    operation: str
    action: str
    resource: str
    why: str
    needs: tuple[str, ...] = ()
    sources: frozenset[str] = frozenset()


def _read(
    name: str,
    resource: str,
    why: str,
    *needs: str,
    action: str = "",
    sources: frozenset[str] = frozenset(),
) -> Read:
    """Return a read whose IAM action, unless it is given, has the name of the operation."""
    service, _, operation = name.partition(":")
    return Read(service, operation, action or name, resource, why, needs, sources)


_MONITOR = "arn:{p}:rum:*:*:appmonitor/*"
_POOL = "arn:{p}:cognito-identity:*:*:identitypool/*"
_ROLE = "arn:{p}:iam::*:role/*"
_POLICY = "arn:{p}:iam::*:policy/*"
_TRAIL = "arn:{p}:cloudtrail:*:*:trail/*"
_ANY_STORE = "arn:{p}:cloudtrail:*:*:eventdatastore/*"
_STORE = "arn:{p}:cloudtrail:*:*:eventdatastore/{store}"
_LOGS = "arn:{p}:logs:*:*:log-group:*"
_WORKGROUP = "arn:{p}:athena:*:*:workgroup/{workgroup}"

READS: tuple[Read, ...] = (
    _read("sts:GetCallerIdentity", "*", "which account this is", "Account", "Arn"),
    _read(
        "rum:ListAppMonitors",
        "*",
        "a monitor's name for its id",
        "AppMonitorSummaries[].Name",
        "AppMonitorSummaries[].Id",
    ),
    _read(
        "rum:GetAppMonitor",
        _MONITOR,
        "the monitor's configuration",
        "AppMonitor.Name",
        "AppMonitor.Id",
    ),
    _read("rum:GetResourcePolicy", _MONITOR, "who may send unsigned", "PolicyDocument"),
    _read("rum:GetAppMonitorData", _MONITOR, "events that arrived", "Events"),
    _read(
        "cognito-identity:DescribeIdentityPool",
        _POOL,
        "guest access, classic flow",
        "IdentityPoolId",
        "AllowUnauthenticatedIdentities",
    ),
    _read(
        "cognito-identity:GetIdentityPoolRoles", _POOL, "the pool's guest role", "IdentityPoolId"
    ),
    _read(
        "cognito-identity:ListIdentityPools", "*", "the pool that a page could use", "IdentityPools"
    ),
    _read(
        "iam:ListAccountAliases",
        "*",
        "the account's name beside a fix that changes access",
        "AccountAliases",
    ),
    _read(
        "iam:GetRole",
        _ROLE,
        "trust policy and boundary of the guest role, and whether RUM's own role is there",
        "Role.Arn",
        "Role.RoleId",
        "Role.AssumeRolePolicyDocument",
    ),
    _read("iam:ListRolePolicies", _ROLE, "inline policies", "PolicyNames"),
    _read("iam:GetRolePolicy", _ROLE, "inline policies", "PolicyDocument"),
    _read(
        "iam:ListAttachedRolePolicies", _ROLE, "managed policies", "AttachedPolicies[].PolicyArn"
    ),
    _read("iam:GetPolicy", _POLICY, "managed policies and boundary", "Policy.DefaultVersionId"),
    _read("iam:GetPolicyVersion", _POLICY, "managed policies", "PolicyVersion.Document"),
    _read(
        "iam:SimulatePrincipalPolicy",
        _ROLE,
        "a second opinion on the permission",
        "EvaluationResults[].EvalDecision",
    ),
    _read(
        "cloudwatch:GetMetricData",
        "*",
        "arrival over time",
        "MetricDataResults[].Timestamps",
        "MetricDataResults[].Values",
        "MetricDataResults[].StatusCode",
    ),
    _read("cloudtrail:LookupEvents", "*", "Event history", "Events", sources=_LOOKUP),
    _read(
        "cloudtrail:DescribeTrails",
        "*",
        "what is recorded",
        "trailList[].TrailARN",
        sources=SURVEYED,
    ),
    _read(
        "cloudtrail:GetEventSelectors",
        _TRAIL,
        "which data events are recorded",
        "AdvancedEventSelectors|EventSelectors",
        sources=SURVEYED,
    ),
    _read(
        "cloudtrail:GetTrailStatus",
        _TRAIL,
        "whether the trail is running",
        "IsLogging",
        sources=SURVEYED,
    ),
    _read(
        "cloudtrail:ListEventDataStores",
        "*",
        "what CloudTrail Lake holds",
        "EventDataStores[].EventDataStoreArn",
        sources=SURVEYED,
    ),
    _read(
        "cloudtrail:GetEventDataStore",
        _ANY_STORE,
        "what CloudTrail Lake holds",
        "Status",
        "AdvancedEventSelectors",
        sources=SURVEYED,
    ),
    _read("cloudtrail:StartQuery", _STORE, "CloudTrail Lake", "QueryId", sources=_LAKE),
    _read("cloudtrail:DescribeQuery", _STORE, "CloudTrail Lake", "QueryStatus", sources=_LAKE),
    _read(
        "cloudtrail:GetQueryResults",
        _STORE,
        "CloudTrail Lake",
        "QueryStatus",
        "QueryResultRows",
        sources=_LAKE,
    ),
    _read(
        "logs:DescribeLogGroups",
        "*",
        "how long a trail's or the monitor's log group keeps what, and by which key",
        "logGroups",
    ),
    _read("logs:StartQuery", _LOGS, "a trail's or the monitor's log group", "queryId"),
    _read("logs:GetQueryResults", _LOGS, "a log group's answer", "status", "results"),
    _read(
        "athena:GetTableMetadata",
        "arn:{p}:athena:*:*:datacatalog/*",
        "a trail's S3 files",
        "TableMetadata.Name",
        sources=_ATHENA,
    ),
    _read(
        "athena:StartQueryExecution",
        _WORKGROUP,
        "a trail's S3 files",
        "QueryExecutionId",
        sources=_ATHENA,
    ),
    _read(
        "athena:GetQueryExecution",
        _WORKGROUP,
        "a trail's S3 files",
        "QueryExecution.Status.State",
        sources=_ATHENA,
    ),
    _read(
        "athena:GetQueryResults",
        _WORKGROUP,
        "a trail's S3 files",
        "ResultSet.Rows",
        sources=_ATHENA,
    ),
    _read(
        "s3:ListObjectsV2",
        "arn:{p}:s3:::{bucket}",
        "a trail's S3 files",
        "IsTruncated",
        action="s3:ListBucket",
        sources=_S3,
    ),
    _read("s3:GetObject", "arn:{p}:s3:::{bucket}/*", "a trail's S3 files", "Body", sources=_S3),
    _read("xray:BatchGetTraces", "*", "whether traces join up", "Traces"),
    _read(
        "xray:GetTraceSegmentDestination",
        "*",
        "whether X-Ray or CloudWatch Logs keeps the traces",
        "Destination",
    ),
    _read(
        "organizations:ListAccounts",
        "*",
        "the accounts of an organization",
        "Accounts[].Id",
        sources=ORGANIZATION,
    ),
)

_BY_OPERATION = {(read.service, read.operation): read for read in READS}


def find_read(service: str, operation: str) -> Read | None:
    """Return the read for an operation, or None when rumkit may not call it."""
    return _BY_OPERATION.get((service, operation))
