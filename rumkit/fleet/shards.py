"""A part of a fleet for each of several machines, the same monitors every night."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from rumkit.model import BadInput


@dataclass(frozen=True)
class Shard:
    """Part `number` of `count`, counted from one."""

    number: int
    count: int


def parse_shard(text: str) -> Shard:
    """Read `3/8`. Raises BadInput for what is no such part."""
    number, slash, count = text.partition("/")
    if not (slash and number.isdecimal() and count.isdecimal()):
        raise BadInput(f"A shard is written I/N, such as 3/8, not {text!r}.")
    shard = Shard(int(number), int(count))
    if not 1 <= shard.number <= shard.count <= 10_000:
        raise BadInput(f"There is no shard {text}: the parts of N are 1/N to N/N.")
    return shard


def in_shard(key: str, shard: Shard | None) -> bool:
    """Tell whether a monitor belongs to a part; every monitor belongs to exactly one."""
    if shard is None:
        return True
    return zlib.crc32(key.encode()) % shard.count == shard.number - 1
