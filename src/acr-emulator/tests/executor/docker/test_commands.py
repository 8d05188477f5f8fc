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
        (["/bin/bash", "-o", "pipefail", "-c", "exit 7"], done(code=7)),
        (["bash", "--login", "-euxo", "pipefail", "-c", "false; echo never"], done("+ false", code=1)),
        (["sh", "-c", "echo $0 $1", "name", "first"], done("name first")),
        (["-c", "echo alone"], done("alone")),
        (["bash", "script.sh"], done()),
        (["bash"], done()),
        ([], done()),
        (["exit", "4"], done(code=4)),
        (["false"], done(code=1)),
        (["sleep", "1m", "5"], done(seconds=65.0)),
        (["sleep", "soon"], done()),
        (["sh", "-c", "sleep 2; sh -c 'sleep 3; echo in'; exit 1"], done("in", code=1, seconds=5.0)),
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


UNKNOWN = "The emulator cannot tell how this command ends, and takes it to succeed"


@pytest.mark.parametrize(
    "script",
    [
        "grep -q bad /etc/hosts && exit 1; echo ok",
        "if grep -q bad /etc/hosts; then exit 1; fi; echo ok",
        "apt-get update && if grep -q bad x; then exit 1; fi; echo ok",
        "! grep -r TODO src; [ $? = 0 ] && echo ok",
        "[ ! -f /etc/x ] && [ ! -d /y ] && echo ok",
        "[ -s /etc/passwd ] && [ -L /bin/sh ] && echo ok",
        "[ a -nt b ] && echo ok",
        "command -v apk || exit 1; echo ok",
        "apk info | grep -q evil && { echo bad; exit 1; }; echo ok",
        "! apk info | grep -q evil; echo ok",
        "type node >/dev/null && echo ok",
        "test ! -e /old || exit 1; echo ok",
        "while ! curl -f localhost; do sleep 1; done; echo ok",
        "until pg_isready; do sleep 1; done; echo ok",
        'set -u; [ -n "$HOME$PATH$HOSTNAME" ] && echo ok',
    ],
)
def test_takes_commands_and_files_that_nobody_knows_to_be_as_the_script_wants_them(script: str) -> None:
    assert carry_out(["sh", "-c", script], {}, {}) == done("ok")


def test_waits_for_a_command_to_fail_only_a_few_times() -> None:
    assert carry_out(["sh", "-c", "while pgrep mysqld; do sleep 1; done; echo ok"], {}, {}) == done("ok", seconds=3.0)


@pytest.mark.parametrize(
    ("script", "output"),
    [
        ('[ "$(id -u)" = 0 ] || exit 1', ()),
        ("case $(uname -m) in x86_64) :;; *) echo unsupported; exit 1;; esac", ("unsupported",)),
        ("test $(ls | wc -l) -gt 0", ("sh: 1: test: -gt: unexpected operator",)),
        ('[ -n "$(cat VERSION)" ]', ()),
        ("read -r V <VERSION", ()),
        ("ls >list; read -r FIRST <list", ()),
        (". /etc/os-release; [ $ID = debian ]", ("sh: 1: [: =: unexpected operator",)),
        ('until [ "$(docker inspect x)" = healthy ]; do sleep 1; done', ()),
        ("echo ${A//x/y}", ("sh: 1: Bad substitution",)),
        ("set -u; echo $PHP_INI_DIR", ("sh: 1: PHP_INI_DIR: parameter not set",)),
        ("echo $((16#ff))", ('sh: 1: arithmetic expression: expecting EOF: "16#ff"',)),
        ("arr=(a b)", ('sh: 1: Syntax error: "(" unexpected',)),
        ("cat <<<x", ("sh: 1: Syntax error: redirection unexpected",)),
        ("echo a |& cat", ('sh: 1: Syntax error: "&" unexpected',)),
        ("function f { echo a; }", ('sh: 1: Syntax error: "}" unexpected',)),
    ],
)
def test_takes_to_succeed_what_depends_on_texts_or_on_another_shell(script: str, output: tuple[str, ...]) -> None:
    assert carry_out(["sh", "-c", script], {}, {}) == done(*output, UNKNOWN)


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("npm ci && exit 3", 3),
        ("apt-get update; exit 4", 4),
        ("a && b && c && false", 1),
        ("[ -f x ] && exit 3 || exit 4", 3),
        ('[ -n "$TOKEN" ]', 1),
        ("exit -1", 2),
        ("local x=1", 2),
        ("echo 'open", 2),
        ("if true; fi", 2),
    ],
)
def test_fails_where_nothing_that_is_unknown_would_help(script: str, code: int) -> None:
    assert carry_out(["sh", "-c", script], {}, {}).exit_code == code
