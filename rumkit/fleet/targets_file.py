"""A fleet's targets as a YAML file, checked key by key: each mistake is told with its line.

At the top stand `defaults` (`since`, `trail`) and the lists `accounts`, `monitors` and `accepted`,
whose entries become a `Reach`, a `KnownMonitor` or an `Accepted` of `rumkit.fleet.plan` each.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

from rumkit.checks import check_names
from rumkit.fleet.organization import is_role_name
from rumkit.fleet.plan import Accepted, FleetPlan, KnownMonitor, Reach
from rumkit.input_file import read_input
from rumkit.model import BadInput, did_you_mean
from rumkit.printable import clean
from rumkit.target import parse_traffic, parse_window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

_LARGEST: Final = 4 * 1024 * 1024
# Room for 10,000 monitors with four values each; one costs about a kilobyte with its key.
_MOST_NODES: Final = 60_000
_DEEPEST: Final = 50
_SHORT: Final = 50_000
_TOP: Final = ("defaults", "accounts", "monitors", "accepted")
_DEFAULTS: Final = ("since", "trail")
_ACCOUNT: Final = (
    "name", "profile", "region", "regions", "role", "external_id", "session_name", "monitors",
    "tags", "owner", "organization",
)  # fmt: skip
_MONITOR: Final = ("monitor", "account", "region", "page", "owner", "traffic", "trail")
_ACCEPTED: Final = ("check", "monitor", "reason", "until")


@dataclass(frozen=True)
class _Node:
    """A value of the file, with the line that it stands in and the path of keys to it."""

    value: Any
    line: int
    where: str
    file: str

    def wrong(self, why: str) -> BadInput:
        """Return the error of this value."""
        return BadInput(clean(f"{self.file}, line {self.line}: {self.where} {why}"))

    def items(self, known: Sequence[str]) -> dict[str, _Node]:
        """Return the entries of a mapping. Raises BadInput for keys that are not known."""
        if not isinstance(self.value, dict):
            raise self.wrong(f"is a mapping of {', '.join(known)}, not {_kind(self.value)}.")
        for key, node in self.value.items():
            if key not in known:
                hint = did_you_mean(key, known) or f"; there are {', '.join(known)}."
                raise node.wrong(f"is not known{hint}")
        return dict(self.value)

    def each(self) -> list[_Node]:
        """Return the entries of a list."""
        if not isinstance(self.value, list):
            raise self.wrong(f"is a list, not {_kind(self.value)}.")
        return self.value

    def text(self) -> str:
        """Return a text that is not empty."""
        if not isinstance(self.value, str) or not self.value.strip():
            hint = " (put it in quotes)" if isinstance(self.value, int | float) else ""
            raise self.wrong(f"is a text, not {_kind(self.value)}{hint}.")
        return self.value.strip()

    def texts(self) -> tuple[str, ...]:
        """Return one text or a list of them."""
        if isinstance(self.value, list):
            return tuple(item.text() for item in self.value)
        return (self.text(),)


def read_targets(path: str | Path) -> FleetPlan:
    """Return the fleet that a file describes. Raises BadInput, which names line and key."""
    source = Path(path)
    try:
        text = read_input(source, most=_LARGEST, what="file of targets").decode()
    except UnicodeDecodeError:
        raise BadInput(f"{source} is not UTF-8 text.") from None
    return _plan(_parsed(text, source.name))


def _plan(root: _Node) -> FleetPlan:
    top = root.items(_TOP)
    defaults = top["defaults"].items(_DEFAULTS) if "defaults" in top else {}
    places = _all(top, "accounts", _place)
    names = [place.name for place in places]
    known = _all(top, "monitors", lambda node: _known(node, names))
    if not places:
        places = (Reach("default", monitors=("*",) if not known else ()),)
    return FleetPlan(
        places,
        known,
        _all(top, "accepted", _accepted),
        since=_checked(defaults["since"], parse_window) if "since" in defaults else "24h",
        trail=_text(defaults, "trail", "auto"),
    )


def _text(items: Mapping[str, _Node], key: str, default: str = "") -> str:
    return items[key].text() if key in items else default


def _all(top: Mapping[str, _Node], key: str, read: Callable[[_Node], Any]) -> tuple[Any, ...]:
    """Return the entries of a list, each of which stands in it once."""
    nodes: dict[Any, _Node] = {}
    entries = []
    for node in top[key].each() if key in top else []:
        entry = read(node)
        identity = _identity(entry)
        if identity in nodes:
            first = nodes[identity].line
            raise node.wrong(
                f"({' '.join(filter(None, identity))}) stands in line {first} already."
            )
        nodes[identity] = node
        entries.append(entry)
    return tuple(entries)


def _identity(entry: Reach | KnownMonitor | Accepted) -> tuple[str, ...]:
    match entry:
        case Reach():
            return (entry.name,)
        case KnownMonitor():
            return entry.monitor, entry.place, entry.region
        case Accepted():
            return entry.check, entry.monitor


def _place(node: _Node) -> Reach:
    items = node.items(_ACCOUNT)
    if "region" in items and "regions" in items:
        raise items["regions"].wrong("stands beside region: write one of the two.")
    name = items.get("name") or items.get("profile")
    if name is None:
        raise node.wrong("names neither a profile nor a name.")
    regions = items.get("regions") or items.get("region")
    roles = items["role"].texts() if "role" in items else ()
    for role in roles:
        if not role.startswith("arn:") or ":role/" not in role:
            raise items["role"].wrong(f"is the ARN of a role, not {role!r}.")
    if "external_id" in items and not (roles or "organization" in items):
        raise items["external_id"].wrong("belongs to a role, and none is named.")
    return Reach(
        name.text(),
        profile=_text(items, "profile") or None,
        regions=regions.texts() if regions else (),
        roles=roles,
        external_id=_text(items, "external_id"),
        session_name=_text(items, "session_name", "rumkit"),
        monitors=items["monitors"].texts() if "monitors" in items else ("*",),
        tags=_tags(items["tags"]) if "tags" in items else {},
        owner=_text(items, "owner"),
        organization=_role_name(items["organization"]) if "organization" in items else "",
    )


def _role_name(node: _Node) -> str:
    name = node.text()
    if not is_role_name(name):
        raise node.wrong(f"is the name of a role that each account has, not {name!r}.")
    return name


def _tags(node: _Node) -> dict[str, str]:
    if not isinstance(node.value, dict):
        raise node.wrong(f"is a mapping of tags to values, not {_kind(node.value)}.")
    return {key: item.text() for key, item in node.value.items()}


def _known(node: _Node, places: Sequence[str]) -> KnownMonitor:
    items = node.items(_MONITOR)
    if "monitor" not in items:
        raise node.wrong("names no monitor.")
    texts = {key: item.text() for key, item in items.items()}
    place = texts.pop("account", "")
    if place and place.partition("/")[0] not in places and place not in places:
        hint = did_you_mean(place, places) or "."
        raise items["account"].wrong(f"is none of the accounts of this file{hint}")
    if "traffic" in items:
        _checked(items["traffic"], parse_traffic)
    return KnownMonitor(place=place, **texts)


def _accepted(node: _Node) -> Accepted:
    items = node.items(_ACCEPTED)
    for key in ("check", "monitor", "reason"):
        if key not in items:
            raise node.wrong(f"lacks its {key}.")
    check = items["check"].text()
    if check not in check_names():
        hint = did_you_mean(check, check_names()) or "."
        raise items["check"].wrong(f"is the name of no check: {check}{hint}")
    until = items.get("until")
    return Accepted(
        check,
        items["monitor"].text(),
        items["reason"].text(),
        _day(until) if until else None,
    )


def _day(node: _Node) -> date:
    if isinstance(node.value, datetime):
        return node.value.date()
    if isinstance(node.value, date):
        return node.value
    try:
        return date.fromisoformat(str(node.value))
    except ValueError:
        raise node.wrong(f"is a day such as 2026-12-31, not {node.value!r}.") from None


def _checked(node: _Node, read: Callable[[str], Any]) -> str:
    """Return a text that was tried on what reads it later. Raises BadInput with the line."""
    text = node.text()
    try:
        read(text)
    except BadInput as error:
        raise node.wrong(f"can't be read: {error}") from None
    return text


def _kind(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, str) and not value.strip():
        return "an empty text"
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, list) else repr(value)


def _parsed(text: str, file: str) -> _Node:
    """Return the document as nodes with their lines. Raises BadInput."""
    try:
        root = _composed(text, file)
        if root is None:
            raise BadInput(f"{file} is empty.")
        return _TargetsReader(file, yaml.SafeLoader("")).read(root, "the file")
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "it can't be read"
        raise BadInput(f"{file}{where} is not YAML: {problem}.") from None
    except RecursionError:
        raise BadInput(f"{file} is nested too deeply.") from None


def _composed(text: str, file: str) -> Any:
    """Return YAML's own nodes, made once it is known that there are not too many or too deep.

    Raises BadInput, and RecursionError for what is nested too deeply.
    """
    # The one in C is ten times as fast, has no bound of its own, and tells mistakes less exactly.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        _refuse_too_much(yaml.parse(text, Loader=loader), file)
        return yaml.compose(text, Loader=loader)
    except yaml.YAMLError:
        if len(text) > _SHORT:
            raise
        return yaml.compose(text, Loader=yaml.SafeLoader)


def _refuse_too_much(events: Iterable[Any], file: str) -> None:
    depth = count = 0
    for event in events:
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        count += isinstance(event, yaml.NodeEvent)
        if depth > _DEEPEST:
            raise RecursionError
        if count > 2 * _MOST_NODES:
            line = event.start_mark.line + 1
            raise BadInput(f"{file}, line {line}: there are more than {_MOST_NODES} values.")


class _TargetsReader:
    """Makes nodes with lines of what YAML composed, within a bound: aliases can multiply."""

    def __init__(self, file: str, loader: Any) -> None:
        self._file = file
        self._loader = loader
        self._left = _MOST_NODES

    def read(self, node: Any, where: str, line: int = 0) -> _Node:
        """Return one node of the document and all below it. Raises BadInput."""
        line = line or node.start_mark.line + 1
        self._left -= 1
        if self._left < 0:
            raise BadInput(f"{self._file}, line {line}: there are more than {_MOST_NODES} values.")
        if isinstance(node, yaml.MappingNode):
            return _Node(self._mapping(node, where), line, where, self._file)
        if isinstance(node, yaml.SequenceNode):
            items = [self.read(item, f"{where}[{n}]") for n, item in enumerate(node.value, 1)]
            return _Node(items, line, where, self._file)
        return _Node(self._scalar(node, line, where), line, where, self._file)

    def _scalar(self, node: Any, line: int, where: str) -> Any:
        """Return a value by YAML's own rules, some of which end in errors that are none of YAML's.

        A day that no month has is one, and a word behind `!!bool`.
        """
        try:
            return self._loader.construct_object(node)
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            value = _Node(str(node.value)[:100], line, where, self._file)
            raise value.wrong(f"can't be read: {value.value!r} ({error}).") from None

    def _mapping(self, node: Any, where: str) -> dict[str, _Node]:
        mapping: dict[str, _Node] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            path = key if where == "the file" else f"{where}.{key}"
            made = self.read(value_node, path, key_node.start_mark.line + 1)
            if key in mapping:
                raise made.wrong(f"stands in line {mapping[key].line} already.")
            mapping[key] = made
        return mapping
