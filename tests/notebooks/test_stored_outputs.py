"""Every notebook, run again, displays what it has stored (nbval)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from renew import surroundings

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
WITH_WIDGETS = [FOLDER / "returns_403.ipynb", FOLDER / "token_vending.ipynb"]
Differences = dict[str, list[str]]
CAREFUL = (
    "--nbval-current-env",
    f"--nbval-sanitize-with={Path(__file__).with_name('sanitize.cfg')}",
    "--nbval-cell-timeout=60",
)

pytestmark = [
    pytest.mark.notebooks,
    # One process of nbval runs them all, each in a kernel of its own.
    pytest.mark.xdist_group("nbval"),
    pytest.mark.timeout(1200),
]


def compare(folder: Path, paths: list[Path], env: dict[str, str], *options: str) -> Differences:
    """Run notebooks under nbval; return what differs, cell by cell, by the notebook's name."""
    report = folder / "report.xml"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "--nbval", "-o", "addopts="),
            *("-p", "no:cacheprovider", f"--junitxml={report}", *options, *map(str, paths)),
        ],
        cwd=FOLDER,
        env=env,
        capture_output=True,
        text=True,
        timeout=1100,
        check=False,
    )
    assert done.returncode in {0, 1}, done.stdout[-4000:]
    found: Differences = {path.stem: [] for path in paths}
    ran = set()
    for case in ET.parse(report).iter("testcase"):
        name = case.attrib["classname"].removesuffix(".ipynb").rpartition(".")[2]
        ran.add(name)
        found[name] += [each.text or each.tag for each in case if each.tag in {"failure", "error"}]
    assert ran == found.keys()
    return found


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Differences:
    """Return what every notebook, and one with a changed finding, displays otherwise."""
    folder = tmp_path_factory.mktemp("stored")
    made = (FOLDER / "returns_403.ipynb").read_text(encoding="utf-8")
    changed = folder / "changed.ipynb"
    changed.write_text(
        json.dumps(json.loads(made.replace("guest-role-permission (broken)", "signing (broken)"))),
        encoding="utf-8",
    )
    # A file outside of the root would have no name in the report.
    root = (f"--config-file={FOLDER.parent / 'pyproject.toml'}", "--rootdir=/")
    return compare(folder, [*NOTEBOOKS, changed], surroundings(), *CAREFUL, *root)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_displays_what_it_has_stored(path: Path, stored: Differences) -> None:
    assert stored[path.stem] == []


def test_a_changed_finding_is_noticed(stored: Differences) -> None:
    assert "guest-role-permission (broken)" in "".join(stored["changed"])


def live() -> dict[str, str]:
    """Return the surroundings of a person's own kernel: with widgets."""
    return {name: value for name, value in surroundings().items() if name != "RUMKIT_HEADLESS"}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Differences:
    """Return what notebooks with widgets display otherwise, without any option of ours."""
    return compare(tmp_path_factory.mktemp("plain"), WITH_WIDGETS, live())


@pytest.mark.parametrize("name", [path.stem for path in WITH_WIDGETS])
def test_plain_nbval_with_widgets_passes_too(name: str, plain: Differences) -> None:
    assert plain[name] == []


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
