"""The house: imports go one way, requirements agree, only the reads are called."""

from __future__ import annotations

import ast
import os
import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "rumkit"

# Each room and the rooms below it that it may import.
ALLOWED = {
    "printable": set(),
    "secret": set(),
    "isolated": set(),
    "light": set(),
    "statuses": set(),
    "sentences": set(),
    "json_text": set(),
    "input_file": {"errors", "plain_file"},
    "errors": {"secret"},
    "fix": {"printable", "statuses"},
    "model": {"errors", "fix", "printable", "sentences", "statuses"},
    "commands": {"aws_names", "model", "printable"},
    "once": set(),
    "temporary": set(),
    "plain_file": set(),
    "aws_names": set(),
    "regions": {"aws_names"},
    "ending": set(),
    "target": {"aws_names", "model"},
    "inputs": {"model"},
    "extras": {"model"},
    "frames": {"model", "target", "trail"},
    "client": {"aws_names", "json_text", "regions", "model", "plain_file", "secret", "target"},
    "aws": {"aws_names", "json_text", "ending", "model", "secret", "target", "once"},
    "trail": {
        "json_text",
        "aws_names",
        "isolated",
        "plain_file",
        "model",
        "secret",
        "target",
        "commands",
        "aws",
    },
    "recorder": {
        "aws_names",
        "ending",
        "isolated",
        "json_text",
        "model",
        "plain_file",
        "secret",
        "client",
        "temporary",
    },
    "evidence": {"aws_names", "model", "target", "once", "client", "aws", "trail"},
    "checks": {
        "aws_names",
        "inputs",
        "model",
        "printable",
        "secret",
        "commands",
        "target",
        "client",
        "aws",
        "trail",
        "evidence",
    },
    "conclusion": {"model", "checks"},
    "investigation": {"model", "frames"},
    "case": {"input_file", "json_text", "model", "investigation", "plain_file", "temporary"},
    "redact": {"aws_names", "investigation"},
    "compare": {"model", "investigation"},
    "proof": {"model", "conclusion", "checks", "evidence", "client", "aws"},
    "verbs": {"model", "aws", "trail", "evidence", "checks", "frames", "runner"},
    "runner": {
        "model",
        "plain_file",
        "secret",
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
        "conclusion",
        "frames",
        "inputs",
        "model",
        "printable",
        "target",
        "client",
        "aws",
        "checks",
        "investigation",
        "compare",
    },
    "notebook": {
        "aws",
        "case",
        "extras",
        "frames",
        "inputs",
        "investigation",
        "model",
        "practice",
        "recorder",
        "show",
        "temporary",
        "watch",
    },
    "practice": {"isolated", "model", "target"},
    "report": {
        "secret",
        "extras",
        "temporary",
        "case",
        "inputs",
        "isolated",
        "light",
        "model",
        "target",
        "investigation",
        "notebook",
        "show",
        "practice",
    },
    "fleet": {
        "extras",
        "input_file",
        "json_text",
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
        "secret",
        "show",
        "target",
        "trail",
    },
    "school": {
        "temporary",
        "recorder",
        "isolated",
        "model",
        "investigation",
        "notebook",
        "show",
        "practice",
    },
    "sandbox": {"ending", "extras", "isolated", "model", "aws", "temporary"},
    "mcp": {
        "aws",
        "model",
        "plain_file",
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
        "extras",
        "plain_file",
        "ending",
        "case",
        "mcp",
        "watch",
        "practice",
        "compare",
        "redact",
        "checks",
        "inputs",
        "light",
        "model",
        "target",
        "runner",
        "secret",
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
    # Addresses of consoles, and the type of what is shown of an account.
    "show": re.compile(r"rumkit\.aws\.(partitions|arrivals)"),
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
        if len(parts) == 2 or other not in ALLOWED:  # a public name of `rumkit` itself
            continue
        assert other in ALLOWED[room], f"{path.relative_to(ROOT)} imports {name}"
        if room in MAY_OF_AWS and other == "aws":
            assert MAY_OF_AWS[room].match(name), f"{path.relative_to(ROOT)} imports {name}"


@pytest.mark.parametrize(
    "path", sorted((PACKAGE / "show").rglob("*.py")), ids=lambda path: path.name
)
def test_what_draws_is_plain_rendering(path):
    tree = ast.parse(path.read_text())
    # What Jupyter brings is for the notebook's part; the plots' library is imported with the first.
    assert not {"ipywidgets", "IPython"} & _outside(ast.walk(tree))
    late = {"matplotlib", "boto3", "botocore"}
    if path.name != "engine.py":  # What `template.py` imports with the first template.
        late |= {"jinja2", "markupsafe"}
    assert not late & _outside(tree.body)


def _outside(nodes):
    """The packages that are imported by these nodes."""
    names = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module.partition(".")[0])
    return names


def circles(graph):
    """Each circle of imports, as the set of its modules; late imports and those of types count."""

    def reached(start):
        seen, todo = set(), [start]
        while todo:
            new = graph[todo.pop()] - seen
            seen |= new
            todo += new
        return seen

    ways = {name: reached(name) for name in graph}
    return {frozenset(other for other in ways[n] if n in ways[other]) for n in graph} - {
        frozenset()
    }


def import_graph():
    """The modules that each module of the package imports."""
    paths = {".".join(p.relative_to(PACKAGE.parent).with_suffix("").parts): p
             for p in PACKAGE.rglob("*.py")}  # fmt: skip
    modules = {name.removesuffix(".__init__"): path for name, path in paths.items()}
    # The package's face joins what the rooms have, and each room may take its public names.
    del modules["rumkit"]
    graph = {}
    for module, path in modules.items():
        named = {name if name in modules else name.rpartition(".")[0] for name, _ in imports(path)}
        graph[module] = named & set(modules) - {module}
    return graph


def test_no_file_imports_one_that_imports_it():
    assert circles(import_graph()) == set()


def test_an_investigation_is_drawn_wherever_it_is_made():
    import subprocess
    import sys

    code = (
        "import sys; from rumkit.investigation import Investigation, Verdict;"
        "made = Investigation({}, Verdict.UNPROVEN, None, (), ());"
        "assert not any('rumkit.show' in name for name in sys.modules);"
        "assert 'UNPROVEN' in str(made); assert made._repr_mimebundle_()['text/html']"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_environment_yml_holds_the_requirements_of_pyproject():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    assert set(extras) == {"notebooks", "sandbox", "mcp", "all", "test"}
    wanted = {*project["dependencies"], *extras["notebooks"], *extras["sandbox"], *extras["mcp"],
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
    names = {re.match(r"[\w-]+", item)[0].lower() for item in needed} - {"rumkit"}
    assert names <= pinned
    entries = re.split(r"\n(?=[A-Za-z0-9])", lock.strip())
    assert all("--hash=sha256:" in entry for entry in entries)


@pytest.mark.skipif("PYTEST_XDIST_WORKER" not in os.environ, reason="there is one worker")
@pytest.mark.xdist_group("together")
def test_a_group_of_tests_runs_in_one_worker(request):
    assert request.node.nodeid.endswith("@together")


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
             "jinja2", "papermill", "nbconvert", "tree_sitter", "selectolax",
             "sqlglot"}  # fmt: skip
    assert not heavy & set(done.stdout.split())
