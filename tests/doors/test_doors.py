"""Each way to install rumkit, from its wheel into a fresh environment, used outside of here."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
HAR = {"log": {"version": "1.2", "creator": {"name": "x", "version": "1"}, "pages": [],
               "entries": []}}  # fmt: skip
# pandas and numpy alone are 100 of these.
MOST_PACKAGES, MOST_MEGABYTES = 25, 160

pytestmark = [pytest.mark.xdist_group("doors"), pytest.mark.timeout(600)]


class Door:
    """An environment with rumkit's wheel and some of its extras."""

    def __init__(self, place: Path, wheel: Path, extras: str) -> None:
        self.place, self.work = place / "env", place / "work"
        self.work.mkdir(parents=True)
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", self.place], check=True)
        # The versions of the lock, so that what is tested is what is known to fit together.
        pinned = re.findall(r"^[\w.-]+==.*?(?= \\$)", LOCK.read_text(), re.MULTILINE)
        (place / "pinned").write_text("\n".join(pinned))
        done = subprocess.run(
            [sys.executable, "-m", "pip", "--python", self.place / "bin" / "python", "install",
             "--quiet", "--no-compile", "--disable-pip-version-check",
             "--constraint", place / "pinned", f"{wheel}{extras}"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        self.packages = {folder.name for folder in self._site.glob("*.dist-info")}

    @property
    def _site(self) -> Path:
        return next((self.place / "lib").glob("python*/site-packages"))

    def megabytes(self) -> float:
        files = (f for f in self._site.rglob("*") if f.is_file() and f.suffix != ".pyc")
        return sum(file.stat().st_size for file in files) / 1e6

    def run(self, command: str, *arguments: str, **names: str) -> subprocess.CompletedProcess[str]:
        home = {"HOME": str(self.work), "PATH": f"{self.place / 'bin'}:/usr/bin:/bin"}
        return subprocess.run(
            [self.place / "bin" / command, *arguments], cwd=self.work, env=home | names,
            capture_output=True, text=True, timeout=240, check=False,
        )  # fmt: skip

    def python(self, code: str) -> subprocess.CompletedProcess[str]:
        return self.run("python", "-c", code)


LOCK = ROOT / ".ci" / "requirements.lock"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
                   cwd=ROOT, check=True, capture_output=True)  # fmt: skip
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def first(wheel, tmp_path_factory):
    return Door(tmp_path_factory.mktemp("first"), wheel, "")


@pytest.fixture(scope="module")
def notebooks(wheel, tmp_path_factory):
    return Door(tmp_path_factory.mktemp("notebooks"), wheel, "[notebooks]")


@pytest.fixture(scope="module")
def sandbox(wheel, tmp_path_factory):
    return Door(tmp_path_factory.mktemp("sandbox"), wheel, "[sandbox]")


def test_the_first_door_is_small(first):
    print(f"{len(first.packages)} packages, {first.megabytes():.0f} MB")
    assert len(first.packages) <= MOST_PACKAGES
    assert first.megabytes() <= MOST_MEGABYTES


def test_the_first_door_investigates_an_account_and_gives_frames(first):
    done = first.run("rumkit", "sandbox", "guest-role-permission", "--", "rumkit", "investigate",
                     "--json")  # fmt: skip
    assert json.loads(done.stdout)["root_cause"] == "guest-role-permission", done.stderr
    assert done.returncode == 1
    code = (
        "import rumkit; frame = rumkit.denied_put_events();"
        "print(len(frame) > 0, 'role' in ' '.join(frame.columns))"
    )
    done = first.run("rumkit", "sandbox", "guest-role-permission", "--", "python", "-c", code)
    assert done.stdout.split() == ["True", "True"], done.stderr


def test_the_first_door_reads_a_recording(first):
    (first.work / "visit.har").write_text(json.dumps(HAR))
    done = first.run("rumkit", "investigate", "--recording", "visit.har")
    assert done.returncode == 3, done.stderr
    assert "what was given:" in done.stdout


def test_the_first_door_keeps_shows_and_compares(first):
    for name in ("before.json", "after.json"):
        first.run("rumkit", "sandbox", "csp-script", "--", "rumkit", "investigate", "--save", name)
    shown = first.run("rumkit", "show", "before.json", "--format", "html")
    assert shown.stdout.startswith("<!DOCTYPE html>")
    assert first.run("rumkit", "diff", "before.json", "after.json").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["report"], "a report needs the extra `notebooks`: pip install 'rumkit[notebooks]'"),
        (["fleet"], "rumkit fleet without --notebooks none needs the extra `notebooks`"),
        (["mcp"], "rumkit mcp needs the extra `mcp`: pip install 'rumkit[mcp]'"),
    ],
)
def test_what_an_extra_brings_is_one_sentence_without_it(first, arguments, said):
    done = first.run("rumkit", "sandbox", "healthy", "--", "rumkit", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_choice_without_the_notebooks_extra_says_so(first):
    done = first.python("import rumkit; rumkit.choose()")
    assert "BadInput: rumkit.choose needs the extra `notebooks`" in done.stderr.splitlines()[-1]


def test_a_fleet_runs_without_notebooks(first):
    done = first.run("rumkit", "sandbox", "healthy", "--", "rumkit", "fleet", "--monitor",
                     "shop-web", "--notebooks", "none", "--output", "fleet")  # fmt: skip
    assert done.returncode in (0, 3), done.stderr
    assert list((first.work / "fleet").rglob("*.html"))


def test_sql_of_the_sandbox_names_its_extra(first):
    done = first.run("rumkit", "sandbox", "guest-role-permission", "--", "rumkit", "investigate",
                     "--trail", "athena:trails.account_trail", "--all")  # fmt: skip
    assert "rumkit[sandbox]" in done.stdout + done.stderr


def test_the_notebooks_door_makes_a_report(notebooks):
    done = notebooks.run("rumkit", "sandbox", "csp-script", "--", "rumkit", "report", "--output",
                         "reports")  # fmt: skip
    assert done.stdout.splitlines()[-1].endswith(".html"), done.stderr
    assert done.returncode == 1
    assert list((notebooks.work / "reports").rglob("*.ipynb"))


def test_the_notebooks_door_copies_them_and_opens_them_in_jupyterlab(notebooks):
    assert notebooks.run("rumkit", "notebooks", "mine").returncode == 0
    assert list((notebooks.work / "mine").glob("*.ipynb"))
    assert notebooks.run("jupyter", "lab", "--version").returncode == 0


def test_the_sandbox_door_runs_sql_and_aws(sandbox):
    done = sandbox.run("rumkit", "sandbox", "guest-role-permission", "--", "aws", "rum",
                       "list-app-monitors")  # fmt: skip
    assert json.loads(done.stdout)["AppMonitorSummaries"], done.stderr
    done = sandbox.run("rumkit", "sandbox", "guest-role-permission", "--", "rumkit", "investigate",
                       "--json", "--trail", "athena:trails.account_trail")  # fmt: skip
    assert json.loads(done.stdout)["root_cause"] == "guest-role-permission", done.stderr
    assert "rumkit[sandbox]" not in done.stdout


def test_every_import_is_declared_and_nothing_declared_is_unused():
    providers = packages_distributions()
    used = {}
    for file in (ROOT / "rumkit").rglob("*.py"):
        if "schedules" in file.parts:
            continue  # what Airflow runs, in an environment that has it
        for name in _imported(ast.parse(file.read_text())):
            if name not in sys.stdlib_module_names and name != "rumkit":
                used.setdefault(_canonical(providers[name][0]), file)
    runtime = {"notebooks", "sandbox", "mcp"}
    declared = {_canonical(item) for item in PROJECT["dependencies"]}
    declared |= {_canonical(item) for extra in runtime for item in EXTRAS[extra]}
    assert set(used) <= declared, {k: v for k, v in used.items() if k not in declared}
    assert declared - set(used) == set(NOT_IMPORTED)


# What is used otherwise than by an import.
NOT_IMPORTED = {
    "awscli": "the practice account's commands are pasted into it",
    "ipykernel": "the notebooks' kernel, which a child process starts",
    "itables": "its bundle is inlined into the tables",
    "jupyterlab": "opens the notebooks",
    "pytz": "what DuckDB asks for where a time has a zone",
}


def _imported(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def _canonical(requirement: str) -> str:
    return re.match(r"[\w.-]+", requirement)[0].lower().replace("_", "-")
