"""The loader: a function that makes `window.AwsRumClient` and adds the client's script."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rumkit.client.generations import ClientVersion
from rumkit.client.snippet import Command, Problem, Snippet
from rumkit.client.source.commands import calls_of
from rumkit.client.source.javascript import FUNCTIONS, arguments, bare, enclosing, immediate_call
from rumkit.client.source.placeholders import restored
from rumkit.client.source.reading import condition_of, options, restore
from rumkit.client.values import UNDEFINED, Expression, JSObject, Undefined, Value

if TYPE_CHECKING:
    from tree_sitter import Node

    from rumkit.client.page import Page
    from rumkit.client.source.constants import Constants
    from rumkit.client.source.javascript import Path
    from rumkit.client.source.unit import Unit

_QUEUES = ("AwsRumClient", "AwsNexusTelemetry")
_POSITIONS = {"n": 0, "i": 1, "v": 2, "r": 3, "s": 4, "c": 5, "u": 6}
_CLIENT_SCRIPT = re.compile(r"/cwr(?:-slim)?\.js|//client\.rum\.", re.IGNORECASE)
_MAX_CALLS = 10


def find_loaders(unit: Unit, page: Page) -> list[Snippet]:
    """Return the installations that this script makes through a queue."""
    found: list[Snippet] = []
    seen: set[int] = set()
    for word in _QUEUES:
        for offset in unit.source.occurrences(word)[:50]:
            path = unit.source.path(offset)
            queue = _queue(path) if path else None
            if path is None or queue is None or queue.id in seen:
                continue
            seen.add(queue.id)
            found += _installations(unit, page, path, queue)
    return found


def _queue(path: Path) -> Node | None:
    """Return the object literal that `window.AwsRumClient = {...}` assigns."""
    for depth in range(len(path) - 2, max(len(path) - 6, -1), -1):
        node = path[depth]
        if node.type in {"assignment_expression", "variable_declarator"}:
            field = "right" if node.type == "assignment_expression" else "value"
            right = node.child_by_field_name(field)
            if right is None or right.start_byte <= path[-1].start_byte:
                return None
            return _object_in(right)
    return None


def _object_in(node: Node) -> Node | None:
    """Return the object of `{...}`, `y = {...}` or `window.x || {...}`."""
    for _ in range(8):
        node = bare(node)
        if node.type == "object":
            return node
        right = node.child_by_field_name("right")
        if node.type not in {"assignment_expression", "binary_expression"} or right is None:
            return None
        node = right
    return None


def _installations(unit: Unit, page: Page, path: Path, queue: Node) -> list[Snippet]:
    holder = enclosing(path, FUNCTIONS)
    if holder is None:
        return [_snippet(unit, page, unit.constants, queue, place=path)]
    depth, function = holder
    call = immediate_call(path, depth)
    calls = [call] if call is not None else unit.constants.calls_of(function)[:_MAX_CALLS]
    if not calls:
        return [_snippet(unit, page, unit.constants, queue, place=path, function=function)]
    found = []
    for one in calls:
        folder = unit.constants.binding_arguments(function, one)
        place = unit.source.path_to(one) or path
        found.append(_snippet(unit, page, folder, queue, place=place, call=one, function=function))
    return found


def _snippet(
    unit: Unit,
    page: Page,
    folder: Constants,
    queue: Node,
    *,
    place: Path,
    call: Node | None = None,
    function: Node | None = None,
) -> Snippet:
    told = folder.value(queue)
    given = told if isinstance(told, dict) else {}
    read = _Reader(unit, folder, given, arguments(call) if call is not None else [])
    client_url = read.client_url(function, page)
    config, problems = read.config()
    statement = call if call is not None else queue
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
        problems=problems,
        script_index=unit.script.index,
        line=unit.line(statement),
        source=restored(unit.source.text(statement, 4_000), unit.placeholders),
        conditional=condition_of(unit, place),
    )


class _Reader:
    """Reads one installation's fields from the queue, and by position from the call."""

    def __init__(
        self, unit: Unit, folder: Constants, given: dict[str, Value], args: list[Node]
    ) -> None:
        self.unit = unit
        self.folder = folder
        self.given = given
        self.args = args

    def field(self, key: str) -> Value:
        """Return what the queue says; where it says nothing known, what the call gives."""
        value = self.given.get(key, UNDEFINED)
        if key == "i" and isinstance(value, Undefined):
            value = self.given.get("a", UNDEFINED)
        if isinstance(value, Undefined) or (isinstance(value, Expression) and self.args):
            value = self._argument(key, value)
        return restore(value, self.unit)

    def _argument(self, key: str, fallback: Value) -> Value:
        value = self.folder.argument(self.args, _POSITIONS[key])
        return fallback if isinstance(value, Undefined) else value

    def remote_config_url(self) -> Value:
        """Return the seventh argument, which reaches the client only through `u` of the queue."""
        value = self.given.get("u", UNDEFINED)
        return None if isinstance(value, Undefined) else restore(value, self.unit)

    def config(self) -> tuple[JSObject, tuple[Problem, ...]]:
        """Return the configuration, and what is wrong with its shape."""
        return options(self.field("c"))

    def client_url(self, function: Node | None, page: Page) -> Value:
        """Return what is assigned to the new script's src, else the call, else a script tag."""
        scope = function or self.unit.source.root
        unsure: Value = UNDEFINED
        for node in _src_values(self.unit, scope):
            value = self.folder.value(node)
            if isinstance(value, str) and (function is not None or _CLIENT_SCRIPT.search(value)):
                return restore(value, self.unit)
            if isinstance(value, Expression) and function is not None:
                unsure = value
        value = self._argument("s", unsure)
        if isinstance(value, str | Expression):
            return restore(value, self.unit)
        tags = (s.src for s in page.scripts if s.src and not s.inert)
        return next((src for src in tags if _CLIENT_SCRIPT.search(src)), None)


def _src_values(unit: Unit, scope: Node) -> list[Node]:
    """Return the expressions that become a script's src within a function."""
    found: list[Node] = []
    places = unit.source.occurrences_within("src", scope.start_byte, scope.end_byte)
    for offset in places[:200]:
        path = unit.source.path(offset)
        for node in reversed(path[-5:] if path else []):
            if node.type == "assignment_expression":
                left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
                if left is not None and right is not None and left.end_byte > offset:
                    found.append(right)
                break
            if node.type == "call_expression":
                given = arguments(node)
                if len(given) == 2 and (given[0].text or b"")[1:-1] == b"src":
                    found.append(given[1])
                break
    return found


def find_without_queue(units: list[Unit], page: Page) -> list[Snippet]:
    """Return what a page without any queue has: `cwr('initialize')`, or the script alone."""
    for unit in units:
        for command in calls_of(unit, "cwr"):
            if command.name in {"initialize", "init"}:
                return [_initialized(unit, page, command)]
    for script in page.scripts:
        if script.src and not script.inert and _CLIENT_SCRIPT.search(script.src):
            return [_script_alone(script.src, script.index, script.line)]
    return []


def _initialized(unit: Unit, page: Page, command: Command) -> Snippet:
    payload, _ = options(command.payload)
    tags = (s.src for s in page.scripts if s.src and _CLIENT_SCRIPT.search(s.src))
    client_url = next(tags, None)
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
        script_index=unit.script.index,
        line=command.line,
        source=str(command.name),
        conditional=command.conditional,
    )


def _script_alone(src: str, index: int, line: int) -> Snippet:
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
                "window.AwsRumClient, so the client has no configuration",
            ),
        ),
        script_index=index,
        line=line,
        source=src,
    )
