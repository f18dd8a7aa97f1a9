"""Keeps what headless runs import from doing work that nothing needs."""

from __future__ import annotations

import sys
from contextlib import suppress
from importlib import import_module

_GRAMMAR = "rfc3987_syntax"
# gc's thresholds for a process that lives for seconds: what its imports make stays to its end,
# and looking through it again and again takes a tenth of its time.
SELDOM = (100_000, 50, 50)


def without_grammar() -> None:
    """Import jsonschema without the grammar of IRIs that it would build, where nobody has yet.

    Notebooks are checked against a schema that has no IRI; building the grammar takes more than a
    second of processor time at each start.
    """
    if "jsonschema" in sys.modules or _GRAMMAR in sys.modules:
        return
    # An import of what stands here as None fails, which jsonschema takes for "not installed".
    sys.modules[_GRAMMAR] = None  # type: ignore[assignment]
    try:
        with suppress(ImportError):
            import_module("jsonschema")
    finally:
        del sys.modules[_GRAMMAR]
