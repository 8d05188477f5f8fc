"""Whether a run failed because a registry could not be reached for a moment: read in the end of its log. Pure.

A log holds what anybody's programs print, too. So a text alone says nothing: it has to stand where acb, the agents'
program, or docker says why the step failed that ended the run, in a pull, a push or a login, and what a container
prints cannot stand there. Where that cannot be told, the failure counts as the build's own.

How the lines of acb follow each other is read in its source (Azure/acr-builder, builder/builder.go, login.go, push.go).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

__all__ = ["registry_failure"]

# What passes within a minute or so. Not here: what nobody has changed by then (`unauthorized`, `manifest unknown`, no
# such host, `connection refused`); Docker Hub's `toomanyrequests: You have reached your pull rate limit`, which is
# counted over hours, so that docker/actions-toolkit#1289 does not try it again either; `failed to download context`,
# which mostly is for good (Azure/azure-cli#28190, #30033: a URL, credentials, an archive that the agent refuses).
_PASSING: Final = tuple(
    re.compile(text)
    for text in (
        # Go gave up on a TLS connection after ten seconds. docker/buildx#2750.
        r"net/http: TLS handshake timeout",
        # Nothing came from a registry or a name server. docker/buildx#507, docker/setup-qemu-action#166.
        r": i/o timeout",
        # docker's daemon gave up on the first answer after 15 s. microsoft/containerregistry#139, an ACR build.
        r"request canceled while waiting for connection|Client\.Timeout exceeded while awaiting headers",
        # The other side hung up. BuildKit itself tries these again, for 7 s: util/resolver/retryhandler.
        r"connection reset by peer",
        # The same, within an answer or before it. microsoft/containerregistry#132 and, of a push, MicrosoftDocs/
        # azure-docs#32424; BuildKit, as above.
        r"(?:^|unexpected |: )EOF\.?$",
        # The registry's own failures, in the words of docker's daemon: dotnet/dotnet-buildtools-prereqs-docker#1527 ..
        r"received unexpected HTTP status: 5\d\d",
        # .. and of containerd, as BuildKit says them, and tries them again: docker/build-push-action#548.
        r"unexpected status(?: from [A-Z]+ request to \S+| code \S+)?: 5\d\d|failed with status code \[[^\]]*\]: 5\d\d",
        # Azure's registries have limits by the minute, and ask to come back: dotnet/docker-tools#403, "Service tiers".
        r"toomanyrequests: Too many requests\b",
    )
)

# acb stamps its own lines, unless they are its last words.
_STAMPED: Final = re.compile(r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d (.*)")
_LAUNCHED: Final = "Launching container with name: "
_SUCCEEDED: Final = "Successfully executed container: "
_FAILED: Final = re.compile(
    r"Container failed during run: (.*)(?:\. No retries remaining\.|, waiting \d+ seconds before retrying\.\.\.)"
)
_PUSHES: Final = re.compile(r"Pushing image: .*, attempt \d+")
_SCANNED: Final = "Successfully scanned dependencies"
_RUN_ENDED: Final = "Run ID: "
_STEP_ERROR: Final = re.compile(
    r"failed to run step ID: .*: (?:exit status (\d+)|(failed to push images successfully))"
)
# Last words that hold what docker said, and the stamped line that comes right before them.
_WHOLE_ERRORS: Final = (
    ("failed to login, ran out of retries: ", "Logging in to registry: "),
    ("Failed to Resolve the reference ", "Image was built using buildkit, fetching Digest from remote..."),
)
# What is said of a command of the Dockerfile that failed: by the classic builder, BuildKit and older ones of it.
_COMMAND_FAILED: Final = ("returned a non-zero code: ", "did not complete successfully", "executor failed running")
_CLASSIC_STEP: Final = re.compile(r"Step \d+/\d+ : (.*)")
_FETCHES: Final = re.compile(r"FROM\s|COPY\s+(?:--\S+\s+)*--from=", re.IGNORECASE)
# An image's own instructions for those built on it are carried out within FROM.
_TRIGGERS: Final = "# Executing "
_BUILDKIT_ERROR: Final = re.compile(r"(?:ERROR: |error: )?(?:failed to build: )?failed to solve\b")
# Of what BuildKit fetches, only registries are asked in these words (containerd, core/remotes/docker); an ADD of a URL
# is not.
_BUILDKIT_REGISTRY: Final = re.compile(
    r"failed to (?:do request|copy|authorize|push|resolve source metadata for|commit on ref)\b|failed commit on ref\b"
    r"|unexpected status\b|pulling from host \S+ failed\b"
)
_IMAGE_MISSING: Final = "Unable to find image '"
_IMAGE_PULLED: Final = "Status: Downloaded newer image for "
_DAEMON_ERROR: Final = "Error response from daemon: "
_SEE_HELP: Final = re.compile(r"(?:See|Run) 'docker run --help'.*")
# What `docker run` exits with if it could not run anything.
_NOT_RUN: Final = "125"


def registry_failure(log_end: str) -> str | None:
    """The line that says why the run failed, if that was a registry, or the way to one, in a failure that passes.

    `log_end` is the end of the log of a failed run; None for any other failure, and for one that is not told clearly.
    """
    lines = [line.rpartition("\r")[2] for line in log_end.rstrip().split("\n")]
    if lines[-1].startswith(_RUN_ENDED):
        # The service's line, which follows an empty one.
        lines = "\n".join(lines[:-1]).rstrip().split("\n")
    said = _said_of_failure(lines)
    return said if said is not None and any(text.search(said) for text in _PASSING) else None


def _said_of_failure(lines: Sequence[str]) -> str | None:
    """What docker said of a pull, push or login that ended the run."""
    error = _STEP_ERROR.fullmatch(lines[-1])
    if error is None:
        return _said_in_whole_error(lines)
    *before, _ = lines
    output = _Output.of_last_container(before)
    if output is None:
        return None
    if error[2]:
        return output.last if _PUSHES.fullmatch(output.cause) else None
    failed = _FAILED.fullmatch(output.end)
    if failed is None or output.cause not in ("", f"{_LAUNCHED}{failed[1]}"):
        return None
    return output.said_of_pull(error[1])


def _said_in_whole_error(lines: Sequence[str]) -> str | None:
    stamped = [index for index, line in enumerate(lines) if _STAMPED.fullmatch(line)]
    if not stamped:
        return None
    said = " ".join(lines[stamped[-1] + 1 :])
    before = _own(lines[stamped[-1]])
    if any(said.startswith(beginning) and before.startswith(cause) for beginning, cause in _WHOLE_ERRORS):
        return re.sub(r"\s*: exit status \d+$", "", said)
    return None


def _own(line: str) -> str:
    """What acb's line says; "" for a line that is not its own."""
    stamped = _STAMPED.fullmatch(line)
    return stamped[1] if stamped else ""


@dataclass(frozen=True)
class _Output:
    """What the container printed with which the run failed.

    `origin` and `cause` are what acb said right before it, "" if that is further back than the end of the log goes;
    `end` is what it said after it, "" if nothing.
    """

    lines: tuple[str, ...]
    origin: str
    cause: str
    end: str

    @classmethod
    def of_last_container(cls, lines: Sequence[str]) -> _Output | None:
        """None if other containers run beside it: nothing tells whose lines are whose."""
        own = [(index, said) for index, line in enumerate(lines) if (said := _own(line))]
        end = ""
        if own and own[-1][0] == len(lines) - 1:
            end = own.pop()[1]
            lines = lines[:-1]
        if _others_run([said for _, said in own[:-1]]):
            return None
        start, cause = own[-1] if own else (-1, "")
        origin = own[-2][1] if len(own) > 1 else ""
        return cls(tuple(lines[start + 1 :]), origin, cause, end)

    @property
    def last(self) -> str:
        """The last line."""
        return next((line for line in reversed(self.lines) if line.strip()), "")

    def said_of_pull(self, exit_code: str) -> str | None:
        """What docker said of a pull that failed."""
        if self.cause == _LAUNCHED:
            # acb's own `docker pull`, which it gives no name.
            return self.last if self.last.startswith(_DAEMON_ERROR) else None
        if self.origin == _SCANNED or not self.cause:
            return self._said_of_build()
        return self._said_of_run() if exit_code == _NOT_RUN else None

    def _said_of_build(self) -> str | None:
        if any(text in line for line in self.lines for text in _COMMAND_FAILED):
            return None
        if _BUILDKIT_ERROR.match(self.last):
            return self.last if _BUILDKIT_REGISTRY.search(self.last) else None
        steps = [step[1] for line in self.lines if (step := _CLASSIC_STEP.fullmatch(line))]
        triggers = any(line.startswith(_TRIGGERS) for line in self.lines)
        return self.last if steps and _FETCHES.match(steps[-1]) and not triggers else None

    def _said_of_run(self) -> str | None:
        """Of `docker run`, which fetches the image before there is a container that could print."""
        lines = [line for line in self.lines if line.strip() and not _SEE_HELP.fullmatch(line)]
        is_missing = bool(lines) and lines[0].startswith(_IMAGE_MISSING)
        if not is_missing or any(line.startswith(_IMAGE_PULLED) for line in lines):
            return None
        return lines[-1] if lines[-1].startswith(f"docker: {_DAEMON_ERROR}") else None


def _others_run(said: Sequence[str]) -> bool:
    """Whether a container runs that acb has said nothing of since it was launched."""
    running: set[str] = set()
    for line in said:
        if line.startswith(_LAUNCHED):
            running.add(line.removeprefix(_LAUNCHED))
        elif line.startswith(_SUCCEEDED):
            running.discard(line.removeprefix(_SUCCEEDED))
        elif failed := _FAILED.fullmatch(line):
            running.discard(failed[1])
    return bool(running)
