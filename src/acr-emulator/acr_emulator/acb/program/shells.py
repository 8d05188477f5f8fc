"""The agent's own shell, which reads every line that acb makes of a step (acb, builder/context.go)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping, Sequence

from ..docker import Docker, Finished, Printed, Program, not_started
from ..run_line import WORKSPACE
from ..shell import CommandResult, Files, Input, ShellLimitError, is_lone_command, run_script

__all__ = ["run_in_shell"]

SHELL = "/bin/sh"
MOST_CALLS = 100
ENVIRONMENT = {"HOME": "/root", "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
"""What the agent's shell knows (assumed). A step's environment is the container's, not its."""

OTHER_COMMANDS = frozenset(
    {
        *("awk", "basename", "cat", "chmod", "chown", "cp", "cut", "date", "dirname", "env", "expr", "find", "grep"),
        *("gunzip", "gzip", "head", "hostname", "id", "ls", "mkdir", "mktemp", "mv", "nproc", "od", "paste"),
        *("realpath", "rm", "rmdir", "sed", "seq", "sha256sum", "sort", "stat", "sync", "tail", "tar", "tee"),
        *("touch", "tr", "uname", "uniq", "wc", "which", "xargs"),
    }
)
"""Commands that are taken to be there besides docker. They pass their input on, and do nothing else."""


def run_in_shell(
    line: str, docker: Docker, files: MutableMapping[str, str] | None = None, folders: Sequence[str] = ()
) -> Finished:
    """What `/bin/sh -c LINE` does on the agent, in a working directory that has `folders`.

    `files` gains what the line writes there, by path. A program of docker's that is yet to be run is run at once if the
    line is more than the call of it. Raises ShellLimitError for a line that takes too much.
    """
    if refused := not_started(SHELL, ("-c", line)):
        return refused
    calls: list[Finished] = []
    is_lone = is_lone_command(line)

    def command(words: Sequence[str], standard_input: Input, _environment: Mapping[str, str]) -> CommandResult | None:
        if words[0] == "docker":
            if len(calls) == MOST_CALLS:
                raise ShellLimitError(f"a line for the shell may call docker {MOST_CALLS} times in the emulator")
            finished = docker.run(words[1:], standard_input.read_all() if "-i" in words else "")
            if finished.pending is not None and not is_lone:
                finished = _run_to_its_end(finished.pending)
            calls.append(finished)
            return CommandResult(calls[-1].exit_code, calls[-1].text)
        return CommandResult(output=standard_input.read_all()) if words[0] in OTHER_COMMANDS else None

    contents = {**{f"{folder}/": "" for folder in folders}, **(files or {})}
    shared = Files({f"{WORKSPACE}/{path}": text for path, text in contents.items()}, WORKSPACE)
    result = run_script(line, ENVIRONMENT, command, shared)
    if files is not None:
        files.update(_written(shared))
    if calls and calls[-1].pending is not None:
        # The shell does nothing but wait for it.
        return calls[-1]
    text = "".join(text for _, text in result.written)
    return _timed(result.exit_code, text.removesuffix("\n").split("\n") if text else [], calls)


def _run_to_its_end(program: Program) -> Finished:
    lines: list[Printed] = []
    silence = 0.0
    events = program.run()
    while True:
        try:
            event = next(events)
        except StopIteration as end:
            return Finished(end.value, tuple(lines), silence)
        if isinstance(event, Printed):
            lines.append(Printed(event.text, silence + event.seconds_before))
            silence = 0.0
        else:
            silence += event


def _written(files: Files) -> Iterator[tuple[str, str]]:
    for name in files.names_in(WORKSPACE):
        content = files.open_input(f"{WORKSPACE}/{name}") if files.is_file(f"{WORKSPACE}/{name}") else None
        if content is not None:
            yield name, content.read_all()


def _timed(exit_code: int, lines: Sequence[str], calls: Sequence[Finished]) -> Finished:
    """The lines with the times of docker's own; if there are others among them, all of the time comes first."""
    timed: list[Printed] = []
    silence = 0.0
    for call in calls:
        for line in call.output:
            timed.append(Printed(line.text, silence + line.seconds_before))
            silence = 0.0
        silence += call.seconds_after
    if [line.text for line in timed] != [*lines]:
        seconds = sum(call.seconds for call in calls)
        timed = [Printed(line, 0.0 if index else seconds) for index, line in enumerate(lines)]
        silence = 0.0 if lines else seconds
    return Finished(exit_code, tuple(timed), silence)
