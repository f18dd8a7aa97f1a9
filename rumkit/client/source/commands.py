"""Later calls to the client: `cwr('enable')`, `awsRum.setAwsCredentials(...)`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rumkit.client.snippet import ClientCommand, Problem
from rumkit.client.source.javascript import FUNCTIONS, arguments, brief, immediate_call
from rumkit.client.source.names import GLOBALS
from rumkit.client.values import UNDEFINED, Expression, Value, written

if TYPE_CHECKING:
    from tree_sitter import Node

    from rumkit.client.source.javascript import Path
    from rumkit.client.source.unit import Unit

# By which pages try to configure the client; no client knows them.
INITIALIZERS = frozenset(["initialize", "init"])
# Source: docs/reference/api.md of aws-rum-web.
COMMANDS = frozenset(
    [
        "addSessionAttributes",
        "allowCookies",
        "clearCookies",
        "clearEventMetadataHook",
        "disable",
        "dispatch",
        "dispatchBeacon",
        "enable",
        "pinSessionId",
        "pinUserId",
        "recordError",
        "recordEvent",
        "recordPageView",
        "registerDomEvents",
        "setAwsCredentials",
        "setEventMetadataHook",
        "startSession",
    ]
)
_METHODS = COMMANDS | {"addPlugin", "setSigningConfigFactory"}
_MAX_COMMANDS = 200
_QUEUE = re.compile(r"(?:\.q|\[['\"]q['\"]\])!?$")
_DROPPED = Expression("(credentials, not kept)")


def calls_of(unit: Unit, namespace: str) -> list[ClientCommand]:
    """Return the calls of the client's global function, in source order."""
    commands: list[ClientCommand] = []
    for offset in unit.source.occurrences(namespace):
        path = unit.source.path(offset)
        if path is None or len(commands) >= _MAX_COMMANDS:
            continue
        call = _call_at(path[-4:], path[-1])
        given = arguments(call) if call is not None else []
        if call is None or not given or path[-1].start_byte != offset:
            continue
        name = unit.constants.value(given[0])
        if isinstance(name, str | Expression):
            place = unit.source.path_to(call) or path
            commands.append(_command(unit, name, given[1:2], place, unit.condition(place)))
    return commands


def _call_at(path: list[Node], leaf: Node) -> Node | None:
    """Return the call whose callee is `name` or `window.name`."""
    for node in reversed(path[:-1]):
        if node.type == "call_expression":
            callee = node.child_by_field_name("function")
            if callee is None or callee.end_byte != leaf.end_byte:
                return None
            if callee == leaf:
                return node
            holder = callee.child_by_field_name("object")
            return node if brief(holder) in GLOBALS else None
    return None


def method_calls(unit: Unit, instance: str, holder: tuple[int, Node] | None) -> list[ClientCommand]:
    """Return the calls of the methods of an instance, written `awsRum` or `this.rum`.

    Within `holder`, the function (and its depth) that makes the instance, a call is only as
    conditional as it is there.
    """
    commands: list[ClientCommand] = []
    last = instance.rpartition(".")[2]
    for offset in unit.source.occurrences(last):
        path = unit.source.path(offset)
        if path is None or len(commands) >= _MAX_COMMANDS:
            continue
        for depth in range(len(path) - 2, max(len(path) - 6, -1), -1):
            command = _method_call(unit, path[: depth + 1], instance, holder)
            if command:
                commands.append(command)
                break
    return commands


def _method_call(
    unit: Unit, path: list[Node], instance: str, holder: tuple[int, Node] | None
) -> ClientCommand | None:
    call = path[-1]
    callee = call.child_by_field_name("function") if call.type == "call_expression" else None
    if callee is None or callee.type != "member_expression":
        return None
    owner, method = callee.child_by_field_name("object"), callee.child_by_field_name("property")
    if owner is None or method is None or unit.source.text(owner).rstrip("!?") != instance:
        return None
    name = unit.source.text(method)
    if name not in _METHODS:
        return None
    start = holder[0] + 1 if holder is not None and holder[1] in path else 0
    return _command(unit, name, arguments(call)[:1], path, unit.condition(path, start=start))


def _command(
    unit: Unit, name: str | Expression, given: list[Node], place: Path, when: str
) -> ClientCommand:
    return ClientCommand(
        name=name,
        payload=_payload(unit, name, given),
        line=unit.line(place[-1]),
        script_index=unit.piece.index,
        conditional=when,
        later=any(
            node.type in FUNCTIONS and immediate_call(place, depth) is None
            for depth, node in enumerate(place)
        ),
    )


def queued(entries: Value, line: int) -> tuple[tuple[ClientCommand, ...], tuple[Problem, ...]]:
    """Return the commands that a queue is made with, and what is wrong with its entries."""
    if not isinstance(entries, list):
        return (), ()
    commands: list[ClientCommand] = []
    strange: tuple[Problem, ...] = ()
    for entry in entries[:_MAX_COMMANDS]:
        name = entry.get("c", UNDEFINED) if isinstance(entry, dict) else entry
        if isinstance(entry, dict) and isinstance(name, str | Expression):
            given = entry.get("p", UNDEFINED)
            hidden = name == "setAwsCredentials" and given is not UNDEFINED
            commands.append(ClientCommand(name, _DROPPED if hidden else given, line))
        elif not isinstance(name, Expression):
            strange = (_entry_shape(written(entry)),)
    return tuple(commands), strange


def pushed(unit: Unit, scope: Node) -> tuple[Problem, ...]:
    """Return what is wrong with the entries that a loader's own function pushes to the queue."""
    for offset in unit.source.occurrences_within("push", scope.start_byte, scope.end_byte)[:50]:
        path = unit.source.path(offset)
        if path is None or len(path) < 3 or path[-3].type != "call_expression":
            continue
        holder = path[-2].child_by_field_name("object")
        if holder is None or not _QUEUE.search(unit.source.text(holder, 100)):
            continue
        given = arguments(path[-3])
        entry = unit.constants.value(given[0]) if len(given) == 1 else UNDEFINED
        fits = isinstance(entry, dict) and "c" in entry
        name = isinstance(entry, Expression) and entry.source != "arguments"
        if not fits and not name:
            return (_entry_shape(", ".join(unit.source.text(node, 60) for node in given)),)
    return ()


def _entry_shape(entry: str) -> Problem:
    return Problem(
        "queue-entry-shape",
        f"the queue is given {entry[:80]}, where the client reads entries of the form"
        " {c: command, p: payload}: it knows no such command and throws",
    )


def _payload(unit: Unit, name: str | Expression, given: list[Node]) -> Value:
    if not given:
        return UNDEFINED
    if not isinstance(name, str) or name == "setAwsCredentials":
        return _DROPPED
    return unit.constants.value(given[0])
