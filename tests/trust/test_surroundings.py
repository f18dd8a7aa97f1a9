"""No surprise by what is around: disks, encodings, time zones, interpreters, a closed stream."""

from __future__ import annotations

import compileall
import json
import os
import resource
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from ending import RUMKIT  # type: ignore[import-not-found]
from share import part_of  # type: ignore[import-not-found]

from rumkit.cli_output import PLAIN
from rumkit.sandbox.runner import start

ROOT = Path(__file__).parents[2]
INVESTIGATE = ("investigate", "--quiet")
# What a report, a saved case or a fleet's page is larger than.
SMALL = 20_000


@pytest.fixture(scope="module")
def broken():
    # Python keeps what a file limit has cut of a module's code: there must be none left to write.
    compileall.compile_dir(ROOT / "rumkit", quiet=1)
    with start("guest-role-permission") as sandbox:
        yield sandbox


@pytest.fixture
def run(broken, tmp_path):
    """Run rumkit in a folder of its own; `shell` is what follows its words in a shell."""

    def call(*words, shell="", before=(RUMKIT,), limit=0, **extra):
        argv = [*before, *words]
        if shell:
            argv = ["/bin/sh", "-c", f'"$@" {shell}', "sh", *argv]
        env = {**broken.environment, **extra}
        bound = (
            (lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))) if limit else None
        )
        return subprocess.run(
            argv, cwd=tmp_path, env=env, capture_output=True, timeout=120, check=False,
            preexec_fn=bound,
        )  # fmt: skip

    return call


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8", "utf-16"])
def test_a_terminal_that_lacks_a_sign_shows_a_plain_one(encoding, run):
    text = run(*INVESTIGATE, PYTHONIOENCODING=encoding).stdout.decode(encoding)
    assert "?" not in text
    lines = text.splitlines()
    path = next(line for line in lines if line.startswith("Page "))
    signs = "+x." if encoding in {"ascii", "latin-1", "cp1252"} else "✓✗·"
    signs = signs if encoding == "ascii" else signs.replace(".", "·")
    assert (
        path.split()
        == (
            f"Page {signs[0]} > Session {signs[0]} > Credentials {signs[0]}"
            f" > Authorise {signs[1]} > Ingest {signs[1]} > Trace {signs[2]}"
        ).split()
    )


def test_every_sign_of_ours_has_a_plain_one_of_its_own():
    states = [PLAIN[sign] for sign in "✓✗○·"]
    assert len({*states, "!", "?"}) == 6
    assert all(plain.isascii() for plain in PLAIN.values())


LOCALES = [
    {"LC_ALL": "C"},
    {"LC_ALL": "POSIX"},
    {"LC_ALL": "tr_TR.UTF-8"},
    {"LC_ALL": "de_DE.ISO-8859-1"},
    {"LC_ALL": "xx_YY"},
    {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    # On both sides of the day's and the year's border, with and without summer time.
    {"TZ": "Europe/Berlin"},
    {"TZ": "America/St_Johns"},
    {"TZ": "Asia/Kathmandu"},
    {"TZ": "Pacific/Apia"},
    {"TZ": "Pacific/Kiritimati"},
    {"TZ": "Etc/GMT+12"},
    {"TZ": "garbage/zone"},
]


@pytest.mark.parametrize("variables", part_of(LOCALES, 5), ids=str)
def test_no_locale_and_no_time_zone_changes_an_answer(variables, run, plain):
    found = run("investigate", "--json", **variables)
    assert (found.returncode, json.loads(found.stdout)) == plain


@pytest.mark.parametrize("zone", part_of(["XXX+24", "XXX-24", "XXX+30", "<-99>99"], 2))
def test_a_time_zone_a_day_from_utc_is_said_in_one_sentence(zone, run):
    done = run("investigate", TZ=zone)
    assert done.returncode == 2
    said = done.stderr.decode()
    assert zone in said
    assert len(said.splitlines()) == 1


@pytest.fixture(scope="module")
def plain(broken):
    done = subprocess.run(
        [RUMKIT, "investigate", "--json"], env=broken.environment, capture_output=True, check=False
    )
    return done.returncode, json.loads(done.stdout)


@pytest.mark.parametrize("moment", part_of(["2026-03-29T01:30:00", "2026-10-25T02:30:00"], 1))
def test_a_moment_that_a_clock_shows_twice_or_never_is_read_as_utc(moment, run):
    """Summer time begins or ends then in Berlin."""
    done = run("investigate", "--json", "--since", "6h", "--until", moment, TZ="Europe/Berlin")
    assert json.loads(done.stdout)["target"]["until"] == f"{moment}Z"


@pytest.mark.parametrize("year", [1970, 2000, 2038, 2100])
def test_a_clock_that_is_far_off_is_told_and_never_makes_healthy(year, run):
    done = run("investigate", "--json", RUMKIT_NOW=f"{year}-01-02T00:00:00Z")
    assert done.returncode in {1, 2, 3}, done.stderr
    if done.returncode != 2:
        assert json.loads(done.stdout)["verdict"] in {"broken", "unproven"}


@pytest.mark.parametrize("flag", [("-W", "error"), ("-OO",), ("-bb",), ("-X", "dev")], ids=str)
def test_no_flag_of_the_interpreter_changes_an_answer(flag, run, plain):
    done = run("investigate", "--json", before=(sys.executable, *flag, "-m", "rumkit"))
    assert (done.returncode, json.loads(done.stdout)) == plain, done.stderr


STREAMS = {
    ">&-": 1,
    "2>&-": 1,
    "<&-": 1,
    ">&- 2>&- <&-": 1,
    "| head -1": 0,
    "> /dev/full": 4,
    "> /dev/full 2> /dev/full": 4,
}


@pytest.mark.parametrize("shell", STREAMS)
def test_a_stream_that_is_closed_or_full_is_no_defect(shell, run):
    done = run(*INVESTIGATE, shell=shell)
    assert done.returncode == STREAMS[shell]
    assert b"Traceback" not in done.stderr
    assert b"itself failed" not in done.stderr


def kept(folder):
    return [path for path in folder.rglob("*") if path.is_file() and path.name != ".lock"]


WRITES = {
    "a saved case": ("investigate", "--quiet", "--save", "case.json"),
    "a report": ("report", "--quiet", "--output", "out"),
    "a fleet's page": ("fleet", "--quiet", "--notebooks", "none", "--output", "out"),
}


@pytest.mark.parametrize("what", WRITES)
def test_a_full_disk_is_said_and_leaves_no_half_file(what, run, tmp_path):
    done = run(*WRITES[what], limit=SMALL)
    said = done.stderr.decode()
    assert "can't be written" in said
    assert "itself failed" not in said
    # What is found to be broken stays so; the rest is a failure of its own.
    assert done.returncode in ({1} if "fleet" in what else {2, 4})
    for path in kept(tmp_path):
        assert path.stat().st_size < SMALL
        assert ".part" not in path.name
        assert path.suffix != ".json" or json.loads(path.read_text())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a disk")
def test_a_disk_that_is_really_full_is_said_too(run, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)],
        check=False, capture_output=True,
    )  # fmt: skip
    if mounted.returncode:
        pytest.skip("no disk can be mounted here")
    try:
        done = run("report", "--quiet", "--output", str(disk / "out"))
        assert done.returncode == 4
        assert b"can't be written" in done.stderr
        assert kept(disk) == []
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_long_temporary_paths_and_a_home_that_can_t_be_written(run, tmp_path, figure):
    long = tmp_path / ("x" * 150)
    long.mkdir()
    for extra in ({"TMPDIR": str(long)}, {"HOME": "/dev/null/none"}):
        done = run("report", "--quiet", "--json", **extra)
        assert done.returncode == 1, done.stderr
        assert Path(
            json.loads(done.stdout)["html"].replace("reports", str(tmp_path / "reports"), 1)
        ).is_file()
    assert list(long.iterdir()) == []


def test_two_runs_at_once_keep_apart(run, tmp_path):
    words = ("investigate", "--quiet", "--save", "case.json")
    with ThreadPoolExecutor(6) as pool:
        saved = [pool.submit(run, *words) for _ in range(3)]
        reports = [pool.submit(run, "report", "--quiet", "--json") for _ in range(2)]
    assert [each.result().returncode for each in (*saved, *reports)] == [1] * 5
    assert json.loads((tmp_path / "case.json").read_text())["verdict"] == "broken"
    pages = {json.loads(each.result().stdout)["html"] for each in reports}
    assert len(pages) == 2
    assert not [path for path in kept(tmp_path) if ".part" in path.name]


def limited_to(threads):
    """Return what runs a command as a user of its own, who may have so many threads."""
    reads = "+dac_override,+dac_read_search"
    user = str(54_000 + threads)
    return (
        *("setpriv", "--reuid", user, "--regid", user, "--clear-groups"),
        *("--inh-caps", reads, "--ambient-caps", reads, "prlimit", f"--nproc={threads}"),
    )


@pytest.mark.skipif(
    os.geteuid() != 0 or not (shutil.which("setpriv") and shutil.which("prlimit")),
    reason="only root can be another user, with setpriv and prlimit",
)
@pytest.mark.parametrize("threads", part_of([4, 8, 16, 32, 64], 2))
def test_few_threads_are_enough(threads, run, plain):
    done = run("investigate", "--json", before=(*limited_to(threads), RUMKIT))
    code, whole = plain
    assert done.returncode == code, done.stderr
    found = json.loads(done.stdout)
    assert [found["verdict"], found["findings"]] == [whole["verdict"], whole["findings"]]


def interpreters():
    """Return the other Pythons of this machine that rumkit promises to run on."""
    found = {}
    for minor in range(11, 15):
        names = [
            f"python3.{minor}",
            *map(str, Path.home().glob(f".pyenv/versions/3.{minor}.*/bin/python")),
        ]
        for name in names:
            path = shutil.which(name)
            if path and runs(path, minor):
                found[f"3.{minor}"] = path
                break
    return found


def runs(path, minor):
    code = "import sys; print(sys.version_info[1])"
    done = subprocess.run([path, "-c", code], capture_output=True, text=True, check=False)
    return done.stdout.strip() == str(minor)


def test_the_sources_are_read_by_every_interpreter_here(figure):
    """Syntax alone: whether it runs takes the libraries, which this interpreter has."""
    code = (
        "import ast, pathlib, sys;"
        "files = pathlib.Path(sys.argv[1]).rglob('*.py');"
        "[ast.parse(each.read_text(encoding='utf-8')) for each in files]"
    )
    found = interpreters()
    for path in found.values():
        subprocess.run([path, "-c", code, str(ROOT / "rumkit")], check=True)
    figure("interpreters", f"sources read by {', '.join(found)}; the tests run on this one")
    assert found
