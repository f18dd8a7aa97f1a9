"""Checks of one's own: decorated functions that are asked beside rumkit's checks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rumkit.checks.base import Check
from rumkit.checks.named_file import run_named_file
from rumkit.checks.names import CHECK_IDS, CheckId
from rumkit.model import BadInput, Hop, Section, Witness

if TYPE_CHECKING:
    from collections.abc import Callable

    from rumkit.checks.base import Ask

_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+){0,9}")
_LONGEST = 60
_own: dict[str, Check] = {}


def add_check(
    name: str,
    *,
    hop: Hop | str,
    title: str,
    witness: Witness | str = Witness.CONFIGURED,
    docs: tuple[str, ...] = (),
    symptom: bool = False,
    feature: bool = False,
) -> Callable[[Ask], Ask]:
    """Make a function a check that this process asks in every investigation and report.

    In a file it is asked by the command line, reports and fleets that are told of the file: by
    `--checks FILE.py`, or by the variable `RUMKIT_CHECKS` with the file's whole path.

    The function takes Evidence and returns an Outcome (`passed`, `failed`, `warned`, `unknown` or
    `skipped` of `rumkit.checks.base`), or None when it has nothing to say. `hop` is where it
    stands on the delivery path, last of that hop; `title` states the healthy condition; `witness`
    says what it reads. The same name again, as in a cell that is run again, replaces the check.
    Raises BadInput for a name that is no kebab-case word or is one of rumkit's own.

    >>> from rumkit.checks.base import failed, passed
    >>> @rumkit.add_check("https-only", hop="page", title="The page is served over HTTPS")
    ... def https_only(evidence):
    ...     secure = evidence.page.url.startswith("https:")
    ...     return passed("HTTPS.") if secure else failed(f"{evidence.page.url} is not HTTPS.")
    >>> rumkit.check("https-only", "shop-web").summary
    'HTTPS.'
    """
    if not _NAME.fullmatch(name) or len(name) > _LONGEST:
        raise BadInput(f"{name!r} can't name a check: write words in lower case, with hyphens.")
    if name in CHECK_IDS:
        raise BadInput(f"rumkit has a check {name} of its own: choose another name.")
    where, by = Hop(hop), Witness(witness)

    def keep(ask: Ask) -> Ask:
        _own[name] = Check(
            CheckId(name),
            where,
            Section.BEYOND,
            title,
            configured=ask if by is Witness.CONFIGURED else None,
            observed=ask if by is Witness.OBSERVED else None,
            recorded=ask if by is Witness.RECORDED else None,
            probed=ask if by is Witness.PROBED else None,
            docs=docs,
            symptom=symptom,
            feature=feature,
        )
        return ask

    return keep


def own_checks() -> tuple[Check, ...]:
    """Return the checks of one's own, in the order in which they were added.

    Those of the file that `RUMKIT_CHECKS` names are among them. Raises BadInput where it can't be
    run.
    """
    run_named_file()
    return tuple(_own.values())


def remove_check(name: str) -> None:
    """Take a check of one's own away; one that is not there is no mistake."""
    _own.pop(name, None)
