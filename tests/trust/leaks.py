"""The matrix of no leak: every string that AWS answers, every refusal, with secrets in it.

`python tests/trust/leaks.py` runs the whole and prints its figures; a number runs each so many-th,
and `--part 1/2` every second.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

sys.path.insert(0, str(Path(__file__).parents[1] / "end_to_end"))
sys.path.insert(0, str(Path(__file__).parents[1] / "client"))

import canaries
import given
import outputs
from harness import environment  # type: ignore[import-not-found]
from planting import Plant, planted, refused
from share import part_in

from rumkit.aws.reads import READS
from rumkit.model import RumkitError
from rumkit.runner import evidence_for
from rumkit.runner import run as investigate_run
from rumkit.sandbox.runner import start

if TYPE_CHECKING:
    from collections.abc import Iterator

# A message or a cell is cut somewhere: each text has few secrets, so that all of them get through.
_AT_ONCE = 5
TEXTS = tuple(
    "; ".join(each.text for each in canaries.SECRETS[at : at + _AT_ONCE])
    for at in range(0, len(canaries.SECRETS), _AT_ONCE)
)
SOURCES = ("auto", "lookup", "lake:account-store")
SCENARIO = "guest-role-permission"
KINDS = ("page", "recording", "trail")
CODES = ("AccessDeniedException", "ValidationException", "SomethingElse")
# Everything but the trail's records, whose files are tried on their own.
OPERATIONS = tuple(f"{each.service}:{each.operation}" for each in READS if each.service != "s3")


@dataclass(frozen=True)
class Case:
    """Where secrets are put: a member of an operation's replies, or (`code`) its refusal."""

    source: str
    operation: str
    text: str
    member: str = ""
    code: str = ""

    def __str__(self) -> str:
        number = TEXTS.index(self.text) if self.text in TEXTS else "all"
        where = self.member or self.code or "every member"
        return f"{self.source} · {self.operation} · {where} · text {number}"


def look(sandbox: Any, source: str, **named: Any) -> dict[str, str]:
    """Investigate, trying each call once, and return all that comes out of it."""
    with environment(sandbox.environment):
        try:
            evidence = evidence_for(trail=source, **named)
            evidence.session._retries = {"total_max_attempts": 1}
            found = investigate_run(evidence)
        except RumkitError as error:
            return {"exception": f"{error!r} {error}"}
        return outputs.texts(found)


class Matrix:
    """Runs cases against one sandbox."""

    def __enter__(self) -> Self:
        self._stack = contextlib.ExitStack()
        self._sandbox = self._stack.enter_context(start(SCENARIO))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def members(self, source: str) -> dict[str, set[str]]:
        """Return the strings of the replies that an investigation reads, by operation."""
        with planted(Plant("", operation="")) as seen:
            look(self._sandbox, source)
        return seen.met

    def run(self, case: Case) -> list[str]:
        """Return what came through, `mark in output`."""
        where = (
            refused(case.operation, case.code, case.text)
            if case.code
            else planted(Plant(case.text, case.operation, case.member))
        )
        with where:
            return through(look(self._sandbox, case.source))

    def read(self, kind: str, text: str, folder: Path) -> list[str]:
        """Return what comes through of a page, a recording or a trail that holds a text."""
        place = self._sandbox.installation
        arns = (place.monitor.arn, place.role.arn)
        if kind == "trail":
            folder = given.trail(folder, text, arns, place.pool.id)
            return through(look(self._sandbox, str(folder), monitor=place.name, page=place.url))
        made = given.page(folder, text) if kind == "page" else given.recording(folder, text)
        return through(look(self._sandbox, "none", **{kind: str(made)}))


def through(made: dict[str, str]) -> list[str]:
    """Return what came through, `mark in output`."""
    return [
        f"{mark} in {name}"
        for name, text in made.items()
        for mark in sorted(canaries.survivors(text))
    ]


def cases(members: dict[str, dict[str, set[str]]]) -> Iterator[Case]:
    """Yield the whole matrix, given the strings of each source's replies."""
    for source, by_operation in members.items():
        for operation, paths in sorted(by_operation.items()):
            trail = operation.partition(":")[0] in {"cloudtrail", "logs"}
            if source != "auto" and not trail:
                continue
            for text in TEXTS:
                yield from (Case(source, operation, text, path) for path in sorted(paths))
    for operation in OPERATIONS:
        for code in CODES:
            yield from (Case("auto", operation, text, code=code) for text in TEXTS)


def _count(tally: Counter[str], case: object, leaked: list[str]) -> None:
    tally["runs"] += 1
    tally["leaks"] += bool(leaked)
    if leaked:
        print(f"{case}: {', '.join(leaked)}", flush=True)


def main() -> int:
    """Run the whole and print its figures."""
    tally: Counter[str] = Counter()
    begun = time.monotonic()
    mine, words = part_in(sys.argv[1:])
    nth = int(words[0]) if words else 1
    with Matrix() as matrix:
        every = list(cases({source: matrix.members(source) for source in SOURCES}))
        for number, case in enumerate(every):
            if number % nth or not mine(number // nth):
                continue
            _count(tally, case, matrix.run(case))
        texts = (*TEXTS, *(each.text for each in canaries.SECRETS))
        for number, (kind, text) in enumerate(product(KINDS, texts)):
            if mine(number):
                with tempfile.TemporaryDirectory() as folder:
                    _count(tally, f"{kind}: {text}", matrix.read(kind, text, Path(folder)))
    minutes = (time.monotonic() - begun) / 60
    print(f"no leak: {tally['runs']} runs, {len(canaries.SECRETS)} secrets, 15 outputs each:"
          f" {tally['leaks']} with a survivor, {minutes:.0f} min")  # fmt: skip
    return bool(tally["leaks"])


if __name__ == "__main__":
    raise SystemExit(main())
