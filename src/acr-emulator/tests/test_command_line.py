"""Options that cannot be: each is a usage error that says what is expected."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from acr_emulator import cli

SECONDS = "expected seconds from 0 to 31622400"
FACTOR = "expected a number from 1e-06 to 1000000"
NAME = "expected 1 to 50 letters, digits or any of _.- between them"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--pool-seconds", "nan"], f"--pool-seconds: {SECONDS}, not 'nan'"),
        (["--pool-seconds", "-1"], f"--pool-seconds: {SECONDS}, not '-1'"),
        (["--pool-seconds", "inf"], f"--pool-seconds: {SECONDS}, not 'inf'"),
        (["--pool-seconds", "soon"], f"--pool-seconds: {SECONDS}, not 'soon'"),
        (["--pool-seconds", "1e18"], f"--pool-seconds: {SECONDS}, not '1e18'"),
        (["--pool-seconds", ""], f"--pool-seconds: {SECONDS}, not ''"),
        (["--agent-speed", "0"], f"--agent-speed: {FACTOR}, not '0'"),
        (["--agent-speed", "1e-300"], f"--agent-speed: {FACTOR}, not '1e-300'"),
        (["--agent-speed", "fast"], f"--agent-speed: {FACTOR}, not 'fast'"),
        (["--latency", "-0.1"], f"--latency: {SECONDS}, not '-0.1'"),
        (["--uplink-mbps", "0"], f"--uplink-mbps: {FACTOR}, not '0'"),
        (["--uplink-mbps", "nan"], f"--uplink-mbps: {FACTOR}, not 'nan'"),
        (["--retry-after", "-5"], "--retry-after: expected whole seconds from 0 to 31622400, not '-5'"),
        (["--retry-after", "1.5"], "--retry-after: expected whole seconds from 0 to 31622400, not '1.5'"),
        (
            ["--retry-after", "9" * 5000],
            f"--retry-after: expected whole seconds from 0 to 31622400, not '{'9' * 5000}'",
        ),
        (["--sas-seconds", "0"], "--sas-seconds: expected seconds from 1 to 31622400, not '0'"),
        (["--port", "65536"], "--port: expected a port from 0 to 65535, not '65536'"),
        (["--port", "-1"], "--port: expected a port from 0 to 65535, not '-1'"),
        (["--port", "http"], "--port: expected a port from 0 to 65535, not 'http'"),
        (["--port", "\u0661"], "--port: expected a port from 0 to 65535, not '\u0661'"),
        (["--name", ""], f"--name: {NAME}, not ''"),
        (["--name", "../x"], f"--name: {NAME}, not '../x'"),
        (["--name", "a b"], f"--name: {NAME}, not 'a b'"),
        (["--name", "a."], f"--name: {NAME}, not 'a.'"),
        (["--name", "a" * 51], f"--name: {NAME}, not '{'a' * 51}'"),
        (["--world"], "--world: expected one argument"),
    ],
    ids=range(26),
)
def test_options_that_cannot_be(options: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["serve", *options])
    assert left.value.code == 2
    assert capsys.readouterr().err.splitlines()[-1] == f"acr-emulator serve: error: argument {told}"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ["serve", "--host", "0.0.0.0"],
            "--host 0.0.0.0: only 127.0.0.1 is possible, because anyone who reaches it is let in.",
        ),
        (
            ["run", "--host", "::", "--", "true"],
            "--host ::: only 127.0.0.1 is possible, because anyone who reaches it is let in.",
        ),
        (["run"], "run: say what to run: acr-emulator run -- COMMAND"),
        (["run", "--"], "run: say what to run: acr-emulator run -- COMMAND"),
        (["run", "--", "no-such-command"], "run: command not found: no-such-command"),
        (["serve", "--world", "none.yaml"], "none.yaml: No such file or directory"),
        (["serve", "--journal", "none/journal.jsonl"], "--journal none/journal.jsonl: No such file or directory"),
        (["env"], "env: no emulator is running. Start one with: acr-emulator serve"),
        (
            ["env", "--name", "mine"],
            "env: no emulator named 'mine' is running. Start one with: acr-emulator serve --name mine",
        ),
    ],
)
def test_usage_that_cannot_be(
    arguments: list[str], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ACR_EMULATOR_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    assert cli.main(arguments) == 2
    assert capsys.readouterr() == ("", f"acr-emulator: {told}\n")


@pytest.mark.skipif(os.name != "posix", reason="Windows runs what it has an association for")
@pytest.mark.parametrize(
    ("script", "mode", "told"),
    [
        (
            "#!/bin/sh\n",
            0o644,
            "is not executable. Make it so (chmod +x ./ci.sh), or name its shell: acr-emulator run -- bash ./ci.sh",
        ),
        (
            "echo\n",
            0o755,
            "has no first line such as #!/bin/bash. Write one, or name its shell: acr-emulator run -- bash ./ci.sh",
        ),
        (
            "#!/bin/sh\r\n",
            0o755,
            "the program that its first line names is not there. Does the line end in CR LF?",
        ),
    ],
    ids=["not-executable", "no-first-line", "carriage-return"],
)
def test_scripts_that_do_not_begin(
    script: str,
    mode: int,
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("ci.sh").write_bytes(script.encode())
    Path("ci.sh").chmod(mode)
    assert cli.main(["run", "--", "./ci.sh"]) == 2
    assert capsys.readouterr().err.replace("ci.sh: the", "ci.sh the") == f"acr-emulator: run: ./ci.sh {told}\n"


@pytest.mark.parametrize("folder", ["emulators", "~/emulators"])
def test_a_folder_that_others_would_look_for_elsewhere(
    folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ACR_EMULATOR_HOME", folder)
    assert cli.main(["env"]) == 2
    told = f"ACR_EMULATOR_HOME: '{folder}' is another folder wherever you are. Name its whole path."
    assert capsys.readouterr() == ("", f"acr-emulator: {told}\n")
    assert list(tmp_path.iterdir()) == []
