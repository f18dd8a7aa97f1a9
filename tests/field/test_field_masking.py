"""A page that came out of a recording is evaluated as the page that was served."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from field_masking import PAGES, Masked
from har_builder import SITE, Har

import rumkit
from rumkit.client.page import page_from_html
from rumkit.client.recording import read_recording
from rumkit.evidence.given import evidence_of

if TYPE_CHECKING:
    from pathlib import Path

    from rumkit.model import Finding


def _recorded(page: Masked, folder: Path) -> str:
    headers = {"content_security_policy": page.policy} if page.policy else {}
    return str(Har(version="1.25.0").document(html=page.text, **headers).write(folder))


def _finding(check: str, **given: object) -> Finding:
    from rumkit.checks import CHECKS
    from rumkit.checks.ask import ask

    return ask(next(each for each in CHECKS if each.id == check), evidence_of(**given))


@pytest.fixture(autouse=True)
def _no_account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.mark.parametrize("page", PAGES, ids=[each.name for each in PAGES])
@pytest.mark.parametrize("check", ["csp-script", "csp-connect", "snippet-present"])
def test_masking_changes_no_finding(page: Masked, check: str, tmp_path: Path) -> None:
    headers = [("content-type", "text/html"), ("content-security-policy", page.policy)]
    served = page_from_html(page.text, url=f"{SITE}/", headers=headers[: 2 if page.policy else 1])
    recording = _recorded(page, tmp_path)
    before = _finding(check, page=served)
    found = rumkit.investigate(recording=recording)
    after = next(each for each in found.findings if each.check == check)
    configured = next((a for a in after.answers if a.witness == "configured"), None)
    assert configured is not None
    assert (configured.status, configured.summary) == (before.status, before.summary)
    if check == "csp-script":
        assert before.status == page.status
        # A page whose text is masked is not the one to try a fix on.
        assert [replace(fix, tried=None) for fix in after.fixes] == [
            replace(fix, tried=None) for fix in before.fixes
        ]


def test_the_pages_hold_what_is_masked(tmp_path: Path) -> None:
    masked = [
        document.masked
        for page in PAGES
        for document in read_recording(_recorded(page, tmp_path)).documents
    ]
    assert all(masked)
