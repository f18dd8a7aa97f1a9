"""What the published client did in a real browser, and recordings were once misread for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from har_builder import console
from har_schema import causes, evaluated, started

from rumkit.model import Status

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "error", ["telemetries.forEach is not a function", "re.test is not a function"]
)
def test_a_client_that_threw_at_its_settings_had_been_loaded(error: str, tmp_path: Path) -> None:
    console(tmp_path, f"cwr.js:12 Uncaught (in promise) TypeError: {error}")
    verdicts = evaluated(started().get_id().credentials(), tmp_path)
    assert causes(verdicts) == ["client-enabled"]
    assert verdicts["client-script-loads"].status is Status.PASS


@pytest.mark.parametrize("kind", ["service", "resource"])
def test_what_an_organisation_denies_is_not_the_roles_fault(kind: str, tmp_path: Path) -> None:
    role = "arn:aws:sts::111122223333:assumed-role/Guest/CognitoIdentityCredentials"
    message = (
        f"User: {role} is not authorized to perform: rum:PutRumEvents with an explicit deny in a "
        f"{kind} control policy"
    )
    har = started().get_id().credentials().put(403, "AccessDeniedException", message, wait=5)
    verdicts = evaluated(har, tmp_path)
    assert "guest-role-permission" not in causes(verdicts)
    assert f"a {kind} control policy of the organisation" in verdicts["put-events-denied"].summary
