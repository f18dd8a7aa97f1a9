# ruff: noqa: E501 - a bomb a line
"""Files made to be too much: for each parser, small and deep, packed and endless ones."""

from __future__ import annotations

import gzip
import io
import json
import zipfile

MB = 1_000_000
DEEP = 400_000
JSON_PARSERS = ("recording", "console", "storage", "packages", "trail", "policy", "case", "targets")
GZIPPED = ("recording", "trail")


def _times(unit, size=2 * MB):
    return (unit * (size // len(unit.encode()) + 1)).encode()


def _record(**more):
    record = {
        "eventTime": "2026-03-02T08:00:00Z",
        "eventSource": "rum.amazonaws.com",
        "eventName": "PutRumEvents",
        "awsRegion": "eu-west-1",
        "errorCode": "AccessDenied",
        "recipientAccountId": "111122223333",
    }
    return json.dumps(record | more)


def _har(entry='{"request": {"url": "https://x.example/", "method": "GET"}}', count=1):
    return f'{{"log": {{"entries": [{", ".join([entry] * count)}]}}}}'.encode()


def _zip(members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return out.getvalue()


def json_bombs():
    """Yield name and bytes of what any JSON parser may be given."""
    yield "lists in lists", b"[" * DEEP
    yield "objects in objects", b'{"a":' * DEEP
    yield "closed lists in lists", b"[" * DEEP + b"]" * DEEP
    yield "a number of a million digits", b'{"log": ' + b"9" * MB + b"}"
    yield "a number far out", b'{"log": 1e999999999, "findings": [-1e999], "Statement": 1e400}'
    yield "one key two million times", b"{" + _times('"a": 1, ') + b'"b": 1}'
    yield (
        "keys without number",
        ("{" + ",".join(f'"k{n}": 0' for n in range(200_000)) + "}").encode(),
    )
    yield "escapes", b'{"a": "' + _times("\\ud800\\u0000") + b'"}'
    yield "a text that does not end", b'{"log": "' + _times("x")
    yield "zeros", bytes(2 * MB)
    yield "no UTF-8", bytes(range(256)) * 8000
    yield "a byte order mark alone", "﻿".encode("utf-16")
    yield "empty", b""
    yield "null", b"null"


def own_bombs():
    """Yield parser, name and bytes of what one parser alone is given."""
    for tag in (
        "<div>",
        "<svg><g>",
        "<template>",
        "<table><tr><td>",
        "<a><b><i>",
        "<select><option>",
    ):
        yield "page", f"{tag} in each other", _times(tag)
    yield "page", "attributes", b"<script " + _times("a='1' ") + b">x()</script>"
    yield (
        "page",
        "unlike attributes",
        ("<p " + " ".join(f"a{n}" for n in range(200_000)) + ">").encode(),
    )
    yield "page", "comments", _times("<!--")
    yield "page", "scripts", _times("<script>cwr('x')</script>")
    yield "page", "policies", _times('<meta http-equiv="content-security-policy" content="a b">')
    yield "page", "entities", _times("&lt;&#1114112;&notit;")
    yield "page", "ends of tags", _times("</p></b>")
    yield "page", "formatting", _times("<b><p>")
    for name in ("script", "page"):
        around = (b"<script>", b"</script>") if name == "page" else (b"", b"")
        client = b"\ncwr('init');AwsRumClient;"
        for what, unit in {
            "brackets": "(", "lists": "[", "blocks": "{", "templates": "`${", "sums": "a+", "not": "!",
            "functions": "function f(){", "arrows": "a=>", "questions": "a?", "regular expressions": "/(",
            "comments": "/*", "assignments": "a=b=", "commas": "a,", "strings": "'a'+", "calls": "f(",
            "members": "a.b.", "globals": "window.a=", "new": "new ", "loaders": "cwr('a',",
            "calls of new": "new a(", "async": "async ", "yield": "yield ", "await": "await ",
            "typeof": "typeof ", "chains": "a?.", "signs": "- ", "steps": "++", "elements": "<a>",
            "generics": "a<", "classes": "class A{", "heirs": "class extends ", "ifs": "if(a)",
            "elses": "if(a);else ", "loops": "for(;;)", "labels": "a:", "tags": "a``", "regions": "try{",
            "imports": "import(", "exports": "export ", "decorators": "@a ", "types": "let a:keyof ",
            "choices": "switch(a){case ", "jinja": "{% if a %}", "mustaches": "{{a}}", "erb": "<% if a %>", "PHP": "<?php ",
            "razor": "@if(a){", "hashes": "{{#if a}}",
        }.items():  # fmt: skip
            yield name, what, around[0] + _times(unit, MB) + client + around[1]
    yield "csp", "sources", b"script-src " + _times("https://a.example/ ")
    yield "csp", "directives", _times("connect-src 'self'; ")
    yield "csp", "policies", _times("default-src 'none', ")
    yield "csp", "wildcards", b"script-src " + _times("*.")
    yield "recording", "entries", _har(count=30_000)
    yield "recording", "a packed gigabyte", lambda: gzip.compress(bytes(1000 * MB), 9)
    yield "recording", "entries packed", lambda: gzip.compress(_har(count=400_000), 9)
    yield "recording", "a zip of a gigabyte", lambda: _zip([("x.har", bytes(1000 * MB))])
    yield "recording", "a zip of entries", lambda: _zip([("x.har", _har(count=400_000))])
    yield (
        "recording",
        "a zip of a console",
        _zip([("x.har", _har()), ("console.json", bytes(500 * MB))]),
    )
    yield (
        "recording",
        "a zip of many files",
        lambda: _zip([(f"{n}.har", b"") for n in range(20_000)]),
    )
    yield (
        "recording",
        "a zip in a zip",
        lambda: _zip([("x.har", _zip([("x.har", bytes(100 * MB))]))]),
    )
    yield "recording", "a long text", _har('{"request": {"url": "' + "x" * (4 * MB) + '"}}')
    yield "recording", "many headers", _har('{"request": {"url": "https://x.example/", "headers": ['
                                            + ",".join(['{"name": "a", "value": "b"}'] * 60_000) + "]}}")  # fmt: skip
    yield "console", "lines", _times("x.js:1 Refused to load 'a' because 'b'\n")
    yield "console", "one line", _times("Refused to connect to '")
    yield "console", "rows", b"[" + b",".join([b'{"type": "log", "text": "x"}'] * 50_000) + b"]"
    yield "storage", "pairs", _times("cwr_s=a; ")
    yield "storage", "lines", _times("cwr_c\ta\n")
    yield "trail", "a packed gigabyte", lambda: gzip.compress(bytes(1000 * MB), 9)
    yield (
        "trail",
        "a packed gigabyte of lists",
        gzip.compress(b'{"Records": [' + b"[" * (200 * MB), 9),
    )
    packed = gzip.compress(f'{{"Records": [{",".join([_record()] * 20_000)}]}}'.encode(), 9)
    yield "trail", "records", packed
    yield "trail", "records many times over", packed * 5
    yield "trail", "a million gzip members", gzip.compress(b"") * 100_000
    yield "trail", "members of a byte", gzip.compress(b"a") * 90_000
    yield "trail", "headers of members", b"\x1f\x8b\x08\x00" * 500_000
    yield (
        "trail",
        "a deep record",
        f'{{"Records": [{_record(requestParameters=0)[:-2]}{"[" * DEEP}'.encode(),
    )
    yield (
        "trail",
        "a long record",
        f'{{"Records": [{_record(errorMessage="x" * 8 * MB)}]}}'.encode(),
    )
    yield "trail", "names of records", b'{"Records": [' + _times('"eventName": "PutRumEvents", ')
    statement = '{"Effect": "Allow", "Action": "rum:*", "Resource": "*"}'
    yield "policy", "statements", f'{{"Statement": [{", ".join([statement] * 30_000)}]}}'.encode()
    yield (
        "policy",
        "wildcards",
        statement.replace("rum:*", "*?" * MB).join(['{"Statement": ', "}"]).encode(),
    )
    laughs = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(12)
    )
    yield "targets", "a billion laughs", laughs.encode()
    yield "targets", "an anchor in itself", b"accounts: &a [*a]"
    yield "targets", "merged maps", b"a: &a {x: 1}\n" + _times("b: {<<: *a}\n", MB)
    yield "targets", "objects of Python", b"accounts: !!python/object/apply:os.system ['exit 1']"
    yield "targets", "dashes", _times("- ", MB)
    yield "targets", "questions", _times("? ", MB)
    yield "targets", "braces", b"{" * DEEP
    yield "targets", "keys", "".join(f"k{n}: 1\n" for n in range(80_000)).encode()
    yield "targets", "documents", _times("--- a\n", MB)
    finding = json.dumps(
        {"check": "snippet-present", "status": "fail", "title": "t", "summary": "s" * 500}
    )
    yield (
        "case",
        "findings",
        f'{{"schema": 1, "findings": [{", ".join([finding] * 4000)}]}}'.encode(),
    )
    yield "case", "findings that are none", b'{"findings": [' + b"1," * MB + b"1]}"
    yield "case", "a deep table", b'{"findings": [], "tables": ' + b"[" * DEEP
    yield (
        "packages",
        "packages",
        (
            '{"packages": {'
            + ",".join(f'"node_modules/p{n}": {{"version": "1"}}' for n in range(50_000))
            + "}}"
        ).encode(),
    )


def bombs():
    """Yield parser, name, and what makes the bytes: all are made only where they are run."""
    for parser in JSON_PARSERS:
        for name, data in json_bombs():
            yield parser, name, data
            if parser in GZIPPED and len(data) > 1000:
                yield parser, f"{name}, packed", gzip.compress(data)
    yield from own_bombs()
