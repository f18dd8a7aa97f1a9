"""Nothing that lies in the folder that is looked at is imported or run."""

from __future__ import annotations

import ast
import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from harness import BIN  # type: ignore[import-not-found]
from share import part_of  # type: ignore[import-not-found]

from rumkit import isolated

ROOT = Path(__file__).parents[2]
RUMKIT = str(BIN / "rumkit")
# Modules that every Python imports sooner or later, those of this library, and start-up hooks.
MODULES = [
    "json", "marshal", "re", "subprocess", "threading", "sitecustomize", "usercustomize", "rumkit",
    "ipykernel", "ipykernel_launcher", "ipython_config", "ipython_kernel_config", "IPython",
    "jupyter_config", "jupyter_nbconvert_config", "papermill", "pandas", "matplotlib", "deflate",
    "tree_sitter", "selectolax", "html5lib", "boto3", "botocore", "moto", "werkzeug", "yaml",
    "encodings", "typing", "gzip", "zlib", "asyncio", "logging", "_sitebuiltins", "conftest",
    "jupyter_server_config", "setup", "__main__", "numpy", "duckdb", "sqlglot", "mcp", "traitlets",
]  # fmt: skip
PROGRAMS = [
    "aws", "chromium", "google-chrome", "firefox", "python", "python3", "sh", "true", "env",
    "latex", "git", "openssl", "igzip", "node", "jupyter", "less", "pager",
]  # fmt: skip
# What such a project may say of the programs that work in it.
SETTINGS = {
    ".git/config": "[core]\n\tfsmonitor = {mark}\n\tpager = {mark}\n\tsshCommand = {mark}\n",
    ".git/HEAD": "ref: refs/heads/main\n",
    ".npmrc": "script-shell={mark}\n",
    "pyproject.toml": "[tool.rumkit]\ncommand = '{mark}'\n",
    ".aws/config": "[default]\ncredential_process = {mark}\n",
    "papermill.yaml": "!!python/object/apply:os.system ['{mark}']\n",
    ".ipython/profile_default/startup/00.py": "import os; os.system('{mark}')\n",
}
TEMPLATES = ["basic", "base", "lab", "classic"]
RECORD = {
    "eventTime": "2026-03-02T08:00:00Z",
    "eventSource": "rum.amazonaws.com",
    "eventName": "PutRumEvents",
    "awsRegion": "eu-west-1",
    "eventCategory": "Data",
    "errorCode": "AccessDenied",
    "recipientAccountId": "111122223333",
}


@pytest.fixture
def hostile(tmp_path):
    """A folder of trail files in which everything that could be run leaves a mark."""
    marks = tmp_path / "marks"
    marks.mkdir()
    folder = tmp_path / "evidence"
    folder.mkdir()
    for name in MODULES:
        code = f"open({str(marks / name)!r} + '.py', 'w').close()\nraise SystemExit('canary')\n"
        (folder / f"{name}.py").write_text(code)
    (folder / "canary.pth").write_text(f"import os; os.mkdir({str(marks / 'pth')!r})\n")
    for name in PROGRAMS:
        (folder / name).write_text(f"#!/bin/bash\n: > {marks}/{name}\n")
        (folder / name).chmod(0o700)
    mark = folder / "run-by-settings"
    mark.write_text(f"#!/bin/bash\n: > {marks}/settings\n")
    mark.chmod(0o700)
    for name, text in SETTINGS.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text.replace("{mark}", str(mark)))
    (folder / "page.html").write_text("<script>cwr('x')</script>")
    (folder / "visit.har").write_text('{"log": {"entries": [{"request": {"url": "https://x/"}}]}}')
    (folder / "case.json").write_text('{"schema": 1, "findings": []}')
    (folder / "targets.yaml").write_text(
        f"accounts: !!python/object/apply:os.mkdir ['{marks / 'yaml'}']\n"
    )
    for name in TEMPLATES:
        (folder / name).mkdir()
        leak = f"{{{{ cycler.__init__.__globals__.os.mkdir({str(marks / 'template')!r}) }}}}"
        (folder / name / "index.html.j2").write_text(leak)
        (folder / name / "base.html.j2").write_text(leak)
        (folder / name / "conf.json").write_text('{"base_template": "base"}')
    for number in range(3):
        held = json.dumps({"Records": [RECORD]}).encode()
        (folder / f"trail-{number}.json.gz").write_bytes(gzip.compress(held))
    return folder, marks


def run(folder, *argv, **extra):
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    # An empty entry of PATH means the current folder, and so does a dot.
    env |= {"PATH": f":.:{BIN}:{os.environ['PATH']}", **extra}
    return subprocess.run(
        [str(BIN / "rumkit"), *argv],
        cwd=folder, env=env, capture_output=True, text=True, timeout=200, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip


COMMANDS = {
    "help": (["--help"], 0),
    "permissions": (["permissions"], 0),
    "list": (["sandbox", "list"], 0),
    "true": (["sandbox", "healthy", "--", "true"], 0),
    "scan": (
        ["sandbox", "healthy", "--", str(BIN / "rumkit"), "investigate", "--trail", "."],
        None,
    ),
    "report": (["report", "--output", "reports", "-p", "sandbox=healthy"], 0),
    "monitors": (["sandbox", "healthy", "--", RUMKIT, "monitors"], 0),
    "watch": (["sandbox", "healthy", "--", RUMKIT, "watch", "--for", "1m"], None),
    "fleet": (["sandbox", "healthy", "--", RUMKIT, "fleet", "--output", "f"], 0),
    "targets": (["sandbox", "healthy", "--", RUMKIT, "fleet", "--targets", "targets.yaml"], 2),
    "page": (["investigate", "--page", "page.html", "--region", "eu-west-1"], None),
    "recording": (["investigate", "--recording", "visit.har", "--region", "eu-west-1"], None),
    "folder": (["show", "."], 0),
    "case": (["show", "case.json"], None),
    "diff": (["diff", "case.json", "case.json"], 0),
    "explain": (["explain", "signing"], 0),
    "completion": (["completion", "bash"], 0),
    "snippet": (["snippet"], 0),
    "notebooks": (["notebooks", "copied"], 0),
    "mcp": (["mcp"], 0),
    "record": (["record", "http://127.0.0.1:9/", "--headless", "--seconds", "1"], None),
}


@pytest.mark.parametrize("name", part_of(COMMANDS, 9))
def test_a_command_runs_nothing_of_the_folder_that_it_is_called_in(name, hostile, figure):
    folder, marks = hostile
    bait = [*MODULES, *PROGRAMS, *SETTINGS, *TEMPLATES]
    words, code = COMMANDS[name]
    done = run(folder, *words)
    figure("code from nowhere", f"{name}: {len(list(marks.iterdir()))} of {len(bait)} baits taken")
    assert sorted(path.name for path in marks.iterdir()) == [], done.stderr
    assert done.returncode in ({code} if code is not None else {0, 1, 2, 3, 4}), done.stderr
    assert b"itself failed" not in done.stderr.encode()
    assert name != "scan" or "3 PutRumEvents calls failed" in " ".join(done.stdout.split())


def test_the_scan_in_such_a_folder_still_reads_its_trail_files(hostile):
    folder, _ = hostile
    code = (
        "from pathlib import Path; from rumkit.trail.scan import ScanPlan;"
        "from rumkit.trail.workers import scan_files;"
        "files = [(str(p), p.stat().st_size) for p in Path('.').glob('*.gz')];"
        "plan = ScanPlan(('PutRumEvents',), frozenset());"
        "print(sum(len(found.records) for found in scan_files(files, plan)))"
    )
    done = subprocess.run(
        isolated.python(code), cwd=folder, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "3"


def test_the_practice_sandbox_starts_from_such_a_folder(hostile):
    folder, marks = hostile
    code = (
        "from rumkit import practice; practice.enter('healthy'); print(len(practice.scenarios()))"
    )
    env = {**os.environ, "PYTHONPATH": str(folder)}
    done = subprocess.run(
        isolated.python(code), cwd=folder, env=env, capture_output=True, text=True, timeout=60,
        check=True,
    )  # fmt: skip
    assert int(done.stdout) > 10
    assert not list(marks.iterdir())


@pytest.mark.parametrize("entry", ["", ".", "evidence", None])
def test_the_current_folder_is_passed_on_by_no_entry_of_the_import_path(
    entry, hostile, monkeypatch
):
    folder, marks = hostile
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "path", [str(folder) if entry is None else entry, *sys.path])
    code = "import json, sys, rumkit; print(rumkit.__file__)"
    done = subprocess.run(
        isolated.python(code), capture_output=True, text=True, check=True, timeout=60
    )
    assert Path(done.stdout.strip()).is_relative_to(ROOT)
    assert not list(marks.iterdir())


def test_a_child_finds_this_rumkit_where_it_was_only_on_the_import_path(tmp_path):
    """As when the package is not installed at all: PYTHONPATH alone names it."""
    code = (
        "import subprocess; from rumkit import isolated;"
        "print(subprocess.check_output(isolated.python("
        "'import rumkit; print(rumkit.__file__)'), text=True))"
    )
    env = {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]}
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], cwd=tmp_path, env=env, capture_output=True, text=True,
        check=True, timeout=60,
    )  # fmt: skip
    assert Path(done.stdout.strip()) == ROOT / "rumkit" / "__init__.py"


def test_a_program_is_looked_up_in_absolute_folders_alone(hostile, monkeypatch):
    folder, _ = hostile
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PATH", ":.:evidence")
    assert isolated.which("aws") is None
    monkeypatch.setenv("PATH", f".:{folder}")
    assert isolated.which("aws") == str(folder / "aws")


def test_no_file_of_the_library_starts_a_process_but_by_its_isolated_words():
    """A new `sys.executable` or a lookup of one's own would open the door again."""
    wanted = {"isolated.py", "exercise.py"}
    bad = [
        path.name
        for path in (ROOT / "rumkit").rglob("*.py")
        if path.name not in wanted
        and any(word in path.read_text() for word in ("sys.executable", "shutil.which"))
    ]
    assert not bad


# What makes code or objects of a text. Names are written out: a new one has to be looked at here.
MAKERS = {
    "eval", "exec", "compile", "__import__", "pickle", "cPickle", "dill", "shelve", "marshal",
    "jinja2",
    "yaml.load", "yaml.full_load", "yaml.unsafe_load", "yaml.Loader", "yaml.UnsafeLoader",
    "yaml.FullLoader", "string.Template", "os.system", "os.popen", "pandas.read_pickle",
    "pandas.eval", "joblib", "importlib.import_module", "import_module", "subprocess.getoutput",
}  # fmt: skip
ALLOWED = {
    # Names of our own, written in the file.
    ("__init__.py", "import_module"),
    ("light.py", "import_module"),
    # The one file that a person names with --checks, to be run.
    ("checks/named_file.py", "compile"),
    ("checks/named_file.py", "exec"),
    # Templates that are files of the package, never a text: tests/show/test_templates.py.
    ("show/engine.py", "jinja2"),
    # Between a scan and its own worker, over a pipe that nobody else has.
    ("trail/scan_worker.py", "marshal"),
    ("trail/workers.py", "marshal"),
}


def makers_in(path):
    """Yield what a file uses of those: calls, attributes and imports, by their written names."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id
        elif isinstance(node, ast.Attribute):
            yield ast.unparse(node)
        elif isinstance(node, ast.keyword) and node.arg == "shell":
            yield "shell="


def test_no_text_is_ever_made_into_code_or_objects():
    package = ROOT / "rumkit"
    used = {
        (path.relative_to(package).as_posix(), name)
        for path in package.rglob("*.py")
        for name in makers_in(path)
        if name in MAKERS | {"shell="}
    }
    assert used == ALLOWED
