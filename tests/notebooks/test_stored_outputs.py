"""Every notebook, run again, displays what it has stored (nbval)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from renew import surroundings

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))

pytestmark = pytest.mark.notebooks


def compare(path: Path) -> subprocess.CompletedProcess[str]:
    """Run a notebook under nbval in a process of its own, offline and without widgets."""
    return subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "--nbval", "--nbval-current-env"),
            f"--nbval-sanitize-with={Path(__file__).with_name('sanitize.cfg')}",
            *("-p", "no:cacheprovider", "-o", "addopts=", "--nbval-cell-timeout=60", str(path)),
        ],
        cwd=path.parent,
        env=surroundings(),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_displays_what_it_has_stored(path: Path) -> None:
    done = compare(path)
    assert done.returncode == 0, done.stdout[-4000:]


def test_a_changed_finding_is_noticed(tmp_path: Path) -> None:
    stored = (FOLDER / "returns_403.ipynb").read_text(encoding="utf-8")
    made = json.loads(stored.replace("guest-role-permission (broken)", "signing (broken)"))
    changed = tmp_path / "changed.ipynb"
    changed.write_text(json.dumps(made), encoding="utf-8")
    done = compare(changed)
    assert done.returncode == 1, done.stdout[-4000:]
    assert "guest-role-permission (broken)" in done.stdout


def live() -> dict[str, str]:
    """Return the surroundings of a person's own kernel: with widgets."""
    return {name: value for name, value in surroundings().items() if name != "RUMKIT_HEADLESS"}


@pytest.mark.parametrize("name", ["returns_403", "token_vending"])
def test_plain_nbval_with_widgets_passes_too(name: str) -> None:
    plain = [sys.executable, "-m", "pytest", "-q", "--nbval", "-o", "addopts="]
    done = subprocess.run(
        [*plain, "-p", "no:cacheprovider", str(FOLDER / f"{name}.ipynb")],
        cwd=FOLDER, env=live(), capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:]


def test_nbconvert_runs_a_notebook_with_widgets_and_ends(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute"),
            *("--output-dir", str(tmp_path), str(FOLDER / "token_vending.ipynb")),
        ],
        cwd=FOLDER,
        env=live(),
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    made = (tmp_path / "token_vending.ipynb").read_text(encoding="utf-8")
    assert "guest-role-trust" in made
