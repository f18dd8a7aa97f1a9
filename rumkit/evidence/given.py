"""Evidence from facts that are given, for tests of a check and for trying one in a cell."""

from __future__ import annotations

import contextlib
from dataclasses import fields
from functools import partial
from typing import Any

from rumkit.aws.patience import Patience
from rumkit.evidence import Evidence
from rumkit.model import BadInput, NotCollected
from rumkit.target import Target, parse_window

_ANY_WINDOW = ("2026-03-01T09:00:00Z", "2026-03-02T09:00:00Z")
_TARGET = frozenset(field.name for field in fields(Target))


def evidence_of(**given: Any) -> Evidence:
    """Return evidence that holds these facts and parts of a target, and can collect no other.

    A fact's value may be an exception, which is raised to whoever asks for it. Raises BadInput
    for a name that is neither a fact nor a part of a target.

        evidence_of(page=page_from_html(html), monitor=shop, recording=read_recording(path))
    """
    target = {name: value for name, value in given.items() if name in _TARGET}
    facts = {name: value for name, value in given.items() if name in Evidence.names()}
    unknown = given.keys() - target.keys() - facts.keys()
    if unknown:
        raise BadInput(f"{', '.join(sorted(unknown))}: no fact of Evidence has this name.")
    plain = {
        name: value if isinstance(value, str | bool) or name == "window" else "given"
        for name, value in target.items()
    }
    plain.setdefault("window", parse_window(*_ANY_WINDOW))
    evidence = Evidence(Target(**plain), _NoSession())  # type: ignore[arg-type]
    for name, value in facts.items():
        with contextlib.suppress(Exception):
            evidence.once.get(name, partial(_kept, value))
    return evidence


def _kept(value: Any) -> Any:
    if isinstance(value, Exception):
        raise value
    return value


class _NoSession:
    """A session that reaches no account."""

    region = None
    profile = None
    patience = Patience()

    def __getattr__(self, name: str) -> Any:
        if name == "known_regions":
            return frozenset
        raise NotCollected("session", "no account was given", missing=("input:profile",))
