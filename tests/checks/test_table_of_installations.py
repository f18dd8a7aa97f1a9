"""What a careful person reads in a file, the whole investigation says nothing false about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from installs import DOCS, ID, URL
from readings import CASES, Case

import rumkit
from rumkit.model import Status

if TYPE_CHECKING:
    from pathlib import Path

# What is wrong beside the pool with an installation that the reader finds no fault in.
ALSO = {
    "a template string in braces": {"xray-enabled", "xray-header"},
    "a Svelte component": {"xray-header"},
    "commands waiting in the queue": {"client-enabled"},
    "a minified bundle, known by the arguments": {"xray-enabled"},
    "a Go raw string": {"xray-enabled", "xray-header"},
}


@pytest.fixture(autouse=True)
def no_aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.mark.parametrize("case", CASES, ids=[f"{c.kind}: {c.title}" for c in CASES])
def test_only_what_is_wrong_with_an_installation_fails(case: Case, tmp_path: Path) -> None:
    """An installation without a fault fails no check, however it is written."""
    file = tmp_path / case.file
    file.write_text(case.source, encoding="utf-8")
    found = rumkit.investigate(page=str(file), trail="none")
    assert [f for f in found.findings if "rumkit:defect" in f.missing] == []
    failed = {f.check: f.summary for f in found.findings if f.status is Status.FAIL}
    installed = [given for what, given in case.readings if what != "configuration"]
    if any(given.get("problems") for given in installed):
        return
    allowed = ALSO.get(case.title, set())
    # Most inputs of the table name no pool, which the check has to say.
    if installed and "identityPoolId" not in installed[0]:
        allowed = allowed | {"credentials-configured"}
    assert set(failed) <= allowed, failed
    assert ALSO.get(case.title, set()) <= set(failed), failed


@pytest.mark.parametrize("name", ["rum.tsx", "Startup.cs", "layout.pug", "head.html.erb"])
def test_what_another_file_can_give_is_likely(name: str, tmp_path: Path) -> None:
    case = next(c for c in CASES if c.file.endswith(name.rpartition(".")[2]) and c.readings)
    file = tmp_path / name
    file.write_text(case.source, encoding="utf-8")
    given = rumkit.investigate(page=str(file), trail="none").finding("credentials-configured")
    assert (given.status, given.certain) == (Status.FAIL, False)
    assert "unless a file that was not read gives it some" in given.summary


def test_credentials_given_by_another_script_of_the_page_are_seen(tmp_path: Path) -> None:
    script = f"{DOCS}('cwr','{ID}','1.0.0','eu-west-1','{URL}',{{sessionSampleRate: 1}});"
    markup = f'<html><head><script>{script}</script><script src="app.js"></script></head></html>'
    (tmp_path / "index.html").write_text(markup, encoding="utf-8")
    (tmp_path / "app.js").write_text("signIn().then(c => cwr('setAwsCredentials', c));", "utf-8")
    page = str(tmp_path / "index.html")
    given = rumkit.investigate(page=page, trail="none").finding("credentials-configured")
    assert given.status is Status.UNKNOWN
    assert "app.js calls setAwsCredentials" in given.summary
