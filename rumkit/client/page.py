"""A page as a browser gets it: from a URL, from a file, or out of a recording."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rumkit.client.csp.parse import POLICY_HEADERS
from rumkit.client.csp.written import written_policies
from rumkit.client.encoding import decode
from rumkit.client.folder import file_that_starts
from rumkit.client.html import HtmlDocument, MetaPolicy, Script, parse_document
from rumkit.client.variables import Variables
from rumkit.json_text import read_json
from rumkit.model import BadInput
from rumkit.plain_file import given_path, is_file, is_folder, read_plain
from rumkit.secret import hide_secrets

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["MetaPolicy", "Page", "Script", "page_from_html", "read_page", "read_source"]

_SECRET_HEADERS = frozenset({
    "authorization", "cookie", "proxy-authorization", "set-cookie", "set-cookie2",
    "www-authenticate",
})  # fmt: skip
_LANGUAGES = {
    ".js": "javascript",
    ".mjs": "javascript",
    ".cjs": "javascript",
    ".jsx": "javascript",
    ".ts": "typescript",
    ".mts": "typescript",
    ".cts": "typescript",
    ".tsx": "tsx",
}
# HTML, and what template engines and compilers make HTML of.
_MARKUP = re.compile(
    r"\.(?:[sx]?html?|ejs|hbs|handlebars|mustache|njk|j2|jinja2?|twig|liquid|erb|cshtml|vbhtml|razor"
    r"|php|phtml|jspx?|as[cp]x?|vue|svelte|astro|gohtml|tmpl|tpl|ftl|vm|mako)",
    re.IGNORECASE,
)
_DOCUMENT = re.compile(r"<(?:!doctype|html|head|body)\b", re.IGNORECASE)
# What a file of another language says when it installs or configures the client.
_CONFIGURES = re.compile(r"rum|cwr|app.?monitor|identity.?pool", re.IGNORECASE)
_MAX_HEADERS = 1_000
# What curl and HTTPie print before a header, besides space.
_ARROWS = " \t<>*"


@dataclass(frozen=True)
class Page:
    """A page and what came with it.

    `url` is where it was found in the end, `requested` what was asked for. `headers` are in the
    order sent, duplicates kept, cookies dropped. `truncated` says that its end was left unread.
    `language` is `html`, or `javascript`, `typescript` or `tsx` for a source file, or `text` for
    a file of another language. `private` says that it came from a private network. `written`
    are the policies that a file of another language than HTML sets, as headers.
    """

    url: str
    requested: str
    status: int
    headers: tuple[tuple[str, str], ...]
    html: str
    encoding: str = "utf-8"
    redirects: tuple[str, ...] = ()
    scripts: tuple[Script, ...] = ()
    meta_policies: tuple[MetaPolicy, ...] = ()
    truncated: bool = False
    from_file: bool = False
    language: str = "html"
    private: bool = False
    written: tuple[tuple[str, str], ...] = ()
    # What the project of a file gives the variables that its source reads.
    variables: Variables | None = field(default=None, repr=False, compare=False)
    # What patterns for pages are tried on; it may hold what is secret and is shown nowhere.
    address: str = field(default="", repr=False, compare=False)

    def header(self, name: str) -> tuple[str, ...]:
        """Return every value of a header, in the order sent."""
        return tuple(value for key, value in self.headers if key.lower() == name.lower())


def page_from_html(html: str, *, url: str = "", headers: Iterable[tuple[str, str]] = ()) -> Page:
    """Return a page from text already decoded, such as a document inside a recording."""
    document = parse_document(html)
    return Page(
        url=hide_secrets(url),
        requested=hide_secrets(url),
        status=200,
        headers=shown_headers(headers),
        html=html,
        scripts=document.scripts,
        meta_policies=document.meta_policies,
        truncated=document.cut,
        address=url,
    )


def read_page(location: str, *, timeout: float = 10.0, max_bytes: int = 20_000_000) -> Page:
    """Read a page from an http or https URL, or from a file of HTML, JavaScript or other source.

    Of a folder it is the file that starts the client.
    A file's response headers are read from FILE.headers ("Name: value" lines) or
    FILE.headers.json (an object or a list of pairs) beside it. Raises BadInput.
    """
    if "://" in location[:20] or location.lower().startswith(("data:", "javascript:", "about:")):
        return _fetched_page(location, timeout=timeout, max_bytes=max_bytes)
    path = given_path(location)
    if is_folder(path):
        return read_page(str(file_that_starts(path)), timeout=timeout, max_bytes=max_bytes)
    if path.suffix.lower() in _LANGUAGES:
        return read_source(location, max_bytes=max_bytes)
    return _file_page(path, max_bytes=max_bytes)


def read_source(location: str, *, max_bytes: int = 20_000_000) -> Page:
    """Read a JavaScript or TypeScript file as a page of one script. Raises BadInput."""
    path = given_path(location)
    body, truncated = _read_file(path, max_bytes)
    text, encoding = decode(body, "text/javascript; charset=utf-8")
    return Page(
        url=str(path),
        requested=location,
        status=200,
        headers=(),
        html=text,
        encoding=encoding,
        scripts=_source_document(text).scripts,
        truncated=truncated,
        from_file=True,
        written=_written(text),
        language=_LANGUAGES.get(path.suffix.lower(), "javascript"),
        variables=Variables(path),
    )


def shown_headers(headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Drop the headers that carry cookies or credentials, and what is secret in the others."""
    kept = ((str(name), hide_secrets(str(value))) for name, value in headers)
    return tuple(pair for pair in kept if pair[0].lower() not in _SECRET_HEADERS)[:_MAX_HEADERS]


def _fetched_page(location: str, *, timeout: float, max_bytes: int) -> Page:
    from rumkit.client.fetch import fetch

    reply = fetch(location, timeout=timeout, max_bytes=max_bytes)
    content_type = next((v for k, v in reply.headers if k.lower() == "content-type"), None)
    text, encoding = decode(reply.body, content_type)
    script = "javascript" in (content_type or "").lower()
    document = _source_document(text) if script else parse_document(text)
    return Page(
        url=hide_secrets(reply.url),
        requested=hide_secrets(reply.requested),
        status=reply.status,
        headers=shown_headers(reply.headers),
        html=text,
        encoding=encoding,
        redirects=tuple(map(hide_secrets, reply.redirects)),
        scripts=document.scripts,
        meta_policies=document.meta_policies,
        truncated=reply.truncated or document.cut,
        language="javascript" if script else "html",
        private=reply.private,
        address=reply.url,
    )


def _source_document(text: str) -> HtmlDocument:
    return HtmlDocument((Script(index=0, text=text, attributes={"type": "module"}, line=1),), ())


def _file_page(path: Path, *, max_bytes: int) -> Page:
    body, truncated = _read_file(path, max_bytes)
    headers = _headers_beside(path)
    content_type = next((v for k, v in headers if k.lower() == "content-type"), None)
    text, encoding = decode(body, content_type)
    recording = '"log"' in text[:4096] and '"entries"' in text
    written = () if _DOCUMENT.search(text) or recording else _written(text)
    markup = not written and _is_markup(path, text)
    if not written and (markup or not _CONFIGURES.search(text) or recording):
        _refuse_unless_html(path, text)
    document = parse_document(text) if markup else _source_document(text)
    return Page(
        url=str(path),
        requested=str(path),
        status=200,
        headers=shown_headers(headers),
        html=text,
        encoding=encoding,
        scripts=document.scripts,
        meta_policies=document.meta_policies,
        truncated=truncated or document.cut,
        from_file=True,
        language="html" if markup else "text",
        written=written,
        variables=None if headers else Variables(path),
    )


def _is_markup(path: Path, text: str) -> bool:
    """Say whether a file is HTML or a template of it, rather than text of another language."""
    if text.lstrip().startswith("<?php") and not _DOCUMENT.search(text):
        return False
    named = not path.suffix or _MARKUP.fullmatch(path.suffix) is not None
    return named or text.lstrip("\ufeff \t\r\n")[:1] == "<"


def _written(text: str) -> tuple[tuple[str, str], ...]:
    return shown_headers(policy.header for policy in written_policies(text))


def _read_file(path: Path, max_bytes: int) -> tuple[bytes, bool]:
    try:
        body = read_plain(path, max_bytes + 1)
    except FileNotFoundError:
        raise BadInput(
            f"There is no file {path}: give the path of a saved page, or a URL that begins "
            "with https://."
        ) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise BadInput(
            f"{path} cannot be read ({reason}): check its name and its rights."
        ) from None
    if not body.strip():
        raise BadInput(f"{path} is empty: save the page again (view source, then save).")
    return body[:max_bytes], len(body) > max_bytes


def _refuse_unless_html(path: Path, text: str) -> None:
    start = text[:4096]
    if start.count("\0") > 2 or text.startswith(("PK\x03\x04", "%PDF", "\x1f\u2039", "GIF8")):
        raise BadInput(f"{path} is a binary file, not HTML: save the page's source and name that.")
    if start.lstrip()[:1] in {"{", "["} and _is_json(text):
        raise BadInput(
            f"{path} is JSON, not HTML: a browser recording (HAR) is given as the recording, "
            "not as the page."
        )
    if "<" not in text:
        raise BadInput(
            f"{path} holds no HTML element and is no source file that is known: save the page's"
            " source, or name the file that constructs the client, and name that."
        )


def _is_json(text: str) -> bool:
    try:
        read_json(text)
    except ValueError:
        return False
    return True


def _headers_beside(path: Path) -> list[tuple[str, str]]:
    """Return the response headers kept beside a file; an absent file means no headers."""
    for name in (path.name, path.stem):
        for suffix in (".headers.json", ".headers"):
            beside = path.with_name(name + suffix)
            if is_file(beside):
                return _read_headers(beside, path.name)
    return []


def _read_headers(path: Path, page: str) -> list[tuple[str, str]]:
    body, _ = _read_file(path, 1_000_000)
    text = body.decode("utf-8-sig", "replace")
    if text.lstrip()[:1] in {"{", "["}:
        return _json_headers(path, text, page)
    lines = (line for line in text.splitlines() if ":" in line and not line.startswith("HTTP/"))
    parts = (line.partition(":") for line in lines)
    headers = [(name.strip(_ARROWS), value.strip()) for name, _, value in parts]
    named = any(name.lower() in POLICY_HEADERS for name, _ in headers)
    # Other forms than "Name: value": a server's own file, a table, names and values by turns.
    return headers if named else [*headers, *_written(text)]


def _of_page(data: Any, page: str) -> Any:
    """Return one page's headers out of a list of replies, as tools that record pages keep them.

    Each is an object with `headers` or `responseHeaders`; the one that names the file as its
    `file` counts, else the first.
    """
    if not isinstance(data, list):
        return data
    replies = [each for each in data if isinstance(each, dict)]
    named = [each for each in replies if each.get("file") == page]
    chosen = next(iter(named or replies), {})
    headers = chosen.get("responseHeaders") or chosen.get("headers")
    return data if headers is None else headers


def _json_headers(path: Path, text: str, page: str) -> list[tuple[str, str]]:
    try:
        data = _of_page(read_json(text), page)
    except ValueError:
        data = None
    if isinstance(data, dict):
        return [
            (str(name), str(value))
            for name, values in data.items()
            for value in (values if isinstance(values, list) else [values])
        ]
    if isinstance(data, list) and data and all(isinstance(p, dict) and "name" in p for p in data):
        return [(str(p["name"]), str(p.get("value", ""))) for p in data]
    if isinstance(data, list) and all(isinstance(p, list) and len(p) == 2 for p in data):
        return [(str(name), str(value)) for name, value in data]
    raise BadInput(
        f"{path} does not hold response headers: write an object of names and values, or a list "
        "of [name, value] pairs."
    )
