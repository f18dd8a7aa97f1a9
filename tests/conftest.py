"""Tests read from this machine alone, and Ctrl-C reaches what they start."""

from __future__ import annotations

import os
import signal

# No proxy of the environment stands between.
for _name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
    os.environ.pop(_name, None)
    os.environ.pop(_name.lower(), None)

# A shell has its background jobs ignore it, and so would every process that they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
