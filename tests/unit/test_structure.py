"""The house: imports go one way, requirements agree, only the reads are called."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "rumkit"

# Each room and the rooms below it that it may import. `investigation` draws itself with `show`
# when it is displayed, which is the one arrow back, and is checked to be inside a function.
ALLOWED = {
    "printable": set(),
    "isolated": set(),
    "light": set(),
    "model": {"printable"},
    "commands": {"model", "printable"},
    "once": set(),
    "temporary": set(),
    "plain_file": set(),
    "ending": set(),
    "target": {"model"},
    "inputs": {"model"},
    "frames": {"model", "target", "trail"},
    "client": {"model", "plain_file", "target"},
    "aws": {"ending", "model", "target", "once"},
    "trail": {"isolated", "plain_file", "model", "target", "commands", "aws"},
    "recorder": {"isolated", "model", "client", "temporary"},
    "evidence": {"model", "target", "once", "client", "aws", "trail"},
    "checks": {"model", "printable", "commands", "target", "client", "aws", "trail", "evidence"},
    "conclusion": {"model", "checks"},
    "investigation": {"model", "frames"},
    "case": {"model", "investigation", "plain_file", "temporary"},
    "redact": {"investigation"},
    "compare": {"model", "investigation"},
    "proof": {"model", "conclusion", "checks", "evidence", "client", "aws"},
    "verbs": {"model", "aws", "trail", "evidence", "checks", "frames", "runner"},
    "runner": {
        "model",
        "proof",
        "inputs",
        "target",
        "aws",
        "trail",
        "evidence",
        "checks",
        "conclusion",
        "investigation",
    },
    "watch": {
        "aws",
        "model",
        "target",
        "evidence",
        "checks",
        "conclusion",
        "investigation",
        "runner",
    },
    "show": {
        "watch",
        "case",
        "conclusion",
        "frames",
        "inputs",
        "model",
        "printable",
        "target",
        "client",
        "trail",
        "aws",
        "checks",
        "investigation",
        "compare",
        "practice",
        "recorder",
    },
    "practice": {"isolated", "model", "target"},
    "report": {
        "temporary",
        "case",
        "inputs",
        "isolated",
        "light",
        "model",
        "target",
        "investigation",
        "show",
        "practice",
    },
    "fleet": {
        "plain_file",
        "temporary",
        "aws",
        "case",
        "checks",
        "evidence",
        "investigation",
        "light",
        "model",
        "once",
        "practice",
        "printable",
        "report",
        "runner",
        "show",
        "target",
        "trail",
    },
    "school": {"recorder", "isolated", "model", "investigation", "show", "practice"},
    "sandbox": {"ending", "isolated", "model", "aws", "temporary"},
    "mcp": {
        "model",
        "printable",
        "checks",
        "trail",
        "evidence",
        "client",
        "case",
        "investigation",
        "runner",
        "show",
    },
    "cli": {
        "ending",
        "case",
        "mcp",
        "watch",
        "practice",
        "compare",
        "redact",
        "checks",
        "inputs",
        "model",
        "target",
        "runner",
        "report",
        "fleet",
        "show",
        "sandbox",
        "aws",
        "investigation",
        "client",
        "recorder",
    },
}
# Of the account's room, those that stand on its ground alone: names and error codes of AWS.
MAY_OF_AWS = {
    "sandbox": re.compile(r"rumkit\.aws\.(policy\w*|partitions|rum_requests)"),
    "trail": re.compile(r"rumkit\.aws\.(partitions|errors|log_group)"),
}


def room_of(path: Path) -> str:
    part = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    return _room(part)


def _room(part: str) -> str:
    """Several files make up the rooms `report` and `cli`."""
    return next((room for room in ("report", "cli") if part.partition("_")[0] == room), part)


def imports(path: Path) -> list[tuple[str, bool]]:
    """Every module of rumkit that a file imports, and whether at its top level."""
    tree = ast.parse(path.read_text())
    top = set(map(id, tree.body))
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("rumkit"):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            found += [(name, id(node) in top) for name in names]
        elif isinstance(node, ast.Import):
            found += [(a.name, id(node) in top) for a in node.names if a.name.startswith("rumkit.")]
    return found


FILES = sorted(path for path in PACKAGE.rglob("*.py") if len(path.relative_to(PACKAGE).parts) > 1
               or path.stem not in {"__init__", "__main__"})  # fmt: skip


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_one_way(path):
    room = room_of(path)
    for name, _ in imports(path):
        parts = name.split(".")
        other = _room(parts[1])
        if other in {room, "__version__", "investigate", "choose"}:
            continue
        if room == "investigation" and other == "show":
            continue
        if len(parts) == 2 or other not in ALLOWED:  # a public name of `rumkit` itself
            continue
        assert other in ALLOWED[room], f"{path.relative_to(ROOT)} imports {name}"
        if room in MAY_OF_AWS and other == "aws":
            assert MAY_OF_AWS[room].match(name), f"{path.relative_to(ROOT)} imports {name}"


def test_an_investigation_imports_its_drawing_only_when_drawn():
    drawn = [top for name, top in imports(PACKAGE / "investigation.py") if ".show" in name]
    assert drawn
    assert not any(drawn)


def test_environment_yml_holds_the_requirements_of_pyproject():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    wanted = {*project["dependencies"], *extras["lab"], *extras["sandbox"], *extras["mcp"],
              *extras["test"]}  # fmt: skip
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    pip = next(item["pip"] for item in environment if isinstance(item, dict))
    conda = [item for item in environment if isinstance(item, str)]
    python = f"python{project['requires-python']}"
    assert {*conda, *pip} - {"pip", "--editable ."} - {python} == wanted
    assert python in conda


def test_the_lock_file_pins_every_requirement_with_hashes():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lock = (ROOT / ".ci" / "requirements.lock").read_text()
    pinned = set(re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==", lock, re.MULTILINE))
    pinned = {name.lower().replace("_", "-") for name in pinned}
    needed = [
        *project["dependencies"],
        *(item for extra in project["optional-dependencies"].values() for item in extra),
    ]
    names = {re.match(r"[\w-]+", item)[0].lower() for item in needed}
    assert names <= pinned
    entries = re.split(r"\n(?=[A-Za-z0-9])", lock.strip())
    assert all("--hash=sha256:" in entry for entry in entries)


def test_only_the_named_files_stand_at_the_top():
    visible = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    house = {"rumkit", "notebooks", "tests", "environment.yml", "README.md", "pyproject.toml",
             "Makefile", "LICENSE"}  # fmt: skip
    assert visible - {"reports", "build", "dist"} == house


def test_importing_rumkit_and_its_command_line_imports_nothing_heavy():
    import subprocess
    import sys

    code = (
        "import sys, rumkit.cli; rumkit.cli.parser().format_help();"
        "print(*sorted({m.partition('.')[0] for m in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"boto3", "botocore", "pandas", "IPython", "ipywidgets", "matplotlib", "duckdb",
             "papermill", "nbconvert", "tree_sitter", "selectolax", "sqlglot"}  # fmt: skip
    assert not heavy & set(done.stdout.split())
