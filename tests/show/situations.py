"""Ten situations of a night, as investigations kept on disk; run this file to make them again.

They are made with the sandbox and then said of an ordinary account, so that what is tested here is
what a person is shown, whatever the checks come to say.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from rumkit.investigation import Investigation

FOLDER = Path(__file__).with_name("data") / "night"
NAMES = (
    "healthy",
    "permission",
    "two-faults",
    "page-only",
    "recording-only",
    "not-signed-in",
    "unreachable",
    "wrong-monitor",
    "degraded",
    "sandbox",
)
_SANDBOX = {"profile": "rumkit-sandbox", "sandbox": "practice"}
_ORDINARY = {"profile": "prod", "sandbox": None}


def situation(name: str) -> Investigation:
    """Return one of the situations."""
    return Investigation.from_dict(json.loads((FOLDER / f"{name}.json").read_text("utf-8")))


def _renew() -> None:
    import har_builder  # type: ignore[import-not-found]

    nobody = {"AWS_PROFILE": None, "AWS_CONFIG_FILE": "/dev/null",
              "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"}  # fmt: skip
    nowhere = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1"}
    alone = {"RUMKIT_MONITOR": None, "RUMKIT_PAGE": None}
    page = {"page": "https://www.shop.example/"}
    message = har_builder.DENIED.format(session="CognitoIdentityCredentials")
    started = har_builder.Har().document().client().wait(20).get_id().credentials()
    with tempfile.TemporaryDirectory() as folder:
        har = started.put(403, "AccessDeniedException", message, wait=5).write(Path(folder))
        _make("healthy", "healthy")
        _make("permission", "guest-role-permission")
        _make("two-faults", "guest-role-trust+csp-script")
        _make("page-only", "healthy", nobody, **page)
        _make("recording-only", "healthy", nobody, recording=str(har))
        _make("not-signed-in", "healthy", nobody | alone, monitor="shop-web", region="eu-west-1")
        _make("unreachable", "healthy", nowhere | alone, monitor="shop-web", region="eu-west-1")
        _make("wrong-monitor", "healthy", monitor="warehouse", **page)
        _make("degraded", "service-linked-role")
        _make("sandbox", "guest-role-permission", target=_SANDBOX)


def _make(
    name: str,
    scenario: str,
    surroundings: dict[str, str | None] | None = None,
    *,
    target: dict[str, Any] = _ORDINARY,  # type: ignore[assignment]
    **given: str,
) -> None:
    from harness import environment  # type: ignore[import-not-found]

    import rumkit
    from rumkit.sandbox.runner import start

    with start(scenario) as sandbox:
        values = {**sandbox.environment, **(surroundings or {})}
        with environment({key: value for key, value in values.items() if value is not None}):
            made = rumkit.investigate(**given).to_dict()
    made["target"] |= target
    if made["target"]["recording"]:
        made["target"]["recording"] = "session.har"
    made["tables"] = {}
    for each in made["findings"]:
        each["answers"] = []
        each["evidence"] = each["evidence"] if each["check"] == made["root_cause"] else []
    FOLDER.mkdir(parents=True, exist_ok=True)
    text = json.dumps(made, indent=1, ensure_ascii=False) + "\n"
    (FOLDER / f"{name}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.path += [str(Path(__file__).parents[1] / each) for each in ("client", "end_to_end")]
    _renew()
