"""Build secrets as docker names them: what they hold, and what cannot be one. No message holds what may be a secret."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest

from azext_acrpool.commands.console.errors import UsageError
from azext_acrpool.commands.runs.buildkit.secrets import BuildSecret, read_secrets
from azext_acrpool.commands.runs.buildkit.words import MOST_LINE_BYTES

ENVIRONMENT = {"NPM_TOKEN": "from variable", "token": "by its ID", "EMPTY": "", "KEY": "-----BEGIN\nline\n"}
MARKED = "m4rked-s3cret"
HOW = "Give it as id=NAME, id=NAME,src=FILE or id=NAME,env=VARIABLE, without blanks after the commas."

NO_PART = (
    f"--secret number 1 has a part that is none of id=, src=, env= and type=. {HOW}"
    " For a secret build argument, write out --secret-build-arg."
)
NO_LIST = f"--secret number 1 has a line end, or quotes that are not closed or have text beside them. {HOW}"


@pytest.fixture(autouse=True)
def _current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"from file\r\n")
    (tmp_path / "a, b.txt").write_bytes(b"commas")
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("spec", "secret_id", "value"),
    [
        ("id=npm,src=file", "npm", "from file\r\n"),
        ("id=npm,source=file", "npm", "from file\r\n"),
        ("ID=npm,SRC=file", "npm", "from file\r\n"),
        ("type=file,src=file,id=npm", "npm", "from file\r\n"),
        ("id=npm,env=NPM_TOKEN", "npm", "from variable"),
        ("id=npm,type=env,env=NPM_TOKEN", "npm", "from variable"),
        ("id=npm,type=env,src=NPM_TOKEN", "npm", "from variable"),
        ("id=npm,type=file,env=NPM_TOKEN", "npm", "from variable"),
        ("id=token", "token", "by its ID"),
        ("id=file", "file", "from file\r\n"),
        ('id=npm,"src=a, b.txt"', "npm", "commas"),
        ('"id=npm","src=a, b.txt"', "npm", "commas"),
        ("id=one,id=npm,src=file", "npm", "from file\r\n"),
        ("id=npm,src=,env=NPM_TOKEN", "npm", "from variable"),
        ("id=app/.npmrc:v1@x+y=%-_,src=file", "app/.npmrc:v1@x+y=%-_", "from file\r\n"),
        ("id=npm,env=KEY", "npm", "-----BEGIN\nline\n"),
        # Docker takes them, too.
        ("id=npm,env=EMPTY", "npm", ""),
        ("id=EMPTY", "EMPTY", ""),
    ],
)
def test_secret(spec: str, secret_id: str, value: str) -> None:
    assert read_secrets([spec], ENVIRONMENT) == (BuildSecret(secret_id, value),)


def test_secrets_come_in_their_order() -> None:
    secrets = read_secrets(["id=b,src=file", "", "id=a,env=KEY"], ENVIRONMENT)
    assert [secret.id for secret in secrets] == ["b", "a"]


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ("file", NO_PART),
        (f"{MARKED}==", NO_PART),
        (f"id=npm,value={MARKED}", NO_PART),
        ("id=npm, src=file", NO_PART),
        ("id=npm,", NO_PART),
        ("src=file", f"--secret number 1 has no ID. {HOW}"),
        ("id=,src=file", f"--secret number 1 has no ID. {HOW}"),
        (f"id=npm,type={MARKED}", f"--secret number 1 has a type that is neither 'file' nor 'env'. {HOW}"),
        ('id=npm,"src=file', NO_LIST),
        ('id=npm,"src=a"b', NO_LIST),
        (f"id=npm\n{MARKED}", NO_LIST),
        ("id=npm,src=file,env=KEY", "Secret 'npm' names a file and an environment variable: leave one out."),
        (
            f"id=npm,env={MARKED}",
            (
                "Secret 'npm' names an environment variable that is not set."
                " Give the name of the variable, without '$', and export it."
            ),
        ),
        (
            f"id=npm,src={MARKED}",
            (
                "Secret 'npm' names a file that is not there."
                " Give its path from the current folder. For an environment variable, give env=VARIABLE."
            ),
        ),
        ("id=npm", f"Secret 'npm' is neither an environment variable here nor a file. {HOW}"),
        ("id=npm,src=folder", "Secret 'npm' cannot be read: 'folder' is a folder."),
    ],
)
def test_what_is_no_secret(spec: str, told: str) -> None:
    assert refusal([spec], ENVIRONMENT) == told


@pytest.mark.parametrize(
    "secret_id", ["a b", '"a,b"', "a$b", "$(id)", "a'b", "a;b", "a{{b}}", "~a", "a\\b", "g\u00fc", "a\tb", "a*", "a#b"]
)
def test_ids_that_mean_something_else_on_the_way(secret_id: str) -> None:
    spec = f"id={secret_id}" if '"' not in secret_id else secret_id.replace('"', '"id=', 1)
    assert refusal([f"{spec},src=file"], {}) == (
        "--secret number 1 has an ID that cannot be used: it may hold the letters A to Z, digits and any of _./:@+=%-."
        " Choose another, and give --mount=type=secret,id=.. in the Dockerfile the same."
    )


def test_two_of_an_id() -> None:
    assert refusal(["id=npm,src=file", "id=npm,env=KEY"], ENVIRONMENT) == (
        "2 secrets have the ID 'npm': a build has one of each."
    )


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"a\0b", "the file 'odd' holds a NUL byte."),
        (b"\xe9t\xe9", "the file 'odd' is not text in UTF-8."),
        (
            "token".encode("utf-16"),
            (
                "the file 'odd' is text in UTF-16, as '>' of Windows PowerShell writes it."
                " Write it with: Set-Content -NoNewline -Encoding ascii If it must be UTF-16:"
            ),
        ),
    ],
    ids=["nul", "latin-1", "utf-16"],
)
def test_bytes_that_do_not_get_through(content: bytes, told: str) -> None:
    Path("odd").write_bytes(content)
    encode = (
        "Encode it in base64, and decode it where it is used:"
        " RUN --mount=type=secret,id=app/key base64 -d /run/secrets/key"
    )
    assert refusal(["id=app/key,src=odd"], {}) == f"Secret 'app/key' cannot be sent: {told} {encode}"


@pytest.mark.skipif(os.name == "nt", reason="Windows has text in its environment")
def test_variable_with_bytes_that_are_no_text() -> None:
    told = refusal(["id=npm,env=RAW"], {"RAW": os.fsdecode(b"\xff" + MARKED.encode())})
    assert told.startswith("Secret 'npm' cannot be sent: its environment variable is not text in UTF-8. Encode it in")
    assert MARKED not in told


def test_byte_order_mark_of_utf_8_stays() -> None:
    Path("marked").write_bytes("\ufefftoken".encode())
    assert read_secrets(["id=npm,src=marked"], {}) == (BuildSecret("npm", "\ufefftoken"),)


def test_too_large_file() -> None:
    Path("large").write_bytes(b"x" * (MOST_LINE_BYTES + 1))
    assert refusal(["id=npm,src=large"], {}) == (
        "Secret 'npm' cannot be read from 'large': It has more than 122.9 kB, the most that is read."
    )


@pytest.mark.skipif(os.name == "nt", reason="Windows has no named pipes among its files")
class TestPipes:
    def test_is_read_to_its_end(self) -> None:
        reading, writing = os.pipe()

        def write() -> None:
            with os.fdopen(writing, "wb") as pipe:
                pipe.write(b"first ")
                pipe.flush()
                pipe.write(b"second")

        writer = threading.Thread(target=write)
        writer.start()
        secrets = read_secrets([f"id=npm,src=/dev/fd/{reading}"], {})
        writer.join()
        os.close(reading)
        assert secrets == (BuildSecret("npm", "first second"),)

    def test_nothing_came(self) -> None:
        os.mkfifo("pipe")
        assert refusal(["id=npm,src=pipe"], {}) == (
            "Secret 'npm' cannot be read: nothing came out of the pipe 'pipe'."
            " See whether the command that writes to it fails. For an empty secret, give src=/dev/null."
        )

    def test_nothing_is_a_secret_if_it_is_meant(self) -> None:
        assert read_secrets(["id=npm,src=/dev/null"], {}) == (BuildSecret("npm", ""),)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="whoever runs this may read everything")
def test_unreadable_file() -> None:
    Path("file").chmod(0)
    assert refusal(["id=npm,src=file"], {}) == "Secret 'npm' cannot be read from 'file': Permission denied."


def test_value_is_not_shown_by_accident() -> None:
    assert repr(BuildSecret("npm", MARKED)) == "BuildSecret(id='npm', file=None)"


def refusal(specs: list[str], environment: Mapping[str, str]) -> str:
    with pytest.raises(UsageError) as refused:
        read_secrets(specs, environment)
    return " ".join([refused.value.error.error_msg, *refused.value.error.recommendations])
