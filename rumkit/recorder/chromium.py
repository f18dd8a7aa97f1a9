"""Chrome, Chromium and Edge, over the DevTools protocol and two pipes: no port is opened."""

from __future__ import annotations

import os
import time
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from rumkit.recorder import held_back, page_scripts
from rumkit.recorder.capture import Capture, Exchange
from rumkit.recorder.channel import BrowserChannel, BrowserGone, PipeTransport
from rumkit.recorder.driver import let_flush
from rumkit.recorder.process import BrowserProcess, Pipes
from rumkit.recorder.states import keep_state, keep_violation

if TYPE_CHECKING:
    from collections.abc import Callable

    from rumkit.recorder.driver import Launch

_ARGUMENTS = (
    "--remote-debugging-pipe", "--no-first-run", "--no-default-browser-check",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-default-apps", "--password-store=basic", "--use-mock-keychain",
    "--disable-dev-shm-usage", "--hide-crash-restore-bubble", "--metrics-recording-only",
)  # fmt: skip
_BINDING = "rumkitTells"
_WORLD = "rumkit"
_ISSUES = frozenset(
    {
        "BlockedByResponseIssue", "ContentSecurityPolicyIssue", "CorsIssue", "MixedContentIssue",
        "SRIMessageSignatureIssue",
    }
)  # fmt: skip
_MAX_BODY = 8_000_000
_START_SECONDS = 30.0
_MAX_ISSUES = 500
# What carries no page: their own requests repeat what the page's session tells.
_PAGES = frozenset({"page", "iframe"})
_BLANK = "about:blank"


class Chromium:
    """A running Chromium with one tab that is recorded."""

    def __init__(self, launch: Launch) -> None:
        self._launch = launch
        self._process = BrowserProcess()
        self._pipes: Pipes | None = None
        self.version = ""
        self.unobserved: tuple[str, ...] = ()

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _start(self) -> None:
        self._pipes = Pipes()
        profile = f"--user-data-dir={self._process.profile / 'profile'}"
        argv = [self._launch.browser.path, *_ARGUMENTS, profile, *self._chosen(), _BLANK]
        self._process.start(argv, pipes=self._pipes)
        transport = PipeTransport(self._pipes.to_browser, self._pipes.from_browser)
        self._pipes.let_go()
        self._channel = BrowserChannel(transport)
        self._channel.listener = self._take
        version = self._channel.call("Browser.getVersion", {}, seconds=_START_SECONDS)
        self.version = str(version.get("product", ""))[:80]
        self._listeners = self._handlers()
        self._tabs: dict[str, _Tab] = {}
        self._target = self._context = ""
        self._opened = False
        self._auto_attach("")

    def _chosen(self) -> list[str]:
        """Return the arguments that depend on how it was asked for."""
        launch, chosen = self._launch, []
        if launch.headless:
            chosen += ["--headless=new", "--disable-gpu"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            chosen.append("--no-sandbox")  # Chromium refuses to start for root without it.
        dead = (*launch.dead_hosts, *(held_back.CHROMIUM_HOSTS if launch.dry else ()))
        rules = [f"MAP {host} ~NOTFOUND" for host in dead]
        if launch.front:
            rules.append(f"MAP * 127.0.0.1:{launch.front}")
            chosen.append("--ignore-certificate-errors")
        if rules:
            chosen.append(f"--host-resolver-rules={', '.join(rules)}")
        if launch.extension:
            chosen += [f"--load-extension={launch.extension}",
                       "--disable-features=DisableLoadExtensionCommandLineSwitch"]  # fmt: skip
        return chosen

    def __exit__(self, *_: object) -> None:
        self._process.end()
        if self._pipes:
            self._pipes.close()

    def record(self, capture: Capture, *, private: bool = False) -> None:
        """Open a tab, in a browser context of its own if `private`, and record it from now on."""
        self._capture = capture
        asked: dict[str, Any] = {"url": _BLANK}
        if private:
            context = self._channel.call("Target.createBrowserContext", {})
            asked["browserContextId"] = self._context = str(context["browserContextId"])
        before = self._target
        self._target = self._channel.call("Target.createTarget", asked)["targetId"]
        deadline = time.monotonic() + _START_SECONDS
        while self._page is None or not self._page.ready:
            self._channel.pump(0.1)
            if time.monotonic() > deadline:
                raise BrowserGone("The browser opened no tab.")
        if before:
            self._channel.post("Target.closeTarget", {"targetId": before})

    @property
    def _page(self) -> _Tab | None:
        return next((t for t in self._tabs.values() if t.target == self._target), None)

    def _auto_attach(self, session: str) -> None:
        params = {"autoAttach": True, "waitForDebuggerOnStart": True, "flatten": True}
        self._channel.post("Target.setAutoAttach", params, session=session)

    def _attached(self, params: dict[str, Any]) -> None:
        session, info = params["sessionId"], params["targetInfo"]
        post = partial(self._channel.post, session=session)
        if self._launch.dry:
            held_back.in_chromium(post)
        if info["type"] in _PAGES and (capture := getattr(self, "_capture", None)):
            tab = self._tabs[session] = _Tab(info["targetId"], session, capture, post)
            self._auto_attach(session)
            for method, options in self._domains():
                post(method, options)
            post("Runtime.runIfWaitingForDebugger", {}, tab.now_ready)
            return
        post("Runtime.runIfWaitingForDebugger", {})

    def _domains(self) -> list[tuple[str, dict[str, Any]]]:
        return [
            ("Network.enable", {"maxPostDataSize": _MAX_BODY}),
            ("Page.enable", {}),
            ("Runtime.enable", {}),
            ("Log.enable", {}),
            ("Audits.enable", {}),
            ("Runtime.addBinding", {"name": _BINDING, "executionContextName": _WORLD}),
            (
                "Page.addScriptToEvaluateOnNewDocument",
                {
                    "source": f"({page_scripts.VIOLATIONS})((text) => {_BINDING}(text))",
                    "worldName": _WORLD,
                },
            ),
        ]

    def _end_page(self) -> None:
        """End the processes of a page that may send nothing before it is left.

        Its frames of another process and its shared workers are out of the protocol's reach as
        soon as it is being unloaded, and go on for a moment.
        """
        if self._launch.dry and self._opened:
            for tab in self._tabs.values():
                tab.post("Page.crash", {})

    def open(self, url: str) -> None:
        """Begin to load a page."""
        self._end_page()
        self._opened = url != _BLANK
        self._post("Page.navigate", {"url": url})

    def reload(self) -> None:
        """Load the page again."""
        self._end_page()
        self._post("Page.reload", {})

    def leave(self) -> None:
        """Hide the page behind another tab first, then leave it.

        What a page sends while it is being unloaded the protocol does not tell any more; what it
        sends when it is hidden it does.
        """
        context = {"browserContextId": self._context} if self._context else {}
        asked: dict[str, Any] = {"url": _BLANK, **context}
        other = self._channel.call("Target.createTarget", asked, seconds=2)
        let_flush(self)
        self.open(_BLANK)
        self.pump(0.1)
        self._channel.call("Target.closeTarget", {"targetId": other["targetId"]}, seconds=2)

    def run(self, script: str) -> None:
        """Run a script of ours in the page."""
        self._post("Runtime.evaluate", {"expression": script})

    def ask_state(self) -> None:
        """Ask the page for the client's state."""
        asked = {"expression": page_scripts.STATE, "returnByValue": True}
        page = self._capture.page
        self._post("Runtime.evaluate", asked, partial(_keep_state, self._capture, page))

    def pump(self, seconds: float) -> None:
        """Take what has come, and wait for more at most so long."""
        self._channel.pump(seconds)

    def _post(
        self, method: str, params: dict[str, Any], then: Callable[[Any], None] | None = None
    ) -> None:
        if self._page is None:
            raise BrowserGone("The tab that was recorded is gone.")
        self._page.post(method, params, then)

    def _take(self, message: dict[str, Any]) -> None:
        method, params = message["method"], message.get("params", {})
        if method == "Target.attachedToTarget":
            self._attached(params)
        elif method == "Fetch.requestPaused":
            session = message.get("sessionId", "")
            self._channel.post("Fetch.failRequest", held_back.failing(params), session=session)
        elif method == "Target.detachedFromTarget":
            self._tabs.pop(params.get("sessionId", ""), None)
        elif (tab := self._tabs.get(message.get("sessionId", ""))) and method in self._listeners:
            self._listeners[method](tab, params)

    def _handlers(self) -> dict[str, Callable[[_Tab, dict[str, Any]], None]]:
        return {
            "Network.requestWillBeSent": _Tab.sent,
            "Network.requestWillBeSentExtraInfo": _Tab.sent_more,
            "Network.responseReceived": _Tab.received,
            "Network.responseReceivedExtraInfo": _Tab.received_more,
            "Network.requestServedFromCache": _Tab.from_cache,
            "Network.loadingFinished": _Tab.finished,
            "Network.loadingFailed": _Tab.failed,
            "Log.entryAdded": _Tab.logged,
            "Runtime.exceptionThrown": _Tab.thrown,
            "Runtime.consoleAPICalled": _Tab.printed,
            "Runtime.bindingCalled": _Tab.told,
            "Audits.issueAdded": _Tab.issue,
        }


def _keep_state(capture: Capture, page: str, reply: dict[str, Any]) -> None:
    keep_state(capture, page, reply.get("result", {}).get("result", {}).get("value"))


class _Tab:
    """Listens to one page or frame of another process."""

    def __init__(
        self, target: str, session: str, capture: Capture, post: Callable[..., None]
    ) -> None:
        self.target, self.session, self.capture, self.post = target, session, capture, post
        self.ready = False
        self._open: dict[str, Exchange] = {}
        self._clock: dict[str, float] = {}
        self._early: dict[str, list[tuple[str, str]]] = {}

    def now_ready(self, _: dict[str, Any]) -> None:
        """Note that the tab listens."""
        self.ready = True

    def sent(self, event: dict[str, Any]) -> None:
        """Begin a request; a redirect ends the one before."""
        number, request = event["requestId"], event["request"]
        kind = str(event.get("type") or "other").lower()
        if (event.get("initiator") or {}).get("type") == "preflight":
            kind = "preflight"
        url = str(request["url"]) + str(request.get("urlFragment", ""))
        main = kind == "document" and number == event.get("loaderId")
        if redirect := event.get("redirectResponse"):
            self._redirected(number, redirect, event["timestamp"])
        elif main and url.startswith("http") and event.get("frameId") == self.target:
            self.capture.open_page(url, event["wallTime"])
        exchange = Exchange(url, str(request["method"]), kind, self.capture.page, event["wallTime"])
        exchange.sent = self._early.pop(number, []) or _headers(request.get("headers"))
        exchange.body = str(request.get("postData") or "")
        exchange.initiator = _initiator(event.get("initiator"))
        self._open[number] = self.capture.add(exchange)
        self._clock[number] = event["timestamp"]
        if request.get("hasPostData") and not exchange.body:
            self.post("Network.getRequestPostData", {"requestId": number},
                      partial(_keep_body, exchange))  # fmt: skip

    def _redirected(self, number: str, reply: dict[str, Any], timestamp: float) -> None:
        before = self._open.get(number)
        if before is None:
            return
        before.status = before.status or reply["status"]
        before.received = before.received or _headers(reply.get("headers"))
        self._end(before, number, timestamp)

    def sent_more(self, event: dict[str, Any]) -> None:
        """Take the headers as they really went out."""
        headers = _headers(event.get("headers"))
        exchange = self._open.get(event["requestId"])
        if exchange is None or exchange.done:
            self._early[event["requestId"]] = headers
        else:
            exchange.sent = headers

    def received(self, event: dict[str, Any]) -> None:
        """Take the beginning of a reply."""
        exchange = self._open.get(event["requestId"])
        if exchange is None:
            return
        reply = event["response"]
        exchange.status = exchange.status or reply["status"]
        exchange.status_text = str(reply.get("statusText", ""))
        exchange.received = exchange.received or _headers(reply.get("headers"))
        exchange.mime = str(reply.get("mimeType", ""))
        exchange.via_worker = reply.get("fromServiceWorker") is True
        exchange.from_cache = exchange.from_cache or reply.get("fromDiskCache") is True
        exchange.address = str(reply.get("remoteIPAddress") or "")

    def received_more(self, event: dict[str, Any]) -> None:
        """Take the reply's headers as they came, those that CORS hides among them."""
        if (exchange := self._open.get(event["requestId"])) and not exchange.done:
            exchange.received = _headers(event.get("headers"))
            exchange.status = event["statusCode"]

    def from_cache(self, event: dict[str, Any]) -> None:
        """Note that the reply came out of the cache."""
        if exchange := self._open.get(event["requestId"]):
            exchange.from_cache = True

    def finished(self, event: dict[str, Any]) -> None:
        """Take the end of a reply: its body can be asked for."""
        number = event["requestId"]
        if exchange := self._open.get(number):
            self._end(exchange, number, event["timestamp"])
            if exchange.wants_reply and exchange.resource != "preflight":
                self.post("Network.getResponseBody", {"requestId": number},
                          partial(_keep_reply, exchange))  # fmt: skip

    def failed(self, event: dict[str, Any]) -> None:
        """Note that a request failed, or that its reply was kept from the page."""
        number = event["requestId"]
        if exchange := self._open.get(number):
            self._end(exchange, number, event["timestamp"])
            exchange.error = str(event.get("errorText", ""))
            exchange.blocked = str(event.get("blockedReason") or "")
            cors = event.get("corsErrorStatus") or {}
            exchange.cors_error = str(cors.get("corsError", ""))

    def _end(self, exchange: Exchange, number: str, timestamp: float) -> None:
        exchange.ended = exchange.started + max(0.0005, timestamp - self._clock[number])

    def logged(self, event: dict[str, Any]) -> None:
        """Take a line that the browser wrote into the console."""
        entry = event["entry"]
        self._say(entry["text"], entry.get("url"), entry.get("lineNumber"), entry["timestamp"],
                  entry.get("stackTrace"))  # fmt: skip

    def thrown(self, event: dict[str, Any]) -> None:
        """Take an error that was not caught."""
        details = event["exceptionDetails"]
        first = str(details.get("exception", {}).get("description", "")).partition("\n    at ")[0]
        self._say(f"{details['text']} {first}", details.get("url"), details.get("lineNumber"),
                  event["timestamp"], details.get("stackTrace"))  # fmt: skip

    def printed(self, event: dict[str, Any]) -> None:
        """Take what the page wrote to the console."""
        words = [str(a.get("value", a.get("description", ""))) for a in event["args"][:20]]
        frames = event.get("stackTrace", {}).get("callFrames") or [{}]
        self._say(" ".join(words), frames[0].get("url"), frames[0].get("lineNumber"),
                  event["timestamp"], event.get("stackTrace"))  # fmt: skip

    def _say(self, text: str, url: Any, line: Any, moment: float, stack: Any) -> None:
        frames = (stack or {}).get("callFrames") or []
        message = {"text": text, "url": url or "", "timestamp": moment}
        if isinstance(line, int):
            message["line"] = line + 1
        if frames:
            message["stack"] = [str(frame.get("url", "")) for frame in frames[:20]]
        self.capture.say(message)

    def told(self, event: dict[str, Any]) -> None:
        """Take a policy violation that our own script in the page told of."""
        if event.get("name") == _BINDING:
            keep_violation(self.capture, event.get("payload"))

    def issue(self, event: dict[str, Any]) -> None:
        """Take one more of DevTools' own list of issues."""
        issue = event["issue"]
        if issue.get("code") in _ISSUES and len(self.capture.issues) < _MAX_ISSUES:
            self.capture.issues.append(issue)


def _keep_reply(exchange: Exchange, reply: dict[str, Any]) -> None:
    result = reply.get("result", {})
    exchange.take_reply(str(result.get("body", "")), binary=bool(result.get("base64Encoded")))


def _keep_body(exchange: Exchange, reply: dict[str, Any]) -> None:
    result = reply.get("result", {})
    exchange.body = str(result.get("postData", ""))
    exchange.binary = bool(result.get("base64Encoded"))


def _headers(headers: Any) -> list[tuple[str, str]]:
    """Return headers; one that came several times is one value with a newline between."""
    pairs = headers.items() if isinstance(headers, dict) else ()
    return [(str(name), part) for name, value in pairs for part in str(value).split("\n")]


def _initiator(initiator: Any) -> str:
    if not isinstance(initiator, dict):
        return ""
    frames = (initiator.get("stack") or {}).get("callFrames") or [{}]
    return str(initiator.get("url") or frames[0].get("url") or "")
