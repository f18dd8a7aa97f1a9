"""CBOR as Smithy RPC v2 uses it: what boto3 speaks to CloudWatch (RFC 8949, definite and not)."""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from typing import Any

_MAX_DEPTH = 64


def dumps(value: object) -> bytes:
    """Encode text, numbers, bytes, booleans, None, aware datetimes, lists and dicts."""
    out = bytearray()
    _write(out, value)
    return bytes(out)


def loads(data: bytes) -> Any:
    """Decode one item. Raises ValueError on anything malformed."""
    try:
        value, end = _read(data, 0, 0)
    except (LookupError, struct.error, TypeError, OverflowError, OSError) as error:
        raise ValueError("malformed CBOR") from error
    if end != len(data):
        raise ValueError("bytes after the end of a CBOR item")
    return value


def _head(out: bytearray, major: int, number: int) -> None:
    for limit, code, size in ((24, -1, 0), (1 << 8, 24, 1), (1 << 16, 25, 2), (1 << 32, 26, 4)):
        if number < limit:
            out.append(major << 5 | (number if code < 0 else code))
            out.extend(number.to_bytes(size, "big") if size else b"")
            return
    out.append(major << 5 | 27)
    out.extend(number.to_bytes(8, "big"))


def _write(out: bytearray, value: object) -> None:
    if isinstance(value, bool) or value is None:
        out.append({False: 0xF4, True: 0xF5, None: 0xF6}[value])
    elif isinstance(value, int):
        _head(out, 0 if value >= 0 else 1, value if value >= 0 else -1 - value)
    elif isinstance(value, float):
        out.append(0xFB)
        out.extend(struct.pack(">d", value))
    elif isinstance(value, datetime):
        _head(out, 6, 1)
        _write(out, value.timestamp())
    else:
        _write_sized(out, value)


def _write_sized(out: bytearray, value: object) -> None:
    if isinstance(value, bytes):
        _head(out, 2, len(value))
        out.extend(value)
    elif isinstance(value, str):
        text = value.encode()
        _head(out, 3, len(text))
        out.extend(text)
    elif isinstance(value, (list, tuple)):
        _head(out, 4, len(value))
        for item in value:
            _write(out, item)
    elif isinstance(value, dict):
        _head(out, 5, len(value))
        for key, item in value.items():
            _write(out, key)
            _write(out, item)
    else:
        raise TypeError(f"no CBOR for {type(value).__name__}")


def _read(data: bytes, at: int, depth: int) -> tuple[Any, int]:
    if depth > _MAX_DEPTH:
        raise ValueError("CBOR nested too deeply")
    major, info = data[at] >> 5, data[at] & 31
    at += 1
    if major == 7:
        return _read_simple(data, at, info)
    if info == 31:
        return _read_open(data, at, major, depth)
    number, at = _read_number(data, at, info)
    if major in {0, 1}:
        return (number if major == 0 else -1 - number), at
    if major in {2, 3}:
        chunk = data[at : at + number]
        if len(chunk) != number:
            raise IndexError
        return (chunk if major == 2 else chunk.decode()), at + number
    return _read_nested(data, at, major, number, depth)


def _read_nested(data: bytes, at: int, major: int, number: int, depth: int) -> tuple[Any, int]:
    if major == 6:
        value, at = _read(data, at, depth + 1)
        return (datetime.fromtimestamp(value, UTC) if number == 1 else value), at
    items: list[Any] = []
    for _ in range(number * (1 if major == 4 else 2)):
        item, at = _read(data, at, depth + 1)
        items.append(item)
    return (items if major == 4 else _pairs(items)), at


def _read_open(data: bytes, at: int, major: int, depth: int) -> tuple[Any, int]:
    items: list[Any] = []
    while data[at] != 0xFF:
        item, at = _read(data, at, depth + 1)
        items.append(item)
    at += 1
    if major in {2, 3}:
        return (b"" if major == 2 else "").join(items), at
    return (items if major == 4 else _pairs(items)), at


def _pairs(items: list[Any]) -> dict[Any, Any]:
    return dict(zip(items[::2], items[1::2], strict=True))


def _read_number(data: bytes, at: int, info: int) -> tuple[int, int]:
    if info < 24:
        return info, at
    size = {24: 1, 25: 2, 26: 4, 27: 8}.get(info, 0)
    if not size or at + size > len(data):
        raise ValueError("malformed CBOR")
    return int.from_bytes(data[at : at + size], "big"), at + size


def _read_simple(data: bytes, at: int, info: int) -> tuple[Any, int]:
    if info in {20, 21, 22, 23}:
        return {20: False, 21: True}.get(info), at
    form, size = {25: (">e", 2), 26: (">f", 4), 27: (">d", 8)}[info]
    return struct.unpack(form, data[at : at + size])[0], at + size
