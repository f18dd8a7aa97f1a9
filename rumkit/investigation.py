"""The result of an investigation: findings, path, root cause, verdict; JSON in and out."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from rumkit import drawing
from rumkit.model import (
    DEFECT,
    DEFECT_CODE,
    BadInput,
    Condition,
    Finding,
    Fix,
    Hop,
    HopState,
    Origin,
    Proof,
    Question,
    Section,
    Status,
    Table,
    Tried,
    Verdict,
    Witness,
    WitnessAnswer,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

SCHEMA = 1
MIME_TYPE = "application/vnd.rumkit.investigation+json"
# Far deeper than any is; what goes into it level by level would end deeper down.
_DEEPEST = 200


@dataclass(frozen=True)
class Missing:
    """A fact that could not be collected, why, and what would make it collectable."""

    fact: str
    reason: str
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Onset:
    """Since when it is bad, and the configuration changes before that, nearest first.

    `what` is `arrival` (it stopped or fell) or `denials` (they began or rose), `direction` says
    which; it is `change` where neither shows anything yet, and a change was made since the last
    event. Moments are ISO 8601 text; it began between `earliest` and `latest` with a probability
    of 95 %. A change has `time`, `name`, `changed`, `resource`, `principal`, `event_id` and
    `lead_seconds`, how long it came before `when` (after it, when negative), and
    `bears_on_cause`, whether it changed what the root cause is about.
    """

    what: str
    direction: str
    when: str
    earliest: str
    latest: str
    note: str = ""
    changes: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Investigation:
    """All that was found. It draws itself in a notebook and in a terminal.

    Its DataFrames have fixed columns and dtypes, which `rumkit.columns(name)` explains.

    `target` says what was looked at: the inputs of `rumkit.inputs` as they were understood, with
    `account`, and `sandbox` where that is the source; all text. `tables` holds the rows behind the
    DataFrames, by the names of `rumkit.frames.TABLES`, `origins` where these come from. `onset`
    says since when it is bad, None when nothing is or it cannot be told.
    """

    target: Mapping[str, Any]
    verdict: Verdict
    root_cause: str | None
    path: tuple[HopState, ...]
    findings: tuple[Finding, ...]
    not_collected: tuple[Missing, ...] = ()
    tables: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)
    onset: Onset | None = None
    origins: Mapping[str, Origin] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """Return the verdict's exit code, or 4 where a defect kept a check from deciding."""
        defect = any(DEFECT in each.missing for each in self.findings)
        left_open = defect and self.verdict is not Verdict.BROKEN
        return DEFECT_CODE if left_open else self.verdict.exit_code

    def finding(self, check: str) -> Finding:
        """Return the finding of one check. Raises BadInput for a name that no check has."""
        for finding in self.findings:
            if finding.check == check:
                return finding
        names = ", ".join(finding.check for finding in self.findings)
        raise BadInput(f"There is no check {check!r}; the checks are {names}.")

    @property
    def cause(self) -> Finding | None:
        """Return the root cause's finding, or None."""
        return self.finding(self.root_cause) if self.root_cause else None

    @property
    def checks(self) -> pd.DataFrame:
        """Return the findings, a row each, in the order of the path."""
        from rumkit.frames import TABLES, typed

        rows = [
            {name: getattr(finding, name) for name in TABLES["checks"]} for finding in self.findings
        ]
        return typed(TABLES["checks"], rows)

    @property
    def denied_put_events(self) -> pd.DataFrame:
        """Return denied PutRumEvents calls, a row each."""
        return self._frame("denied_put_events")

    @property
    def token_failures(self) -> pd.DataFrame:
        """Return failed STS and Cognito calls, a row each."""
        return self._frame("token_failures")

    @property
    def changes(self) -> pd.DataFrame:
        """Return configuration changes, a row each."""
        return self._frame("changes")

    @property
    def arrival(self) -> pd.DataFrame:
        """Return events accepted per period, with the site's requests where these were named."""
        return self._frame("arrival")

    @property
    def sessions(self) -> pd.DataFrame:
        """Return how many sessions recorded how many events."""
        return self._frame("sessions")

    @property
    def budget(self) -> pd.DataFrame:
        """Return a page of stored events by their type: what eats a session's limit."""
        return self._frame("budget")

    @property
    def client_versions(self) -> pd.DataFrame:
        """Return events and sessions of a page of stored events by the client's version."""
        return self._frame("client_versions")

    @property
    def traces(self) -> pd.DataFrame:
        """Return the client's newest traces, and whether a server joined them."""
        return self._frame("traces")

    def _frame(self, name: str) -> pd.DataFrame:
        from rumkit.frames import frame, with_origin

        made = frame(name, self.tables.get(name, ()))
        return with_origin(made, self.origins.get(name) or self._unknown_origin())

    def _unknown_origin(self) -> Origin:
        """Return the origin of a table of an older file, which does not hold it."""
        since, until = (str(self.target.get(name) or "") for name in ("since", "until"))
        return Origin("", since, until, reason="The saved investigation does not say.")

    def code(self, name: str) -> Shown:
        """Return a finding or a table as code: the Python line, the exact query, its command.

        It draws itself; `str` of it is the text. Raises BadInput for another name.
        """
        return drawing().code(self, name)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object that `rumkit investigate --json` prints."""
        return {
            "schema": SCHEMA,
            "target": dict(self.target),
            "verdict": str(self.verdict),
            "root_cause": self.root_cause,
            "path": [_plain(asdict(state)) for state in self.path],
            "findings": [_plain(asdict(finding)) for finding in self.findings],
            "not_collected": [_plain(asdict(gap)) for gap in self.not_collected],
            "tables": {name: [dict(row) for row in rows] for name, rows in self.tables.items()},
            "onset": _plain(asdict(self.onset)) if self.onset else None,
            "origins": {name: _plain(asdict(origin)) for name, origin in self.origins.items()},
        }

    def to_json(self) -> str:
        """Return `to_dict` as indented JSON."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False)

    @staticmethod
    def from_dict(data: Mapping[str, Any]) -> Investigation:
        """Read what `to_dict` wrote. Raises BadInput for another schema or shape."""
        if data.get("schema") != SCHEMA:
            raise BadInput(
                f"This rumkit reads schema {SCHEMA}; the object says {data.get('schema')!r}."
            )
        if _too_deep(data):
            raise BadInput("The object is not an investigation: it is nested too deeply.")
        try:
            return _read(data)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BadInput(f"The object is not an investigation: {error!r}.") from None

    def __str__(self) -> str:
        return drawing().text(self)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        drawn = drawing()
        return {
            "text/plain": drawn.text(self),
            "text/html": drawn.html(self),
            MIME_TYPE: self.to_dict(),
        }


class Shown(Protocol):
    """What displays itself in a notebook; `str` of it is its text."""

    @property
    def html(self) -> str:
        """Return it as HTML."""

    @property
    def text(self) -> str:
        """Return it as text."""


class Drawing(Protocol):
    """What draws investigations."""

    def text(self, investigation: Investigation, /) -> str:
        """Return an investigation as text for a terminal."""

    def html(self, investigation: Investigation, /) -> str:
        """Return an investigation as HTML."""

    def code(self, investigation: Investigation, name: str, /) -> Shown:
        """Return a table or a check's finding as code. Raises BadInput for another name."""


def _plain(value: Any) -> Any:
    """Turn tuples into lists and enumerations into their text, deeply."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return str(value)


def _too_deep(data: Mapping[str, Any]) -> bool:
    level: list[Any] = [data]
    for _ in range(_DEEPEST):
        level = [
            item
            for each in level
            if isinstance(each, dict | list | tuple)
            for item in (each.values() if isinstance(each, dict) else each)
        ]
    return bool(level)


def _read(data: Mapping[str, Any]) -> Investigation:
    return Investigation(
        target=dict(data["target"]),
        verdict=Verdict(data["verdict"]),
        root_cause=data["root_cause"],
        path=tuple(map(_read_step, data["path"])),
        findings=tuple(_read_finding(item) for item in data["findings"]),
        not_collected=tuple(
            Missing(gap["fact"], gap["reason"], tuple(gap["missing"]))
            for gap in data["not_collected"]
        ),
        tables={name: tuple(rows) for name, rows in data.get("tables", {}).items()},
        onset=_read_onset(data.get("onset")),
        origins={name: _read_origin(item) for name, item in data.get("origins", {}).items()},
    )


def _read_origin(item: Mapping[str, Any]) -> Origin:
    asked = (
        Question(**{**each, "words": tuple(each["words"]), "kinds": tuple(each["kinds"])})
        for each in item["asked"]
    )
    return Origin(**{**item, "asked": tuple(asked)})


def _read_step(step: Mapping[str, Any]) -> HopState:
    condition = Condition(step.get("condition", Condition.NOT_LOOKED_AT))
    return HopState(Hop(step["hop"]), Status(step["status"]), condition)


def _read_answer(item: Mapping[str, Any]) -> WitnessAnswer:
    return WitnessAnswer(
        Witness(item["witness"]),
        Status(item["status"]),
        item["summary"],
        bool(item["certain"]),
        item["moment"],
    )


def _read_onset(item: Mapping[str, Any] | None) -> Onset | None:
    if item is None:
        return None
    changes = tuple(dict(change) for change in item["changes"])
    return Onset(**{**item, "changes": changes})


def _read_finding(item: Mapping[str, Any]) -> Finding:
    return Finding(
        check=item["check"],
        hop=Hop(item["hop"]),
        section=Section(item["section"]),
        status=Status(item["status"]),
        title=item["title"],
        summary=item["summary"],
        evidence=tuple(_read_proof(proof) for proof in item["evidence"]),
        fixes=tuple(map(_read_fix, item["fixes"])),
        docs=tuple(item["docs"]),
        missing=tuple(item.get("missing", ())),
        symptom=bool(item.get("symptom")),
        feature=bool(item.get("feature")),
        seen=bool(item.get("seen")),
        certain=bool(item.get("certain", True)),
        answers=tuple(map(_read_answer, item.get("answers", ()))),
    )


def _read_fix(item: Mapping[str, Any]) -> Fix:
    tried = item.get("tried")
    if tried is not None:
        states = {name: Status(tried[name]) for name in ("before", "after", "hop")}
        tried = Tried(**states, next=tried["next"])
    return Fix(**{**item, "tried": tried})


def _read_proof(proof: Mapping[str, Any]) -> Proof:
    table = proof["table"]
    return Proof(
        source=proof["source"],
        values=proof["values"],
        parameters=proof["parameters"],
        since=proof["since"],
        until=proof["until"],
        table=table and Table(tuple(table["columns"]), tuple(tuple(row) for row in table["rows"])),
    )
