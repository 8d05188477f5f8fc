"""How findings are shown, and what they make of the exit code."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from azext_acrpool._format import health_output_format
from azext_acrpool.commands.agentpool.findings import as_data, finding_lines, report
from azext_acrpool.health.findings import Finding, Severity

BLOCKED = Finding(
    "NsgBlocksStorage", Severity.ERROR, "It blocks Storage.", "Allow it.", "NSG: Storage", "mynsg", ("az one", "az two")
)
LATE = Finding("PoolBusy", Severity.WARNING, "It is being updated.", "Wait.", "Pool state")
UNREAD = Finding("NsgNotChecked", Severity.NOT_CHECKED, "Not checked: needs read.", check="NSG")
FINE = Finding("RegistryPremium", Severity.OK, "The registry is Premium.", check="Registry tier")
ALL = [BLOCKED, LATE, UNREAD, FINE]


class Screen(io.StringIO):
    """A stdout that is a terminal."""

    def isatty(self) -> bool:
        return True


class Cli:
    """As much of az as a report needs: what was typed, what is configured, and the events."""

    def __init__(self, typed: Sequence[str] = (), configured: str = "", output: str = "json") -> None:
        self.name = "acr agentpool check-health"
        self.command = SimpleNamespace(table_transformer=health_output_format)
        self.data = {"safe_params": list(typed)}
        self.enable_color = False
        self.only_show_errors = False
        self.config = SimpleNamespace(get=lambda *_, **__: configured, getboolean=lambda *_: False)
        self.invocation = SimpleNamespace(
            data={"output": output}, commands_loader=SimpleNamespace(command_table={self.name: self.command})
        )
        self._handlers: list[Any] = []
        self.cli_ctx = self

    def register_event(self, _: str, handler: Any) -> None:
        self._handlers.append(handler)

    def unregister_event(self, _: str, handler: Any) -> None:
        self._handlers.remove(handler)

    def output_is_written(self) -> int:
        """Go on after the output; the exit code."""
        try:
            for handler in list(self._handlers):
                handler(self, result=None)
        except SystemExit as ending:
            return int(ending.code or 0)
        return 0


def test_the_data_hold_everything() -> None:
    assert json.loads(json.dumps(as_data(BLOCKED))) == {
        "severity": "error",
        "code": "NsgBlocksStorage",
        "check": "NSG: Storage",
        "message": "It blocks Storage.",
        "evidence": "mynsg",
        "recommendation": "Allow it.",
        "fix": ["az one", "az two"],
    }


@pytest.mark.parametrize(("findings", "code"), [(ALL, 1), ([LATE, UNREAD, FINE], 0), ([], 0)])
def test_only_errors_fail_and_only_after_the_output(findings: list[Finding], code: int) -> None:
    cli = Cli()
    assert report(cli, findings) == [as_data(finding) for finding in findings]
    assert cli.output_is_written() == code
    assert cli.output_is_written() == 0


@pytest.mark.parametrize(
    ("cli", "terminal", "output"),
    [
        (Cli(), True, "table"),
        (Cli(), False, "json"),
        (Cli(["-o"]), True, "json"),
        (Cli(["--output"], output="yaml"), True, "yaml"),
        (Cli(["--query"]), True, "json"),
        (Cli(["--only-show-errors", "-r"]), True, "table"),
        (Cli(configured="jsonc", output="jsonc"), True, "jsonc"),
    ],
)
def test_a_terminal_gets_a_table_unless_the_user_chose_otherwise(
    monkeypatch: pytest.MonkeyPatch, cli: Cli, terminal: bool, output: str
) -> None:
    monkeypatch.setattr("sys.stdout", Screen() if terminal else io.StringIO())
    report(cli, ALL)
    assert cli.invocation.data["output"] == output


def test_commands_that_mend_follow_a_table_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    cli = Cli(output="table")
    report(cli, ALL)
    assert capsys.readouterr().err == ""
    cli.output_is_written()
    assert capsys.readouterr().err.splitlines() == list("\n".join(finding_lines(ALL)).splitlines())


def test_lines_name_the_commands_and_count() -> None:
    assert "\n".join(finding_lines(ALL)).strip().splitlines() == [
        "NsgBlocksStorage: Allow it.",
        "    az one",
        "    az two",
        "",
        "PoolBusy: Wait.",
        "",
        "1 error, 1 warning, 1 not checked, 1 ok",
    ]


def test_table_of_a_file_and_of_a_terminal() -> None:
    long = as_data(Finding("A", Severity.ERROR, "word " * 40 + "end.", check="NSG"))
    (plain,) = health_output_format([long])
    (wrapped,) = health_output_format([long], columns=100, colored=True)

    assert plain == {"SEVERITY": "error", "CHECK": "NSG", "FOUND": long["message"]}
    assert wrapped["SEVERITY"] == "\x1b[1;31merror\x1b[0m"
    assert wrapped["FOUND"].split() == plain["FOUND"].split()
    assert max(map(len, wrapped["FOUND"].splitlines())) <= 48
