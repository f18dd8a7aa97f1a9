"""AWS IAM: moto's, with the calls written down, and SimulatePrincipalPolicy of our own."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from rumkit.sandbox.authorise import simulate
from rumkit.sandbox.errors import AwsError
from rumkit.sandbox.ids import ACCOUNT
from rumkit.sandbox.roles import import_moto
from rumkit.sandbox.wire.write import Reply

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rumkit.sandbox.context import Context
    from rumkit.sandbox.world import World

# moto's backends belong to the process; each request sees the backend of its own sandbox.
_MOTO = threading.Lock()
_application: list[Any] = []


def simulate_principal_policy(call: Context) -> dict[str, Any]:
    """SimulatePrincipalPolicy for a role; trust and service control policies are not simulated."""
    role = call.world.roles.by_arn(call.params["PolicySourceArn"])
    if role is None:
        raise AwsError(
            "NoSuchEntity",
            f"The principal {call.params['PolicySourceArn']} was not found.",
            status=404,
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
    return {"EvaluationResults": results, "IsTruncated": False}


OPERATIONS = {"SimulatePrincipalPolicy": simulate_principal_policy}


def warm_up(world: World) -> None:
    """Import moto and fill it, so that the first request to it does not wait."""
    world.roles.backend()
    with _MOTO:
        _moto()


def forward(world: World, environ: dict[str, Any]) -> Reply:
    """Let moto answer a request."""
    import_moto()
    from moto.backends import get_backend

    backend = world.roles.backend()
    environ["HTTP_X_MOTO_ACCOUNT_ID"] = ACCOUNT
    seen: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], *_: object) -> None:
        seen[:] = [int(status.split(maxsplit=1)[0]), headers]

    with _MOTO:
        get_backend("iam")[ACCOUNT]["aws"] = backend
        chunks: Iterable[bytes] = _moto()(environ, start_response)
        body = b"".join(chunks)
    status, headers = seen
    kept = [(k, v) for k, v in headers if k.lower() not in {"content-length", "connection"}]
    return Reply(status, tuple(kept), body)


def _moto() -> Any:
    if not _application:
        from moto.moto_server.werkzeug_app import (
            DomainDispatcherApplication,
            create_backend_app,
        )

        _application.append(DomainDispatcherApplication(create_backend_app))
    return _application[0]
