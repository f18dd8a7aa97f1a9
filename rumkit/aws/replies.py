"""Whether a reply is what its service promises: the one place where every reply is looked at.

A reply of 200 whose body is a proxy's page, empty or cut parses into nothing, and nothing is
easily taken for "there is none". So each read names the members that its service always answers
with, and the rest is the service model's: members that it calls required, and their types.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from rumkit.aws.errors import something_else
from rumkit.aws.reads import find_read
from rumkit.secret import without_secrets

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from botocore.model import OperationModel, Shape

# Of a long list so many items are looked at; the readers of rows count what they can't read.
_ITEMS: Final = 200
_DEPTH: Final = 12
# botocore puts the document itself in the place of its text.
_DOCUMENTS: Final = frozenset({"policyDocumentType"})
_REDIRECTS: Final = frozenset({301, 302, 307})
_MOVED: Final = frozenset({"PermanentRedirect", "IllegalLocationConstraintException"})
_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "character": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "timestamp": (datetime,),
}


def check_reply(http_response: Any, parsed: Mapping[str, Any], model: Any, **_: object) -> None:
    """Raise AwsRefusal for a successful reply that lacks what it must have, or has other types.

    It is a handler of botocore's `after-call` event.
    """
    if http_response.status_code >= 300:
        return
    service, operation = model.service_model.service_name, model.name
    problem = next(_problems(parsed, service, model), "")
    if problem:
        name = f"{service}:{operation}"
        raise something_else(name, name, problem)


def check_redirect(response: Any, operation: Any, **_: object) -> None:
    """Raise AwsRefusal for a redirect of S3 that does not name the Region of the bucket.

    S3's own do; for others botocore would go on and ask for the Region with a call that is none of
    the reads. It is a handler of botocore's `needs-retry.s3` event.
    """
    if response is None:
        return
    reply, parsed = response
    error = parsed.get("Error", {})
    headers = parsed.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    moved = reply.status_code in _REDIRECTS or error.get("Code") in _MOVED
    if moved and not (headers.get("x-amz-bucket-region") or error.get("Region")):
        name = f"s3:{operation.name}"
        raise something_else(name, name, f"a redirect with status {reply.status_code}")


def drop_secrets(parsed: dict[str, Any], **_: object) -> None:
    """Take the secrets out of a reply or an error, before anybody has it.

    It is a handler of botocore's `after-call` event.
    """
    for name, value in parsed.items():
        parsed[name] = without_secrets({name: value})[name]


def _problems(parsed: Mapping[str, Any], service: str, model: OperationModel) -> Iterator[str]:
    read = find_read(service, model.name)
    needs = read.needs if read else ()
    if not needs and not parsed.keys() & _members(model):
        yield "its reply has none of the members that it may have"
    for path in needs:
        if not any(_has(parsed, each.split(".")) for each in path.split("|")):
            yield f"its reply has no {path.replace('|', ' or ').replace('[]', '')}"
    if model.output_shape is not None:
        yield from _mismatches(parsed, model.output_shape, "", 0)


def _members(model: OperationModel) -> frozenset[str]:
    shape: Any = model.output_shape
    return frozenset(shape.members) if shape is not None else frozenset()


def _has(value: Any, path: list[str]) -> bool:
    """Return whether a member is there; of a list (`Items[]`) each item must have it."""
    if not path:
        return value is not None
    name, rest = path[0], path[1:]
    if not isinstance(value, dict):
        return False
    inner = value.get(name.removesuffix("[]"))
    if not name.endswith("[]"):
        return inner is not None and _has(inner, rest)
    return isinstance(inner, list) and all(_has(item, rest) for item in inner[:_ITEMS])


def _mismatches(value: Any, shape: Shape, where: str, depth: int) -> Iterator[str]:
    """Yield what of a value is not as its shape says."""
    kind: Any = shape
    expected = _TYPES.get(shape.type_name)
    if expected and not isinstance(value, expected) and shape.name not in _DOCUMENTS:
        yield f"{where or 'its reply'} is not a {shape.type_name}"
        return
    if depth > _DEPTH:
        return
    if shape.type_name == "structure":
        missing = [name for name in kind.required_members if value.get(name) is None]
        yield from (f"its reply has no {_joined(where, name)}" for name in missing)
    for inner, of, at in _parts(value, kind, where):
        yield from _mismatches(inner, of, at, depth + 1)


def _parts(value: Any, shape: Any, where: str) -> Iterator[tuple[Any, Shape, str]]:
    """Yield what a value is made of, with the shape of each and a name for it."""
    if shape.type_name == "structure":
        for name, inner in shape.members.items():
            if value.get(name) is not None:
                yield value[name], inner, _joined(where, name)
    elif shape.type_name == "list":
        yield from ((item, shape.member, f"an item of {where}") for item in value[:_ITEMS])
    elif shape.type_name == "map":
        items = list(value.values())[:_ITEMS]
        yield from ((item, shape.value, f"a value of {where}") for item in items)


def _joined(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name
