"""Headless runs of the notebooks: parameters checked, time bounded, results written."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rumkit.extras import require
from rumkit.inputs import named_targets, refuse_contradictions
from rumkit.light import without_grammar
from rumkit.model import BadInput, RumkitError, did_you_mean
from rumkit.report_files import Draft, folder_name, set_latest
from rumkit.secret import hide_secrets
from rumkit.target import SURROUNDINGS, iso
from rumkit.temporary import write_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rumkit.investigation import Investigation

# Installed beside this file; in a source checkout beside the package.
_FOLDERS = (Path(__file__).parent / "notebooks", Path(__file__).parent.parent / "notebooks")
_MOST_SECONDS = 86_400.0
_NUMBERED = re.compile(r"\d+_")
_PASSWORD = re.compile(r"://[^/\s:@]{0,200}:[^/\s@]{1,200}@")
_ACCESS_KEY = re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b")


@dataclass(frozen=True)
class Report:
    """A finished run: its files by kind.

    `notebook`, `html`, `json`, `junit`, and `latest` and `latest_html`, whose names stay.
    """

    paths: Mapping[str, Path]
    investigation: Investigation

    @property
    def exit_code(self) -> int:
        """Return the verdict's exit code."""
        return self.investigation.exit_code


def notebook_folder() -> Path:
    """Return the folder of the notebooks. Raises RumkitError where they were not installed."""
    for folder in _FOLDERS:
        if folder.is_dir():
            return folder
    raise RumkitError("The notebooks were not installed with rumkit: install it again.")


def notebooks() -> dict[str, Path]:
    """Return the notebooks that can be run, by name without a leading number."""
    return {_name(path): path for path in sorted(notebook_folder().glob("*.ipynb"))}


def notebook_path(name: str) -> Path:
    """Return the file of a notebook named or given as a path. Raises BadInput."""
    known, given = notebooks(), Path(name)
    stem = _name(given)
    if given.suffix == ".ipynb" and given.is_file():
        return given
    if stem in known and given.parent == Path():
        return known[stem]
    raise BadInput(f"There is no notebook {name!r}{_nearest(stem, known)}")


def _name(notebook: Path) -> str:
    return _NUMBERED.sub("", notebook.stem, count=1)


def parameters_of(notebook: Path) -> dict[str, dict[str, Any]]:
    """Return a notebook's parameters: name to `inferred_type_name`, `default` and `help`."""
    without_grammar()
    from papermill import inspect_notebook

    parameters: dict[str, dict[str, Any]] = inspect_notebook(str(notebook))
    return parameters


def run_report(
    notebook: str = "health_report",
    parameters: Mapping[str, Any] | None = None,
    output_dir: str | Path = "reports",
    *,
    timeout: float = 300.0,
    progress: Callable[[str], None] | None = None,
) -> Report:
    """Run a notebook and write it with its HTML, JSON and JUnit files under `output_dir`.

    `timeout` in seconds bounds the whole run; `progress` is told a line at a time. Raises
    BadInput for a notebook or parameter that does not exist and for what the notebook itself
    rejects; RumkitError when the run fails or takes too long.
    """
    require("notebooks", "a report")
    if not 0 < timeout <= _MOST_SECONDS:
        raise BadInput(
            f"The time-out must be more than 0 s and at most {_MOST_SECONDS:g} s;"
            f" it is {timeout!r}."
        )
    tell = progress or (lambda _: None)
    source = notebook_path(notebook)
    known = parameters_of(source)
    if source == notebooks().get("fleet"):
        raise BadInput(
            f"The notebook {source.stem} looks at no installation, so there is no report of it:"
            " open it in JupyterLab, or run it with papermill."
        )
    given = _checked(dict(parameters or {}), known, source.stem)
    folder = Path(output_dir) / _name(source)
    draft = Draft(folder)
    try:
        executed = _execute(source, draft, given, timeout=timeout, progress=tell)
        tell("writing the report")
        return _write(executed, draft, str(given.get("sandbox") or ""))
    except OSError as error:
        raise RumkitError(
            f"The report can't be written to {folder}: {error.strerror or error}."
        ) from None
    finally:
        draft.dropped()


def _checked(
    given: dict[str, Any], known: Mapping[str, Mapping[str, Any]], name: str
) -> dict[str, Any]:
    """Return parameters of the notebook's types; an identifier stays text."""
    for parameter in given:
        if parameter not in known:
            raise BadInput(
                f"The notebook {name} has no parameter {parameter!r}{_nearest(parameter, known)}"
            )
    refuse_contradictions(given)
    # The sandbox of the default steps aside for a target of one's own.
    if named_targets(given) and given.get("sandbox") is None:
        given |= {"sandbox": ""} if "sandbox" in known else {}
    return {
        parameter: _typed(parameter, value, str(known[parameter]["inferred_type_name"]))
        for parameter, value in given.items()
    }


def _typed(name: str, value: Any, kind: str) -> Any:
    if _ACCESS_KEY.search(str(value)):
        raise BadInput(
            f"The parameter {name} holds an access key, which the report would keep: "
            "name a profile instead."
        )
    if _PASSWORD.search(str(value)):
        raise BadInput(
            f"The address in the parameter {name} holds a password, which the report would keep."
        )
    if hide_secrets(str(value)) != str(value):
        raise BadInput(
            f"The parameter {name} holds a secret, such as a token in an address, which the report"
            " would keep: leave it out, or use rumkit investigate, which keeps none."
        )
    if kind == "bool":
        words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
        if str(value).lower() not in words:
            raise BadInput(f"The parameter {name} is true or false; it is {value!r}.")
        return words[str(value).lower()]
    return str(value)


def _nearest(name: str, known: Mapping[str, Any]) -> str:
    return f"{did_you_mean(name, known) or ';'} It knows {', '.join(known) or 'none'}."


def _execute(
    source: Path,
    draft: Draft,
    parameters: Mapping[str, Any],
    *,
    timeout: float,
    progress: Callable[[str], None],
) -> Any:
    from papermill.exceptions import PapermillExecutionError

    from rumkit.report_engine import ENGINE

    progress(f"running {source.stem}")
    options = {"seconds": timeout, "on_progress": progress, "env": environment(parameters)}
    try:
        return execute(source, draft.path, parameters, engine=ENGINE, **options)
    except PapermillExecutionError as error:
        raise _failed(error, draft) from None


def execute(
    source: Path, output: Path, parameters: Mapping[str, Any], *, engine: str, **options: Any
) -> Any:
    """Return a notebook executed by papermill with an engine of ours, which takes the options.

    Raises papermill's PapermillExecutionError, and what the engine raises.
    """
    from papermill import execute_notebook

    # papermill takes braces in a path for the names of parameters.
    plain = [str(path).replace("{", "{{").replace("}", "}}") for path in (source, output)]
    return execute_notebook(
        *plain,
        parameters=dict(parameters),
        engine_name=engine,
        progress_bar=False,
        # It would be written whole at the beginning and the end of each cell.
        request_save_on_cell_execute=False,
        **options,
    )


def environment(parameters: Mapping[str, Any]) -> dict[str, str]:
    """Return the kernel's surroundings; a sandbox that was asked for wins over a target there."""
    names = dict(os.environ) | {"RUMKIT_HEADLESS": "1", "MPLBACKEND": "agg"}
    if parameters.get("sandbox"):
        for name in SURROUNDINGS:
            names.pop(name, None)
    return names


def _failed(error: Any, draft: Draft) -> RumkitError:
    if error.ename in ("BadInput", "rumkit.model.BadInput"):
        return BadInput(str(error.evalue))
    kept = draft.failed()
    return RumkitError(
        f"Cell {error.cell_index + 1} of {kept.name} ended with {error.ename}: {error.evalue} "
        f"(the notebook is kept as {kept})."
    )


def _write(executed: Any, draft: Draft, scenario: str) -> Report:
    from rumkit import report_export as export

    result = export.investigation_of(executed)
    made = iso(datetime.now(UTC))
    # What can fail is made before anything gets a report's name.
    page = export.to_html(executed, result, made=made)
    folder = draft.folder / folder_name(result, scenario)
    notebook = draft.finished(folder)
    paths = {"notebook": notebook}
    texts = {
        "html": (".html", page),
        "json": (".json", result.to_json() + "\n"),
        "junit": (".xml", export.to_junit(result, name=f"{draft.folder.name}.{folder.name}")),
    }
    for kind, (ending, text) in texts.items():
        paths[kind] = notebook.with_suffix(ending)
        write_whole(paths[kind], text)
    names = {kind: path.name for kind, path in paths.items()}
    summary = export.summary(result, names, notebook.stem, made=made)
    return Report(paths | set_latest(folder, paths["html"], summary), result)
