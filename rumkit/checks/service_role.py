"""RUM's own role in the account, by which it publishes metrics and sends traces."""

from __future__ import annotations

from typing import Final

from rumkit.checks import fixes

SERVICE_ROLE: Final = "AWSServiceRoleForCloudWatchRUM"
MAKE_SERVICE_ROLE: Final = fixes.command(
    "Make RUM's own role again",
    ["aws", "iam", "create-service-linked-role", "--aws-service-name", "rum.amazonaws.com"],
)
