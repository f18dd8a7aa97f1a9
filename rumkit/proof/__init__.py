"""Fixes tried on a copy: what was read with the fix in it, judged by the same checks."""

from __future__ import annotations

from rumkit.proof.judge import proven

__all__ = ["proven"]
