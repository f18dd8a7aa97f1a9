"""The loader: code that makes `window.AwsRumClient` and adds the client's script."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rumkit.client.generations import ClientVersion
from rumkit.client.snippet import ClientCommand, Problem, Snippet
from rumkit.client.source.commands import pushed, queued
from rumkit.client.source.javascript import (
    FUNCTIONS,
    arguments,
    bare,
    brief,
    call_around,
    enclosing,
    immediate_call,
)
from rumkit.client.source.pieces import CLIENT_NAMES, OPTIONS
from rumkit.client.values import UNDEFINED, Expression, JSObject, Undefined, Value

if TYPE_CHECKING:
    from tree_sitter import Node

    from rumkit.client.source.constants import Constants
    from rumkit.client.source.javascript import Path
    from rumkit.client.source.unit import Unit

_QUEUES = CLIENT_NAMES[:2]
CLIENT_SCRIPT = re.compile(
    r"/cwr(?:-slim)?\.js|//client\.rum\.|(?:^|/)cwr[\w.-]*\.js", re.IGNORECASE
)
# Where the arguments stand: now, and in the loaders of 2021, which had the application's name too.
_POSITIONS = {"n": 0, "i": 1, "v": 2, "r": 3, "s": 4, "c": 5, "u": 6}
_OLD_POSITIONS = {"n": 0, "i": 1, "v": 3, "r": 4, "s": 5, "c": 6, "u": 7}
_INSERTS = re.compile(
    r"insertBefore|\bappend|prepend|\.(?:before|after|replaceWith)\(|replaceChild|insertAdjacentElement"
    r"|document\.write|\.add\("
)
_MAX_CALLS = 10
_MAX_PLACES = 50
_NEVER_INSERTED = Problem(
    "never-inserted",
    "the loader creates a script element but never puts it into the page: the client's script is"
    " never requested",
)


@dataclass
class FoundInstallations:
    """The installations of one script, and the calls that need no second look."""

    unit: Unit
    snippets: list[tuple[Snippet, Node]] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)


def find_loaders(unit: Unit) -> list[tuple[Snippet, Node]]:
    """Return the installations that this script makes through a queue or a loader elsewhere."""
    found = FoundInstallations(unit)
    for word in _QUEUES:
        for offset in unit.source.occurrences(word)[:_MAX_PLACES]:
            path = unit.source.path(offset)
            queue = _queue(path) if path else None
            if path is not None and queue is not None and queue.id not in found.seen:
                found.seen.add(queue.id)
                _through_queue(found, path, queue)
    for word in ("cwr", *OPTIONS):
        for offset in unit.source.occurrences(word)[:_MAX_PLACES]:
            path = unit.source.path(offset)
            if path is not None:
                _by_shape(found, path)
    return found.snippets


def _queue(path: Path) -> Node | None:
    """Return what `window.AwsRumClient = ...` assigns: an object, or what stands for one."""
    for depth in range(len(path) - 2, max(len(path) - 6, -1), -1):
        node = path[depth]
        field_name = {
            "assignment_expression": "right",
            "variable_declarator": "value",
            "pair": "value",
        }.get(node.type)
        if field_name:
            right = node.child_by_field_name(field_name)
            if right is None or right.start_byte <= path[-1].start_byte:
                return None
            return _made(right)
    return None


def _made(node: Node) -> Node:
    """Return the object of `{...}`, `y = {...}` or `window.x || {...}`."""
    for _ in range(8):
        node = bare(node)
        right = node.child_by_field_name("right")
        if node.type not in {"assignment_expression", "binary_expression"} or right is None:
            break
        node = right
    return node


def _through_queue(result: FoundInstallations, path: Path, queue: Node) -> None:
    unit = result.unit
    for folder, place, call, function in around(unit, path):
        given = folder.value(queue)
        if not isinstance(given, dict) or not ({"q", "n", "i", "a"} & set(given)):
            continue
        if call is not None:
            result.seen.add(call.id)
        read = _LoaderReader(unit, folder, given, arguments(call) if call is not None else [])
        statement = call if call is not None else queue
        snippet = _snippet(unit, read, place, statement, function)
        result.snippets.append((snippet, place[-1]))


Around = tuple["Constants", "Path", "Node | None", "Node | None"]


def around(unit: Unit, path: Path) -> list[Around]:
    """Return the calls of the function that holds a place: folder, place, call and function.

    Without a function, or a call of it, the place itself is returned.
    """
    holder = enclosing(path, FUNCTIONS)
    if holder is None:
        return [(unit.constants, path, None, None)]
    depth, function = holder
    call = immediate_call(path, depth)
    calls = [call] if call is not None else unit.constants.calls_of(function)[:_MAX_CALLS]
    neighbours: list[Around] = []
    for each in calls:
        folder = unit.constants.binding_arguments(function, each)
        neighbours.append((folder, unit.source.path_to(each) or path, each, function))
    return neighbours or [(unit.constants, path, None, function)]


def _snippet(
    unit: Unit, read: _LoaderReader, place: Path, statement: Node, function: Node | None
) -> Snippet:
    client_url = read.client_url(function)
    config, problems = options(read.field("c"))
    commands, strange = queued(read.given.get("q"), unit.line(statement))
    scope = function or unit.source.root
    return Snippet(
        kind="loader",
        build=ClientVersion.parse(client_url).build,
        namespace=read.field("n"),
        app_monitor_id=read.field("i"),
        app_version=read.field("v"),
        region=read.field("r"),
        client_url=client_url,
        remote_config_url=read.remote_config_url(),
        config=config,
        commands=commands,
        problems=(*problems, *strange, *pushed(unit, scope), *_insertion(unit, scope)),
        line=unit.line(statement),
        source=unit.source.text(statement, 4_000),
        conditional=unit.condition(place),
    )


def options(value: Value) -> tuple[JSObject, tuple[Problem, ...]]:
    """Return the options of a configuration, and what is wrong with it."""
    if isinstance(value, dict):
        return JSObject.copy_of(value), ()
    config = JSObject()
    if isinstance(value, Expression):
        config.rest = value
    elif value is not None and not isinstance(value, Undefined):
        problem = Problem("config-not-object", "the configuration is not an object", "config")
        return config, (problem,)
    return config, ()


def _insertion(unit: Unit, scope: Node) -> tuple[Problem, ...]:
    """Return the problem of a loader that creates the script element and does no more."""
    text = unit.source.text(scope, 20_000)
    creates = "createElement(" in text and "script" in text
    return () if not creates or _INSERTS.search(text) else (_NEVER_INSERTED,)


class _LoaderReader:
    """Reads one installation's fields from the queue, and by position from the call."""

    def __init__(
        self,
        unit: Unit,
        folder: Constants,
        given: dict[str, Value],
        args: list[Node],
        positions: dict[str, int] = _POSITIONS,
    ) -> None:
        self.unit = unit
        self.folder = folder
        self.given = given
        self.args = args
        self.positions = positions

    def field(self, key: str) -> Value:
        """Return what the queue says; where it says nothing known, what the call gives."""
        value = self.given.get(key, UNDEFINED)
        if key == "i" and isinstance(value, Undefined):
            value = self.given.get("a", UNDEFINED)
        if isinstance(value, Undefined) or (isinstance(value, Expression) and self.args):
            value = self._argument(key, value)
        return value

    def _argument(self, key: str, fallback: Value) -> Value:
        value = self.folder.argument(self.args, self.positions[key])
        return fallback if isinstance(value, Undefined) else value

    def remote_config_url(self) -> Value:
        """Return the seventh argument, which reaches the client only through `u` of the queue."""
        value = self.given.get("u", UNDEFINED)
        return None if isinstance(value, Undefined) else value

    def client_url(self, function: Node | None) -> Value:
        """Return what is assigned to the new script's src, else what the call gives."""
        url = script_url(self.unit, self.folder, function)
        if isinstance(url, str):
            return url
        value = self._argument("s", url)
        return value if isinstance(value, str | Expression) else None


def script_url(unit: Unit, folder: Constants, function: Node | None) -> Value:
    """Return what becomes the src of the client's script within a function, or within a script."""
    unsure: Value = UNDEFINED
    for node in _src_values(unit, function or unit.source.root):
        value = folder.value(node)
        if isinstance(value, str) and (function is not None or CLIENT_SCRIPT.search(value)):
            return value
        if isinstance(value, Expression) and (function is not None or "cwr" in value.source):
            unsure = value
    return unsure


def _src_values(unit: Unit, scope: Node) -> list[Node]:
    """Return the expressions that become a script's src within a function."""
    values: list[Node] = []
    places = unit.source.occurrences_within("src", scope.start_byte, scope.end_byte)
    for offset in places[:200]:
        path = unit.source.path(offset)
        for node in reversed(path[-5:] if path else []):
            if node.type == "assignment_expression":
                left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
                if left is not None and right is not None and left.end_byte > offset:
                    values.append(right)
                break
            if node.type == "call_expression":
                given = arguments(node)
                if len(given) == 2 and brief(given[0])[1:-1] == "src":
                    values.append(given[1])
                break
            if node.type in {"pair", "jsx_attribute"}:
                values += node.named_children[1:2]
                break
    return values


def _by_shape(result: FoundInstallations, path: Path) -> None:
    """Add the call of a loader that is elided or imported: its arguments have the known shape."""
    unit = result.unit
    place = call_around(path)
    call = place[-1] if place else None
    if place is None or call is None or call.type != "call_expression" or call.id in result.seen:
        return
    result.seen.add(call.id)
    given = arguments(call)
    if not 5 <= len(given) <= 9:
        return
    for positions in (_POSITIONS, _OLD_POSITIONS):
        read = _LoaderReader(unit, unit.constants, {}, given, positions)
        values = {key: read.folder.argument(given, place) for key, place in positions.items()}
        if _is_loader(values):
            read.given = {key: value for key, value in values.items() if value is not UNDEFINED}
            snippet = _snippet(unit, read, place, call, _own_function(call))
            # The same loader's queue, whose function was not seen to be called by this call.
            outside = [
                s for s in result.snippets if not call.start_byte <= s[1].start_byte < call.end_byte
            ]
            result.snippets = [*outside, (snippet, call)]
            return


def _own_function(call: Node) -> Node | None:
    """Return the function that a call runs on the spot, or the call itself: where `src` may be."""
    callee = call.child_by_field_name("function")
    return bare(callee) if callee is not None and bare(callee).type in FUNCTIONS else call


def _is_loader(values: dict[str, Value]) -> bool:
    """Say whether arguments in this order are those of a loader."""
    name, url, config = values["n"], values["s"], values["c"]
    named = isinstance(name, str) and re.fullmatch(r"[\w$-]{1,60}", name) is not None
    if isinstance(url, str) and CLIENT_SCRIPT.search(url):
        return named and isinstance(config, dict | Expression | Undefined)
    known = isinstance(config, dict) and bool(set(config) & set(OPTIONS))
    return named and known and isinstance(url, str | Expression)


def initialized(command: ClientCommand, client_url: Value) -> Snippet:
    """Return the installation that a page tries with `cwr('init', {...})` and no queue."""
    payload, _ = options(command.payload)
    ids = (payload.get(k) for k in ("appMonitorId", "applicationId", "id"))
    return Snippet(
        kind="loader",
        build=ClientVersion.parse(client_url).build,
        namespace="cwr",
        app_monitor_id=next((i for i in ids if i is not None), UNDEFINED),
        app_version=payload.get("applicationVersion", payload.get("version", UNDEFINED)),
        region=payload.get("region", payload.get("applicationRegion", UNDEFINED)),
        client_url=client_url,
        remote_config_url=None,
        config=payload,
        commands=(command,),
        line=command.line,
        source=f"cwr({command.name!r}, ...)",
        conditional=command.conditional,
    )


def script_alone(src: str, index: int, line: int, text: str = "") -> Snippet:
    """Return what a page has that loads the client's script and nothing that configures it.

    `text` is the script element's own text, which no browser runs beside a src.
    """
    inside = (
        "; the loader stands inside of the element with src, whose text no browser runs"
        if "AwsRumClient" in text
        else ""
    )
    return Snippet(
        kind="loader",
        build=ClientVersion.parse(src).build,
        namespace=UNDEFINED,
        app_monitor_id=UNDEFINED,
        app_version=UNDEFINED,
        region=UNDEFINED,
        client_url=src,
        remote_config_url=None,
        problems=(
            Problem(
                "no-queue",
                "the client's script is loaded, but no script of this page makes "
                f"window.AwsRumClient, so the client has no configuration{inside}",
            ),
        ),
        script_index=index,
        line=line,
        source=src,
    )
