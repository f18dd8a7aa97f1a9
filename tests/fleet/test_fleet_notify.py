"""Notifications: on change only, with the difference, the cause, the fix and a link."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import parse_qs

import pytest
from fleet_rows import row, run_of  # type: ignore[import-not-found]
from fleet_servers import serving  # type: ignore[import-not-found]

from rumkit.fleet.notify import message, news, parse_channel, tell
from rumkit.fleet.publish import publish
from rumkit.fleet.rows import TOLD_TO_END
from rumkit.fleet.store import FolderStore
from rumkit.fleet.writing import ALLOWED, writing_client
from rumkit.model import BadInput, ReadRefused

NEW = row("broken", change="new", bad_since="2026-03-02T06:00:00Z", owner="shop team",
          files={"html": "reports/x.html"})  # fmt: skip
TOPIC = "arn:aws:sns:eu-west-1:111122223333:rum"


@pytest.mark.parametrize(
    ("state", "change", "told"),
    [
        ("healthy", "same", False),
        ("broken", "same", False),
        ("broken", "new", True),
        ("broken", "worse", True),
        ("unproven", "better", False),
        ("healthy", "mended", True),
        ("failed", "new", True),
        ("healthy", "first", False),
        ("broken", "first", True),
    ],
)
def test_only_what_changed_is_told(state, change, told):
    assert bool(news(run_of(row(state, change=change)))) is told


def test_a_monitor_that_a_stop_left_unseen_is_no_news(tmp_path):
    store = FolderStore(tmp_path)
    publish(store, run_of(row("healthy")))
    stopped, _ = publish(store, run_of(row("failed", error=TOLD_TO_END, run="second")))
    assert news(stopped) == []
    # The next run is compared with what was seen last.
    again, _ = publish(store, run_of(row("healthy", run="third")))
    assert [each.change for each in again.rows] == ["same"]


def test_nothing_is_sent_where_nothing_changed(tmp_path):
    channel = parse_channel(f"file:{tmp_path / 'news'}")
    assert tell(run_of(row("broken", change="same")), [channel]) == []
    assert not (tmp_path / "news").exists()


def test_the_message_holds_difference_cause_fix_and_link():
    text = message(run_of(NEW), [NEW], "https://reports.example/rum/")
    assert text.splitlines() == [
        "App monitors: 1 broken (2026-03-02T09:00:00Z)",
        "",
        "new: shop-web prod eu-west-1 is broken, shop team, since 2026-03-02T06:00:00Z",
        "  cause: guest-role-permission: The guest role may not send.",
        "  fix: aws iam put-role-policy --role-name x",
        "  https://reports.example/rum/reports/x.html",
        "",
        "https://reports.example/rum/latest/fleet.html",
    ]


def test_what_was_mended_needs_no_fix():
    good = replace(NEW, state="healthy", change="mended")
    assert "fix:" not in message(run_of(good), [good], "")


def test_a_file_gets_each_message_appended(tmp_path):
    channel = parse_channel(f"file:{tmp_path / 'news'}")
    for _ in range(2):
        assert tell(run_of(NEW), [channel]) == []
    assert (tmp_path / "news").read_text().count("new: shop-web") == 2


def test_slack_gets_text_in_which_nothing_is_markup():
    hostile = replace(NEW, monitor="<!channel> <https://evil.example|click> &")
    with serving() as hook:
        assert tell(run_of(hostile), [parse_channel(f"slack:{hook.url}/services/T/B/x")]) == []
        text = json.loads(hook.posted[0])["text"]
    assert "&lt;!channel&gt;" in text
    assert "<" not in text


def test_teams_gets_an_adaptive_card():
    with serving() as hook:
        assert tell(run_of(NEW), [parse_channel(f"teams:{hook.url}/workflows/x")]) == []
        posted = json.loads(hook.posted[0])
    card = posted["attachments"][0]["content"]
    assert posted["attachments"][0]["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert card["type"] == "AdaptiveCard"
    assert any("shop-web" in block["text"] for block in card["body"])


@pytest.mark.usefixtures("here")
def test_sns_gets_a_subject_of_one_line_and_the_message(monkeypatch):
    with serving() as topic:
        monkeypatch.setenv("AWS_ENDPOINT_URL_SNS", topic.url)
        monkeypatch.setenv("AWS_PROFILE", "prod")
        assert tell(run_of(NEW), [parse_channel(f"sns:{TOPIC}")]) == []
        sent = parse_qs(topic.posted[0].decode())
    assert (sent["Action"], sent["TopicArn"]) == (["Publish"], [TOPIC])
    assert sent["Subject"] == ["App monitors: 1 broken"]
    assert "shop-web" in sent["Message"][0]


def test_a_channel_that_fails_is_told_without_its_secret_and_the_others_are_sent(tmp_path):
    channels = [
        parse_channel("slack:http://127.0.0.1:9/services/secret-of-the-hook"),
        parse_channel(f"file:{tmp_path / 'news'}"),
    ]
    failures = tell(run_of(NEW), channels)
    assert len(failures) == 1
    assert failures[0].startswith("The notification by slack:127.0.0.1 was not sent")
    assert "secret" not in failures[0]
    assert (tmp_path / "news").exists()


@pytest.mark.parametrize(
    "text", ["slack", "slack:", "pager:x", "slack:http://hooks.example/x", "teams:x", "sns:topic",
             "sns:arn:aws:iam::111122223333:role/x"],
)  # fmt: skip
def test_what_is_no_channel_is_refused(text):
    with pytest.raises(BadInput, match="--notify"):
        parse_channel(text)


@pytest.mark.usefixtures("here")
def test_the_clients_that_write_may_do_what_was_asked_for_and_nothing_else(monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "prod")
    assert {("s3", "PutObject"), ("s3", "GetObject"), ("sns", "Publish")} == ALLOWED
    with pytest.raises(ReadRefused, match="s3:DeleteObject"):
        writing_client("s3").delete_object(Bucket="b", Key="k")
    with pytest.raises(ReadRefused, match="sns:CreateTopic"):
        writing_client("sns").create_topic(Name="x")
