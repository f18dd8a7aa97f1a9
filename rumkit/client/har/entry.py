"""The allow-list: one raw HAR entry of any exporter becomes a `Call`, or nothing.

What is not named here is dropped: cookies, tokens, keys, queries, bodies.
"""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from rumkit.aws_names import is_uuid
from rumkit.client.har import body as har_body
from rumkit.client.har import fields
from rumkit.client.har.answer import AnswerReader
from rumkit.client.har.author import Author, ReplyMarks, author_of
from rumkit.client.har.aws_call import AwsCall, allows_reading, cors_of
from rumkit.client.har.conversation import AWS_CALLS, Call, Kind, RecordedDocument
from rumkit.client.har.kinds import (
    SUBRESOURCES,
    Asked,
    guessed_resource,
    is_subresource,
    kind_of_call,
    named_resource,
)
from rumkit.client.har.masking import mask_header, mask_page
from rumkit.client.har.place import NamedByUrl, place_of
from rumkit.client.har.redact import printable, unmangle
from rumkit.client.har.scripts import carries_mark
from rumkit.client.har.tunnels import tunnel_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from rumkit.client.har.console_network import FailedRequest

MAX_HTML = 20_000_000
MAX_SCRIPT = 16_000_000
MAX_PLACES = 20_000

_TRACE_HEADERS = ("x-amzn-trace-id", "traceparent")
_PAGE_HEADERS = frozenset(
    {
        "content-security-policy",
        "content-security-policy-report-only",
        "content-type",
        "cross-origin-embedder-policy",
        "cross-origin-embedder-policy-report-only",
    }
)
_SURROGATES = re.compile("[\ud800-\udfff]")
_SCRIPTS = frozenset({Kind.SCRIPT, Kind.CLIENT_SCRIPT})


class EntryReading(NamedTuple):
    """What one entry shows: the call, the document when it is a page, a script's text.

    `bare` tells that rumkit's recorder read a script whole, and it neither holds nor brings the
    client. Other tools cut and replace texts, so what theirs lack proves nothing. `tunnel` is a
    tunnel to one of AWS's hosts, refused or not; there is no call then.
    """

    call: Call | None = None
    document: RecordedDocument | None = None
    script: str = ""
    bare: bool = False
    tunnel: FailedRequest | None = None


class EntryReader:
    """Reads the entries of one file; what it works out of a URL it works out once.

    `utf8` tells that strings are UTF-8 bytes read as Latin-1; `attached` reads a body that the
    recording keeps in a file of its own, `missing` names those that are not there.
    """

    def __init__(self, *, attached: har_body.Attached = har_body.no_file) -> None:
        self.utf8 = True
        self.missing: set[str] = set()
        self.place = lru_cache(MAX_PLACES)(place_of)
        self._attached = attached

    def read(self, entry: Mapping[str, Any], index: int) -> EntryReading | None:
        """Return what an entry shows; None to drop it."""
        request = fields.mapping(entry.get("request"))
        response = fields.mapping(entry.get("response"))
        url = request.get("url")
        method = fields.text(request.get("method"), 16).upper()
        if method == "CONNECT":
            return EntryReading(tunnel=tunnel_of(entry, url))
        place = self.place(url) if isinstance(url, str) else None
        if place is None:
            return None
        resource = named_resource(entry)
        kind = place.kind
        if kind in AWS_CALLS and method not in ("POST", "OPTIONS", ""):
            return None  # A person opened the address: no call of the client.
        if kind is None and place.monitor_id and method in ("POST", "OPTIONS"):
            # A site's own API may have such a path: what else its body holds tells later.
            told = is_uuid(place.monitor_id) or "postData" not in request
            kind = Kind.PUT_EVENTS if told else None
        if kind is None and (resource in SUBRESOURCES or is_subresource(response)):
            return None
        return _Entry(self, entry, place, method).read(kind, resource, index)

    def attached(self, name: str, limit: int) -> bytes:
        """Return a body that has a file of its own; one that is not there is remembered."""
        body = self._attached(name, limit)
        if not body and len(self.missing) < MAX_PLACES:
            self.missing.add(name[:80])
        return body


class _Entry:
    """Reads the parts of one entry; lives as long as the entry does."""

    def __init__(
        self, reader: EntryReader, entry: Mapping[str, Any], place: NamedByUrl, method: str
    ) -> None:
        self.reader = reader
        self.utf8 = reader.utf8
        self.entry = entry
        self.request: Mapping[str, Any] = entry["request"]
        self.response = fields.mapping(entry.get("response"))
        self.place = place
        self.method = method
        self.sent = fields.headers(self.request.get("headers"))

    @cached_property
    def received(self) -> dict[str, str]:
        return fields.headers(self.response.get("headers"))

    def read(self, kind: Kind | None, resource: str, index: int) -> EntryReading | None:
        asked = Asked(
            self.method,
            self.sent,
            self._mime(),
            body=lambda: self._sent_body.text,
            reply=lambda: self._reply,
        )
        resource = resource or guessed_resource(asked, kind)
        asks = resource == "preflight" or "access-control-request-method" in self.sent
        preflight = self.method == "OPTIONS" and (asks or kind is not None)
        kind = kind_of_call(asked, kind, resource)
        if kind is None:
            return None
        call = self._call(kind, resource, index, preflight=preflight)
        page = kind is Kind.DOCUMENT and not call.frame
        text = self._content(MAX_SCRIPT) if kind in _SCRIPTS and call.ok else ""
        return EntryReading(
            call,
            self._document(call) if page else None,
            self._readable(text) if carries_mark(text) else "",
            bare=not text and self._bare_before,
        )

    def _call(self, kind: Kind, resource: str, index: int, *, preflight: bool) -> Call:
        started = fields.moment(self.entry.get("startedDateTime"))
        aws = (kind in AWS_CALLS or kind is Kind.SITE_TOKEN) and not preflight
        page = kind is Kind.DOCUMENT
        answer = AnswerReader(self.entry, self.place.host, self.sent)
        status = answer.status
        author, mark = self._author(answer, kind, preflight=preflight)
        return Call(
            index=index,
            kind=kind,
            method=self.method,
            url=self.place.url,
            host=self.place.host,
            path=self.place.path,
            status=status,
            preflight=preflight,
            started=started,
            seconds=fields.seconds(self.entry.get("time")),
            net_error=answer.net_error,
            blocked=answer.blocked,
            resource_type=resource,
            mime=self._mime(),
            page=fields.text(self.entry.get("pageref"), 120),
            trace_header=next((name for name in _TRACE_HEADERS if name in self.sent), ""),
            headers_seen=bool(self.sent),
            cors=cors_of(self.sent, self.received) if preflight else None,
            cors_reply=allows_reading(self.received) if aws or kind is Kind.CLIENT_SCRIPT else None,
            frame=page and self.sent.get("sec-fetch-dest") in ("iframe", "frame"),
            top=page and self.sent.get("sec-fetch-dest") == "document",
            aws_host=bool(self.place.aws and self.place.aws.possible),
            via_worker=answer.via_worker,
            shape=None if status else answer.shape,
            silence=answer.withheld if status else answer.silence,
            author=author,
            author_mark=mark,
            **(self._aws(kind, resource, status, started) if aws else {}),
        )

    def _author(self, answer: AnswerReader, kind: Kind, *, preflight: bool) -> tuple[Author, str]:
        if not answer.status or (kind not in AWS_CALLS and kind is not Kind.CLIENT_SCRIPT):
            return Author.UNKNOWN, ""
        return author_of(
            ReplyMarks(
                status=answer.status,
                headers=self.received,
                mime=self._mime(),
                body=self._reply[:4096],
                host=self.place.host,
                aws=bool(self.place.aws and self.place.aws.possible),
                script=kind is Kind.CLIENT_SCRIPT,
                preflight=preflight,
                worker=answer.via_worker,
                overridden=answer.overridden,
            )
        )

    def _aws(
        self, kind: Kind, resource: str, status: int, started: datetime | None
    ) -> dict[str, Any]:
        part = AwsCall(
            sent=self.sent,
            received=self.received,
            place=self.place,
            post=self.request.get("postData"),
            body=self._sent_body,
            reply=self._reply,
            utf8=self.utf8,
        )
        return part.facts(kind, resource, status, started)

    @cached_property
    def _sent_body(self) -> har_body.RequestBody:
        return har_body.request_body(
            self.request.get("postData"),
            gzipped="gzip" in self.sent.get("content-encoding", ""),
            attached=self.reader.attached,
        )

    @cached_property
    def _reply(self) -> str:
        return self._content(65_536)

    def _readable(self, text: str) -> str:
        """Return the text of a page or script as the browser read it."""
        return _SURROGATES.sub("\ufffd", unmangle(text) if self.utf8 else text)

    def _content(self, limit: int) -> str:
        content = self.response.get("content")
        return har_body.reply_text(content, limit=limit, attached=self.reader.attached)

    @property
    def _masked_before(self) -> bool:
        """Return whether rumkit's recorder had blanked secrets before it wrote the file."""
        return fields.mapping(self.response.get("content")).get("_masked") is True

    @property
    def _bare_before(self) -> bool:
        """Return whether that recorder left a script out in which nothing of the client is."""
        return fields.mapping(self.response.get("content")).get("_bare") is True

    def _hashes_before(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Return the hashes of inline scripts as served, which that recorder wrote down."""
        known = fields.mapping(fields.mapping(self.response.get("content")).get("_hashes"))
        return tuple(
            (masked[:120], tuple(each[:120] for each in served[:3] if isinstance(each, str)))
            for masked, served in list(known.items())[:200]
            if isinstance(masked, str) and isinstance(served, list)
        )

    def _mime(self) -> str:
        mime = fields.mapping(self.response.get("content")).get("mimeType")
        mime = mime if isinstance(mime, str) and mime else self.received.get("content-type", "")
        return printable(mime[:80]).lower()

    def _document(self, call: Call) -> RecordedDocument:
        headers = []
        for name, value in fields.pairs(self.response.get("headers")):
            if name in _PAGE_HEADERS:
                text = unmangle(value[:65_536]) if self.utf8 else value[:65_536]
                headers.append((name, printable(mask_header(text))))
        html = self._readable(self._content(MAX_HTML))
        kept = mask_page(html)
        return RecordedDocument(
            call.url,
            tuple(headers),
            kept.html or None,
            call.started,
            masked=kept.html != html or self._masked_before,
            hashes=(*kept.hashes, *self._hashes_before()),
            mistakes=kept.mistakes,
        )
