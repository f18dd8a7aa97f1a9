"""Gzip comes out within a limit, whatever stands behind it or is missing."""

from __future__ import annotations

import gzip
import io
import random

import pytest

from rumkit.client.gunzip import Gunzip, gunzip

TEXT = bytes(random.Random(1).randbytes(400_000)) + b"the end"
PACKED = gzip.compress(TEXT)
CASES = {
    "whole": (PACKED, TEXT),
    "two members": (gzip.compress(TEXT[:9]) + gzip.compress(TEXT[9:]), TEXT),
    "zeros between": (gzip.compress(TEXT[:9]) + bytes(99) + gzip.compress(TEXT[9:]), TEXT),
    "zeros behind": (PACKED + bytes(600_000), TEXT),
    "something else behind": (gzip.compress(b"a") + b"\r\n--boundary", b"a"),
    "cut": (PACKED[:-20_000], TEXT[:380_000]),
    "cut in its header": (PACKED[:5], b""),
    "empty": (b"", b""),
    "damaged": (PACKED[:100] + bytes(100) + PACKED[200:], b""),
    "a damaged second member": (gzip.compress(b"a") + PACKED[:9] + b"?" * 99, b""),
    "no gzip": (b"plain text", b""),
}


@pytest.mark.parametrize(("packed", "expected"), CASES.values(), ids=CASES)
def test_what_is_packed_comes_out(packed: bytes, expected: bytes) -> None:
    unpacked = gunzip(packed, 1_000_000)
    assert unpacked.startswith(expected)
    assert TEXT.startswith(unpacked) or unpacked == expected


def test_no_more_comes_out_than_is_asked_for() -> None:
    assert gunzip(gzip.compress(b"x" * 50_000_000), 1_000) == b"x" * 1_000


def test_pieces_join_to_the_whole() -> None:
    unpacker = Gunzip(io.BytesIO(PACKED))
    assert b"".join(iter(lambda: unpacker.read(7_001), b"")) == TEXT
    assert not unpacker.damaged
