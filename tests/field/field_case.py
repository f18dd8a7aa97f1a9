"""A report of the field, rebuilt: what was given to rumkit, and the right answer to it.

The inputs are written in words of our own with ids that are made up; `report` says where people
described such a fault. The answer was decided by reading the report.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from har_builder import console, storage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from har_builder import Har

    from rumkit.model import Finding

# The answer to a page that starts its client well: nothing is wrong, and nothing arrived.
QUIET: dict[str, object] = {
    "verdict": "unproven", "root": (None,), "find": {"snippet-present": "pass|unknown"},
    "never": ("cannot start", "as the first script"),
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """Inputs, and what is allowed as the answer.

    `page` is the text of the file `page_name`, `headers` the lines of its response headers beside
    it; `source` and `source_name` likewise; `files` lie in the same folder, and `given` names
    those that are arguments of their own; `plain` are arguments as they are. `find` names a
    check's allowed statuses as `fail|warn`, `path` a hop's allowed conditions. `says` must occur
    in what is no pass, `never` nowhere at all; both are regular expressions. `wrong` are values
    that no fix may hold.
    """

    name: str
    report: str
    page: str = ""
    page_name: str = "page.html"
    headers: str = ""
    source: str = ""
    source_name: str = "rum.ts"
    files: Mapping[str, str | bytes] = field(default_factory=dict)
    har: Callable[[], Har] | None = None
    console: tuple[str, ...] = ()
    storage: Mapping[str, Any] = field(default_factory=dict)
    verdict: str = ""
    root: tuple[str | None, ...] | None = None
    given: Mapping[str, str] = field(default_factory=dict)
    plain: Mapping[str, str] = field(default_factory=dict)
    find: Mapping[str, str] = field(default_factory=dict)
    path: Mapping[str, str] = field(default_factory=dict)
    says: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()

    def write(self, folder: Path) -> dict[str, str]:
        """Write the inputs into a folder; return the arguments of `rumkit.investigate`."""
        arguments = {}
        for name, text in self.files.items():
            place = folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(text.encode() if isinstance(text, str) else text)
        for what, name, text in (
            ("page", self.page_name, self.page),
            ("source", self.source_name, self.source),
        ):
            if text:
                place = folder / name
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_text(text, encoding="utf-8", newline="")
                arguments[what] = str(place)
        arguments |= {what: str(folder / name) for what, name in self.given.items()} | self.plain
        if self.headers:
            (folder / f"{self.page_name}.headers").write_text(self.headers, encoding="utf-8")
        if self.har:
            arguments["recording"] = str(self.har().write(folder))
        if self.console:
            console(folder, *self.console)
        if self.storage:
            storage(folder, **self.storage)
        return arguments


def wrong_answers(case: Case, result: dict[str, Any]) -> Iterator[str]:
    """Yield in what an investigation's answer differs from the right one."""
    if case.verdict and result["verdict"] not in case.verdict.split("|"):
        yield f"the verdict is {result['verdict']}, not {case.verdict}"
    if case.root is not None and result["root_cause"] not in case.root:
        yield f"the root cause is {result['root_cause']}, not {case.root}"
    statuses = {each["check"]: each["status"] for each in result["findings"]}
    conditions = {each["hop"]: each["condition"] for each in result["path"]}
    for got, allowed in ((statuses, case.find), (conditions, case.path)):
        for name, words in allowed.items():
            if got[name] not in words.split("|"):
                yield f"{name} is {got[name]!r}, not {words}"
    yield from _wrong_words(case, result["findings"])


def _wrong_words(case: Case, findings: list[dict[str, Any]]) -> Iterator[str]:
    everything = "\n".join(map(_text, findings))
    loud = "\n".join(_text(each) for each in findings if each["status"] != "pass")
    yield from (f"nothing says /{words}/" for words in case.says if not re.search(words, loud))
    for words in case.never:
        if found := re.search(words, everything):
            yield f"it says {found[0]!r}"
    fixes = "\n".join(fix["text"] for each in findings for fix in each["fixes"])
    yield from (f"a fix holds {value!r}" for value in case.wrong if value in fixes)


_BLANK = re.compile(
    r"APP_MONITOR_ID|APPLICATION_ID|MONITOR_NAME\b|YOUR_|\bXXXX|<(?!script|meta)[a-z][a-z -]+>"
    r"|'undefined'|\{\{|\bNone\b"
)


def faults_of_any(findings: tuple[Finding, ...]) -> Iterator[str]:
    """Yield what no answer may have, whatever was asked."""
    for found in findings:
        if "rumkit:defect" in found.missing or "rumkit itself failed" in found.summary:
            yield f"{found.check} failed: {found.summary}"
        if found.status in {"fail", "warn"} and not found.fixes:
            yield f"{found.check} {found.status}s without a fix: {found.summary}"
        for fix in found.fixes:
            if fix.kind != "advice" and _BLANK.search(fix.text):
                yield f"{found.check} gives a blank form: {fix.text[:200]}"
        if repeated := _repeated(found.summary):
            yield f"{found.check} says twice: {repeated}"
        if broken := _CLUMSY.search(found.summary):
            yield f"{found.check} is not written well at {broken[0]!r}: {found.summary}"


_CLUMSY = re.compile(
    r"\b(?:None(?! of)|True|False)\b|(?<!\.)\.\.(?!\.)|  | [,;]|(?<! )\s\.(?=\s|$)|;\."
)


def _repeated(summary: str) -> str:
    """Return seven words in a row that a summary holds twice; empty when none are."""
    words = summary.split()
    runs = [" ".join(words[at : at + 7]) for at in range(len(words) - 6)]
    return next((run for run in runs if runs.count(run) > 1), "")


def _text(finding: dict[str, Any]) -> str:
    return "\n".join(map(str, (finding["summary"], finding["fixes"], finding["evidence"])))


def console_case(name: str, report: str, *lines: str, **more: object) -> Case:
    """Return a case of a console log alone, as lines."""
    return Case(
        name,
        report,
        files={"console.txt": "\n".join(lines) + "\n"},
        given={"console": "console.txt"},
        **more,  # type: ignore[arg-type]
    )


def har_case(name: str, report: str, har: Callable[[], Har], **more: object) -> Case:
    """Return a case of a recording alone."""
    return Case(name, report, har=har, **more)  # type: ignore[arg-type]
