"""The page, the console and the storage beside a recording decide what it alone can't."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from har_builder import (
    MONITOR,
    OTHER_MONITOR,
    POOL,
    REGION,
    SITE,
    STORED_KEYS,
    Har,
    console,
    storage,
)
from har_schema import CDN, PLANE, REFUSED, causes, evaluated, snippet, started

from rumkit.model import Status

if TYPE_CHECKING:
    from pathlib import Path


def test_a_sampled_out_session_is_told_by_its_cookie(tmp_path: Path) -> None:
    storage(tmp_path, session={"record": False, "eventCount": 0})
    assert causes(evaluated(started().get_id().credentials(), tmp_path)) == ["session-sample-rate"]


def test_an_old_cookie_of_another_session_does_not_blame_sampling(tmp_path: Path) -> None:
    storage(tmp_path, session={"record": False, "eventCount": 0})
    assert causes(evaluated(Har().healthy(), tmp_path)) == []


def test_the_clients_own_word_on_sampling_counts(tmp_path: Path) -> None:
    console(tmp_path, "[aws-rum-web:S.c] Session is NOT sampled. Consider increasing")
    assert causes(evaluated(started().get_id().credentials(), tmp_path)) == ["session-sample-rate"]


@pytest.mark.parametrize(("limit", "count", "check"), [(5, 5, 1), (5, 52, 1), (6, 5, 0), (0, 5, 0)])
def test_the_event_limit_is_told_by_the_cookies_counter(
    limit: int, count: int, check: int, tmp_path: Path
) -> None:
    storage(tmp_path, session={"record": True, "eventCount": count}, cwr_c=STORED_KEYS)
    har = started(html=snippet(sessionEventLimit=limit)).get_id().credentials()
    assert causes(evaluated(har, tmp_path)) == ["session-event-limit"] * check


def test_the_event_limit_is_told_by_the_events_sent(tmp_path: Path) -> None:
    har = started(html=snippet(sessionEventLimit=7)).get_id().credentials()
    verdicts = evaluated(har.put(wait=5, events=3).put(wait=5, events=4), tmp_path)
    assert causes(verdicts) == ["session-event-limit"]


def test_events_of_two_sessions_do_not_add_up_to_a_limit(tmp_path: Path) -> None:
    har = started(html=snippet(sessionEventLimit=7)).get_id().credentials()
    har.put(wait=5, events=3).put(wait=5, events=4, session="another")
    assert causes(evaluated(har, tmp_path)) == []


def test_a_silent_load_without_credentials_is_told_by_the_cookie(tmp_path: Path) -> None:
    storage(tmp_path, session={"record": True, "eventCount": 9})
    console(tmp_path, "app.js:1 hello")
    assert causes(evaluated(started(), tmp_path)) == ["credentials-configured"]


def test_the_same_silence_under_a_blocking_policy_is_the_policys(tmp_path: Path) -> None:
    storage(tmp_path, session={"record": True, "eventCount": 9})
    cognito = "connect to 'https://cognito-identity.eu-west-1.amazonaws.com/'"
    console(tmp_path, REFUSED.format(cognito, "connect-src 'self'"))
    assert causes(evaluated(started(), tmp_path)) == ["csp-connect"]


def test_a_session_without_events_blames_the_clients_settings(tmp_path: Path) -> None:
    storage(tmp_path, session={"record": True, "eventCount": 0}, cwr_c=STORED_KEYS)
    verdicts = evaluated(started().get_id().credentials(), tmp_path)
    assert causes(verdicts) == ["client-enabled"]
    assert not verdicts["client-enabled"].certain


def test_a_client_that_is_switched_off_is_told_by_the_snippet(tmp_path: Path) -> None:
    har = started(html=snippet(enableRumClient=False)).get_id().credentials()
    verdicts = evaluated(har, tmp_path)
    assert causes(verdicts) == ["client-enabled"]
    assert verdicts["client-enabled"].certain


@pytest.mark.parametrize(
    ("line", "check"),
    [
        (REFUSED.format(f"connect to '{PLANE}'", "connect-src 'self'"), "csp-connect"),
        (REFUSED.format(f"load the script '{CDN}'", "script-src 'self'"), "csp-script"),
        (REFUSED.format("execute inline script", "script-src 'self'"), "csp-script"),
        ("Uncaught NotFoundError: Failed to execute 'insertBefore' on 'Node'", "snippet-present"),
    ],
)
def test_what_the_console_says_of_the_client_is_the_cause(
    line: str, check: str, tmp_path: Path
) -> None:
    console(tmp_path, line)
    assert causes(evaluated(Har().document().wait(9).api(), tmp_path)) == [check]


@pytest.mark.parametrize(
    "line",
    [
        REFUSED.format("connect to 'https://tracker.example/x'", "connect-src 'self'"),
        REFUSED.format("load the script 'https://ads.example/a.js'", "script-src 'self'"),
        REFUSED.format("execute inline script", "script-src 'self'"),
        "[Report Only] " + REFUSED.format(f"connect to '{PLANE}'", "connect-src 'self'"),
        (
            "Fetch API cannot load https://tracker.example/. Refused to connect because it "
            "violates the document's Content Security Policy."
        ),
    ],
)
def test_what_the_console_says_of_other_scripts_is_no_fault(line: str, tmp_path: Path) -> None:
    console(tmp_path, line)
    assert causes(evaluated(Har().healthy(), tmp_path)) == []


def test_an_inline_violation_of_another_script_is_told_by_its_hash(tmp_path: Path) -> None:
    page = snippet() + "<script>alert(1)</script>"
    other = "sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI="
    console(
        tmp_path,
        REFUSED.format("execute inline script", "script-src 'self'")
        + f" Either the 'unsafe-inline' keyword, a hash ('{other}'), or a nonce is required",
    )
    verdicts = evaluated(Har().document(html=page).wait(9).api(), tmp_path)
    assert "csp-script" not in causes(verdicts)


def test_an_endpoint_without_a_scheme_is_told_by_the_console(tmp_path: Path) -> None:
    console(tmp_path, "cwr.js:2 Uncaught TypeError: Failed to construct 'URL': Invalid URL")
    assert causes(evaluated(started("1.16.1"), tmp_path)) == ["snippet-present"]


def test_two_snippets_on_one_page_are_told(tmp_path: Path) -> None:
    page = snippet() + snippet().replace(MONITOR, OTHER_MONITOR)
    har = started(html=page).client(cache="memory").get_id().credentials()
    har.put(monitor=OTHER_MONITOR, wait=5).put(monitor=OTHER_MONITOR)
    assert causes(evaluated(har, tmp_path)) == ["snippet-present"]


def test_a_self_hosted_client_is_known_by_the_snippet(tmp_path: Path) -> None:
    page = snippet().replace(CDN, f"{SITE}/assets/monitoring.js")
    har = Har().document(html=page).add("GET", f"{SITE}/assets/monitoring.js", 404, kind="script")
    assert causes(evaluated(har, tmp_path)) == ["client-script-loads"]


@pytest.mark.parametrize(
    ("sources", "check"), [("'self'", 1), ("https://*.amazonaws.com", 0), ("https:", 0)]
)
def test_what_is_missing_is_held_against_the_recorded_policy(
    sources: str, check: int, tmp_path: Path
) -> None:
    cognito = f"https://cognito-identity.{REGION}.amazonaws.com"
    har = started(content_security_policy=f"connect-src {sources} {cognito}")
    verdicts = evaluated(har.get_id().credentials(), tmp_path)
    assert causes(verdicts) == ["csp-connect"] * check


def test_a_report_only_policy_of_the_recorded_page_is_no_fault(tmp_path: Path) -> None:
    har = started(content_security_policy_report_only="connect-src 'none'")
    assert causes(evaluated(har.get_id().credentials(), tmp_path)) == []


def test_a_short_recording_is_no_reason_to_blame_a_policy_that_lets_all_through(
    tmp_path: Path,
) -> None:
    har = started(html=snippet()).get_id().credentials()
    assert causes(evaluated(har, tmp_path)) == []


def test_the_data_plane_that_a_policy_keeps_away_is_named_by_its_partition(tmp_path: Path) -> None:
    har = started(content_security_policy="connect-src https://*.cn-north-1.amazonaws.com")
    har.cognito(
        "GetId", {"IdentityPoolId": POOL.replace(REGION, "cn-north-1")}, region="cn-north-1"
    )
    blocked = evaluated(har.wait(20).api(), tmp_path)["csp-connect"]
    assert blocked.status is Status.FAIL
    assert "https://dataplane.rum.cn-north-1.amazonaws.com.cn" in blocked.fixes[0].text
