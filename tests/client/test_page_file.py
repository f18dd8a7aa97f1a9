"""Pages out of files: decoding, headers beside them, and what is no page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rumkit.client.find import find_snippets
from rumkit.client.page import read_page
from rumkit.model import BadInput

if TYPE_CHECKING:
    from pathlib import Path

ENCODINGS = [
    (b"\xef\xbb\xbf<p>\xc3\xa9", "", "utf-8", "<p>\u00e9"),
    (b"\xff\xfe<\0p\0>\0\xe9\0", "", "utf-16-le", "<p>\u00e9"),
    (b"\xfe\xff\0<\0p\0>\0\xe9", "", "utf-16-be", "<p>\u00e9"),
    (b"<p>\xc3\xa9", "text/html; charset=utf-8", "utf-8", "<p>\u00e9"),
    (b"<p>\xc3\xa9", 'text/html; charset="UTF-8"', "utf-8", "<p>\u00e9"),
    (b"<p>\xe9", "text/html; charset=iso-8859-1", "windows-1252", "<p>\u00e9"),
    (b"<meta charset=utf-8><p>\xc3\xa9", "", "utf-8", "<meta charset=utf-8><p>\u00e9"),
    (b"<meta charset=utf-16>\xc3\xa9", "", "utf-8", "<meta charset=utf-16>\u00e9"),
    (b"<!--<meta charset=utf-8>-->\xe9", "", "windows-1252", "<!--<meta charset=utf-8>-->\u00e9"),
    (b"<p>\xe9\x80\x81", "", "windows-1252", "<p>\u00e9\u20ac\x81"),
    (b"<p>\xff\xc3", "text/html; charset=utf-8", "utf-8", "<p>\ufffd\ufffd"),
    (b"<meta charset=koi8-r><p>\xc1", "", "koi8-r", "<meta charset=koi8-r><p>\u0430"),
    (b"<meta charset=nonsense><p>\xe9", "", "windows-1252", "<meta charset=nonsense><p>\u00e9"),
    (b"\xef\xbb\xbf<p>x", "text/html; charset=koi8-r", "utf-8", "<p>x"),
    (
        b"<meta http-equiv=content-type content='text/html; charset=utf-8'>\xc3\xa9",
        "",
        "utf-8",
        "<meta http-equiv=content-type content='text/html; charset=utf-8'>\u00e9",
    ),
]


@pytest.mark.parametrize(("body", "content_type", "encoding", "text"), ENCODINGS)
def test_a_page_is_decoded_as_browsers_do(
    tmp_path: Path, body: bytes, content_type: str, encoding: str, text: str
) -> None:
    file = tmp_path / "page.html"
    file.write_bytes(body)
    if content_type:
        (tmp_path / "page.html.headers").write_text(f"Content-Type: {content_type}\n")
    page = read_page(str(file))
    assert (page.encoding, page.html) == (encoding, text)


HEADERS = [
    ("page.html.headers", "HTTP/1.1 200 OK\nA: 1\nB: x: y\n\nA: 2\n"),
    ("page.html.headers.json", '[["A", "1"], ["B", "x: y"], ["A", "2"]]'),
]


@pytest.mark.parametrize(("name", "text"), HEADERS)
def test_headers_beside_a_file_are_its_response_headers(
    tmp_path: Path, name: str, text: str
) -> None:
    (tmp_path / "page.html").write_text("<p>x")
    (tmp_path / name).write_text(text)
    page = read_page(str(tmp_path / "page.html"))
    assert page.headers == (("A", "1"), ("B", "x: y"), ("A", "2"))


def test_an_object_of_headers_may_hold_lists(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<p>x")
    (tmp_path / "page.html.headers.json").write_text('{"A": ["1", "2"], "B": "3"}')
    page = read_page(str(tmp_path / "page.html"))
    assert page.headers == (("A", "1"), ("A", "2"), ("B", "3"))


def test_a_file_s_page_says_where_it_is_from(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text("<p>x")
    page = read_page(str(file))
    assert (page.from_file, page.status, page.url) == (True, 200, str(file))


def test_a_file_past_the_limit_is_truncated(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text("<p>" + "x" * 1000)
    page = read_page(str(file), max_bytes=100)
    assert (page.truncated, len(page.html)) == (True, 100)


REFUSED = [
    (b"", "is empty"),
    (b"  \n", "is empty"),
    (b'{"log": {"entries": []}}', "recording"),
    (b"[1, 2]", "JSON"),
    (b"PK\x03\x04\0\0\0\0", "binary"),
    (b"\x89PNG\r\n\x1a\n\0\0\0\0", "binary"),
    (b"plain words", "no HTML"),
]


@pytest.mark.parametrize(("body", "words"), REFUSED)
def test_what_is_no_html_is_refused_in_one_sentence(
    tmp_path: Path, body: bytes, words: str
) -> None:
    file = tmp_path / "page.html"
    file.write_bytes(body)
    with pytest.raises(BadInput) as refused:
        read_page(str(file))
    message = str(refused.value)
    assert str(file) in message
    assert words in message
    assert "\n" not in message


def test_a_missing_file_and_a_folder_without_a_page_are_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no file"):
        read_page(str(tmp_path / "absent.html"))
    with pytest.raises(BadInput, match="no file"):
        read_page("~nobody-of-this-name/absent.html")
    with pytest.raises(BadInput, match="no page and no file that starts the client"):
        read_page(str(tmp_path))


def test_a_name_too_long_for_another_file_beside_it_is_read(tmp_path: Path) -> None:
    file = tmp_path / f"{'店' * 80}.html"
    file.write_text("<p>x")
    assert read_page(str(file)).headers == ()


def test_a_headers_file_of_another_shape_is_refused(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<p>x")
    (tmp_path / "page.html.headers.json").write_text("[1]")
    with pytest.raises(BadInput, match="headers"):
        read_page(str(tmp_path / "page.html"))


SOURCES = [
    ("rum.ts", "import { AwsRum } from 'aws-rum-web'; const r: AwsRum = new AwsRum(id as string);"),
    ("rum.tsx", "import { AwsRum } from 'aws-rum-web'; new AwsRum(id!); const v = <p>x</p>;"),
    ("rum.js", "const { AwsRum } = require('aws-rum-web'); new AwsRum(id);"),
    ("rum.mjs", "import { AwsRum } from 'aws-rum-web'; new AwsRum(id);"),
]


@pytest.mark.parametrize(("name", "text"), SOURCES)
def test_a_source_file_is_a_page_of_one_script(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    found = find_snippets(read_page(str(tmp_path / name)))
    assert [(s.kind, s.problems) for s in found] == [("npm", ())]
