"""Run the notebooks with their defaults and store what they display; `make notebooks` calls it."""

from __future__ import annotations

import os
import re
import sys
import textwrap
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
from papermill import execute_notebook

from rumkit.inputs import of_notebooks
from rumkit.report_engine import ENGINE

ROOT = Path(__file__).parents[2]
_SECONDS = 120.0


def surroundings() -> dict[str, str]:
    """Return an environment in which nothing but the notebook decides what is looked at."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("RUMKIT_", "AWS_", "BOTO"))
    }
    here = os.pathsep.join(filter(None, (str(ROOT), kept.get("PYTHONPATH"))))
    return kept | {
        "RUMKIT_HEADLESS": "1",
        "MPLBACKEND": "agg",
        "PYTHONPATH": here,
        # Not even a profile of the machine's own may be seen.
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def with_inputs(path: Path) -> None:
    """Write the cells of parameters and of the choice as `rumkit.inputs` describes them."""
    made = nbformat.read(path, as_version=4)
    cells = [cell for cell in made.cells if cell.cell_type == "code"]
    if "parameters" not in cells[0].metadata.get("tags", []) or "choose(" not in cells[1].source:
        return
    practice = re.search(r'^sandbox: str = "([^"]*)"', cells[0].source, re.MULTILINE)
    known = of_notebooks()
    defaults = {"sandbox": practice[1] if practice else ""}
    cells[0].source = "\n".join(
        replace(each, default=defaults.get(each.name, each.default)).parameter for each in known
    )
    given = textwrap.fill(
        ", ".join(f"{each.name}={each.name}" for each in known), 92,
        initial_indent="    ", subsequent_indent="    ",
    )  # fmt: skip
    cells[1].source = f"import rumkit\n\nchoice = rumkit.choose(\n{given},\n)\nchoice"
    for cell in cells[:2]:
        # The answer stands on the first screen; what it was asked with unfolds.
        cell.metadata["jupyter"] = {"source_hidden": True}
    nbformat.write(made, path)


def renew(path: Path) -> None:
    """Run one notebook and store its outputs, without what varies from run to run."""
    with_inputs(path)
    made = execute_notebook(
        str(path),
        None,
        engine_name=ENGINE,
        progress_bar=False,
        seconds=_SECONDS,
        env=surroundings(),
        cwd=str(path.parent),
    )
    nbformat.write(stable(made), path)


def stable(notebook: Any) -> Any:
    """Return a notebook without timings, versions and the traces of its run."""
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for cell in notebook.cells:
        kept = {
            name: cell.metadata[name] for name in ("tags", "jupyter") if cell.metadata.get(name)
        }
        cell.metadata = kept
        if cell.cell_type == "code":
            cell.outputs = _joined(cell.outputs)
    return notebook


def _joined(outputs: list[Any]) -> list[Any]:
    """Return the outputs with the pieces of a stream, cut by chance, put together."""
    found: list[Any] = []
    for output in outputs:
        last = found[-1] if found else {}
        if output.output_type == "stream" and last.get("name") == output.name:
            last["text"] += output.text
        else:
            found.append(output)
    return found


def main(names: list[str]) -> int:
    """Renew the named notebooks, or all."""
    folders = (ROOT / "notebooks", ROOT / "notebooks" / "training")
    every = [path for folder in folders for path in sorted(folder.glob("*.ipynb"))]
    paths = [Path(name).resolve() for name in names] or every
    for path in paths:
        sys.stdout.write(f"{path.relative_to(ROOT)}\n")
        renew(path)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
