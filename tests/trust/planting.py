"""Puts a text into what the sandbox's AWS answers: into every string, or into one member alone."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from rumkit.sandbox import front, s3
from rumkit.sandbox.errors import AwsError
from rumkit.sandbox.resources import BucketFiles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# What a reply is found by: a text beside it would make it another thing.
_TOKENS = ("token", "marker")


@dataclass
class Plant:
    """What is put in where: `only` is one member's path (`Events[].EventId`), empty for all.

    `met` collects the paths of every string that was seen, by operation, `put` how many got it.
    """

    text: str
    operation: str = ""
    only: str = ""
    instead: bool = False
    met: dict[str, set[str]] = field(default_factory=dict)
    put: int = 0

    def reply(self, operation: str, value: dict[str, Any]) -> dict[str, Any]:
        """Return a reply of an operation with the text in it."""
        if self.operation and operation != self.operation:
            return value
        changed: dict[str, Any] = self._inside(value, operation, "")
        return changed

    def _inside(self, value: Any, operation: str, path: str) -> Any:
        if isinstance(value, dict):
            return {
                name: self._inside(item, operation, f"{path}.{name}".lstrip("."))
                for name, item in value.items()
            }
        if isinstance(value, list | tuple):
            return [self._inside(item, operation, f"{path}[]") for item in value]
        if not isinstance(value, str) or path.lower().endswith(_TOKENS):
            return value
        if value.startswith("{") and (inner := _parsed(value)) is not None:
            return json.dumps(self._inside(inner, operation, f"{path}(JSON)"))
        self.met.setdefault(operation, set()).add(path)
        if self.only and path != self.only:
            return value
        self.put += 1
        return self.text if self.instead else f"{value} {self.text}"


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


@contextlib.contextmanager
def planted(plant: Plant) -> Iterator[Plant]:
    """Put a text into the replies of the sandbox, in their own form on the wire."""
    write, check = front.write_reply, _checks()

    def written(incoming: Any, result: dict[str, Any], request: str) -> Any:
        used = plant
        if incoming.protocol == "query":  # XML has no way to write half a character
            used = replace(plant, text=plant.text.encode("utf-8", "replace").decode())
        return write(incoming, used.reply(_name(incoming), result), request)

    front.write_reply = written
    check(False)
    try:
        yield plant
    finally:
        front.write_reply = write
        check(True)


@contextlib.contextmanager
def in_bucket(records: list[dict[str, Any]]) -> Iterator[None]:
    """Let every file of a trail's bucket hold these records."""
    files, every = s3._files, s3._file(records)

    def planted_files(world: Any, trail: Any) -> BucketFiles:
        return BucketFiles("", 0, dict.fromkeys(files(world, trail).by_key, every))

    s3._files = planted_files
    try:
        yield
    finally:
        s3._files = files


@contextlib.contextmanager
def refused(operation: str, code: str, message: str) -> Iterator[None]:
    """Let one operation (`service:Operation`) fail with a message."""
    write = front.write_reply

    def written(incoming: Any, result: dict[str, Any], request: str) -> Any:
        if _name(incoming) == operation:
            raise AwsError(code, message, status=403 if "Denied" in code else 400)
        return write(incoming, result, request)

    front.write_reply = written
    try:
        yield
    finally:
        front.write_reply = write


def _name(incoming: Any) -> str:
    return f"{incoming.service}:{incoming.operation}"


def _checks() -> Callable[[bool], None]:
    """Return what switches off that replies are held against patterns and lengths of the model."""
    from rumkit.sandbox.wire import write

    original = write._check

    def switch(on: bool) -> None:
        write._check = original if on else lambda *_: None

    return switch
