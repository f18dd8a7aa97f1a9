"""The matrix of no lies: every read, every fault, over faults of an installation and sources.

What is found without the fault is the measure: a run with it may know less, and nothing else.

`python tests/trust/lies.py` runs the whole and prints its figures; scenarios that are named run
alone, and `--part 1/2` runs every second read.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

sys.path.insert(0, str(Path(__file__).parents[1] / "end_to_end"))

from faults import FAULTS, fault_in
from harness import environment  # type: ignore[import-not-found]
from share import part_in  # type: ignore[import-not-found]

from rumkit.aws.patience import Patience
from rumkit.aws.reads import READS
from rumkit.model import DEFECT, BadInput, Status, Verdict
from rumkit.runner import evidence_for
from rumkit.runner import run as investigate_run
from rumkit.sandbox.runner import start

if TYPE_CHECKING:
    from collections.abc import Iterator

SCENARIOS = (
    "healthy",
    "guest-role-permission",
    "guest-role-trust",
    "identity-pool",
    "pool-guest-role",
    "resource-policy",
    "events-arriving",
    "monitor-domain",
    "session-sample-rate",
)
SOURCES = (
    "auto",
    "lookup",
    "logs:CloudTrail/account-trail",
    "lake:account-store",
    "athena:trails.account_trail",
    "s3://shop-trail",
    "none",
)
OPERATIONS = tuple((read.service, read.operation) for read in READS)
OF_A_TRAIL = {"cloudtrail", "logs", "athena", "s3"}
TRAIL_OPERATIONS = tuple(each for each in OPERATIONS if each[0] in OF_A_TRAIL)
DECIDED = {Status.PASS, Status.FAIL}
# A fault that takes nothing away changes nothing.
HARMLESS = {"an empty page first"}
DENIALS = {"denied", "forbidden in a part"}
# How long what takes the whole patience may last, beside what an investigation takes.
MOST_SECONDS = 17.0


@dataclass(frozen=True)
class Case:
    """One run of the matrix."""

    scenario: str
    source: str
    service: str
    operation: str
    fault: str

    def __str__(self) -> str:
        return f"{self.scenario} · {self.source} · {self.service}:{self.operation} · {self.fault}"


def look(sandbox: Any, source: str, patience: float = 15.0) -> Any:
    """Investigate, trying each call once, so that a matrix ends."""
    with environment(sandbox.environment):
        evidence = evidence_for(trail=source)
        evidence.session.patience = Patience(patience)
        evidence.session._retries = {"total_max_attempts": 1}
        return investigate_run(evidence)


def lies(whole: Any, found: Any, case: Case) -> list[str]:
    """Return what a faulty run says that it can't know, or fails to say."""
    wrong: list[str] = []
    before = {each.check: each for each in whole.findings}
    for each in found.findings:
        was = before[each.check]
        if DEFECT in each.missing:
            wrong.append(f"{each.check}: rumkit itself failed: {each.summary}")
        elif each.status is not was.status and each.status in DECIDED:
            wrong.append(f"{each.check}: {was.status} became {each.status}: {each.summary}")
        elif (
            each.status is Status.UNKNOWN
            and was.status in DECIDED
            and not (each.missing or case.operation in each.summary)
        ):
            wrong.append(f"{each.check}: nothing says what is missing: {each.summary}")
        elif each.status is not was.status and case.fault in HARMLESS:
            wrong.append(f"{each.check}: {was.status} became {each.status} by {case.fault}")
        elif case.fault not in DENIALS and each.status is not was.status:
            wrong += [f"{each.check}: a permission is asked for: {name}" for name in each.missing
                      if name == f"{case.service}:{case.operation}"]  # fmt: skip
    wrong += [f"not collected: rumkit itself failed: {gap.reason}" for gap in found.not_collected
              if DEFECT in gap.missing]  # fmt: skip
    return wrong + verdict_lies(whole.verdict, found.verdict)


def verdict_lies(before: Verdict, after: Verdict) -> list[str]:
    """Return a verdict that is better for lack of data, or worse."""
    return [] if after in {before, Verdict.UNPROVEN} else [f"the verdict {before} became {after}"]


def run(sandbox: Any, whole: Any, case: Case) -> tuple[list[str], bool]:
    """Return the lies of a case, and whether its operation was asked at all."""
    begun = time.monotonic()
    with fault_in(case.service, case.operation, case.fault) as met:
        try:
            found = look(sandbox, case.source, 1.5 if case.fault == "silent" else 15.0)
        except BadInput as error:
            return [f"the whole investigation was refused: {error}"], True
        except Exception as error:  # noqa: BLE001 - it is what the matrix looks for
            return [f"the whole investigation ended with {type(error).__name__}: {error}"], True
    took = time.monotonic() - begun
    late = [f"it took {took:.1f} s"] if took > MOST_SECONDS else []
    return lies(whole, found, case) + late, bool(met)


def cases() -> Iterator[Case]:
    """Yield the whole matrix: each read with what was found over the installation's own source,
    and over every other source what that source reads."""
    for scenario in SCENARIOS:
        for service, operation in OPERATIONS:
            for fault in FAULTS:
                yield Case(scenario, "auto", service, operation, fault)
        for source in SOURCES[1:]:
            for service, operation in TRAIL_OPERATIONS:
                for fault in FAULTS:
                    yield Case(scenario, source, service, operation, fault)


class Matrix:
    """Runs cases; a sandbox and what was found without a fault are kept for those that follow.

    An operation that was not asked is not asked with another fault either, so these are left out.
    """

    def __init__(self) -> None:
        self._of: tuple[str, str] = ("", "")
        self._never: set[tuple[str, str, str, str]] = set()
        self._stack = contextlib.ExitStack()
        self._sandbox: Any = None
        self._whole: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def run(self, case: Case) -> tuple[list[str], bool]:
        """Return the lies of a case, and whether its operation was asked at all."""
        read = (case.scenario, case.source, case.service, case.operation)
        if read in self._never:
            return [], False
        if self._of[0] != case.scenario:
            self._stack.close()
            self._sandbox = self._stack.enter_context(start(case.scenario))
        if self._of != (case.scenario, case.source):
            self._whole = look(self._sandbox, case.source)
            self._of = (case.scenario, case.source)
        wrong, asked = run(self._sandbox, self._whole, case)
        if not asked:
            self._never.add(read)
        return wrong, asked


def main() -> int:
    """Run the whole, or the scenarios that are named, and print what it came to."""
    tally: Counter[str] = Counter()
    begun = time.monotonic()
    mine, named = part_in(sys.argv[1:])
    with Matrix() as matrix:
        for number, case in enumerate(cases()):
            # All faults of a read stay together: the first of them says whether it is asked.
            if not mine(number // len(FAULTS)) or (named and case.scenario not in named):
                continue
            wrong, asked = matrix.run(case)
            tally["runs"] += asked
            tally["lies"] += bool(wrong)
            for line in wrong:
                print(f"{case}: {line}", flush=True)
    minutes = (time.monotonic() - begun) / 60
    print(f"{tally['runs']} runs, {tally['lies']} with a lie, {minutes:.0f} min")
    return bool(tally["lies"])


if __name__ == "__main__":
    raise SystemExit(main())
