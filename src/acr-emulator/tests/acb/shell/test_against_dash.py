"""Scripts made at random from a grammar, against the machine's own dash where there is one."""

from __future__ import annotations

import random
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from acr_emulator.acb.shell import CommandResult, Files, Input, run_script

DASH = shutil.which("dash")
ENVIRONMENT = {"HOME": "/root", "PATH": "/x"}
WORDS = [
    "a",
    "b1",
    "*",
    "?",
    "[ab]",
    "~",
    "=",
    "a=b",
    "#",
    "a#",
    "!",
    "{",
    "}",
    "-n",
    "$",
    '""',
    "''",
    "then",
    "A=1",
    "%",
]
ESCAPES = [r"\$", r"\\", r"\ ", r"\"", r"\'", "'a b'", "'$V'", "'`'", "';'"]
NAMES = ["V", "W", "U", "HOME", "1", "2", "@", "*", "#", "?"]
DEFAULTS = ["", "a", "*", '"x y"', "$V", "b c", "?", "~", "a*", "${W:-z}"]
OPERATORS = ["+", "-", "*", "/", "%", "<<", ">>", "<", "<=", "==", "!=", "&", "|", "^", "&&", "||"]


class Grammar:
    """Harmless scripts: nothing in them but commands of the shell's own, and files in the current folder."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def script(self) -> str:
        return self._pick(["", 'V="a b"; ', "W='*' V=ab; ", "I=4; "]) + self.command(3)

    def _pick(self, choices: Sequence[str]) -> str:
        return self._random.choice(choices)

    def _make(self, *ways: Callable[[], str]) -> str:
        return self._random.choice(ways)()

    def _many(self, make: Callable[[], str], most: int = 3) -> list[str]:
        return [make() for _ in range(self._random.randint(0, most))]

    def word(self, depth: int) -> str:
        if depth <= 0:
            return self._pick(WORDS + ESCAPES)
        return self._make(
            lambda: self._pick(WORDS + ESCAPES),
            lambda: f'"{"".join(self._many(lambda: self.quoted(depth - 1), 4))}"',
            lambda: self.parameter(is_quoted=False),
            lambda: f"$({self.command(depth - 1)})",
            lambda: f"$(({self.arithmetic(depth)}))",
            lambda: self.word(depth - 1) + self.word(depth - 1),
        )

    def quoted(self, depth: int) -> str:
        return self._make(
            lambda: self._pick(["a", " ", "*", "'", r"\$", r"\a", r"\"", "~", ";"]),
            lambda: self.parameter(is_quoted=True),
            lambda: f"$(echo {self.word(depth - 1)})",
        )

    def parameter(self, is_quoted: bool) -> str:
        name = self._pick(NAMES)
        operators = [":-", "-", ":+"] if name in "@*#?12" else [":-", "-", ":+", "+", "%", "%%", "#", "##", ":=", "="]
        return self._make(
            lambda: f"${name}",
            lambda: f"${{{name}}}",
            lambda: f"${{{name}{self._pick(operators)}{self._pick(DEFAULTS if not is_quoted else DEFAULTS[:3])}}}",
        )

    def arithmetic(self, depth: int) -> str:
        if depth <= 0:
            return self._pick(["1", "2", "0", "010", "0x1f", "I", "7", "3 ", "U"])
        return self._make(
            lambda: self.arithmetic(0),
            lambda: f"({self.arithmetic(depth - 1)})",
            lambda: f"{self._pick('-!~+')} {self.arithmetic(depth - 1)}",
            lambda: f"{self.arithmetic(depth - 1)}?{self.arithmetic(depth - 1)}:{self.arithmetic(depth - 1)}",
            lambda: f"{self.arithmetic(depth - 1)}{self._pick(OPERATORS)}{self.arithmetic(depth - 1)}",
        )

    def simple(self, depth: int) -> str:
        words = " ".join(self._many(lambda: self.word(depth)))
        return self._make(
            lambda: f"echo {words}",
            lambda: f"printf '%s|' {words}",
            lambda: f"{self._pick('VWU')}={self.word(depth)}",
            lambda: self._pick(["true", "false", ":", "! true", "(exit 3)", "exit", "exit 300"]),
            lambda: f"set -- {words}",
            lambda: f"[ {self.word(1)} {self._pick(['=', '!='])} {self.word(1)} ]",
            lambda: f"eval echo {words}",
            lambda: "IFS=" + self._pick([":", "a", "' '"]),
            lambda: self._pick(["echo x >f", "echo y >>f", "read V <f"]),
        )

    def command(self, depth: int) -> str:
        if depth <= 0:
            return self.simple(0)
        deeper = depth - 1
        return self._make(
            lambda: self.simple(depth),
            lambda: self.command(deeper) + self._pick(["; ", " && ", " || ", " | ", "\n"]) + self.command(deeper),
            lambda: f"for V in {self.word(deeper)} {self.word(deeper)}; do {self.command(deeper)}; done",
            lambda: f"if {self.command(deeper)}; then {self.command(deeper)}; else {self.command(deeper)}; fi",
            lambda: f"case {self.word(deeper)} in {self.word(1)}) {self.command(deeper)};; *) echo other; esac",
            lambda: f"( {self.command(deeper)} )",
            lambda: f"{{ {self.command(deeper)}; }}",
            lambda: f"f() {{ {self.command(deeper)}; }}; f {self.word(1)}",
            lambda: self.command(deeper) + self._pick([")", "}", " fi", " &&", ";;", '"', "'", "(", "<", "${", "`"]),
            lambda: f"set -{self._pick('euf')}; {self.command(deeper)}",
        )


def no_commands(words: Sequence[str], source: Input, environment: Mapping[str, str]) -> CommandResult | None:
    return None


@pytest.mark.skipif(DASH is None, reason="this machine has no dash")
@pytest.mark.parametrize("seed", range(150))
def test_does_what_dash_does(seed: int, tmp_path: Path) -> None:
    assert DASH is not None
    script = Grammar(seed).script()
    done = subprocess.run(
        ["sh", "-c", script],
        executable=DASH,
        cwd=tmp_path,
        env=ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )
    result = run_script(script, ENVIRONMENT, no_commands, Files({}, str(tmp_path)), name="sh")
    assert (result.exit_code, result.output, result.errors) == (done.returncode, done.stdout, done.stderr), script
