"""What an installation may lack, and the extra that brings it."""

from __future__ import annotations

from importlib.util import find_spec

from rumkit.model import BadInput

# By what is looked for first, as a package may be there that another one brought.
_PACKAGES = {
    "notebooks": ("papermill", "nbconvert", "ipykernel", "ipywidgets", "matplotlib"),
    "sandbox": ("duckdb", "sqlglot", "pytz"),
    "mcp": ("mcp", "mcp_types", "anyio", "pydantic"),
}


def require(extra: str, what: str) -> None:
    """Raise BadInput, one sentence that names the extra, where `what` cannot run without it."""
    if lacks(extra):
        raise BadInput(sentence(extra, what))


def lacks(extra: str) -> bool:
    """Tell whether a package of an extra is not installed."""
    return any(find_spec(package) is None for package in _PACKAGES[extra])


def sentence(extra: str, what: str) -> str:
    """Return what is said where an extra is missing."""
    return f"{what} needs the extra `{extra}`: pip install 'rumkit[{extra}]'"
