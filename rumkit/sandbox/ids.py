"""Ids, keys and times that repeat: everything is derived from a name."""

from __future__ import annotations

import hashlib
import os
import string
from datetime import UTC, datetime
from typing import Final

# Several sandboxes side by side are several accounts.
ACCOUNT: Final = os.environ.get("RUMKIT_SANDBOX_ACCOUNT", "111122223333")
REGION: Final = "eu-west-1"
BEGINNING: Final = datetime(2025, 11, 3, 10, 0, tzinfo=UTC)
NOW: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ONSET: Final = datetime(2026, 3, 2, 6, 10, tzinfo=UTC)
ORGANISATION: Final = "o-sandboxorg"
OPERATOR: Final = f"arn:aws:iam::{ACCOUNT}:user/operator"
OPERATOR_KEY: Final = "AKIASANDBOXOPERATOR0"
OPERATOR_SECRET: Final = "sandbox-operator-secret-key-of-no-account"  # noqa: S105 - no account has it

_ALPHABET = string.ascii_uppercase + string.digits


def uuid_of(*names: object) -> str:
    """Return the UUID of a name."""
    text = "/".join(str(name) for name in names)
    digits = hashlib.blake2b(text.encode(), digest_size=16, person=b"rumkit sandbox").hexdigest()
    # Version 5 and the usual variant, as RUM's patterns want them.
    return f"{digits[:8]}-{digits[8:12]}-5{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def letters(length: int, *names: object) -> str:
    """Return upper-case letters and digits derived from a name, as AWS's key ids look."""
    digest = hashlib.shake_128("/".join(str(name) for name in names).encode()).digest(length)
    return "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in digest)


def fraction(*names: object) -> float:
    """Return a number in [0, 1) derived from a name."""
    digest = hashlib.blake2b("/".join(str(name) for name in names).encode(), digest_size=6)
    return int.from_bytes(digest.digest()) / float(1 << 48)


def stamp(moment: datetime) -> str:
    """Return a moment as CloudTrail writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
