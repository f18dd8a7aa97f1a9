"""Stand-ins for what must not leave the house: accounts, names, addresses, hosts, people.

The rule is turned round, so that nothing has to be recognised as secret: words that rumkit itself
is written with (its sentences, the terms of AWS and of the browser) stay, and so do moments and
small numbers. Every other word gets a stand-in, the same wherever it occurs. What is known to be
a name (the monitor's, a role's in an ARN) gets one even where it is such a word.
"""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from rumkit.aws_names import is_account, is_region, is_uuid
from rumkit.investigation import Investigation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from importlib.resources.abc import Traversable

# Rooms whose text is of made-up installations.
_PRACTICE = frozenset({"sandbox", "school", "notebooks", "__pycache__"})
_WORD = r"\w(?:[\w.@+-]*\w)?"
_BEFORE, _AFTER = r"(?<![\w@+-])(?<!\w\.)", r"(?![\w@+-]|\.\w)"
_MAYBE_IPV6 = r"(?<![\w:])(?=[0-9a-fA-F]*:[0-9a-fA-F]*:)[0-9a-fA-F:]{3,39}(?![\w:])"
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d)?|\d\d(?:\.\d{1,9})?Z|\d{8}T\d{6}Z")
_NUMBER = re.compile(r"\d{1,8}(?:\.\d{1,8}){0,2}(?:ms|[smhdwx])?")
_EMAIL = re.compile(r"[^@]+@[\w-]+(?:\.[\w-]+)+")
_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)*\.[^\W\d_]{2,24}")
_FILE = re.compile(r".*\.(css|gz|har|headers|html?|jsx?|json|mjs|tsx?|txt|zip)")
_OF_AWS = re.compile(
    r"(?:.+\.)?(?:amazonaws\.(?:com|com\.cn|eu)|aws\.amazon\.com|api\.aws|on\.aws)"
)
_ARN = re.compile(
    r"arn:[\w-]*:[\w-]*:[\w-]*:\d*:(appmonitor|assumed-role|role|user|policy|group|function|trail"
    r"|stack|log-group)[/:]([^\s\"'`,;)\]}*]+)"
)
_KINDS = {"appmonitor": "monitor", "assumed-role": "role"}
# Parameters and columns whose values are names, whatever they look like.
_NAMED = {
    "monitor": "monitor",
    "monitor_name": "monitor",
    "Name": "name",
    "profile": "profile",
    "principal": "user",
    "session_name": "session",
    "role": "role",
    "RoleName": "role",
    "UserName": "user",
    "PolicyName": "policy",
    "GroupName": "group",
    "LogGroupName": "log-group",
    "logGroupName": "log-group",
    "IdentityPoolName": "pool",
    "TrailName": "trail",
    "Bucket": "bucket",
    "WorkGroup": "workgroup",
}
# Enumerations, and what a program finds a finding by.
_FIXED = frozenset(
    {
        "after",
        "before",
        "check",
        "condition",
        "hop",
        "kind",
        "next",
        "root_cause",
        "section",
        "status",
        "verdict",
        "witness",
    }
)
# The mappings whose keys come from what was looked at, too.
_OPEN = frozenset({"values", "parameters"})


class Redactor:
    """Gives out stand-ins; what it was asked for once, it gives again."""

    def __init__(self) -> None:
        self._given: dict[str, str] = {}
        self._counts: Counter[str] = Counter()
        self._kinds: dict[str, str] = {}
        self._pattern = re.compile(f"{_MAYBE_IPV6}|{_WORD}")

    def investigation(self, investigation: Investigation) -> Investigation:
        """Return the same investigation with a stand-in in every place that needs one."""
        data = investigation.to_dict()
        for name, kind in _names(data):
            self._kinds.setdefault(name, kind)
        self._pattern = self._matching()
        return Investigation.from_dict(self._all(data))

    def text(self, text: str) -> str:
        """Return a text with stand-ins; names are known once their investigation was."""
        return self._pattern.sub(lambda match: self._word(match[0]), text)

    def _matching(self) -> re.Pattern[str]:
        """Match known names first, where a word alone would not tell that they are names."""
        words = re.compile(_WORD)
        odd = [n for n in self._kinds if n.casefold() in vocabulary() or not words.fullmatch(n)]
        odd.sort(key=len, reverse=True)
        names = [f"{_BEFORE}(?:{'|'.join(map(re.escape, odd))}){_AFTER}"] if odd else []
        return re.compile("|".join([*names, _MAYBE_IPV6, _WORD]))

    def _all(self, value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            is_open = key in _OPEN
            return {
                self.text(name) if is_open else name: self._all(item, name)
                for name, item in value.items()
            }
        if isinstance(value, list):
            return [self._all(item, key) for item in value]
        if not isinstance(value, str) or (key in _FIXED and value.casefold() in vocabulary()):
            return value
        return self.text(value)

    def _word(self, word: str) -> str:
        if word not in self._kinds and _stays(word):
            return word
        if word not in self._given:
            self._given[word] = self._stand_in(word)
        return self._given[word]

    def _stand_in(self, word: str) -> str:
        if word in self._kinds:
            kind = self._kinds[word]
            return f"{kind}-{self._next(kind)}"
        if is_account(word):
            return f"{self._next('account'):012d}"
        if is_uuid(word):
            return f"00000000-0000-0000-0000-{self._next('id'):012d}"
        address = _address(word)
        if address == 4:
            high, low = divmod(self._next("address"), 250)
            return f"198.18.{high % 250}.{low + 1}"
        if address == 6:
            return f"2001:db8::{self._next('address6'):x}"
        if _EMAIL.fullmatch(word):
            return f"person-{self._next('person')}@mail.example"
        if _OF_AWS.fullmatch(word):
            return ".".join(self._word(label) for label in word.split("."))
        if file := _FILE.fullmatch(word):
            return f"file-{self._next('file')}.{file[1]}"
        if _HOST.fullmatch(word):
            return f"host-{self._next('host')}.example"
        return f"name-{self._next('name')}"

    def _next(self, kind: str) -> int:
        self._counts[kind] += 1
        return self._counts[kind]


def redacted(investigation: Investigation) -> Investigation:
    """Return an investigation that can be shown to strangers."""
    return Redactor().investigation(investigation)


@cache
def vocabulary() -> frozenset[str]:
    """Return the words that rumkit is written with, in lower case."""
    texts = (file.read_text(encoding="utf-8") for file in _sources(files("rumkit")))
    return frozenset(word.casefold() for text in texts for word in re.findall(_WORD, text))


def _sources(folder: Traversable) -> Iterator[Traversable]:
    for each in folder.iterdir():
        if each.is_dir() and each.name not in _PRACTICE:
            yield from _sources(each)
        elif each.name.endswith(".py"):
            yield each


def _stays(word: str) -> bool:
    """Tell whether a word gives nothing away: rumkit's own, a moment, a number or a Region."""
    if _MOMENT.fullmatch(word) or _NUMBER.fullmatch(word) or is_region(word):
        return True
    version = _address(word)
    if ":" in word:
        return not version  # The start of a moment, or another run of figures and colons.
    # What an example in the source happens to have may be somebody's all the same.
    example = word.endswith(".example")
    if version or example or word.isdigit() or is_uuid(word) or _EMAIL.fullmatch(word):
        return False
    return word.casefold() in vocabulary()


def _address(word: str) -> int:
    """Return 4 or 6 for an address of the internet protocol, 0 for another word."""
    try:
        return ipaddress.ip_address(word).version
    except ValueError:
        return 0


def _names(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Yield what is known to be a name, and of what."""
    if isinstance(value, dict):
        yield from _row_names(value)
        for name, item in value.items():
            yield from _names(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from _names(item, key)
    elif isinstance(value, str):
        for match in _ARN.finditer(value):
            yield from _arn_names(match[1], match[2])


def _arn_names(kind: str, rest: str) -> Iterator[tuple[str, str]]:
    """Yield the names of an ARN; the parts of a path before the name are words like any."""
    parts = [part for part in re.split(r"[/:]", rest.rstrip(".")) if part]
    if kind == "assumed-role" and len(parts) == 2:
        yield from zip(parts, ("role", "session"), strict=True)
    elif parts:
        yield parts[-1], _KINDS.get(kind, kind)


def _row_names(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, kind in _NAMED.items():
        value = row.get(name)
        if isinstance(value, str) and value and not value.startswith("arn:"):
            yield value, kind
