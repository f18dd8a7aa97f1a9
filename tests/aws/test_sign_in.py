"""The command that signs in again, by what the configuration files say of the profile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rumkit.aws.session import AwsSession
from rumkit.aws.sign_in import profile_in_use, sign_in_command

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = """
[profile corp]
sso_session = company
sso_account_id = 111122223333
[sso-session company]
sso_start_url = https://company.awsapps.com/start
[profile old]
sso_start_url = https://old.awsapps.com/start
[profile console]
login_session = arn:aws:iam::111122223333:user/operator
[profile reader]
role_arn = arn:aws:iam::111122223333:role/reader
source_profile = corp
[profile keys]
region = eu-west-1
"""


@pytest.fixture(autouse=True)
def configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "config"
    file.write_text(CONFIG)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(file))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ACCESS_KEY_ID"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("profile", "command"),
    [
        ("corp", "aws sso login --profile corp"),
        ("old", "aws sso login --profile old"),
        ("reader", "aws sso login --profile reader"),
        ("console", "aws login --profile console"),
        ("keys", "aws configure --profile keys"),
        (None, "the same with --profile NAME (there are: console, corp, keys, old, reader)"),
    ],
)
def test_each_profile_has_its_own_way_of_signing_in(profile: str | None, command: str) -> None:
    assert sign_in_command(profile) == command


def test_without_any_profile_one_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    assert sign_in_command(None) == "aws configure"


def test_keys_of_the_environment_that_were_refused_are_taken_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "outside")
    assert sign_in_command(None).startswith("unset AWS_ACCESS_KEY_ID")


def test_keys_of_the_environment_win_over_its_profile_and_not_over_a_named_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "keys")
    assert profile_in_use(AwsSession(), None) == "keys"
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "outside")
    assert profile_in_use(AwsSession(), None) is None
    assert profile_in_use(AwsSession(profile="corp"), "corp") == "corp"
