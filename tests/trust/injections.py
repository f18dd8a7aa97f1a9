"""The matrix of no injection: hostile texts in every input, and what comes out in what reads it.

`python tests/trust/injections.py` runs the whole and prints its figures; a number runs each so
many-th, and `--part 1/2` every second.
"""

from __future__ import annotations

import contextlib
import json
import re
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

sys.path.insert(0, str(Path(__file__).parents[1] / "end_to_end"))
sys.path.insert(0, str(Path(__file__).parents[1] / "client"))
sys.path.insert(0, str(Path(__file__).parents[1] / "fleet"))
sys.path.insert(0, str(Path(__file__).parents[1] / "notebooks"))

import given
import hostile
import yaml
from browsers import chromium  # type: ignore[import-not-found]
from fleet_rows import run_of  # type: ignore[import-not-found]
from harness import environment  # type: ignore[import-not-found]
from headers import Responses
from nbconvert.filters.markdown_mistune import markdown2html_mistune
from pasting import Bench
from planting import Plant, in_bucket, planted
from share import part_in

from rumkit.client.csp import evaluate
from rumkit.fleet import exports, notify, page, signals
from rumkit.fleet.plan import FleetTarget
from rumkit.fleet.rows import failed_row, row_of
from rumkit.fleet.targets_file import read_targets
from rumkit.investigation import Investigation
from rumkit.mcp import answers
from rumkit.model import NotCollected, RumkitError
from rumkit.printable import hidden
from rumkit.report_export import page_of, to_junit
from rumkit.runner import evidence_for
from rumkit.runner import run as investigate_run
from rumkit.sandbox.runner import start
from rumkit.show import markdown, screen, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rumkit.client.page import Page
    from rumkit.model import Fix

# What a stranger, or somebody with an account beside this one, can write into AWS's answers.
MEMBERS = (
    "rum:GetAppMonitor AppMonitor.Domain",
    "rum:GetAppMonitor AppMonitor.Name",
    "rum:GetAppMonitor AppMonitor.AppMonitorConfiguration.IdentityPoolId",
    "rum:GetAppMonitor AppMonitor.AppMonitorConfiguration.GuestRoleArn",
    "rum:GetAppMonitor AppMonitor.AppMonitorConfiguration.Telemetries[]",
    "rum:GetAppMonitorData Events[]",
    "rum:GetResourcePolicy PolicyDocument",
    "cognito-identity:DescribeIdentityPool IdentityPoolName",
    "cognito-identity:GetIdentityPoolRoles Roles.unauthenticated",
    "iam:GetRole Role.RoleName",
    "iam:GetRole Role.Path",
    "iam:GetRole Role.AssumeRolePolicyDocument",
    "iam:ListRolePolicies PolicyNames[]",
    "iam:GetRolePolicy PolicyDocument",
    "iam:ListAccountAliases AccountAliases[]",
    "cloudtrail:LookupEvents ",
    "cloudtrail:DescribeTrails trailList[].Name",
    "logs:GetQueryResults ",
)
# Trail sources whose records, rows or answers hold the text, each by what names it.
TRAILS = {
    "bucket": "s3://shop-trail",
    "Athena": "athena:trails.account_trail",
    "Lake": "lake:account-store",
}
# Where the rows of a query's answer stand.
ROWS = {
    "Athena": ("athena:GetQueryResults", "ResultSet.Rows[].Data[].VarCharValue"),
    "Lake": ("cloudtrail:GetQueryResults", ""),
}
SCENARIOS = ("guest-role-permission", "guest-role-trust", "identity-pool", "csp-connect")
KINDS = ("page", "recording", "trail", "case", "policy", "targets", *TRAILS)
# A line of Prometheus' text format: a comment, or a name with labels whose values are quoted.
_METRIC = re.compile(r"#.*|[a-z_]+(?:\{(?:[a-z]+=\"(?:[^\"\\]|\\[\\\"n])*\",?)*\})? -?[0-9.e+-]+")
# What becomes of a configuration's options: each is printed again by some fix.
OPTIONS = ("identityPoolId", "guestRoleArn", "endpoint", "sessionSampleRate")


@dataclass(frozen=True)
class Case:
    """A hostile text (its name) in a kind of input, or in a member of AWS's answers."""

    scenario: str
    where: str
    name: str

    def __str__(self) -> str:
        return f"{self.scenario} · {self.where} · {self.name}"


class Matrix:
    """Runs cases: a sandbox that is kept for those that follow, a browser, and a bench."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._bench = Bench(folder / "bench")
        self._of = ""
        self._number = 0
        self._page: Page | None = None
        self.fixes = 0
        self.pages = 0

    def __enter__(self) -> Self:
        self._stack = contextlib.ExitStack()
        self._sandboxes = self._stack.enter_context(contextlib.ExitStack())
        browser = self._stack.enter_context(chromium())
        self.browser, self.responses = Browser(browser), Responses(browser)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def run(self, case: Case) -> list[str]:
        """Return what is not harmless of all that comes out."""
        if case.where == "targets":
            return self._targets(hostile.TEXTS[case.name])
        if self._of != case.scenario:
            self._sandboxes.close()
            self._sandbox = self._sandboxes.enter_context(start(case.scenario))
            self._of = case.scenario
        try:
            found = self._investigated(case)
        except RumkitError as error:
            return [f"the refusal holds {hidden(str(error))}"] if hidden(str(error)) else []
        every = [fix for each in found.findings for fix in each.fixes]
        self.fixes += len(every)
        told = _texts(found) + [wrong for fix in set(every) for wrong in self._bench.wrong(fix)]
        told += self._policies(fix for fix in set(every) if fix.kind == "csp-header")
        pages = _pages(found, hostile.TEXTS[case.name])
        self.pages += len(pages)
        self._number += 1
        return told + self.browser.wrong(pages)

    def _policies(self, made: Iterable[Fix]) -> list[str]:
        """Return what is not harmless of policies that are printed for the page just looked at."""
        if self._page is None:
            return []
        before = [each.text for each in evaluate(self._page, []).policies]
        site = (urlsplit(self._page.url).hostname or "").removeprefix("www.")
        return [
            f"policy: {wrong}" for fix in made for wrong in self.responses.wrong(fix, before, site)
        ]

    def _targets(self, word: str) -> list[str]:
        """Return what is not harmless of a fleet whose file holds a text in every field."""
        file = self._folder / "fleet.yaml"
        told = []
        for data in _targets_files(word):
            file.write_text(yaml.safe_dump(data, allow_unicode=True), "utf-8", "replace")
            try:
                read_targets(file)
            except RumkitError as error:
                told += [f"the refusal holds {hidden(str(error))}"] if hidden(str(error)) else []
        row = failed_row(FleetTarget(word, word, word, word, page=word, owner=word, error=word),
                         "r", "2026-03-02T09:00:00Z")  # fmt: skip
        pages = {"fleet": page.render(run_of(row), up="")}
        self.pages += len(pages)
        return told + _fleet_texts(row) + self.browser.wrong(pages)

    def _investigated(self, case: Case) -> Investigation:
        self._number += 1
        word, place = hostile.TEXTS[case.name], self._sandbox.installation
        folder = self._folder / f"{self._number}"
        with environment(self._sandbox.environment):
            found, self._page = self._looked_at(case, word, place, folder)
        return found

    def _looked_at(
        self, case: Case, word: str, place: Any, folder: Path
    ) -> tuple[Investigation, Page | None]:
        def look(**named: Any) -> tuple[Investigation, Page | None]:
            evidence = evidence_for(**named)
            evidence.session._retries = {"total_max_attempts": 1}
            found = investigate_run(evidence)
            try:
                return found, evidence.page
            except NotCollected:
                return found, None

        if case.where in {"page", "recording"}:
            made = (
                given.page(folder, word, options=OPTIONS)
                if case.where == "page"
                else given.recording(folder, word)
            )
            return look(**{case.where: str(made)})
        if case.where == "policy":
            return look(page=str(given.policy_page(folder, word)))
        arns = (place.monitor.arn, place.role.arn)
        if case.where == "trail":
            return look(trail=str(given.trail(folder, word, arns, place.pool.id)))
        if case.where == "bucket":
            records = [each for arn in arns for each in given.records(word, arn, place.pool.id)]
            with in_bucket(records):
                return look(trail=TRAILS["bucket"])
        if case.where in ROWS:
            operation, member = ROWS[case.where]
            with planted(Plant(word, operation, member)):
                return look(trail=TRAILS[case.where])
        if case.where == "case":
            found, shown = look()
            saved = given.case(found, word)
            return Investigation.from_dict(json.loads(json.dumps(saved))), shown
        operation, _, member = case.where.partition(" ")
        with planted(Plant(word, operation, member, instead=bool(member))):
            return look(trail="lookup" if "Lookup" in operation else "auto")


def _targets_files(word: str) -> Iterator[dict[str, Any]]:
    """Yield fleets with a text in every field, those that are refused one by one."""
    account = {"name": word, "profile": word, "region": "eu-west-1", "monitors": [word],
               "owner": word, "external_id": word, "tags": {word: word}}  # fmt: skip
    monitor = {"monitor": word, "account": word, "page": word, "owner": word}
    accepted = {"check": "xray-cors", "monitor": word, "reason": word}
    yield {"accounts": [account], "monitors": [monitor], "accepted": [accepted]}
    for name in ("regions", "role", "session_name", "organization", word):
        yield {"accounts": [{"name": "prod", name: word}]}
    for name in ("region", "traffic", "trail", word):
        yield {"monitors": [{"monitor": "shop", name: word}]}
    for name in ("check", "until", word):
        yield {"accepted": [{"check": "xray-cors", "reason": "x", name: word}]}
    for name in ("since", "trail", word):
        yield {"defaults": {name: word}}
    yield {word: word}


def _texts(found: Investigation) -> list[str]:
    """Return what is wrong with the forms that are read as text, or by a parser."""
    told = []
    lines = {
        "terminal": screen.render(found, evidence=True),
        "whole text": text.render(found),
        "Markdown": markdown.render(found),
        "agent": answers.read_aloud(found),
    }
    told += [f"{name} holds {hidden(made)}" for name, made in lines.items() if hidden(made)]
    json.loads(found.to_json())
    try:
        ET.fromstring(to_junit(found, name="x"))
    except ET.ParseError as error:
        told.append(f"JUnit: {error}")
    return told + _fleet_texts(_row(found))


def _fleet_texts(row: Any) -> list[str]:
    """Return what is wrong with what a fleet's run tells, keeps and exports of a row."""
    run = run_of(row)
    lines = {
        "notification": notify.message(run, [row], "https://reports.example/"),
        "fleet's Markdown": exports.to_markdown(run),
        "metrics": signals.prometheus(run),
    }
    told = [f"the {name} holds {hidden(made)}" for name, made in lines.items() if hidden(made)]
    json.loads(exports.to_json(run))
    json.loads(signals.embedded(run))
    try:
        ET.fromstring(exports.to_junit(run))
    except ET.ParseError as error:
        told.append(f"the fleet's JUnit: {error}")
    strange = [each for each in lines["metrics"].splitlines() if not _METRIC.fullmatch(each)]
    return told + [f"no line of metrics: {each[:60]}" for each in strange]


def _row(found: Investigation, word: str = "") -> Any:
    names = (word or "prod", word, word or "eu-west-1", word or "shop-web")
    target = FleetTarget(*names, page=word, owner=word)
    made = row_of(target, found, (), run="20260302T090000Z-aaaaaa", time="2026-03-02T09:00:00Z",
                  seconds=1.0)  # fmt: skip
    return replace(made, change="new")


def _pages(found: Investigation, word: str) -> dict[str, str]:
    """Return the forms that a browser shows: as a file, trusted in a notebook, as Markdown."""
    row = _row(found, word)
    return {
        "page": page_of(found),
        "notebook": found._repr_mimebundle_()["text/html"],
        "Markdown": markdown2html_mistune(markdown.render(found)),
        "fleet": page.render(run_of(row), up=""),
    }


class Browser:
    """Shows pages in Chromium; what they start, ask for or say is told."""

    def __init__(self, browser: Any) -> None:
        self._heard: list[str] = []
        self._page = browser.new_context().new_page()
        self._page.expose_function("canary", lambda *_: self._heard.append("the canary was called"))
        self._page.context.route("**/*", self._answer)
        self._page.on("dialog", self._dismiss)
        self._shown = ""

    def wrong(self, pages: dict[str, str]) -> list[str]:
        """Show each page, move over all of it, and return what happened."""
        told = []
        for name, made in pages.items():
            self._heard.clear()
            self._shown = made.encode("utf-8", "replace").decode()
            self._page.goto("http://shown.invalid/", wait_until="load")
            links = self._page.evaluate(_LOOK)
            told += [f"{name}: {each}" for each in (*dict.fromkeys(self._heard), *links)]
        return told

    def _answer(self, route: Any) -> None:
        if route.request.url == "http://shown.invalid/":
            route.fulfill(status=200, content_type="text/html; charset=utf-8", body=self._shown)
            return
        if not route.request.url.endswith("favicon.ico"):
            self._heard.append(f"asks for {route.request.url[:80]}")
        route.abort()

    def _dismiss(self, dialog: Any) -> None:
        self._heard.append("a dialog")
        dialog.dismiss()


# Opens what is folded, moves over and into everything, and names links that run or lead away.
_LOOK = """async () => {
  const every = [...document.querySelectorAll('body *')];
  for (const each of every) {
    if (each.tagName === 'DETAILS') each.open = true;
    for (const kind of ['mouseover', 'focus', 'error', 'load', 'toggle'])
      if (each.getAttribute('on' + kind)) each.dispatchEvent(new Event(kind));
  }
  await new Promise(done => setTimeout(done, 30));
  return every.filter(each => /^(javascript|vbscript|data:text)/i.test((each.href || '').trim()))
    .map(each => 'a link to ' + each.href.slice(0, 60));
}"""


def cases() -> Iterator[Case]:
    """Yield the whole matrix: every text over the first scenario, a third over each other."""
    for number, scenario in enumerate(SCENARIOS):
        names = sorted(hostile.TEXTS)[number - 1 :: 3] if number else sorted(hostile.TEXTS)
        for where in (*KINDS, *MEMBERS):
            if where in {"page", "recording", "policy", "targets"} and number:
                continue
            yield from (Case(scenario, where, name) for name in names)


def main() -> int:
    """Run the whole, or each so many-th, and print its figures."""
    tally: Counter[str] = Counter()
    begun = time.monotonic()
    mine, words = part_in(sys.argv[1:])
    every = int(words[0]) if words else 1
    with tempfile.TemporaryDirectory() as folder, Matrix(Path(folder)) as matrix:
        for number, case in enumerate(list(cases())[::every]):
            if not mine(number):
                continue
            wrong = matrix.run(case)
            tally["runs"] += 1
            tally["wrong"] += bool(wrong)
            if wrong:
                print(f"{case}: {'; '.join(dict.fromkeys(wrong))}", flush=True)
        minutes = (time.monotonic() - begun) / 60
        print(f"no injection: {tally['runs']} runs, {matrix.fixes} fixes pasted,"
              f" {matrix.pages} pages and {matrix.responses.shown} policies shown:"
              f" {tally['wrong']} not harmless, {minutes:.0f} min")  # fmt: skip
    return bool(tally["wrong"])


if __name__ == "__main__":
    raise SystemExit(main())
