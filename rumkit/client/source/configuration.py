"""The client's ids and options where nothing constructs it: in objects, JSON and variables."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rumkit.aws_names import is_identity_pool_id, is_region, is_role_arn, is_uuid
from rumkit.client.generations import OPTION_NAMES
from rumkit.client.source.fills import text_value
from rumkit.client.source.literals import from_json, number
from rumkit.client.values import UNDEFINED, Expression, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rumkit.client.page import Page

# `key: 'value'` as JavaScript, JSON (escaped or not), YAML, variables, PHP and JSX write it.
_PAIR = re.compile(
    r"(?<![\w$.-])(?P<key>[A-Za-z_][\w.-]{1,60}+)[\"'\\]{0,4}\s{0,8}(?::\s{0,3}[sS]tring\s{0,3})?"
    r"(?:=>|[:=])"
    r"(?:\s{0,30}(?:[\\]{0,3}[\"'`](?P<text>[^\"'`\\\n]{0,300})[\\]{0,3}[\"'`]|(?P<list>\[[^\[\]{}]{0,300}\])"
    r")|[ \t]{0,30}(?P<bare>\{\{?[^{}\n:]{1,100}\}\}?|[^\s,;\"'`<>{}\[(][^\s,;\"'`<>{}]{0,200}))"
)
_OPTIONS = {name.lower(): name for name in OPTION_NAMES}
_LEADS = re.compile(r"rum|cwr|appmonitor|sessionsamplerate|telemetries|guestrole")
# Another agent's options, some of which have the names of RUM's: Datadog's, Elastic's, Grafana's.
_ANOTHER_AGENT = re.compile(
    r"\b(?:clientToken|sessionReplaySampleRate|telemetrySampleRate|trackResources|"
    r"trackUserInteractions|trackLongTasks|datadog\w*|DD_RUM|rumAccessToken|rumAuth)\b",
    re.IGNORECASE,
)
_AGENT_AROUND = 600
_COMPONENT = re.compile(r"<([A-Z]\w*)(?=[^<>]{0,2000}$)")
_HOLDER = re.compile(r"[\"']?([A-Za-z_$][\w$]*)[\"']?\s*(?::\s*[\w<>.]+\s*)?[:=]\s*\{[^{}]*$")
_ELEMENT = re.compile(r"<script\b([^<>]*)>(?!.*</script)", re.DOTALL | re.IGNORECASE)
_FLAT = re.compile(
    r"(?P<tag><script\b[^<>]{0,500}\bapplication/json\b[^<>]{0,500}>)\s{0,50}"
    r"(?P<array>\[[^<]{1,500000}\])(?=\s{0,50}</script>)"
)
_MAX_TEXT = 1_000_000
_MAX_PAIRS = 20_000
_MAX_FOUND = 20
_TOGETHER = 1_500
_BEFORE = 3_000


@dataclass(frozen=True)
class Configuration:
    """Ids and options of the client, in a place that constructs none.

    `where` says what holds them ("the object rum", "the component AwsRumProvider"); `line` counts
    from 1. An id that is not written there is undefined.
    """

    where: str
    line: int
    app_monitor_id: Value = UNDEFINED
    region: Value = UNDEFINED
    identity_pool_id: Value = UNDEFINED
    guest_role_arn: Value = UNDEFINED
    options: dict[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class _Property:
    start: int
    end: int
    field: str
    value: Value
    leads: bool


def find_all(source: str | Page) -> list[Configuration]:
    """Return the configurations of a text without a construction, at most a few dozen."""
    text = (source if isinstance(source, str) else source.html)[:_MAX_TEXT]
    if "&quot;" in text:
        text = html.unescape(text)
    if "application/json" in text:
        text = _FLAT.sub(_written_out, text)
    configurations: list[Configuration] = []
    for group in _groups(text):
        if len(configurations) >= _MAX_FOUND:
            break
        if _is_configuration(group) and not _of_another_agent(text, group):
            configurations.append(_configuration(text, group))
    return configurations


def _written_out(match: re.Match[str]) -> str:
    """Return a JSON array whose objects name their values by place (as Nuxt's) with the values."""
    try:
        values = json.loads(match["array"])
    except (ValueError, RecursionError):
        return match[0]

    def at(place: object) -> object:
        inside = isinstance(place, int) and not isinstance(place, bool) and 0 <= place < len(values)
        text = values[place] if inside else None
        return None if isinstance(text, dict | list) else text

    objects = [
        {key: at(place) for key, place in each.items()} for each in values if isinstance(each, dict)
    ]
    return match["tag"] + json.dumps(objects) if objects else match[0]


def _groups(text: str) -> Iterator[list[_Property]]:
    """Yield pairs that stand together; a field that comes again begins another group."""
    group: list[_Property] = []
    for count, match in enumerate(_PAIR.finditer(text)):
        if count >= _MAX_PAIRS:
            break
        pair = _pair(match)
        if pair is None:
            continue
        if group and (
            pair.start - group[-1].end > _TOGETHER or pair.field in {p.field for p in group}
        ):
            yield group
            group = []
        group.append(pair)
    if group:
        yield group


def _pair(match: re.Match[str]) -> _Property | None:
    """Return what a key and its value say of the client; None when they say nothing."""
    value = _value(match)
    name = re.sub(r"[^a-z0-9]", "", match["key"].lower())
    field_name = _field(name, value)
    if field_name is None:
        return None
    leads = _LEADS.search(name) is not None or (
        isinstance(value, str) and "dataplane.rum." in value
    )
    return _Property(match.start(), match.end(), field_name, value, leads)


def _value(match: re.Match[str]) -> Value:
    if match["text"] is not None:
        return text_value(match["text"], ())
    if match["list"] is not None:
        return _list(match["list"])
    bare = match["bare"].rstrip(")]}")
    if is_uuid(bare) or is_identity_pool_id(bare) or is_region(bare) or is_role_arn(bare):
        return bare
    literal = {"true": True, "false": False, "null": None}
    if bare in literal:
        return literal[bare]
    numeral = number(bare) if bare[:1].isdigit() else None
    return Expression(match["bare"].rstrip("}"), (bare,)) if numeral is None else numeral


def _list(text: str) -> Value:
    """Return a list of texts and numbers; an Expression when it holds anything else."""
    try:
        items = from_json(text.replace("\\", "").replace("'", '"'))
    except ValueError:
        return Expression(text)
    return items if isinstance(items, list) else Expression(text)


def _field(name: str, value: Value) -> str | None:
    """Return the option or argument that a key names."""
    pool = isinstance(value, str) and is_identity_pool_id(value)
    if "identitypool" in name or (pool and "pool" in name):
        return "identityPoolId"
    if "guestrole" in name or ("rolearn" in name and "rum" in name):
        return "guestRoleArn"
    if "region" in name:
        return "region"
    if any(word in name for word in ("userpool", "client", "version", "endpoint")):
        return "endpoint" if name.endswith("endpoint") else None
    if isinstance(value, str) and is_uuid(value):
        return "app_monitor_id"
    named = "appmonitor" in name or ("rum" in name and ("id" in name or "application" in name))
    if named and isinstance(value, Expression):
        return "app_monitor_id"
    return _OPTIONS.get(name)


def _is_configuration(group: list[_Property]) -> bool:
    """Say whether pairs are the client's: two of them, one by a name that nothing else has."""
    fields = {pair.field for pair in group}
    ids = {"app_monitor_id", "identityPoolId", "guestRoleArn", "sessionSampleRate", "telemetries"}
    alone = any(p.field == "app_monitor_id" and p.leads for p in group)
    return any(pair.leads for pair in group) and (alone or len(fields & ids) >= 2)


def _of_another_agent(text: str, group: list[_Property]) -> bool:
    """Say whether options that other agents have as well stand among options of theirs alone."""
    if any(pair.field in {"identityPoolId", "guestRoleArn", "telemetries"} for pair in group):
        return False
    around = text[max(0, group[0].start - _AGENT_AROUND) : group[-1].end + _AGENT_AROUND]
    return _ANOTHER_AGENT.search(around) is not None


def _configuration(text: str, group: list[_Property]) -> Configuration:
    values = {pair.field: pair.value for pair in group}
    start = group[0].start
    return Configuration(
        where=_where(text[max(0, start - _BEFORE) : start]),
        line=text.count("\n", 0, start) + 1,
        app_monitor_id=values.pop("app_monitor_id", UNDEFINED),
        region=values.pop("region", UNDEFINED),
        identity_pool_id=values.get("identityPoolId", UNDEFINED),
        guest_role_arn=values.get("guestRoleArn", UNDEFINED),
        options=values,
    )


def _where(before: str) -> str:
    """Say what holds a configuration, from the text before it."""
    component = _COMPONENT.search(before)
    if component:
        return f"the component {component[1]}"
    element = _ELEMENT.search(before)
    if element and "json" in element[1]:
        name = re.search(r"\bid\s*=\s*[\"']?([\w-]{1,60})", element[1])
        return f"the script element {name[1]}" if name else "a script element of JSON"
    holder = _HOLDER.search(before)
    return f"the object {holder[1]}" if holder else "this file"


# The last is how the loader's function begins, also where nothing but that is quoted.
_NAMED = re.compile(
    r"AwsRum|aws-rum-web|@aws-rum/|\bcwr\b|client\.rum\.|function\s*\(n,\s*i,\s*v,\s*r,\s*s,"
)


def mention(text: str) -> tuple[int, str] | None:
    """Return the line that first names the client, and its number; None when none does."""
    match = _NAMED.search(text[:_MAX_TEXT])
    if match is None:
        return None
    start = text.rfind("\n", 0, match.start()) + 1
    end = text.find("\n", match.end())
    line = " ".join(text[start : end if end >= 0 else len(text)].split())
    named = line.find(match[0])
    at = max(0, named - 60)
    if at:
        at = max(at, line.find(" ", at, named) + 1)
    return text.count("\n", 0, start) + 1, line[at : at + 160]
