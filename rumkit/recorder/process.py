"""A browser's process: in a group of its own, with a profile that goes with it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from rumkit.ending import NUMBERS, handling
from rumkit.model import RumkitError
from rumkit.temporary import own_folder

if TYPE_CHECKING:
    from collections.abc import Sequence

_PATIENCE = 1.0
_STEP = 0.02
_MAX_FOLDER = 50


class BrowserProcess:
    """A browser's process; `profile` is a fresh folder for it."""

    def __init__(self) -> None:
        self.profile = own_folder("rumkit-browser-")
        self._process: subprocess.Popen[bytes] | None = None

    def start(
        self, argv: Sequence[str], *, pipes: Pipes | None = None, log: Path | None = None
    ) -> None:
        """Start the browser, its standard error in `log`. Raises RumkitError where it fails."""
        if sys.platform == "win32":
            raise RumkitError("Recording works on Linux and macOS; give a HAR on Windows.")
        words = ["/bin/sh", "-c", _MOVED if pipes else _GUARDED, "sh", *argv]
        errors = log or Path(os.devnull)
        try:
            with errors.open("wb") as stderr:
                self._process = subprocess.Popen(  # noqa: S603 - an absolute path
                    words,
                    stdin=pipes.reads if pipes else subprocess.PIPE,
                    stdout=pipes.writes if pipes else subprocess.DEVNULL,
                    stderr=stderr,
                    start_new_session=True,
                    env=_environment(self.profile),
                )
        except OSError as error:
            raise RumkitError(f"{argv[0]} could not be started: {error.strerror}.") from None

    @property
    def alive(self) -> bool:
        """Return whether the browser runs."""
        return self._process is not None and self._process.poll() is None

    def end(self) -> None:
        """End the browser and all that it started within 2 s, and remove its profile."""
        # A second Ctrl-C is held back meanwhile.
        with handling((signal.SIGINT, signal.SIGTERM), signal.SIG_IGN):
            if self._process is not None:
                # At once: nothing of a profile that is thrown away is worth a farewell.
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(self._process.pid, signal.SIGKILL)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(_PATIENCE)
            self._remove_profile()

    def _remove_profile(self) -> None:
        for _ in range(25):
            shutil.rmtree(self.profile, ignore_errors=True)
            if not self.profile.exists():
                return
            time.sleep(_STEP)  # A child that is being killed still wrote into it.


class Pipes:
    """The pipes of `--remote-debugging-pipe`: this side writes to one and reads from the other.

    The browser wants them under the numbers 3 and 4. It gets them as standard input and output,
    and a shell moves them, so that no code of ours runs between fork and exec.
    """

    def __init__(self) -> None:
        self.reads, self.to_browser = os.pipe()
        self.from_browser, self.writes = os.pipe()
        self._open = {self.reads, self.to_browser, self.from_browser, self.writes}

    def let_go(self) -> None:
        """Close the browser's ends, so that its end is seen."""
        self._close(self.reads, self.writes)

    def close(self) -> None:
        """Close everything that is still open."""
        self._close(*self._open)

    def _close(self, *fds: int) -> None:
        for fd in self._open.intersection(fds):
            self._open.discard(fd)
            with contextlib.suppress(OSError):
                os.close(fd)


# Chromium ends when its pipes end. Another browser is ended by a watcher when this process, which
# holds the other end of the watcher's pipe, is killed.
_MOVED = 'exec "$@" 3<&0 4>&1 </dev/null >/dev/null'
_GUARDED = 'exec 3<&0 </dev/null; { read -r _ <&3; kill -9 0; } & exec "$@" 3<&-'


def _environment(profile: Path) -> dict[str, str]:
    """Return the surroundings without what could hand AWS's keys to a page's browser."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "RUMKIT_"))}
    # A browser's sockets stand in its temporary folder, and their paths may not be long.
    temporary = {"TMPDIR": str(profile)} if len(str(profile)) <= _MAX_FOLDER else {}
    return kept | temporary | {"MOZ_CRASHREPORTER_DISABLE": "1", "NO_AT_BRIDGE": "1"}


def ending_on_signals() -> contextlib.AbstractContextManager[None]:
    """Turn SIGTERM and SIGHUP into KeyboardInterrupt, so that everything is cleared away."""
    # Whoever calls this may have handlers that end it already, with a bound.
    free = [number for number in NUMBERS if signal.getsignal(number) is signal.SIG_DFL]
    return handling(free, signal.default_int_handler)
