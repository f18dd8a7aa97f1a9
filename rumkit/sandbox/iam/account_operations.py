"""IAM's answers about the whole account: its aliases, and what a role would be allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rumkit.sandbox.authorise import simulate
from rumkit.sandbox.errors import AwsError
from rumkit.sandbox.iam.asked import page

if TYPE_CHECKING:
    from rumkit.sandbox.context import Context


def list_account_aliases(call: Context) -> dict[str, Any]:
    """ListAccountAliases: at most one in a real account, and none until one is made."""
    return page(call, "AccountAliases", call.world.roles.aliases)


def simulate_principal_policy(call: Context) -> dict[str, Any]:
    """SimulatePrincipalPolicy for a role; trust and service control policies are not simulated."""
    role = call.world.roles.by_arn(call.params["PolicySourceArn"])
    if role is None:
        raise AwsError(
            "NoSuchEntity",
            f"The principal {call.params['PolicySourceArn']} was not found.",
        )
    keys = {
        entry["ContextKeyName"]: list(entry.get("ContextKeyValues", []))
        for entry in call.params.get("ContextEntries", [])
    }
    resources = call.params.get("ResourceArns") or ["*"]
    results = [
        {
            "EvalActionName": action,
            "EvalResourceName": resource,
            "EvalDecision": decision,
            "MatchedStatements": [],
            "MissingContextValues": [],
        }
        for action, resource, decision in simulate(
            role, call.params["ActionNames"], resources, keys
        )
    ]
    return page(call, "EvaluationResults", results)


OPERATIONS = {
    "ListAccountAliases": list_account_aliases,
    "SimulatePrincipalPolicy": simulate_principal_policy,
}
