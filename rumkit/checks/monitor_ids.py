"""An app monitor's name where its id belongs: how the id is found, and what templates must say.

Sources: the CloudFormation reference of AWS::RUM::AppMonitor (Ref is the name, GetAtt Id the id),
the Terraform provider aws (id is the name, app_monitor_id the id), and reports of both.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rumkit.aws_names import MONITOR_NAME, is_account, is_uuid, known_regions
from rumkit.checks import fixes

if TYPE_CHECKING:
    from rumkit.model import Fix

_TEMPLATES = fixes.advice(
    "In infrastructure code, hand out the id and not the name",
    "CloudFormation: !GetAtt AppMonitor.Id (Ref is the name)\n"
    "CDK: appMonitor.attrId (ref is the name)\n"
    "Terraform: aws_rum_app_monitor.NAME.app_monitor_id (id is the name)\n"
    "Pulumi: appMonitor.appMonitorId (id is the name)",
)


def looks_like_a_name(value: str) -> bool:
    """Tell whether a value in the id's place can be an app monitor's name."""
    other = is_uuid(value) or is_account(value)
    return re.fullmatch(MONITOR_NAME, value) is not None and not other


def id_of_name(name: str, region: str) -> tuple[Fix, ...]:
    """Return the command that prints a monitor's id, and what templates must say instead."""
    if not looks_like_a_name(name) or region not in known_regions():
        return (_TEMPLATES,)
    words = ["aws", "rum", "get-app-monitor", "--region", region, "--name", name]
    words += ["--query", "AppMonitor.Id", "--output", "text"]
    return (fixes.command("Find the monitor's id, and put it into the page", words), _TEMPLATES)
