"""Facts of the browser's side: page, snippet, policies, recording."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

from rumkit.aws_names import is_uuid
from rumkit.evidence.facts import Facts, fact, or_none
from rumkit.model import NotCollected

if TYPE_CHECKING:
    from rumkit.client.bundle import BundledClient
    from rumkit.client.csp import Evaluation
    from rumkit.client.csp.hashes import ServedHashes
    from rumkit.client.generations import Behaviour
    from rumkit.client.packages import PackageVersion
    from rumkit.client.page import Page
    from rumkit.client.recording import Recording
    from rumkit.client.scripts import PageScript
    from rumkit.client.snippet import Snippet
    from rumkit.client.visit import Visit


def _installation_of(page: Page) -> tuple[object, ...]:
    """Return what of a page decides delivery: its installations and its policies."""
    from rumkit.client.find import find_snippets

    snippets = tuple((each.source, str(each.config)) for each in find_snippets(page))
    policies = page.header("content-security-policy")
    metas = tuple(str(policy) for policy in page.meta_policies)
    return snippets, policies, metas


class BrowserFacts(Facts):
    """What the browser holds: nothing here asks AWS."""

    @fact
    def recording(self) -> Recording:
        """The browser recording."""
        if self.target.seen_in_browser is None:
            raise NotCollected(
                "recording", "no browser recording was given", missing=("input:recording",)
            )
        from rumkit.client.recording import read_recording

        return read_recording(
            self.target.recording, console=self.target.console, storage=self.target.storage
        )

    @fact
    def visit(self) -> Visit:
        """The recorded visit, with the snippets of the page or else of the recorded documents."""
        from rumkit.client.visit import Visit, recorded_snippets, strangers

        named = self.target.page or self.target.source
        snippets = self.snippets_or_none() or recorded_snippets(self.recording)
        ids = [each.app_monitor_id for each in snippets] if named else []
        asked = {each for each in ids if isinstance(each, str) and is_uuid(each)}
        others = strangers(self.recording, asked, of_page=self.target.page is not None)
        return Visit(self.recording, snippets, asked=asked, strangers=others)

    @fact
    def page(self) -> Page:
        """The page: the named one, else the document inside the recording."""
        from rumkit.client.page import read_page

        if self.target.page is not None:
            return self._with_written_policies(read_page(self.target.page))
        if self.target.recording is not None:
            return self._recorded_page()
        if self.target.source is not None:
            return self.source_file
        raise NotCollected("page", "no page was given", missing=("input:page",))

    def _with_written_policies(self, page: Page) -> Page:
        """Add to a file without headers the policies that the source file sets for it."""
        if not page.from_file or page.headers or page.written or self.target.source is None:
            return page
        source = or_none(lambda: self.source_file)
        return replace(page, written=source.written) if source else page

    def _recorded_page(self) -> Page:
        """Return the first recorded document that holds a snippet, else the first of all."""
        from rumkit.client.find import find_snippets

        pages = [each.as_page() for each in self.recording.documents if each.html]
        if not pages:
            raise NotCollected(
                "page",
                "the recording holds no document's content: export it with content, or name"
                " the page",
                missing=("input:page",),
            )
        return next((page for page in pages if find_snippets(page)), pages[0])

    @fact
    def source_file(self) -> Page:
        """The source file that constructs the client, where one was named."""
        if self.target.source is None:
            raise NotCollected("source_file", "no source file was named", missing=("input:source",))
        from rumkit.client.page import read_page

        return read_page(self.target.source)

    @fact
    def page_scripts(self) -> tuple[PageScript, ...]:
        """The scripts that the page loads; of a recorded page those that the recording holds."""
        from rumkit.client.scripts import PageScript, read_scripts

        if self.target.page is not None:
            return read_scripts(self.page)
        if self.target.recording is None:
            raise NotCollected("page_scripts", "no page was given", missing=("input:page",))
        kept = [PageScript(each.url, each.text) for each in self.recording.scripts]
        bare = [PageScript(url, "") for url in sorted(self.recording.bare_scripts)]
        return (*kept, *bare)

    @fact
    def bundled_client(self) -> BundledClient | None:
        """The client inside the page's own scripts; None where none of them holds it."""
        from rumkit.client.bundle import find_in_scripts

        read = [(each.url, each.text) for each in self.page_scripts if each.text]
        if recording := self.recording_or_none():
            read += [(each.url, each.text) for each in recording.scripts]
        # Addresses may have lost what tells two scripts apart.
        return find_in_scripts(list(dict.fromkeys(read)))

    @fact
    def packages(self) -> tuple[PackageVersion, ...]:
        """The client's packages that the project of the source file names."""
        from rumkit.client.packages import read_packages

        named = self.target.source or self.target.page
        if named is None or "://" in named:
            raise NotCollected("packages", "no source file was named", missing=("input:source",))
        return read_packages(named)

    @fact
    def snippets(self) -> tuple[Snippet, ...]:
        """All RUM installations of source file and page; the first is not always the one."""
        return self._installations()

    def _installations(self, *, bare: bool = False) -> tuple[Snippet, ...]:
        """Return the installations; `bare` ones know nothing of the build's variables."""
        from rumkit.client.find import find_snippets
        from rumkit.client.scripts import with_loaders

        def read(page: Page) -> Page:
            return replace(page, variables=None) if bare else page

        if self.target.source is not None and (snippets := find_snippets(read(self.source_file))):
            return tuple(snippets)
        snippets = find_snippets(read(self.page))
        if snippets or self.page.language != "html":
            return tuple(snippets)
        if page := with_loaders(read(self.page), self.page_scripts_or_none()):
            # Their files need no hash in a policy, and have lines of their own.
            return tuple(replace(each, script_index=None) for each in find_snippets(page))
        bundled = self.bundled_client_or_none()
        return bundled.snippets if bundled else ()

    def variables_used(self) -> dict[str, tuple[str, str]]:
        """Return the build's variables that the installations read: each one's file and text."""
        self.snippets_or_none()
        pages = (or_none(lambda: self.source_file), or_none(lambda: self.page))
        read = [page.variables for page in pages if page and page.variables]
        return {name: given for each in read for name, given in each.used.items()}

    def without_variables(self) -> Self:
        """Return a copy that knows nothing of the build's variables."""
        return self.once.get(
            "without_variables",
            lambda: self.with_facts({"snippets": self._installations(bare=True)}),
        )

    @fact
    def snippet(self) -> Snippet:
        """The installation under investigation."""
        snippets = self.snippets
        if not snippets:
            raise NotCollected(
                "snippet", "the page holds no RUM snippet that can be read", absent=True
            )
        if len(snippets) > 1 and self.target.monitor:
            wanted = self.wanted_monitor_id()
            return next((s for s in snippets if s.app_monitor_id == wanted), snippets[0])
        return snippets[0]

    @fact
    def behaviour(self) -> Behaviour:
        """What this client's generation does, from its URL or from the recording."""
        from rumkit.client.generations import behaviour

        snippet = self.snippet
        if snippet.version.number is not None:
            return snippet.behaviour
        return behaviour(self._version_elsewhere(), snippet.build)

    def _version_elsewhere(self) -> str:
        """Return the client's version by recording, lock file or bundle; empty when none tells."""
        recording = self.recording_or_none()
        if recording and recording.client_version:
            return recording.client_version
        used = self.used_package_or_none()
        if used is not None and used.exact:
            return used.version
        bundled = self.bundled_client_or_none()
        return bundled.version if bundled else ""

    def used_package_or_none(self) -> PackageVersion | None:
        """Return the client's package that the project uses; None where no file tells."""
        from rumkit.client.packages import used_package

        return or_none(lambda: used_package(self.packages))

    def wanted_major(self) -> int | None:
        """Return the major release that the project's manifest asks for; None where none tells."""
        used = self.used_package_or_none()
        match = re.search(r"\d+", used.version) if used else None
        return int(match[0]) if match else None

    @fact
    def flow(self) -> str:
        """How this client gets credentials: enhanced, basic, own-credentials, unsigned, none."""
        return self.snippet.flow(self.behaviour)

    @fact
    def evaluation(self) -> Evaluation:
        """What the page's policies let run, load and connect."""
        from rumkit.client.csp import evaluate

        snippet = self.snippet_or_none()
        if snippet is None:
            return evaluate(self.page, self.expected_urls())
        return evaluate(
            self._page_and_policies(),
            snippet.connect_urls(self.behaviour).values() or self.expected_urls(),
            client_url=snippet.client_url if isinstance(snippet.client_url, str) else None,
            snippet_index=self._inline_index(snippet),
            snippet_hashes=self._served_hashes(snippet.script_index),
        )

    def _inline_index(self, snippet: Snippet) -> int | None:
        """Return which of the page's scripts holds the snippet; None for a script's own file."""
        from rumkit.client.find import find_snippets

        if self._page_and_policies().language != "html":
            return None
        named = or_none(lambda: self.source_file)
        if named is not None and named.language != "html" and find_snippets(named):
            return None
        return snippet.script_index

    def script_evaluation(self, index: int) -> Evaluation:
        """Return what the page's policies let one of its scripts do, by the script's index."""
        from rumkit.client.csp import evaluate

        return evaluate(
            self._page_and_policies(),
            (),
            snippet_index=index,
            snippet_hashes=self._served_hashes(index),
        )

    def _page_and_policies(self) -> Page:
        """Return the page; of a file that only sets policies, the source with these policies."""
        page = self.page
        if page.language == "html" or not page.written or self.target.source is None:
            return page
        return replace(self.source_file, written=page.written)

    def _served_hashes(self, index: int | None) -> ServedHashes | None:
        """Return a script's hashes as it was served, where the recording lost parts of its text."""
        if self.target.page is not None or self.target.recording is None:
            return None
        script = next((s for s in self.page.scripts if s.index == index), None)
        same = [each for each in self.recording.documents if each.url == self.page.url]
        if script is None:
            return None
        return next(filter(None, (each.served_hashes(script.text) for each in same)), None)

    def expected_urls(self) -> tuple[str, ...]:
        """Return what a client that was not read most likely connects to, by what else is known."""
        raise NotImplementedError

    def option(self, name: str, default: Any = None) -> Any:
        """Return an option's literal value, `default` where the configuration leaves it out.

        Raises NotCollected, which quotes what decides the option, where the source that was read
        does not say: a check that reads it is unknown then, and names the variable.
        """
        from rumkit.client.options import KnownOption, LeftOut

        if not self.snippet.configured:
            raise NotCollected(
                name, "the page hands the client no configuration: see snippet-present"
            )
        match self.snippet.setting(name):
            case KnownOption(value):
                return value
            case LeftOut():
                return default
            case unread if not re.search(r"\w", unread.source):
                raise NotCollected(
                    name,
                    f"{name} may stand in a part of the configuration that cannot be read",
                    missing=("input:recording",),
                )
            case unread:
                raise NotCollected(
                    name,
                    f"{name} is decided by {unread.source}, and what was read does not say what"
                    " that is",
                    missing=("input:recording",),
                )

    def bundled_client_or_none(self) -> BundledClient | None:
        """Return the client in the page's scripts, None also when none could be read."""
        return or_none(lambda: self.bundled_client)

    def page_scripts_or_none(self) -> tuple[PageScript, ...]:
        """Return the page's scripts, none when there is no page to read."""
        return or_none(lambda: self.page_scripts) or ()

    def recording_or_none(self) -> Recording | None:
        """Return the recording, None also where it cannot be read: its checks say why."""
        return or_none(lambda: self.recording)

    def page_changed(self) -> bool:
        """Tell whether the page that was named differs from the recorded one in what counts."""
        if self.target.page is None or self.target.recording is None:
            return False
        from rumkit.client.visit import recorded_page

        # The page's own checks say why it could not be read.
        page = or_none(lambda: self.page)
        recorded = recorded_page(self.recording, page.url) if page else None
        if page is None or recorded is None:
            return False
        return _installation_of(recorded) != _installation_of(page)

    def flow_or_default(self) -> str:
        """Return the flow, `unknown` when there is no snippet to tell it."""
        return self.flow if self.snippet_or_none() is not None else "unknown"

    def snippets_or_none(self) -> tuple[Snippet, ...]:
        """Return the page's snippets, none when there is no page to read."""
        return or_none(lambda: self.snippets) or ()

    def snippet_or_none(self) -> Snippet | None:
        """Return the installation, None when there is no page or no snippet on it."""
        return or_none(lambda: self.snippet)

    def recorded_regions(self) -> tuple[str, ...]:
        """Return the regions that a recording's requests are signed for."""
        recording = self.recording_or_none()
        if recording is None:
            return ()
        from rumkit.client.har.conversation import Kind

        calls = recording.of(Kind.PUT_EVENTS)
        scopes = (call.signature.region for call in calls if call.signature)
        return tuple(dict.fromkeys(filter(None, scopes)))

    def page_monitor_id(self) -> str | None:
        """Return the monitor id that page or recording names, None when neither does."""
        snippet = self.snippet_or_none()
        if snippet is not None and isinstance(snippet.app_monitor_id, str):
            return snippet.app_monitor_id
        recording = self.recording_or_none()
        return recording.monitor_ids[0] if recording and recording.monitor_ids else None

    def wanted_monitor_id(self) -> str | None:
        """Return the id of the monitor that the user named, None when it cannot be found."""
        raise NotImplementedError
