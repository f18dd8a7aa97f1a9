"""Events are not being sent by the web client."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.sandbox.markup import render
from rumkit.sandbox.scenarios.base import Scenario
from rumkit.sandbox.scenarios.parts import SILENT, configure
from rumkit.sandbox.snippet import CLIENT_HOST, Source, write_snippet

if TYPE_CHECKING:
    from rumkit.sandbox.installation import Installation
    from rumkit.sandbox.world import World

_SECTION = "events-not-sent"


def _no_snippet(_world: World, place: Installation) -> None:
    place.html = render(place.client).replace(write_snippet(place.client), "\n")


def _placeholder(_world: World, place: Installation) -> None:
    place.client.monitor_id = "{{RUM_APP_MONITOR_ID}}"


def _initialize(_world: World, place: Installation) -> None:
    call = (
        f"\n  cwr('initialize', {{appMonitorId: '{place.client.monitor_id}', "
        f"region: '{place.client.region}'}});\n"
    )
    place.html = render(place.client).replace(write_snippet(place.client), call)


def _in_body(_world: World, place: Installation) -> None:
    # The head holds no script, so there is nothing to insert cwr.js before.
    place.in_body = True


def _regional_host(_world: World, place: Installation) -> None:
    host = f"https://client.rum.{place.monitor.region}.amazonaws.com"
    place.client.url = f"{host}/1.x/cwr.js"


def _excluded(_world: World, place: Installation) -> None:
    place.client.config["pagesToInclude"] = [Source("/^\\/home/")]


def _no_credentials(_world: World, place: Installation) -> None:
    place.client.config.pop("identityPoolId")


def _old_client(_world: World, place: Installation) -> None:
    place.client.url = f"{CLIENT_HOST}/1.14.0/cwr.js"


def _silent(_world: World, place: Installation) -> None:
    place.silent = True


SCENARIOS = (
    Scenario(
        "snippet-present",
        "The page was deployed without the snippet",
        _SECTION,
        _no_snippet,
        "snippet-present",
        "page",
        also=SILENT,
    ),
    Scenario(
        "snippet-placeholder",
        "The template's placeholder for the app monitor's id was never replaced",
        _SECTION,
        _placeholder,
        "snippet-present",
        "page",
        also=SILENT,
    ),
    Scenario(
        "snippet-initialize",
        "The page calls cwr('initialize'), which no client knows",
        _SECTION,
        _initialize,
        "snippet-present",
        "page",
        also=SILENT,
    ),
    Scenario(
        "snippet-in-body",
        "The loader stands in the body, and the head has no script to insert before",
        _SECTION,
        _in_body,
        "snippet-present",
        "page",
        also=SILENT,
    ),
    Scenario(
        "client-script-loads",
        "cwr.js is loaded from the monitor's region, where it is not published",
        _SECTION,
        _regional_host,
        "client-script-loads",
        "page",
        also=SILENT,
    ),
    Scenario(
        "client-version",
        "Client 1.14 cannot use the enhanced flow",
        "beyond-the-guide",
        _old_client,
        "client-version",
        "page",
        also=SILENT,
    ),
    Scenario(
        "client-enabled",
        "The client is switched off by enableRumClient",
        _SECTION,
        configure(enableRumClient=False),
        "client-enabled",
        "page",
        also=SILENT,
    ),
    Scenario(
        "pages-excluded",
        "pagesToInclude holds a pattern of paths, and it is tested on whole addresses",
        _SECTION,
        _excluded,
        "client-enabled",
        "page",
        also=SILENT,
    ),
    Scenario(
        "pages-string",
        "pagesToInclude holds a string where a regular expression must stand",
        _SECTION,
        configure(pagesToInclude=["/home"]),
        "client-enabled",
        "page",
        also=SILENT,
    ),
    Scenario(
        "telemetries-string",
        "telemetries is a string where a list must stand",
        _SECTION,
        configure(telemetries="errors"),
        "client-enabled",
        "page",
        also=SILENT,
    ),
    Scenario(
        "session-sample-rate",
        "No session is sampled",
        _SECTION,
        configure(sessionSampleRate=0),
        "session-sample-rate",
        "page",
        also=SILENT,
    ),
    Scenario(
        "sample-rate-placeholder",
        "The sample rate is a text that the template should have replaced",
        _SECTION,
        configure(sessionSampleRate="{{rate}}"),
        "session-sample-rate",
        "page",
        also=SILENT,
    ),
    Scenario(
        "session-event-limit",
        "Every session stops after five events",
        _SECTION,
        configure(sessionEventLimit=5),
        "session-event-limit",
        "page",
    ),
    Scenario(
        "credentials-configured",
        "The client has no way to get credentials",
        _SECTION,
        _no_credentials,
        "credentials-configured",
        "page",
        also=SILENT,
    ),
    Scenario(
        "events-arriving",
        "Everything looks right, and nothing has arrived since the morning",
        _SECTION,
        _silent,
        "events-arriving",
        why_not="nothing in the account or on the page is wrong",
        browser=False,
    ),
)
