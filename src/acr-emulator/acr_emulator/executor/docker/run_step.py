"""RUN: what is mounted into its container, and what its command does there."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from ...acb.docker import Finished
from ...golang.quoting import quote
from ..archive import ContextArchive
from ..errors import BuildFailedError
from .commands import carry_out
from .copying import checksum_problem
from .dockerfile import Instruction
from .heredocs import heredoc_of
from .mounts import Mount, MountError, read_mount
from .stage_state import StageState
from .words import json_words

__all__ = ["RunOptions", "RunStep"]

SHEBANG = re.compile(r"#!\s*(\S.*)")


@dataclass(frozen=True)
class RunOptions:
    """What a client gives to RUN: `secrets` by ID, the IDs of SSH agents, and what it allows (`--allow`)."""

    secrets: Mapping[str, str] = field(default_factory=dict)
    ssh: Collection[str] = ()
    allowed: Collection[str] = ()


class RunStep:
    """One RUN instruction; `expand` replaces variables in its mounts. Raises BuildFailedError for a wrong one."""

    def __init__(
        self, instruction: Instruction, state: StageState, expand: Callable[[str], str], options: RunOptions
    ) -> None:
        self._instruction = instruction
        self._state = state
        self._options = options
        try:
            self._mounts = [read_mount(text, expand) for text in instruction.flag_values("mount")]
        except MountError as error:
            raise BuildFailedError(f"failed to solve: {error}") from error
        self._check_sandbox()

    @property
    def line(self) -> str:
        """The instruction as docker echoes it."""
        return self._instruction.text

    @property
    def shown(self) -> str:
        """The command as an error shows it."""
        command = self._instruction.rest
        return " ".join(json_words(command) or [*self._state.shell, command])

    @property
    def arguments(self) -> list[str]:
        """The program that carries the line out."""
        command = self._instruction.rest
        return json_words(command) or _script(self._instruction, command, self._state.shell)

    def sources(self, context: ContextArchive, key: Callable[[str], str]) -> list[object]:
        """What counts for the image of the files that are mounted; `key` tells a stage or an image."""
        used: list[object] = []
        for mount in self._mounts:
            if mount.origin:
                used.append(key(mount.origin))
            elif mount.type == "bind":
                path = context.resolve(mount.source.strip("/") or ".")
                used.append("" if path is None else context.fingerprint(path))
        return used

    def check_mounts(self, context: ContextArchive) -> None:
        """Refuse mounts of what is not there. Raises BuildFailedError."""
        for mount in self._mounts:
            if mount.type in ("bind", "cache", "tmpfs"):
                _check_path(mount, self._state.workdir, context)
            elif mount.type == "ssh" and mount.is_required and (mount.id or "default") not in self._options.ssh:
                raise BuildFailedError(
                    f"failed to solve: no SSH key {quote(mount.id or 'default')} forwarded from the client"
                )
            elif mount.type == "secret" and mount.is_required and mount.secret_id not in self._options.secrets:
                raise BuildFailedError(f"failed to solve: secret {mount.secret_id}: not found")

    def run(self) -> Finished:
        """What the command does. Raises ShellLimitError for what takes too much."""
        files = dict(self._state.files)
        variables = dict(self._state.scope)
        missing: set[str] = set()
        for mount in self._mounts:
            if mount.type != "secret":
                continue
            text = self._options.secrets.get(mount.secret_id)
            if text is None:
                missing.update({mount.secret_file} - {""})
                continue
            if mount.secret_file:
                files[mount.secret_file] = text
            if mount.variable is not None:
                variables[mount.variable] = text
        self.skip()
        return carry_out(self.arguments, variables, files, missing, self._state.workdir)

    def skip(self) -> None:
        """Take the command for carried out: what it names it may have changed."""
        documents = "".join(document.body for document in self._instruction.heredocs)
        self._state.forget_files(f"{self._instruction.rest}{documents}")

    def _check_sandbox(self) -> None:
        """Refuse what no `--allow` allows (moby/buildkit, util/entitlements). Raises BuildFailedError."""
        wanted = {
            "network.host": self._instruction.flag("network") == "host",
            "security.insecure": self._instruction.flag("security") == "insecure",
        }
        for entitlement, is_wanted in wanted.items():
            if is_wanted and entitlement not in self._options.allowed:
                raise BuildFailedError(f"failed to solve: failed to load LLB: {entitlement} is not allowed")


def _check_path(mount: Mount, workdir: str, context: ContextArchive) -> None:
    try:
        mount.path(workdir)
    except MountError as error:
        raise BuildFailedError(f"failed to solve: {error}") from error
    source = mount.source.strip("/")
    if mount.type == "bind" and not mount.origin and source and context.resolve(source) is None:
        raise BuildFailedError(checksum_problem(source))


def _script(instruction: Instruction, command: str, shell: Sequence[str]) -> list[str]:
    """A lone here-document is a script, any other is a part of the line."""
    if not instruction.heredocs:
        return [*shell, command]
    if heredoc_of(command.strip()) is None:
        documents = "".join(f"\n{document.body}{document.name}" for document in instruction.heredocs)
        return [*shell, f"{command}{documents}\n"]
    text = instruction.heredocs[0].text
    shebang = SHEBANG.match(text)
    return [*shebang[1].split(), "-c", text] if shebang else [*shell, text]
