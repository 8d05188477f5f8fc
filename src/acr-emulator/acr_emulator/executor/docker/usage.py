"""What docker's client says of a command line that it does not understand."""

from __future__ import annotations

from ...acb.docker import Finished, Printed

__all__ = ["UsageError", "refused", "usage_error"]

REFUSED_SECONDS = 0.5


class UsageError(Exception):
    """`str(error)` is what the client prints; `exit_code` is its own."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def usage_error(command: str, wanted: str, arguments: str, purpose: str) -> UsageError:
    """The error of a wrong number of arguments."""
    usage = f"Usage:  {command} [OPTIONS] {arguments}"
    return UsageError(f"\"{command}\" requires {wanted}.\nSee '{command} --help'.\n\n{usage}\n\n{purpose}", 1)


def refused(error: UsageError) -> Finished:
    """How such a command ends."""
    return Finished(error.exit_code, tuple(Printed(line) for line in str(error).split("\n")), REFUSED_SECONDS)
