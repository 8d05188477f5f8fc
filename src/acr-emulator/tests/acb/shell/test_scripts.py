"""What a shell makes of a script: as dash does, and nothing is run."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from acr_emulator.acb.shell import CommandResult, Files, Guesses, Input, ShellLimitError, ShellResult, run_script

ROWS: list[tuple[str, int, str, str]] = json.loads((Path(__file__).parent / "dash.json").read_text("utf-8"))["rows"]


def no_commands(words: Sequence[str], source: Input, environment: Mapping[str, str]) -> CommandResult | None:
    return None


def run(script: str, files: Mapping[str, str] | None = None, **others: Any) -> ShellResult:
    return run_script(script, {"HOME": "/root", "PATH": "/x"}, no_commands, Files(files or {}, "/D"), **others)


@pytest.mark.parametrize(("script", "exit_code", "output", "errors"), ROWS, ids=[str(n) for n in range(len(ROWS))])
def test_does_what_dash_does(script: str, exit_code: int, output: str, errors: str) -> None:
    result = run(script)
    assert (result.exit_code, result.output, result.errors) == (exit_code, output, errors)


def test_hands_commands_to_the_caller_in_order() -> None:
    calls: list[tuple[list[str], str, Mapping[str, str]]] = []

    def command(words: Sequence[str], source: Input, environment: Mapping[str, str]) -> CommandResult | None:
        calls.append((list(words), source.read_all(), environment))
        return CommandResult(3, f"{words[0]} prints\n", "and warns\n") if words[0] != "c" else None

    result = run_script('A=1 a "x y" | b; export Z=2; c || d <<E\n$A$Z\nE\n', {"V": "v"}, command)
    environment = {"PWD": "/", "V": "v"}
    assert calls == [
        (["a", "x y"], "", {"A": "1", **environment}),
        (["b"], "a prints\n", environment),
        (["c"], "", {**environment, "Z": "2"}),
        (["d"], "2\n", {**environment, "Z": "2"}),
    ]
    assert result.exit_code == 3
    assert result.written == (
        (2, "and warns\n"),
        (1, "b prints\n"),
        (2, "and warns\n"),
        (2, "/bin/sh: 1: c: not found\n"),
        (1, "d prints\n"),
        (2, "and warns\n"),
    )


def test_reads_the_files_that_it_is_given_and_keeps_those_that_it_writes() -> None:
    files = Files({"/D/a.txt": "1\n", "/D/b.txt": "2\n", "/D/.hidden": "", "/D/sub/c.txt": "", "/etc/x": "3\n"}, "/D")
    script = "read A <a.txt; read X </etc/x; echo $A $X * */*.txt [!a]*; cd sub; echo 9 >../d; echo * ../*.txt"
    result = run_script(script, {}, no_commands, files)
    assert result.output == "1 3 a.txt b.txt sub sub/c.txt b.txt sub\nc.txt ../*.txt\n"
    assert run_script("read D <d; echo $D", {}, no_commands, files).output == "9\n"


def test_knows_empty_folders() -> None:
    files = Files({"/D/empty/": "", "/D/full/a": ""}, "/D")
    script = "echo * */*; [ -d empty ] && [ ! -f empty ] && cd empty && echo x >a; echo *; echo x >../full"
    result = run_script(script, {}, no_commands, files)
    assert result.output == "empty full full/a\na\n"
    assert result.errors == "/bin/sh: 1: cannot create ../full: Is a directory\n"


def test_takes_every_file_to_exist_where_nobody_knows() -> None:
    files = Files({}, "/D", Guesses())
    script = "cd /app && [ -f x ] && . /etc/profile && read A </x; echo $? >/no/where; echo $PWD"
    result = run_script(script, {}, no_commands, files)
    assert (result.output, result.errors, result.exit_code) == ("/app\n", "", 0)


def test_has_the_name_and_the_arguments_that_it_is_given() -> None:
    result = run("echo $0 $# $2; foo", name="sh", arguments=["a", "b c"])
    assert (result.output, result.errors) == ("sh 2 b c\n", "sh: 1: foo: not found\n")


@pytest.mark.parametrize(
    "script",
    [
        "while :; do :; done",
        "while true; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done",
        "V=xxxxxxxxxxxxxxxx; while :; do V=$V$V; done",
        "V=$(printf %9999s x); for i in $V$V$V$V$V$V$V; do V=$V$V$V$V$V; done; echo $V $V $V $V $V $V $V $V $V $V",
        "f() { f; }; f",
        "f() { eval f; }; f",
        "f() { (f); }; f",
        "eval eval " + "eval " * 100 + "'eval eval eval :'; f() { eval 'f'; }; f",
        "(" * 10_000,
        "{ " * 10_000,
        "if " * 10_000,
        "echo $(" * 10_000,
        "echo ${V:-" * 10_000,
        'echo "${V:-' * 10_000,
        "V=$(printf %9999s x); echo ${V##*a*b*c*}",
        "f() { read x <<E\n$(f)\nE\n}; f",
        "f() { " + "if :; then " * 15 + "f" + "; fi" * 15 + "; }; f",
        "V=$(printf %9999s x); for i in $V$V$V$V$V$V$V; do V=$V$V$V$V; W=$V; W=$V; W=$V; W=$V; done; echo end",
        "V=$(printf %9999s x); V=$V$V$V$V$V$V$V; while :; do W=$V; done",
        "V=$(printf %9999s x); V=$V$V$V$V; while :; do case $V in *x*y) ;; esac; done",
        "V=$(printf %9999s x); V=$V$V$V$V; case $V in *$V*$V) ;; esac; case $V in *$V*$V) ;; esac",
        "V=' a a a a a a a a a a'; V=$V$V$V$V$V$V$V$V; set -- $V $V $V $V; printf %9999s $* $* $*",
        "V='a a a a a a a a a a'; while :; do V=\"$V $V\"; set -- $V; done",
        ": " + "x" * (1 << 20),
    ],
    ids=lambda script: script[:24],
)
def test_ends_a_script_that_takes_too_much(script: str) -> None:
    started = time.monotonic()
    with pytest.raises(ShellLimitError, match=r"for the shell|than the emulator grants it"):
        run(script)
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    ("script", "output"),
    [
        ("printf %999999999d 1 | { read x; echo ${#x}; }", "1\n"),
        ("echo $((1<<1000000000)) $((" + "-" * 5000 + "1))", "1 1\n"),
        ("echo " + "a" * 100_000 + " | { read x; echo ${#x}; }", "100000\n"),
        ("true" + " && true" * 5000 + " && echo end", "end\n"),
    ],
    ids=["printf", "shift", "word", "list"],
)
def test_bounds_what_one_command_makes(script: str, output: str) -> None:
    assert run(script).output == output


@pytest.mark.parametrize(
    "text",
    ["*" * 30 + "b", "[a-z]" * 40 + "x*y", "?*" * 20 + "b", "[" * 60_000 + "[:alpha:]"],
    ids=["stars", "brackets", "both", "open brackets"],
)
def test_matches_patterns_in_little_time(text: str) -> None:
    started = time.monotonic()
    assert run(f"case {'a' * 2000} in {text}) echo yes;; *) echo no;; esac").output == "no\n"
    assert time.monotonic() - started < 2
