"""One kernel for many notebooks: papermill runs each with its parameters, none pays for a start."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from papermill.engines import Engine, papermill_engines

from rumkit.report_engine import KernelClient, bounded

if TYPE_CHECKING:
    from collections.abc import Mapping

ENGINE: Final = "rumkit-kept"
# What a kernel gathers over so many notebooks is let go of with it.
_MOST_NOTEBOOKS: Final = 50
# Nothing of one notebook is seen by the next: no variable, no figure, no choice.
_FORGET: Final = """
from rumkit.notebook.choosing import forget_choices as _forget_choices
_forget_choices()
del _forget_choices
import matplotlib.pyplot as _plt
_plt.close("all")
del _plt
get_ipython().reset(new_session=True)
"""


class KeptKernel:
    """A kernel that stays between notebooks; all of them are run by the same thread."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.env = dict(env)
        self._manager: Any = None
        self._client: KernelClient | None = None
        self._used = 0

    def run(self, nb_man: Any, kernel_name: str, *, seconds: float, start_timeout: float) -> None:
        """Run a notebook. Raises RumkitError when it takes too long or the kernel dies."""
        client = KernelClient(
            nb_man,
            km=self._manager,
            seconds=seconds,
            on_progress=lambda _: None,
            env=self.env,
            kernel_name=kernel_name,
            startup_timeout=start_timeout,
        )
        self._client = client
        try:
            with bounded(client, seconds):
                client.execute(cleanup_kc=False)
        except BaseException:
            self._drop(client)
            raise
        self._manager = client.km
        self._used += 1
        client.kc.execute(_FORGET, silent=True, store_history=False)
        client.kc.stop_channels()
        if self._used >= _MOST_NOTEBOOKS:
            self._drop(client)

    def end(self) -> None:
        """End a notebook that is running, from another thread: its run raises RumkitError."""
        if self._client is not None:
            self._client.end_kernel()

    def close(self) -> None:
        """End the kernel at once, in the thread that ran the notebooks."""
        from jupyter_core.utils import run_sync

        if self._manager is not None:
            with suppress(Exception):
                run_sync(self._manager.shutdown_kernel)(now=True)
        self._manager, self._used = None, 0

    def _drop(self, client: KernelClient) -> None:
        self._manager = client.km
        with suppress(Exception):
            client.kc.stop_channels()
        self.close()


class KeptEngine(Engine):  # type: ignore[misc]
    """papermill's engine that runs a notebook in the kernel that is named `kernel`."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        *,
        kernel: KeptKernel,
        seconds: float = 120.0,
        start_timeout: float = 60.0,
        **_: Any,
    ) -> None:
        """Run the notebook; papermill calls this."""
        kernel.run(nb_man, kernel_name, seconds=seconds, start_timeout=start_timeout)


papermill_engines.register(ENGINE, KeptEngine)
