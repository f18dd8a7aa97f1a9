"""What `--help` prints fits a terminal."""

from __future__ import annotations

import pytest

from rumkit import cli


def test_help_fits_a_terminal_of_eighty_columns(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    wide: list[str] = []
    for words in ([], ["fleet"], ["watch"], ["report"]):
        with pytest.raises(SystemExit):
            cli.main([*words, "--help"])
        wide += [line for line in capsys.readouterr().out.splitlines() if len(line) > 80]
    assert wide == []
