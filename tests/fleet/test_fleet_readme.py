"""The README's words on fleets, followed as they are written, with two accounts as profiles."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from pathlib import Path

import pytest
from fleet_sandbox import RUMKIT  # type: ignore[import-not-found]

from rumkit.fleet.targets_file import read_targets

README = (Path(__file__).parents[2] / "README.md").read_text()
SECTION = README.partition("## Every night, for a fleet\n")[2].partition("\n## ")[0]
BLOCKS = re.findall(r"(?:^    .+\n)+", SECTION, re.MULTILINE)


def block(begins):
    return next(each for each in BLOCKS if each.strip().startswith(begins)).strip()


def test_the_nightly_run_of_two_profiles(rumkit, tmp_path):
    done = rumkit(*shlex.split(block("rumkit fleet"))[1:])
    assert done.returncode == 1, done.stderr
    assert {row["place"] for row in latest(tmp_path)["rows"]} == {"prod", "stage"}
    assert (tmp_path / "reports" / "fleet" / "latest" / "fleet.html").is_file()


def test_what_is_put_into_crontab_runs(surroundings, tmp_path):
    quoted = re.search(r'echo "([^"]+)"', block("(crontab -l"))[1]
    line = quoted.replace("$PWD", str(tmp_path)).replace(".venv/bin/rumkit", str(RUMKIT))
    minute, hour, *_ = line.split()
    assert (minute, hour) == ("15", "3")
    command = line.split(None, 5)[5]
    done = subprocess.run(
        ["/bin/sh", "-c", command], env=surroundings, timeout=120, check=False, capture_output=True
    )
    assert done.returncode == 1, done.stderr
    # What was broken in the first night is news.
    assert "web-0000 prod eu-west-1 is broken" in (tmp_path / "news").read_text()


def latest(tmp_path):
    return json.loads((tmp_path / "reports" / "fleet" / "latest" / "fleet.json").read_text())


def test_the_file_of_targets_is_one(tmp_path):
    text = re.search(r"```yaml\n(.*?)```", SECTION, re.DOTALL)[1]
    (tmp_path / "fleet.yaml").write_text(text)
    plan = read_targets(tmp_path / "fleet.yaml")
    assert [place.name for place in plan.places] == ["production", "partner"]
    assert plan.known[0].owner == "shop team"


@pytest.mark.notebooks
def test_plain_papermill_gives_the_same_report(rumkit, surroundings, tmp_path):
    rumkit("fleet", "--profile", "prod", "--monitor", "web-0000", "--output", "reports/fleet",
           "--quiet")  # fmt: skip
    files = latest(tmp_path)["rows"][0]["files"]
    kept = tmp_path / "reports" / "fleet"
    notebooks = Path(__file__).parents[2] / "notebooks"
    command = block("papermill").replace("FILE.json", str(kept / files["case"]))
    command = command.replace("notebooks/", f"{notebooks}/")
    done = subprocess.run(
        [str(RUMKIT.with_name("papermill")), *shlex.split(command)[1:]],
        env=surroundings, cwd=tmp_path,
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr

    def shown(path):
        cells = json.loads(path.read_text())["cells"]
        return [
            "".join(output["data"].get("text/plain", ""))
            for cell in cells[3:]
            for output in cell.get("outputs", ())
            if "data" in output and "case:" not in str(output["data"].get("text/plain"))
        ]

    assert shown(tmp_path / "out.ipynb") == shown(kept / files["notebook"])
