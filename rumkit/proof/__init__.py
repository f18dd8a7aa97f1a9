"""Fixes tried on a copy: what was read with the fix in it, checked by the same checks."""

from __future__ import annotations

from rumkit.proof.recheck import proven

__all__ = ["proven"]
