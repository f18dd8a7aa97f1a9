"""The tools: few, read-only, each a thin layer over what the command line has too."""

# The signatures are read when the server is made, so their names are imported for good.
from __future__ import annotations

import asyncio
import itertools
import json
from typing import TYPE_CHECKING, Annotated, Any, TypedDict, TypeVar

from anyio import to_thread
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import CallToolResult, TextContent, ToolAnnotations
from pydantic import Field

from rumkit import __version__
from rumkit.aws.patience import DEFAULT_SECONDS
from rumkit.checks import check_names
from rumkit.mcp import answers, queries
from rumkit.mcp.queries import Kind  # noqa: TC001 - as said above
from rumkit.model import RumkitError, did_you_mean
from rumkit.plain_file import given_path

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rumkit.investigation import Investigation
    from rumkit.model import Finding

_INSTRUCTIONS = f"""\
rumkit finds out why Amazon CloudWatch RUM data does not arrive. Begin with `investigate`, which
names the first broken hop of the delivery path (page, session, credentials, authorize, ingest,
trace), its cause with evidence, and a fix. `check` gives one finding whole, `query` the calls and
changes behind it, `explain` what a check asks, `read` a recording or a saved investigation.
Every tool only reads. A verdict of `unproven` is not `healthy`: nobody saw events arrive.
{answers.NOTICE}"""
_READS = ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=True
)
_TARGET = ("monitor", "page", "recording", "region", "profile", "since", "until", "trail")
_MOST_ROWS = 200
_LONGEST_READ = 12_000

Monitor = Annotated[str, Field(description="App monitor's name or id", max_length=255)]
Page = Annotated[str, Field(description="The page's URL, or a saved HTML file", max_length=4096)]
Recording = Annotated[str, Field(description="A browser's recording (HAR file)", max_length=4096)]
Region = Annotated[str, Field(description="The monitor's region; empty: the page's, the profile's")]
Profile = Annotated[str, Field(description="AWS profile; empty: that of the server")]
Since = Annotated[str, Field(description="Begin of the window: 24h, 3d or 2026-03-01T09:00:00Z")]
Until = Annotated[str, Field(description="End of the window; empty: now")]
Trail = Annotated[str, Field(description="CloudTrail source: auto, none, lookup, logs:GROUP, …")]
CheckName = Annotated[
    str,
    Field(description="A check's name", json_schema_extra={"enum": list(map(str, check_names()))}),
]
Limit = Annotated[int, Field(description="The newest so many rows", ge=1, le=_MOST_ROWS)]


T = TypeVar("T")


class ToolAnswer(TypedDict):
    """What every tool returns: the notice, which parts strangers may have written, the data."""

    notice: str
    written_by_strangers: list[str]
    data: dict[str, Any]


Result = Annotated[CallToolResult, ToolAnswer]


def made(
    *, profile: str | None = None, region: str | None = None, timeout: float = DEFAULT_SECONDS
) -> MCPServer[Any]:
    """Return the server with its tools: `profile` and `region` are for calls that name none.

    `timeout` is how many seconds AWS is waited for in a call.
    """
    server: MCPServer[Any] = MCPServer(
        "rumkit",
        title="rumkit: why CloudWatch RUM data does not arrive",
        instructions=_INSTRUCTIONS,
        version=__version__,
        log_level="WARNING",
    )
    tools = _Tools({"profile": profile, "region": region}, timeout)
    for name, tool, title in (
        ("investigate", tools.investigate, "Find the first broken hop, its cause and its fix"),
        ("check", tools.check, "One check's finding, whole"),
        ("query", tools.query, "Denied calls, token failures, configuration changes, arrival"),
        ("explain", tools.explain, "What a check asks, from what, and where to read on"),
        ("read", tools.read, "A browser's recording, or a saved investigation"),
    ):
        server.add_tool(tool, name=name, title=title, annotations=_READS)
    return server


class _Tools:
    """The tools' bodies; each raises ToolError with rumkit's own sentence."""

    def __init__(self, defaults: Mapping[str, str | None], timeout: float) -> None:
        # What `investigate` is given for what a call leaves empty.
        self._defaults = {**defaults, "since": "24h", "trail": "auto"}
        self._timeout = timeout

    async def investigate(
        self,
        context: Context[Any, Any],
        monitor: Monitor = "",
        page: Page = "",
        recording: Recording = "",
        region: Region = "",
        profile: Profile = "",
        since: Since = "24h",
        until: Until = "",
        trail: Trail = "auto",
    ) -> Result:
        """Find out why an app monitor, a page or a recording delivers no CloudWatch RUM events.

        Name at least one of monitor, page and recording; more of them give more answers. Returns
        the verdict, the delivery path hop by hop, the root cause with its evidence and fixes (each
        tried on a copy where that is possible), other faults, and what could not be seen. Takes
        10 to 60 seconds and reports progress.
        """
        target = self._target(locals())
        investigation = await self._investigated(context, target)
        return _result(answers.read_aloud(investigation), answers.of_investigation(investigation))

    async def check(
        self,
        context: Context[Any, Any],
        name: CheckName,
        monitor: Monitor = "",
        page: Page = "",
        recording: Recording = "",
        region: Region = "",
        profile: Profile = "",
        since: Since = "24h",
        until: Until = "",
        trail: Trail = "auto",
    ) -> Result:
        """Return one check's finding whole: status, evidence, all fixes, what would answer it.

        Use it after `investigate`, for a finding that was shown in short. It looks again.
        """
        _known(name)
        target = self._target(locals())
        finding = (await self._investigated(context, target)).finding(name)
        data = answers.answer(answers.of_finding(finding), ("summary", "evidence", "fixes"))
        return _result(answers.marked(_finding_text(finding)), data)

    async def query(
        self,
        kind: Annotated[Kind, Field(description="Which table to read")],
        monitor: Monitor = "",
        page: Page = "",
        region: Region = "",
        profile: Profile = "",
        since: Since = "24h",
        until: Until = "",
        trail: Trail = "auto",
        limit: Limit = 50,
    ) -> Result:
        """Read one table: who was refused, what changed, or when events arrived.

        denied_calls: PutRumEvents that were refused. failures: STS and Cognito calls of browsers
        that failed. changes: configuration changes of monitor, pool, role and policies. arrival:
        accepted events per period. The newest rows are returned, with the number of all. An empty
        table with `not_recorded_by_any_trail` does not say that nothing happened.
        """
        from rumkit.runner import evidence_for

        target = self._target(locals())
        data = await to_thread.run_sync(
            _said, lambda: queries.asked(evidence_for(**target), kind, limit, self._timeout)
        )
        text = _cut(json.dumps(data["data"], ensure_ascii=False, default=str))
        return _result(answers.marked(text), data)

    async def explain(self, name: CheckName) -> Result:
        """Say what a check asks, from what it decides, what changes it, and where to read on."""
        from rumkit.show.explained import explain

        text = explain(_known(name))
        return _result(text, answers.answer({"check": name, "lines": text.splitlines()}, ()))

    async def read(
        self,
        file: Annotated[str, Field(description="Path of the file on this machine")],
    ) -> Result:
        """Read a browser's recording (HAR, zip, folder) or an investigation saved with --save.

        Its content tells which of the two it is. A recording is described without secrets; to
        have it evaluated, give it to `investigate`.
        """
        return await to_thread.run_sync(_said, lambda: _read(file))

    def _target(self, given: dict[str, Any]) -> dict[str, Any]:
        """Return what a call names by the names of `investigate`, with the server's defaults."""
        named = {name: given[name] for name in _TARGET if given.get(name)}
        return self._defaults | named

    async def _investigated(
        self, context: Context[Any, Any], target: dict[str, Any]
    ) -> Investigation:
        from rumkit.runner import investigate
        from rumkit.show.progress import checks

        loop, seen = asyncio.get_running_loop(), itertools.count(1)

        def tell(finding: Finding) -> None:
            message = f"{finding.check}: {finding.status}"
            told = context.report_progress(next(seen), checks(), message)
            # From whichever thread decided it; nothing waits for the client to hear it.
            asyncio.run_coroutine_threadsafe(told, loop)

        def work() -> Investigation:
            return investigate(**target, timeout=self._timeout, on_finding=tell)

        return await to_thread.run_sync(_said, work, abandon_on_cancel=True)


def _known(name: str) -> str:
    if name not in check_names():
        near = did_you_mean(name, check_names(), most=3)
        hint = near or "; the schema of `name` lists them."
        raise ToolError(answers.error(f"There is no check {name[:80]!r}{hint}"))
    return name


def _said(work: Callable[[], T]) -> T:
    """Do the work; what rumkit says to a person, it says to an agent."""
    try:
        return work()
    except RumkitError as error:
        raise ToolError(answers.error(str(error))) from None


def _result(text: str, data: dict[str, Any]) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=data)


def _read(file: str) -> CallToolResult:
    from rumkit import case

    path = given_path(file)
    if investigation := case.load_if_case(path):
        return _result(answers.read_aloud(investigation), answers.of_investigation(investigation))
    from rumkit.client.recording import read_recording
    from rumkit.show.recording import described

    text = described(read_recording(str(path)))
    cut = _cut(text)
    data = answers.answer({"recording": path.name, "lines": cut.splitlines()}, ("lines",))
    return _result(answers.marked(cut), data)


def _finding_text(finding: Finding) -> str:
    from rumkit.show.text import TextPage

    page = TextPage(100, colour=False, whole_words=True)
    return _cut("\n".join(page.whole(finding)))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_READ else f"{text[:_LONGEST_READ]}\n…"
