"""Runs a notebook headless through papermill: bounded in time, heard as it goes."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, papermill_engines

from rumkit import isolated
from rumkit.light import SELDOM
from rumkit.model import RumkitError
from rumkit.notebook.progress import PROGRESS
from rumkit.temporary import own_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

ENGINE = "rumkit"
# What a run may need beyond its time before its kernel is ended from outside.
_GRACE_SECONDS = 5.0
_LONGEST_FOLDER = 90


class RanTooLong(RumkitError):
    """A notebook did not finish in the time that it was given."""


class _ThisPython(KernelSpecManager):
    """Offers one kernel: the interpreter that runs this, whatever else is installed."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        return KernelSpec(
            argv=[
                *isolated.python(
                    f"import gc; gc.set_threshold({', '.join(map(str, SELDOM))});"
                    "from ipykernel.kernelapp import launch_new_instance; launch_new_instance()"
                ),
                # Else the shell puts the current folder in front of what it imports from.
                "--InteractiveShellApp.ignore_cwd=True",
                # What goes wrong is told by the run itself.
                *("--log-level=CRITICAL", "-f", "{connection_file}"),
            ],
            display_name="Python 3",
            language="python",
            name=kernel_name,
        )


class _Manager(AsyncKernelManager):
    """Manages a kernel that is reached through files in `folder`, which go with it."""

    folder: Path

    async def cleanup_resources(self, restart: bool = False) -> None:  # type: ignore[override]
        """Remove what the kernel was reached by, once it has gone."""
        await super().cleanup_resources(restart=restart)
        if not restart:
            shutil.rmtree(self.folder, ignore_errors=True)


class KernelClient(PapermillNotebookClient):  # type: ignore[misc]
    """Never sends comm messages: their place is the shell socket, whose wake-up they lose.

    nbclient mimics the Output widget and answers its kernel on the socket that it polls for
    replies, and can then wait for ever (nbclient issue 312).
    """

    def __init__(
        self,
        manager: Any,
        *,
        seconds: float,
        on_progress: Callable[[str], None],
        env: Mapping[str, str],
        **options: Any,
    ) -> None:
        super().__init__(manager, timeout_func=self._left, kernel_manager_class=_Manager, **options)
        self.comm_open_handlers: dict[str, Any] = {}
        self._deadline = time.monotonic() + seconds
        self._on_progress = on_progress
        self._env = dict(env)
        self._cell = 0

    def create_kernel_manager(self) -> Any:
        """Return what manages a kernel of this very interpreter."""
        manager = super().create_kernel_manager()
        manager.kernel_spec_manager = _ThisPython()
        folder = manager.folder = own_folder("rumkit-kernel-")
        manager.connection_file = str(folder / "connection.json")
        # A socket's path may not be long; where it would be, loopback serves, which has a key.
        if os.name == "posix" and len(os.fsencode(folder)) < _LONGEST_FOLDER:
            manager.transport = "ipc"
            # Else the sockets stand in the folder that the command was called in.
            manager.ip = str(folder / "k")
        return manager

    def start_new_kernel(self, **options: Any) -> Any:
        """Start the kernel in the surroundings of the run."""
        return super().start_new_kernel(**options, env=self._env)

    def execute_cell(self, cell: Any, cell_index: int, *more: Any, **options: Any) -> Any:
        """Run a cell, and remember which it is."""
        self._cell = cell_index
        try:
            return super().execute_cell(cell, cell_index, *more, **options)
        except KeyboardInterrupt:
            # Whoever ended the run does not wait until the kernel has said good-bye.
            self.end_kernel()
            raise

    def process_message(self, msg: Any, *more: Any, **options: Any) -> Any:
        """Hear progress among the kernel's messages."""
        update = msg["msg_type"] == "update_display_data"
        if heard := update and msg["content"].get("data", {}).get(PROGRESS):
            self._on_progress(f"{heard['check']}: {heard['status']}")
        return super().process_message(msg, *more, **options)

    def stuck(self, seconds: float) -> RanTooLong:
        """Return the error that names the cell which was running when time was up."""
        source = " / ".join(str(self.nb.cells[self._cell].source).strip().splitlines()[:2])
        return RanTooLong(
            f"The notebook did not finish within {seconds:g} s: cell {self._cell + 1} "
            f"({source[:160]}) was still running."
        )

    def end_kernel(self) -> None:
        """End the kernel's process from outside; the client then hears that it died."""
        pid = getattr(getattr(self.km, "provisioner", None), "pid", None)
        if pid:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _left(self, _: Any) -> int:
        return max(1, int(self._deadline - time.monotonic()))


class BoundedEngine(Engine):  # type: ignore[misc]
    """papermill's engine of this library; `seconds` bounds the whole run."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        *,
        seconds: float = 300.0,
        start_timeout: float = 60.0,
        on_progress: Callable[[str], None] = lambda _: None,
        env: Mapping[str, str] | None = None,
        **_: Any,
    ) -> None:
        """Run the notebook; papermill calls this. Raises RanTooLong when time is up."""
        client = KernelClient(
            nb_man,
            seconds=seconds,
            on_progress=on_progress,
            env=os.environ if env is None else env,
            kernel_name=kernel_name,
            startup_timeout=start_timeout,
        )
        with bounded(client, seconds):
            client.execute()


@contextmanager
def bounded(client: KernelClient, seconds: float) -> Iterator[None]:
    """Bound a client's run. Raises RanTooLong when time is up, RumkitError for a dead kernel."""
    with _watchdog(client, seconds + _GRACE_SECONDS) as barked:
        try:
            yield
        except CellTimeoutError:
            raise client.stuck(seconds) from None
        except DeadKernelError:
            if barked.is_set():
                raise client.stuck(seconds) from None
            raise RumkitError("The notebook's kernel died.") from None


@contextmanager
def _watchdog(client: KernelClient, seconds: float) -> Iterator[threading.Event]:
    """End the client's kernel after `seconds`, for the case that the client waits for ever."""
    barked = threading.Event()

    def bark() -> None:
        barked.set()
        client.end_kernel()

    timer = threading.Timer(seconds, bark)
    timer.daemon = True
    timer.start()
    try:
        yield barked
    finally:
        timer.cancel()


papermill_engines.register(ENGINE, BoundedEngine)
