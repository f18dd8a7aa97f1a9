"""A file that a person named as input, read whole or refused in one sentence."""

from __future__ import annotations

from pathlib import Path

from rumkit.errors import BadInput
from rumkit.plain_file import read_plain


def read_input(path: str | Path, *, most: int, what: str) -> bytes:
    """Return a file's bytes. Raises BadInput where it can't be read or holds more than `most`.

    `what` is what it should be, as it stands behind "any": "saved investigation".
    """
    source = Path(path)
    try:
        data = read_plain(source, most + 1)
    except OSError as error:
        raise BadInput(f"{source} can't be read: {error.strerror}.") from None
    if len(data) > most:
        raise BadInput(f"{source} is larger than any {what} ({most >> 20} MB).")
    return data
