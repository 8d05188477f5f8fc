"""A secret on its way to docker: through the request's value, the agent's template, YAML and shell, byte by byte."""

from __future__ import annotations

from pathlib import Path

import pytest
from agent_shells import SHELLS, build_called, is_there
from docker_recorder import BuildCall, carried_out
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from azext_acrpool.commands.console.errors import UsageError
from azext_acrpool.commands.runs.buildkit.arguments import BuildArgument
from azext_acrpool.commands.runs.buildkit.secrets import BuildSecret, read_secrets
from azext_acrpool.commands.runs.buildkit.task import AskedTask, build_task
from azext_acrpool.commands.runs.buildkit.words import MOST_LINE_BYTES

# What one of those on the way takes for something else.
TRAPS = [
    "'",
    "'\\''",
    '"',
    "\\",
    "$HOME $(id) `id` ${X:-y} $$ $'a' $",
    "{{.Run.ID}} {{ `x` }} {{/* */}}",
    '{{"{{"}}',
    "<no value>",
    "secrets",
    "# a remark\n#!/bin/sh\n",
    "line\r\n",
    "\n",
    "\n\nEOL\n",
    "  blanks at both ends\t ",
    "!!binary x",
    "a: b, [c], {d}, &e *e - f",
    "%s %d %% \\n \\0 \\x41",
    "~ * ? [a] !! ; & | < > ( )",
    "\ufeffmark",
    "\u2028\u2029\x85\x7f\x01\x1b[0m",
    "\U0001f511 gr\u00fc\u00df \u202e",
    "null",
    "010",
    "1e3",
    "true",
    "-----BEGIN KEY-----\nabc=\n-----END KEY-----\n",
    "",
]
# What an environment variable holds, and JSON: no NUL, no halves of surrogate pairs.
VALUES = st.lists(
    st.one_of(st.sampled_from(TRAPS), st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
).map("".join)
SECRETS = st.lists(VALUES, min_size=1, max_size=3)
LARGE = ["'" * (MOST_LINE_BYTES // 5), "\u00e9" * (MOST_LINE_BYTES // 2)]
FEWER = settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.parametrize("value", TRAPS, ids=ascii)
def test_trap(value: str) -> None:
    require_exact(called_by_emulator([value]), [value])


@given(SECRETS)
def test_any_secrets(values: list[str]) -> None:
    require_exact(called_by_emulator(values), values)


@pytest.mark.parametrize("shell", SHELLS)
class TestRealShells:
    """Whether the quotes mean what they are meant to is for a shell to say."""

    @pytest.fixture(autouse=True)
    def _shell(self, shell: str) -> None:
        if not is_there(shell):
            pytest.skip(f"there is no {shell} on this machine")

    def test_traps(self, shell: str, tmp_path: Path) -> None:
        require_exact(build_called(shell, *task_of(TRAPS), tmp_path), TRAPS)

    @FEWER
    @given(values=SECRETS)
    def test_any_secrets(self, shell: str, values: list[str], tmp_path: Path) -> None:
        called = build_called(shell, *task_of(values), tmp_path)
        require_exact(called, values)
        assert called == called_by_emulator(values)

    @pytest.mark.parametrize("value", LARGE, ids=["quotes", "letters"])
    def test_large_secret(self, shell: str, value: str, tmp_path: Path) -> None:
        called = build_called(shell, *task_of([value], as_arguments=False), tmp_path)
        assert called.secrets == {"id0": value}


@FEWER
@given(content=st.one_of(st.binary(), SECRETS.map("".join).map(str.encode)))
def test_file_comes_as_it_is_or_not_at_all(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(content)
    try:
        (secret,) = read_secrets([f"id=x,src={tmp_path / 'file'}"], {})
    except UsageError:
        assert b"\0" in content or content != content.decode(errors="replace").encode()
    else:
        assert called_by_emulator([secret.value]).secrets["id0"].encode() == content


def task_of(values: list[str], *, as_arguments: bool = True) -> tuple[str, dict[str, str]]:
    """The text and the values of a build's task, which has each as a build secret, and as a secret build argument."""
    arguments = values if as_arguments else []
    task = build_task(
        AskedTask(
            login_server="myregistry.azurecr.io",
            secrets=tuple(BuildSecret(f"id{index}", value) for index, value in enumerate(values)),
            arguments=tuple(BuildArgument(f"A{index}", value, is_secret=True) for index, value in enumerate(arguments)),
        )
    )
    return task.text, {value.name: value.value for value in task.values}


def called_by_emulator(values: list[str]) -> BuildCall:
    (called,) = carried_out(*task_of(values)).builds
    return called


def require_exact(called: BuildCall, values: list[str]) -> None:
    assert called.secrets == {f"id{index}": value for index, value in enumerate(values)}
    assert called.build_arguments == {f"A{index}": value for index, value in enumerate(values)}
    assert called.other_variables == {"HOME": "/acb/home", "DOCKER_BUILDKIT": "1"}
