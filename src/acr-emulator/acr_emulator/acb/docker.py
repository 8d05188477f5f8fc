"""What acb needs of docker: a client that it calls, and what a call comes to.

A program is given its arguments by Linux's execve, which takes no more than 128 KiB of each (MAX_ARG_STRLEN), its final
NUL included. What Go says of one that could not be started is read in its source (os/exec).
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Protocol

__all__ = ["Docker", "Finished", "Printed", "Program", "StartedDocker", "not_started"]

LONGEST_ARGUMENT = 128 * 2**10
"""Bytes, with the NUL at its end."""

DOCKER_PROGRAM = "/usr/local/bin/docker"
"""Where docker's own images, of which acb's is made, have the client (assumed)."""


@dataclass(frozen=True)
class Printed:
    """A line that a command printed, `seconds_before` seconds after the line before it."""

    text: str
    seconds_before: float = 0.0


class Program(Protocol):
    """A program that is really run, and takes its own time."""

    def run(self) -> Generator[Printed | float, None, int]:
        """Run it: its lines as they come, and seconds in which none came; returns its exit code.

        Whoever closes the generator ends the program.
        """


@dataclass(frozen=True)
class Finished:
    """A command that has ended, `seconds_after` seconds after its last line.

    `not_started` is what Go says of a program that could not be started. With `pending` it is yet to be run, and
    nothing else is known of it.
    """

    exit_code: int = 0
    output: tuple[Printed, ...] = ()
    seconds_after: float = 0.0
    not_started: str = ""
    pending: Program | None = None

    @property
    def error(self) -> str:
        """What Go says of how it ended, empty if it went well."""
        return self.not_started or (f"exit status {self.exit_code}" if self.exit_code else "")

    @property
    def seconds(self) -> float:
        """How long it took."""
        return sum(line.seconds_before for line in self.output) + self.seconds_after

    @property
    def text(self) -> str:
        """All that it printed."""
        return "".join(f"{line.text}\n" for line in self.output)


class Docker(Protocol):
    """Docker's client on the agent."""

    def run(self, arguments: Sequence[str], standard_input: str = "") -> Finished:
        """What `docker ARGUMENTS` does."""


def not_started(program: str, arguments: Sequence[str]) -> Finished | None:
    """What becomes of a program that Linux does not start with these arguments; None if it does."""
    if any("\0" in argument for argument in arguments):
        return Finished(1, not_started=f"fork/exec {program}: invalid argument")
    if any(len(argument.encode(errors="surrogateescape")) >= LONGEST_ARGUMENT for argument in arguments):
        return Finished(1, not_started=f"fork/exec {program}: argument list too long")
    return None


@dataclass(frozen=True)
class StartedDocker:
    """A client that is a program: it is not started with arguments that Linux refuses."""

    client: Docker

    def run(self, arguments: Sequence[str], standard_input: str = "") -> Finished:
        """What a Docker does."""
        return not_started(DOCKER_PROGRAM, arguments) or self.client.run(arguments, standard_input)
