"""Policies as .NET's packages build them: a call for each directive, and one for each source."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAX_DIRECTIVES = 100
# NetEscapades: AddConnectSrc().Self().From("…"); NWebsec: ConnectSources(s => s.Self().…).
_DIRECTIVE = re.compile(
    r"\.(?:Add)?(Default|Script|Style|Connect|Img|Image|Font|Object|Media|Frame|Child|Worker|Manifest)"
    r"(Elem|Attr)?(?:Src|Sources)\((?:\)|\s{0,40}\w{1,40}\s{0,9}=>\s{0,40}\w{1,40})"
    r"((?:\s{0,200}\.\w{1,40}\((?:[^()]|\([^()]{0,200}\)){0,2000}\))*+)"
)
_CALL = re.compile(r"\.(\w{1,40})\(((?:[^()]|\([^()]{0,200}\)){0,2000})\)")
_TEXT = re.compile(r"\"([^\"\n]{1,400})\"")
_KNOWN = {
    "Self": "'self'", "None": "'none'", "UnsafeInline": "'unsafe-inline'",
    "UnsafeEval": "'unsafe-eval'", "StrictDynamic": "'strict-dynamic'",
    "Data": "data:", "Blob": "blob:", "OverHttps": "https:",
}  # fmt: skip


def built_directives(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield where a call that builds a directive stands and ends, and the directive's text.

    What is not known of a source stays in it as `${…}`.
    """
    for match in islice(_DIRECTIVE.finditer(text), _MAX_DIRECTIVES):
        kind = match[1].lower().replace("image", "img")
        part = f"-{match[2].lower()}" if match[2] else ""
        sources = [each for call in _CALL.finditer(match[3]) for each in _sources(*call.groups())]
        yield match.start(), match.end(), " ".join([f"{kind}-src{part}", *sources])


def _sources(name: str, arguments: str) -> list[str]:
    """Return the sources that one call adds."""
    if not arguments.strip() and name in _KNOWN:
        return [_KNOWN[name]]
    written = [word for text in _TEXT.findall(arguments) for word in text.split()]
    return written or [f"${{{name}}}"]
