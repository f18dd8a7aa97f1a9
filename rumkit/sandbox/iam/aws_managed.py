"""What AWS itself keeps in every account that uses RUM: a few managed policies, one role.

The documents are those that AWS publishes, in the versions that were current in March 2026.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from rumkit.sandbox.roles import Document, ManagedPolicy, Role, Version

RUM_SERVICE: Final = "rum.amazonaws.com"


def _allow(actions: str, resource: str = "*", **condition: dict[str, Any]) -> Document:
    statement: Document = {"Effect": "Allow", "Action": actions.split(), "Resource": resource}
    return {**statement, **({"Condition": condition} if condition else {})}


def _published(
    name: str, created: str, version: int, *statements: Document, path: str = "/"
) -> ManagedPolicy:
    made = datetime.fromisoformat(created).replace(tzinfo=UTC)
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    ident = f"v{version}"
    return ManagedPolicy(
        name,
        {ident: Version(document, made)},
        default=ident,
        path=path,
        owner="aws",
        created=made,
        updated=made,
        newest=version,
    )


_FULL: Final = _published(
    "AmazonCloudWatchRUMFullAccess",
    "2021-11-29T15:46:12",
    1,
    _allow("rum:*"),
    _allow(
        "iam:GetRole iam:CreateServiceLinkedRole",
        "arn:aws:iam::*:role/aws-service-role/rum.amazonaws.com/AWSServiceRoleForRealUserMonitoring",
    ),
    _allow(
        "iam:PassRole",
        "arn:aws:iam::*:role/RUM-Monitor*",
        StringEquals={"iam:PassedToService": ["cognito-identity.amazonaws.com"]},
    ),
    _allow("cloudwatch:GetMetricData cloudwatch:GetMetricStatistics cloudwatch:ListMetrics"),
    _allow("cloudwatch:DescribeAlarms", "arn:aws:cloudwatch:*:*:alarm:*"),
    _allow(
        "cognito-identity:CreateIdentityPool cognito-identity:ListIdentityPools "
        "cognito-identity:DescribeIdentityPool cognito-identity:GetIdentityPoolRoles "
        "cognito-identity:SetIdentityPoolRoles",
        "arn:aws:cognito-identity:*:*:identitypool/*",
    ),
    _allow(
        "logs:CreateLogGroup logs:DeleteLogGroup logs:PutRetentionPolicy logs:CreateLogStream",
        "arn:aws:logs:*:*:log-group:*RUMService*",
    ),
    _allow(
        "logs:CreateLogDelivery logs:GetLogDelivery logs:UpdateLogDelivery "
        "logs:DeleteLogDelivery logs:ListLogDeliveries logs:DescribeResourcePolicies"
    ),
    _allow("logs:DescribeLogGroups", "arn:aws:logs:*:*:log-group::log-stream:*"),
    _allow(
        "synthetics:describeCanaries synthetics:describeCanariesLastRun",
        "arn:aws:synthetics:*:*:canary:*",
    ),
)
_READ_ONLY: Final = _published(
    "AmazonCloudWatchRUMReadOnlyAccess",
    "2021-11-29T15:43:47",
    8,
    _allow(
        "rum:GetAppMonitor rum:GetAppMonitorData rum:ListAppMonitors rum:ListTagsForResource "
        "rum:ListRumMetricsDestinations rum:BatchGetRumMetricDefinitions rum:GetResourcePolicy"
    ),
    _allow(
        "synthetics:describeCanariesLastRun synthetics:describeCanaries",
        "arn:aws:synthetics:*:*:canary:*",
    ),
    _allow("cloudwatch:GetMetricData"),
    _allow("cloudwatch:DescribeAlarms", "arn:aws:cloudwatch:*:*:alarm:*"),
    _allow("logs:DescribeLogGroups", "arn:aws:logs:*:*:log-group::log-stream:*"),
    _allow("xray:GetTraceSummaries"),
)
_SERVICE: Final = _published(
    "AmazonCloudWatchRUMServiceRolePolicy",
    "2021-11-17T23:17:23",
    3,
    _allow("xray:PutTraceSegments"),
    _allow(
        "cloudwatch:PutMetricData",
        StringLike={"cloudwatch:namespace": ["RUM/CustomMetrics/*", "AWS/RUM"]},
    ),
    path="/aws-service-role/",
)
_ADMINISTRATOR: Final = _published("AdministratorAccess", "2015-02-06T18:39:46", 1, _allow("*"))

AWS_MANAGED: Final = {
    policy.arn: policy for policy in (_FULL, _READ_ONLY, _SERVICE, _ADMINISTRATOR)
}


def rum_service_role() -> Role:
    """Return AWSServiceRoleForCloudWatchRUM, by which RUM writes metrics and traces."""
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": RUM_SERVICE},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    return Role(
        "AWSServiceRoleForCloudWatchRUM",
        trust,
        managed={_SERVICE.arn: _SERVICE},
        path=f"/aws-service-role/{RUM_SERVICE}/",
        description="",
        service=RUM_SERVICE,
    )
