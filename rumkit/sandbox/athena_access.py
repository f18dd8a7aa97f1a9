"""What Athena and CloudTrail Lake ask of the caller, beside the action that was called.

Sources: Athena user guide, "Allow access to Athena and the AWS Glue Data Catalog"; Lake Formation
developer guide, "Underlying data access control"; CloudTrail user guide, "Create, update, and
manage event data stores with the AWS CLI".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.sandbox.errors import AwsError
from rumkit.sandbox.ids import ACCOUNT, OPERATOR

if TYPE_CHECKING:
    from rumkit.sandbox.context import Context
    from rumkit.sandbox.resources import Trail
    from rumkit.sandbox.world import World


def check_catalog(call: Context, table: str) -> None:
    """Raise AwsError where the caller may not read a table's description in Glue."""
    for action in ("glue:GetDatabase", "glue:GetTable"):
        if action in call.world.denied_actions:
            raise AwsError(
                "MetadataException",
                f"AccessDeniedException: User: {OPERATOR} is not authorized to perform: {action}"
                f" on resource: arn:aws:glue:{call.region}:{ACCOUNT}:table/trails/{table}",
            )


def check_workgroup(call: Context) -> None:
    """Raise AwsError where a query can't be started in the workgroup that it names."""
    name = call.params.get("WorkGroup") or "primary"
    workgroup = call.world.workgroups.get(name)
    if workgroup is None:
        raise AwsError("InvalidRequestException", f"WorkGroup {name} is not found.")
    if not workgroup.enabled:
        raise AwsError("InvalidRequestException", f"WorkGroup {name} is disabled.")
    own = call.params.get("ResultConfiguration", {}).get("OutputLocation", "")
    if not workgroup.location and (workgroup.enforced or not own):
        raise AwsError(
            "InvalidRequestException",
            "No output location provided. An output location is required either through the"
            " Workgroup result configuration setting or as an API input.",
        )


def refusal(world: World, trail: Trail) -> str:
    """Return why a query of a trail's files fails for this caller, "" where it does not."""
    for action in ("glue:GetTable", "glue:GetPartitions"):
        if action in world.denied_actions:
            return f"User: {OPERATOR} is not authorized to perform: {action} on resource: *"
    if trail.governed and "lakeformation:GetDataAccess" in world.denied_actions:
        return "Insufficient permissions to execute the query. Insufficient Lake Formation"
    for action in ("s3:GetBucketLocation", "s3:ListBucket", "s3:GetObject"):
        if action in world.denied_actions:
            return f"User: {OPERATOR} is not authorized to perform: {action} on resource: *"
    if "s3:PutObject" in world.denied_actions:
        return "Access denied when writing output to url: s3://athena-results/"
    if trail.key:
        return _key_refusal(world, trail.key, ("kms:Decrypt", "kms:GenerateDataKey"))
    return ""


def check_store(call: Context, store: Trail) -> None:
    """Raise AwsError where an event data store's key may not be used by the caller."""
    why = store.key and _key_refusal(call.world, store.key, ("kms:Decrypt", "kms:GenerateDataKey"))
    if why:
        raise AwsError("AccessDeniedException", why, status=400)


def _key_refusal(world: World, key: str, actions: tuple[str, ...]) -> str:
    denied = next((action for action in actions if action in world.denied_actions), "")
    if not denied:
        return ""
    return f"User: {OPERATOR} is not authorized to perform: {denied} on resource: {key}"
