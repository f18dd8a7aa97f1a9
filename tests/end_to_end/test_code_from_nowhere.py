"""Nothing that lies in the folder that is looked at is imported or run."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from harness import BIN  # type: ignore[import-not-found]

from rumkit import isolated

ROOT = Path(__file__).parents[2]
# Modules that every Python imports sooner or later, those of this library, and start-up hooks.
MODULES = [
    "json", "marshal", "re", "subprocess", "threading", "sitecustomize", "usercustomize", "rumkit",
    "ipykernel", "ipykernel_launcher", "ipython_config", "ipython_kernel_config", "IPython",
    "jupyter_config", "jupyter_nbconvert_config", "papermill", "pandas", "matplotlib", "deflate",
    "tree_sitter", "selectolax", "html5lib", "boto3", "botocore", "moto", "werkzeug", "yaml",
    "encodings", "typing", "gzip", "zlib", "asyncio", "logging", "_sitebuiltins",
]  # fmt: skip
PROGRAMS = ["aws", "chromium", "google-chrome", "python", "python3", "sh", "true", "env", "latex"]
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
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_runs_nothing_of_the_folder_that_it_is_called_in(name, hostile):
    folder, marks = hostile
    words, code = COMMANDS[name]
    done = run(folder, *words)
    assert sorted(path.name for path in marks.iterdir()) == [], done.stderr
    assert done.returncode in ({code} if code is not None else {0, 1, 3}), done.stderr
    assert name != "scan" or "3 PutRumEvents calls failed" in " ".join(done.stdout.split())


def test_the_scan_in_such_a_folder_still_reads_its_trail_files(hostile):
    folder, _ = hostile
    code = (
        "from pathlib import Path; from rumkit.trail.scan import Plan;"
        "from rumkit.trail.workers import scan_files;"
        "files = [(str(p), p.stat().st_size) for p in Path('.').glob('*.gz')];"
        "plan = Plan(('PutRumEvents',), frozenset());"
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
