"""Masks secrets in a page's HTML and in scripts so that what is left still parses.

Only the value is replaced, character for character: names, quotes and everything around stay, so
that no finding about the page changes. Values without quotes are masked where they can't be code.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rumkit.secret import KEY_ID, KEY_IDS, NAMES, TOKENS

_MAX_HASHES = 200
_ALGORITHMS = ("sha256", "sha384", "sha512")
# Wrong hashes are looked for in scripts that install the client, of a length that people write.
_CLIENT = "AwsRumClient"
_MAX_EXPLAINED = 100_000
# Beside a quoted value, and in an address, shorter names tell enough.
_NAMES = rf"{NAMES}|secret|token|access[-_]?key[-_]?id|session[-_]?id|\bjwt|\bsid"
_NEEDLES = ("passw", "passphrase", "pwd", "secret", "token", "authoriz", "key", "signature",
            "credential", "session", "jwt", "sid")  # fmt: skip
_QUOTE = r"""\\{0,3}["'`]|&quot;|&apos;|&#0?3[49];|\\u0022|\\x22|%22"""
_QUOTED = re.compile(
    rf"(?:{_NAMES})(?:{_QUOTE})?\]?\s{{0,9}}[:=]\s{{0,9}}(?P<quote>{_QUOTE})"
    r"(?P<value>(?:(?!(?P=quote))(?:\\.|[^\\\r\n])){1,4096})(?P=quote)",
    re.IGNORECASE,
)
_IN_URL = re.compile(r"[?&;](?P<name>[\w-]{1,60})=(?P<value>[A-Za-z0-9_.~%+/-]{1,4096}=*)")
_SECRET_NAME = re.compile(rf"(?:{_NAMES})$", re.IGNORECASE)
_IN_TEXT = re.compile(
    rf"(?:{_NAMES})\s{{0,9}}[:=]\s{{0,9}}(?:bearer |basic )?(?P<value>[^\s\"'`&,;<>()]{{1,4096}})",
    re.IGNORECASE,
)
# What must be in a text (in lower case) for a pattern to be tried on it at all.
_SHAPES = (
    *(
        (needles, re.compile(f"(?P<value>{shape})"))
        for needles, shape in (*TOKENS, (KEY_IDS, KEY_ID))
    ),
    (("bearer ",), re.compile(r"(?i)\bbearer (?P<value>[A-Za-z0-9._~+/=-]{6,4096})")),
)
_SCRIPT = re.compile(r"(<script\b[^>]{0,8000}>)(.*?)(?=</script|\Z)", re.IGNORECASE | re.DOTALL)
_FIELD = re.compile(r"<(?:input|meta)\b[^<>]{0,4000}>", re.IGNORECASE)
_TOKEN_META = re.compile(r"csrf|xsrf|token", re.IGNORECASE)
_POLICY_META = re.compile(r"http-equiv\s{0,9}=\s{0,9}[\"']?content-security-policy", re.IGNORECASE)
_HELD = re.compile(
    r"\b(?:value|content)\s{0,9}=\s{0,9}(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'"
    r"|(?P<bare>[^\s\"'>]+))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class MaskedPage:
    """A page without its secrets; `hashes` holds those of the inline scripts that were changed.

    A hash is written as a policy writes it, quotes included: that of the masked text leads to the
    three that a browser computes for the script as it was served. `mistakes` are wrong hashes of
    such scripts that install the client, each with what was hashed.
    """

    html: str
    hashes: tuple[tuple[str, tuple[str, ...]], ...] = ()
    mistakes: tuple[tuple[str, str], ...] = ()


def mask_page(html: str) -> MaskedPage:
    """Return the page with the secrets of its forms, attributes, text and scripts masked."""
    parts: list[str] = []
    hashes: dict[str, tuple[str, ...]] = {}
    mistakes: dict[str, str] = {}
    end = 0
    for script in _SCRIPT.finditer(html):
        masked = mask_script(script[2])
        if masked != script[2] and len(hashes) < _MAX_HASHES:
            hashes[_hash(masked)] = tuple(_hash(script[2], a) for a in _ALGORITHMS)
            mistakes |= {} if mistakes else _mistakes(script[2])
        parts += [_mask_markup(html[end : script.end(1)]), masked]
        end = script.end()
    whole = "".join([*parts, _mask_markup(html[end:])])
    return MaskedPage(whole, tuple(hashes.items()), tuple(mistakes.items()))


def _hash(text: str, algorithm: str = "sha256") -> str:
    from rumkit.client.csp.hashes import browser_hash

    return browser_hash(_read(text), algorithm)


def _mistakes(text: str) -> dict[str, str]:
    from rumkit.client.csp.hashes import known_mistakes

    wanted = _CLIENT in text and len(text) <= _MAX_EXPLAINED
    return known_mistakes(_read(text)) if wanted else {}


def _read(text: str) -> str:
    """Return an inline script as a browser reads it: its line ends are LF."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def mask_script(text: str) -> str:
    """Return a script with the secrets in its strings and addresses masked."""
    lowered = text.lower()
    if any(needle in lowered for needle in _NEEDLES):
        text = _IN_URL.sub(_letters, _QUOTED.sub(_stars, text))
    return _mask_shapes(text, lowered)


def _mask_markup(html: str) -> str:
    html = _FIELD.sub(_emptied, html)
    lowered = html.lower()
    if any(needle in lowered for needle in _NEEDLES):
        html = _IN_TEXT.sub(_stars, _IN_URL.sub(_letters, _QUOTED.sub(_stars, html)))
    return _mask_shapes(html, lowered)


def mask_header(value: str) -> str:
    """Return a header of the page with the secrets in its addresses masked."""
    return _mask_shapes(_IN_URL.sub(_letters, value), value.lower())


def _mask_shapes(text: str, lowered: str) -> str:
    for needles, pattern in _SHAPES:
        if any(needle in lowered for needle in needles):
            text = pattern.sub(_stars, text)
    return text


def _stars(match: re.Match[str]) -> str:
    return _covered(match, "value", "*")


def _letters(match: re.Match[str]) -> str:
    """Mask a query's value with letters, which parse even where the text is code after all."""
    return _covered(match, "value", "x") if _SECRET_NAME.search(match["name"]) else match[0]


def _covered(match: re.Match[str], group: str, mark: str) -> str:
    start, end = match.start(group) - match.start(), match.end(group) - match.start()
    return match[0][:start] + mark * (end - start) + match[0][end:]


def _emptied(match: re.Match[str]) -> str:
    tag = match[0]
    if tag[:2].lower() == "<m" and (not _TOKEN_META.search(tag) or _POLICY_META.search(tag)):
        return tag
    return _HELD.sub(_emptied_value, tag)


def _emptied_value(match: re.Match[str]) -> str:
    return _covered(match, match.lastgroup or "bare", "*")
