"""What is secret in a text, and the text without it: the one list that every reader goes by.

A secret is known by its own form (AWS's keys and tokens, JSON web tokens, private keys) or by the
name beside it (a header, a parameter of a query, a member of JSON). Readers call this where a text
comes in, so that nothing behind them ever has it.
"""

from __future__ import annotations

import copy
import hashlib
import re
from dataclasses import fields, is_dataclass, replace
from typing import Any, Final
from urllib.parse import unquote_plus

MASK: Final = "***"
# What a secret is called, in whatever a person or a program writes.
NAMES: Final = (
    r"(?:secret[-_]?access[-_]?key|access[-_]?key(?![-_]?id)|secret[-_]?key|"
    r"session[-_]?token|security[-_]?token|auth[-_]?token|access[-_]?token|id[-_]?token|"
    r"refresh[-_]?token|identity[-_]?token|xsrf[-_]?token|csrf[-_]?token|signature|credential|"
    r"passw(?:or)?d|passphrase|pwd|api[-_]?key|private[-_]?key|client[-_]?secret|"
    r"subscription[-_]?key|(?:proxy-)?authorization)"
)
# In a query nothing but a name tells, so more names count there.
_IN_QUERY: Final = re.compile(
    rf"(?:^|[?#&;])(?:{NAMES}|sig|sign|hmac|hash|key|token|auth|code|jwt|sid|session(?:[-_]?id)?"
    r"|secret|otp|ticket|assertion|saml\w*|state|nonce|x-amz-\w[\w-]*|key-pair-id)(?:=|%3d)",
    re.IGNORECASE,
)
_TEXT: Final = r"[^\s\"'`&,;<>\\(){}]"
_SCHEME: Final = r"(?:(?:bearer|basic|digest|negotiate|ntlm|token|aws4-hmac-sha256)\s{1,9})?"
# A value that runs into the next name ("key: abc/key: def") takes that one's value along.
_NEXT: Final = rf"(?:(?:(?<=[:=])\s{{1,9}}|\s{{1,9}}[:=]\s{{0,9}}){_TEXT}{{1,4096}}){{0,3}}"
# What may follow an address in a policy or a program ends it; a policy must not lose its commas.
_ADDRESS: Final = re.compile(r"[^\s'\"<>\\;,(){}]+")
_USER: Final = re.compile(r"://[^\s/?#'\"<>\\]{1,512}@")
# What is secret by itself, with what must be in a text (in lower case) for it to be tried on it.
TOKENS: Final = (
    (("eyj",), r"\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){0,4}"),
    (("iqoj", "fwog", "aqod"), r"\b(?:IQoJ|FwoG|AQoD)[A-Za-z0-9+/=_%-]{20,}"),
)
KEY_ID: Final = r"(?<![A-Za-z0-9])A(?:KI|SI|BI|CC)A[A-Z0-9]{12,124}"
KEY_IDS: Final = ("akia", "asia", "abia", "acca")
# Each with what must be in a text (in lower case) for it to be tried on it at all.
_FORMS: Final = (
    *((needle, re.compile(f"(){token}")) for needles, token in TOKENS for needle in needles),
    (
        "private key",
        re.compile(
            r"()-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----(?:[^-]|-(?!----)){0,8192}"
            r"(?:-----END [A-Z ]{0,20}PRIVATE KEY-----)?"
        ),
    ),
    (
        "cookie",
        re.compile(
            r"(\b(?:set-)?cookie2?[\"'\\]{0,4}\s{0,9}[:=]\s{0,9}[\"'\\]{0,4})"
            r"[\w.-]{1,200}=[^;\s\"'\\]{0,4096}"
            r"(?:;\s{0,9}[\w-]{1,200}(?![\w:-])(?:=[^;\s\"'\\]{0,4096}"
            r"(?:(?<=:)\s{1,9}[^;\s\"'\\]{1,4096})?)?){0,50}",
            re.IGNORECASE,
        ),
    ),
    ("bearer ", re.compile(rf"(\bbearer ){_TEXT}{{1,4096}}", re.IGNORECASE)),
    # Words as "basic flow" are none: it is padded, or longer than any word.
    (
        "basic ",
        re.compile(
            r"(\bbasic )(?:[a-z0-9+/]{6,4096}={1,2}|(?=[a-z+/]*[\d+/])[a-z0-9+/]{24,4096})",
            re.IGNORECASE,
        ),
    ),
    (
        "digest ",
        re.compile(
            r"(\b(?:response|nonce|cnonce|opaque)\s{0,9}=\s{0,9}\\?\")[^\"\\]{1,1024}",
            re.IGNORECASE,
        ),
    ),
    ("token=", re.compile(rf"(\btoken=[\"']?){_TEXT}{{1,4096}}", re.IGNORECASE)),
)  # fmt: skip
# A name and what it is set to. Names of AWS's errors end as some names of secrets do.
_NAMED: Final = re.compile(
    r"(?<!invalid)(?<!incomplete)(?<!expired)(?<!missing)"
    rf"(?P<name>{NAMES}[\"'\\]{{0,4}}\s{{0,9}}(?:[:=]|%3[ad])(?P<gap>\s{{0,9}})"
    rf"(?P<quote>[\"'\\]{{0,4}}))(?P<scheme>{_SCHEME})(?P<value>{_TEXT}{{1,4096}}{_NEXT})",
    re.IGNORECASE,
)
# Looked for first, since names of secrets are a part of many ordinary ones.
_PERHAPS_NAMED: Final = re.compile(
    r"(?:key|token|passw(?:or)?d|passphrase|pwd|signature|credential|authorization|secret)"
    r"[\"'\\]{0,4}\s{0,9}(?:[:=]|%3[ad])"
)
_CONSTANTS: Final = frozenset(["null", "none", "true", "false", "undefined"])
_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?")
_LONGEST_WORD: Final = 20
_KEY_ID: Final = re.compile(KEY_ID)
_DIGEST: Final = re.compile(r"key-([0-9a-f]{16})")
# Members whose value is secret whatever it looks like; AWS's tokens of pages are none.
_MEMBERS: Final = re.compile(
    rf"(?:[a-z]{{1,40}}[-_]){{0,4}}(?:{NAMES}|(?:set[-_]?)?cookies?|web[-_]?identity[-_]?token)"
    "|token",
    re.IGNORECASE,
)
# AWS's tokens of pages are sent back as they came, and are shown nowhere.
_PAGES: Final = re.compile(
    r"(?:next[-_]?|previous[-_]?)?(?:(?:continuation|pagination|page)[-_]?)?token|(?:next)?marker",
    re.IGNORECASE,
)
_SHORTEST: Final = 8


def hide_secrets(text: str) -> str:
    """Return a text with `***` in place of each secret, and access key ids as digests.

    Of an address only user and password go, and a query or fragment that holds a secret.
    What is left of JSON is JSON.
    """
    if len(text) < _SHORTEST:
        return text
    lowered = text.lower()
    if "://" in lowered:
        text = _USER.sub("://", text)
        if "?" in text or "#" in text:
            text = _ADDRESS.sub(_without_query, text)
    for needle, pattern in _FORMS:
        if needle in lowered:
            text = pattern.sub(rf"\g<1>{MASK}", text)
    set_to = "=" in lowered or ":" in lowered or "%3" in lowered
    if set_to and _PERHAPS_NAMED.search(lowered):
        text = _NAMED.sub(_without_value, text)
    if any(start in lowered for start in KEY_IDS):
        text = _KEY_ID.sub(lambda match: f"key-{digest(match[0])}", text)
    return text


def digest(access_key_id: str) -> str:
    """Return a short one-way digest of an access key id; that of a digest is itself."""
    if known := _DIGEST.fullmatch(access_key_id):
        return known[1]
    text = access_key_id[:256].encode("utf-8", "replace")
    return hashlib.sha256(b"rumkit:" + text).hexdigest()[:16]


def without_secrets(value: Any, *, keep: tuple[type, ...] = ()) -> Any:
    """Return a value with no secret in any text or member; its type stays.

    Looked into are dictionaries, lists, tuples and dataclasses, but not what is of a type in
    `keep`.
    """
    if isinstance(value, keep):
        return value
    if isinstance(value, str):
        return hide_secrets(value) if type(value) is str else value
    if isinstance(value, dict):
        made = copy.copy(value)
        made.clear()
        made.update(
            (hide_secrets(name) if type(name) is str else name, _member(name, item, keep))
            for name, item in value.items()
        )
        return made
    if isinstance(value, list):
        return [without_secrets(item, keep=keep) for item in value]
    if type(value) is tuple:
        return tuple(without_secrets(item, keep=keep) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        had = {each.name: getattr(value, each.name) for each in fields(value) if each.init}
        return replace(
            value, **{name: without_secrets(item, keep=keep) for name, item in had.items()}
        )
    return value


def _without_value(match: re.Match[str]) -> str:
    value = match["value"]
    if not (match["quote"] or match["scheme"]):
        if value.lower() in _CONSTANTS or value.startswith("[") or value == "*":
            return match[0]
        if _NUMBER.fullmatch(value):
            return f"{match['name']}0"
        # A sentence goes on behind the colon: "Signature: it is not".
        if match["gap"] and value.isalpha() and len(value) < _LONGEST_WORD:
            return match[0]
    return f"{match['name']}{MASK}"


def _member(name: Any, value: Any, keep: tuple[type, ...]) -> Any:
    if isinstance(value, str) and _PAGES.fullmatch(str(name)) and str(name).lower() != "token":
        return value
    if isinstance(value, str) and value and _MEMBERS.fullmatch(str(name)):
        return MASK
    return without_secrets(value, keep=keep)


def _without_query(match: re.Match[str]) -> str:
    _, scheme, rest = match[0].partition("://")
    query = re.search(r"[?#]", rest)
    if not scheme:
        return match[0]
    before = len(match[0]) - len(rest)
    if query is not None:
        named = _IN_QUERY.search(rest, query.start())
        if named or _escaped(rest[query.start() :]):
            rest = f"{rest[: query.start()]}?{MASK}"
    host, slash, path = rest.partition("/")
    return match[0][:before] + (f"{host}/{MASK}" if slash and _escaped(path) else rest)


def _escaped(text: str) -> bool:
    """Tell whether a part of an address holds a secret behind percent signs."""
    if "%" not in text:
        return False
    plain = unquote_plus(text)
    return hide_secrets(plain) != plain
