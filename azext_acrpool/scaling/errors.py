"""What cannot be read of a policy."""

from __future__ import annotations

__all__ = ["PolicyError"]


class PolicyError(ValueError):
    """A policy or a part of one cannot be read; the message is a sentence that says which and why."""
