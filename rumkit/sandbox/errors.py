"""Errors that the sandbox answers with, in AWS's own codes and words."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class AwsError(Exception):
    """An error reply of AWS: its code, message and, where the model has none, its HTTP status."""

    code: str
    message: str
    status: int = 0
    fields: dict[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


def not_found(message: str, **fields: object) -> AwsError:
    """Return a ResourceNotFoundException."""
    return AwsError("ResourceNotFoundException", message, fields=dict(fields))


def invalid(message: str) -> AwsError:
    """Return a ValidationException."""
    return AwsError("ValidationException", message, status=400)
