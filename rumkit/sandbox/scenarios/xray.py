"""X-Ray does not connect client and server traces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rumkit.sandbox.scenarios.base import Scenario
from rumkit.sandbox.scenarios.parts import configure

if TYPE_CHECKING:
    from rumkit.sandbox.installation import Installation
    from rumkit.sandbox.world import World

_SECTION = "xray-tracing"


def _no_header(_world: World, place: Installation) -> None:
    place.client.config["telemetries"] = ["performance", "errors", "http"]


def _cross_origin(_world: World, place: Installation) -> None:
    place.api_host = f"api.{place.host.removeprefix('www.')}"
    place.server_traced = False


def _server_untraced(_world: World, place: Installation) -> None:
    place.server_traced = False


SCENARIOS = (
    Scenario(
        "xray-enabled",
        "The trace header is asked for, but X-Ray is not enabled",
        _SECTION,
        configure(enableXRay=False),
        "xray-enabled",
        "page",
    ),
    Scenario(
        "xray-header",
        "The client makes traces, but sends no trace header",
        _SECTION,
        _no_header,
        "xray-header",
        "page",
        also=("xray-joined",),
    ),
    Scenario(
        "xray-cors",
        "The API of another origin does not let the trace header through",
        _SECTION,
        _cross_origin,
        "xray-cors",
        why_not="the API's answer to preflights is the application's own",
        also=("xray-joined",),
    ),
    Scenario(
        "xray-joined",
        "The header is sent, and no server continues the trace",
        _SECTION,
        _server_untraced,
        "xray-joined",
        why_not="the server's instrumentation is the application's own",
    ),
)
