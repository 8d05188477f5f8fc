"""Secrets of builds with BuildKit go to the service as secret values, and nowhere else: no output, no log, no file."""

from __future__ import annotations

import json
import os
import re
import shlex
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.parse import quote

import pytest
from az_harness import Az, Emulator, Finished, run_program
from az_processes import COMMANDS

MARK = "m4rked"
# One has what JSON, URLs and shells write otherwise, and lines that may be told alone.
IN_FILE = "-----BEGIN KEY-----\nm4rked\"file'one$HOME\\zq/+\nm4rked-file-two\r\n-----END KEY-----\n"
IN_VARIABLE = "m4rked-variable"
IN_ARGUMENT = "m4rked'argument {{.Run.ID}}"
VALUES = [IN_FILE, IN_VARIABLE, IN_ARGUMENT]
SECRETS = (
    *("--secret", "id=file,src=key.pem", "--secret", "id=variable,env=SECRET_VARIABLE"),
    *("--secret-build-arg", "SECRET_ARGUMENT"),
)
BUILD = ("acr", "build", "--registry", "myregistry", "-t", "app:v1", "--buildkit", *SECRETS)
DOCKERFILE = """FROM scratch
ARG SECRET_ARGUMENT
RUN --mount=type=secret,id=file --mount=type=secret,id=variable true
"""


@pytest.fixture(autouse=True)
def nothing_of_before(emulator: Emulator) -> Iterator[None]:
    emulator.control("DELETE", "journal")
    yield
    emulator.control("DELETE", "faults")


@pytest.fixture
def az(az: Az) -> Az:
    """az that writes all that it can into files, with secrets where its user keeps them."""
    temporary = az.folder / "temporary"
    temporary.mkdir()
    (az.folder / "key.pem").write_bytes(IN_FILE.encode())
    (az.folder / "context").mkdir()
    (az.folder / "context" / "Dockerfile").write_text(DOCKERFILE, "utf-8")
    environment = {
        "AZURE_LOGGING_ENABLE_LOG_FILE": "yes",
        "SECRET_VARIABLE": IN_VARIABLE,
        "SECRET_ARGUMENT": IN_ARGUMENT,
        **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary)),
    }
    return replace(az, environment={**az.environment, **environment})


@pytest.mark.parametrize("options", [(), ("--verbose",), ("--debug",), ("--debug", "--no-wait", "-o", "yaml")])
def test_a_build_that_is_queued(az: Az, emulator: Emulator, options: tuple[str, ...]) -> None:
    done = az(*BUILD, *options, "context").succeeded()
    assert marks_seen(az, done) == []
    assert values_sent(emulator) == VALUES


def test_a_dry_run(az: Az, emulator: Emulator) -> None:
    done = az(*BUILD, "--dry-run", "--debug", "context").succeeded()
    assert marks_seen(az, done) == []
    assert emulator.journal() == []


def test_a_refusal_that_repeats_what_was_sent(az: Az, emulator: Emulator) -> None:
    spellings: list[Callable[[str], str]] = [
        *(str, json.dumps, lambda value: json.dumps(json.dumps(value))),
        *(quote, shlex.quote, lambda value: b64encode(value.encode()).decode()),
        lambda value: b64encode(f"NAME='{value}'".encode()).decode(),
        lambda value: " | ".join(value.splitlines()),
    ]
    repeated = " and ".join(spell(value) for value in VALUES for spell in spellings)
    refusal = {"status": 400, "body": {"error": {"code": "Bad", "message": f"These are wrong: {repeated}. So there."}}}
    emulator.control("PUT", "faults", [{"match": {"path": "/scheduleRun"}, "fault": refusal}])
    failed = az(*BUILD, "--debug", "context")
    assert "ERROR: cli.azure.cli.core.azclierror: (Bad) These are wrong: " in failed.stderr
    assert marks_seen(az, failed) == []


def test_a_build_that_fails(az: Az, emulator: Emulator) -> None:
    (az.folder / "context" / "Dockerfile").write_text(DOCKERFILE + "COPY missing .\n", "utf-8")
    failed = az(*BUILD, "--debug", "context")
    assert failed.code == 1
    assert marks_seen(az, failed) == []
    assert values_sent(emulator) == VALUES


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--secret", f"id=other,env={MARK}"), "Secret 'other' names an environment variable that is not set."),
        (("--secret", f"id=other,src={MARK}"), "Secret 'other' names a file that is not there."),
        (("--secret", f"other={MARK}"), "--secret number 3 has a part that is none of id=, src=, env= and type=."),
        (("--build-arg", "LARGE"), "Build arguments and secrets take 138."),
    ],
)
def test_what_is_refused_here(az: Az, emulator: Emulator, options: tuple[str, ...], told: str) -> None:
    az = replace(az, environment={**az.environment, "LARGE": MARK * 23_000 if "LARGE" in options else ""})
    refused = az(*BUILD, *options, "context").failed(2)
    assert any(line.startswith(f"ERROR: {told}") for line in refused.told)
    assert marks_seen(az, refused) == []
    assert emulator.journal() == []


@pytest.mark.skipif(os.name == "nt", reason="these are pipes of bash")
def test_a_pipe_of_a_shell(az: Az, emulator: Emulator) -> None:
    script = f"'{COMMANDS}/az' acr build -r myregistry --secret id=pipe,src=<(printf '{MARK}\\n\\n') --debug context"
    done = run_program("bash", "-c", script, folder=az.folder, environment=az.environment).succeeded()
    assert marks_seen(az, done) == []
    assert values_sent(emulator) == [f"{MARK}\n\n"]


def values_sent(emulator: Emulator) -> list[str]:
    """The secret values of the one request that queues a run; nothing else of what was sent holds a mark."""
    (request,) = [entry for entry in emulator.journal() if entry["path"].endswith("/scheduleRun")]
    values = [value.pop("value") for value in request["body"]["values"] if value["isSecret"]]
    others = [entry for entry in emulator.journal() if entry["path"] != request["path"]]
    assert marks_in(json.dumps([request, *others])) == []
    return values


def marks_seen(az: Az, done: Finished) -> list[str]:
    """Where there are marks for people to see who may not know the secrets."""
    files = [path for path in az.folder.rglob("*") if path.is_file() and path.name != "key.pem"]
    contents = {str(path.relative_to(az.folder)): path.read_bytes().decode("latin-1") for path in files}
    assert any(name.endswith(".log") for name in contents)
    # az logs what was typed before it loads any extension.
    typed = re.compile(r"^.*\bCommand arguments: .*$", re.MULTILINE)
    texts = {"stdout": done.stdout, "stderr": done.stderr, **contents}
    return [f"{name}: {mark}" for name, text in texts.items() for mark in marks_in(typed.sub("", text))]


def marks_in(text: str) -> list[str]:
    """Each mark with what is around it, also as base64 has it, wherever it stands in what was encoded."""
    # The first characters hold bits of what is before, the last such of what is behind.
    parts = ((0, 0), (1, 2), (2, 3))
    encoded = [b64encode(bytes(shift) + MARK.encode()).decode()[first : (shift + 6) * 8 // 6] for shift, first in parts]
    return re.findall("|".join(f".{{0,20}}{re.escape(mark)}.{{0,20}}" for mark in (MARK, *encoded)), text)
