"""What every operation of IAM does alike: it looks entities up, checks values, cuts pages."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from rumkit.sandbox.errors import AwsError
from rumkit.sandbox.iam.aws_managed import AWS_MANAGED
from rumkit.sandbox.wire.models import service_model

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rumkit.sandbox.context import Context
    from rumkit.sandbox.roles import Document, ManagedPolicy, Role

    Operation = Callable[[Context], dict[str, Any]]

# botocore's shapes differ by type in what they hold; typed stubs know only the common part.
Shape = Any

_PAGE: Final = 100


def role_of(call: Context, *, change: bool = False) -> Role:
    """Return the role that a call names. Raises AwsError when there is none.

    `change` refuses roles that belong to a service.
    """
    name = call.params["RoleName"]
    role = call.world.roles.get(name)
    if role is None:
        raise AwsError("NoSuchEntity", f"The role with name {name} cannot be found.")
    if change and role.service:
        raise AwsError(
            "UnmodifiableEntity",
            f"Cannot perform the operation on the protected role '{name}' - "
            "this role is only modifiable by AWS",
        )
    return role


def policy_named(call: Context, arn: str) -> ManagedPolicy | None:
    """Return the account's or AWS's managed policy of an ARN, or None."""
    return call.world.roles.policies.get(arn) or AWS_MANAGED.get(arn)


def policy_of(call: Context) -> ManagedPolicy:
    """Return the managed policy that a call names. Raises AwsError when there is none."""
    arn = call.params["PolicyArn"]
    policy = policy_named(call, arn)
    if policy is None:
        raise AwsError("NoSuchEntity", f"Policy {arn} was not found.")
    return policy


def encoded(document: Document) -> str:
    """Return a policy document as IAM's replies hold it."""
    return quote(json.dumps(document), safe="")


def tag_list(tags: dict[str, str]) -> list[dict[str, str]] | None:
    """Return tags as IAM's replies hold them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()] or None


def page(call: Context, name: str, items: Sequence[Any]) -> dict[str, Any]:
    """Return the page of a listing that a call asks for, under the name it has in the reply."""
    marker = str(call.params.get("Marker") or "0")
    if not marker.isdigit():
        raise AwsError("ValidationError", f"Invalid Marker: {marker}")
    start = int(marker)
    end = start + int(call.params.get("MaxItems") or _PAGE)
    more = end < len(items)
    return {name: items[start:end], "IsTruncated": more, "Marker": str(end) if more else None}


def checked(name: str, operation: Operation) -> Operation:
    """Return an operation that first holds its parameters against IAM's model.

    Its lengths, patterns and choices are what clients do not check.
    """

    def check_and_run(call: Context) -> dict[str, Any]:
        shape = service_model("iam").operation_model(name).input_shape
        errors = list(_violations(shape, call.params, "")) if shape is not None else []
        if errors:
            count = f"{len(errors)} validation error{'s' if len(errors) > 1 else ''} detected: "
            raise AwsError("ValidationError", count + "; ".join(errors))
        return operation(call)

    return check_and_run


def _violations(shape: Shape, value: Any, path: str) -> Iterator[str]:
    if shape.type_name == "structure":
        for name, inner in value.items():
            below = name[0].lower() + name[1:]
            yield from _violations(shape.members[name], inner, f"{path}.{below}" if path else below)
        return
    for broken in _broken(shape, value):
        yield f"Value '{value}' at '{path}' failed to satisfy constraint: Member must {broken}"
    if shape.type_name == "list":
        for place, inner in enumerate(value, 1):
            yield from _violations(shape.member, inner, f"{path}.{place}.member")


def _broken(shape: Shape, value: Any) -> Iterator[str]:
    rules = shape.metadata
    size = value if shape.type_name == "integer" else len(value) if _sized(value) else None
    kind = "value" if shape.type_name == "integer" else "length"
    if size is not None and "max" in rules and size > rules["max"]:
        yield f"have {kind} less than or equal to {rules['max']}"
    if size is not None and "min" in rules and size < rules["min"]:
        yield f"have {kind} greater than or equal to {rules['min']}"
    if "enum" in rules and value not in rules["enum"]:
        yield f"satisfy enum value set: [{', '.join(rules['enum'])}]"
    pattern = rules.get("pattern", "")
    # Python has no classes of Unicode properties, which tags' patterns are made of.
    if pattern and "\\p{" not in pattern and not re.fullmatch(pattern, value):
        yield f"satisfy regular expression pattern: {pattern}"


def _sized(value: Any) -> bool:
    return isinstance(value, (str, list))
