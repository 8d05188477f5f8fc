"""Commands in containers, as far as they can be carried out."""

from __future__ import annotations

import pytest
from acr_emulator.acb.docker import Finished, Printed
from acr_emulator.acb.shell import ShellLimitError
from acr_emulator.executor.docker.commands import carry_out


def done(*lines: str, code: int = 0, seconds: float = 1.0) -> Finished:
    """What has ended, all of its time before the first line."""
    output = tuple(Printed(line, 0.0 if index else seconds) for index, line in enumerate(lines))
    return Finished(code, output, 0.0 if lines else seconds)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["echo", "a  b", "$V", "`x`"], done("a  b $V `x`")),
        (["/bin/sh", "-c", "echo $V; exit 3"], done("value", code=3)),
        (["bash", "-e", "-c", "false; echo never"], done(code=1)),
        (["bash", "-ec", "false; echo never"], done(code=1)),
        (["sh", "-c", "echo $0 $1", "name", "first"], done("name first")),
        (["-c", "echo alone"], done("alone")),
        (["bash", "script.sh"], done()),
        (["bash"], done()),
        ([], done()),
        (["exit", "4"], done(code=4)),
        (["false"], done(code=1)),
        (["sleep", "1m", "5"], done(seconds=65.0)),
        (["sleep", "soon"], done()),
        (["sh", "-c", "sleep 2; sh -c 'sleep 3; echo in'; exit 1"], done("in", code=1, seconds=4.0)),
        (["cat", "/run/keys/token", "/etc/hosts"], done("secret")),
        (["sh", "-c", "echo through | cat"], done("through")),
        (["make", "all"], done()),
    ],
)
def test_what_a_command_does(arguments: list[str], expected: Finished) -> None:
    assert carry_out(arguments, {"V": "value"}, {"/run/keys/token": "secret\n"}) == expected


@pytest.mark.parametrize("script", ["while :; do :; done", "while :; do sh -c 'echo x'; done"])
def test_what_never_ends_is_refused(script: str) -> None:
    with pytest.raises(ShellLimitError):
        carry_out(["sh", "-c", script], {}, {})
