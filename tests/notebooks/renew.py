"""Run the notebooks with their defaults and store what they display; `make notebooks` calls it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import nbformat
from papermill import execute_notebook

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


def renew(path: Path) -> None:
    """Run one notebook and store its outputs, without what varies from run to run."""
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
        tags = cell.metadata.get("tags")
        cell.metadata = {"tags": tags} if tags else {}
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
