"""Service models of botocore, loaded once, and what the sandbox needs to know of each service."""

from __future__ import annotations

import functools
import re
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

if TYPE_CHECKING:
    from botocore.model import OperationModel, ServiceModel, Shape

# Signing name in the credential scope → botocore's service name and IAM's action prefix.
SERVICES: Final = {
    "rum": ("rum", "rum"),
    "cognito-identity": ("cognito-identity", "cognito-identity"),
    "sts": ("sts", "sts"),
    "iam": ("iam", "iam"),
    "cloudtrail": ("cloudtrail", "cloudtrail"),
    "monitoring": ("cloudwatch", "cloudwatch"),
    "logs": ("logs", "logs"),
    "xray": ("xray", "xray"),
    "organizations": ("organizations", "organizations"),
    "access-analyzer": ("accessanalyzer", "access-analyzer"),
    "s3": ("s3", "s3"),
    "athena": ("athena", "athena"),
    "glue": ("glue", "glue"),
}


# Many first requests come at once; the second of them waits for what the first one loads.
_LOADING: Final = threading.Lock()


@dataclass(frozen=True)
class Route:
    """One operation of a REST service: its method and the pattern of its path."""

    operation: str
    method: str
    pattern: re.Pattern[str]
    literals: int


def service_model(service: str) -> ServiceModel:
    """Return botocore's model of a service, by botocore's name for it."""
    with _LOADING:
        return _loaded(service)


@functools.cache
def _loaded(service: str) -> ServiceModel:
    from botocore.loaders import Loader
    from botocore.model import ServiceModel

    loader = Loader()
    # `load_service_model` looks through the folders of all services first.
    version = loader.determine_latest_version(service, "service-2")
    return ServiceModel(loader.load_data(f"{service}/{version}/service-2"), service)


@functools.cache
def routes(service: str) -> tuple[Route, ...]:
    """Return the REST routes of a service, the most literal ones first."""
    model = service_model(service)
    of_service = [_route(model.operation_model(name)) for name in model.operation_names]
    return tuple(sorted(of_service, key=lambda route: -route.literals))


def match_route(service: str, method: str, path: str) -> tuple[str, dict[str, str]] | None:
    """Return the operation that a method and a path, as it was sent, mean, and its labels."""
    for route in routes(service):
        match = route.pattern.fullmatch(path) if route.method == method else None
        if match:
            labels = match.groupdict()
            return route.operation, {name: unquote(value) for name, value in labels.items()}
    return None


def error_status(service: str, code: str, default: int) -> int:
    """Return the HTTP status that the model gives an error code, or the default."""
    model = service_model(service)
    for shape in model.error_shapes:
        error: dict[str, Any] = shape.metadata.get("error", {})
        if shape.name == code or error.get("code") == code:
            return int(error.get("httpStatusCode", default))
    return default


def wire_name(shape: Shape, default: str) -> str:
    """Return a member's name on the wire."""
    return str(shape.serialization.get("name", default))


def _route(operation: OperationModel) -> Route:
    path = operation.http["requestUri"].partition("?")[0]
    pieces = re.split(r"(\{[^}]+\})", path)
    pattern = "".join(_path_piece(piece) for piece in pieces)
    literals = sum(len(piece) for piece in pieces if not piece.startswith("{"))
    # The web client leaves the last slash of the path out, or puts one in.
    return Route(
        operation.name, operation.http["method"], re.compile(f"{pattern.rstrip('/')}/?"), literals
    )


def _path_piece(piece: str) -> str:
    if not piece.startswith("{"):
        return re.escape(piece)
    name = piece.strip("{}")
    greedy = name.endswith("+")
    return f"(?P<{name.rstrip('+')}>{'.+' if greedy else '[^/]+'})"
