"""The Dockerfiles of tests/dockerfiles: what each is built with, and what comes of it.

`expected.yaml` there says of each

- `files`: what its context has beside it; `saved` is how the Dockerfile is saved, if it is not as it is here,
- `options`, and `secrets` for BuildKit, which are the `environment` or files `beside` the context,
- `az`: whether an agent `builds` it as az's own sends it, or that `fails`,
- `classic` and `buildkit`: what comes of it with our command, without BuildKit and with it. `builds` is without a word
  about the Dockerfile; `told: [..]` builds, and says these lines of it; `refused: [..]` are the lines of an error.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

__all__ = ["BUILDERS", "CorpusEntry", "Expected", "packed", "read_corpus"]

FOLDER: Final = Path(__file__).resolve().parents[1] / "dockerfiles"
BUILDERS: Final = ("classic", "buildkit")


@dataclass(frozen=True)
class Expected:
    """What comes of a build: `lines` are those that are told of the Dockerfile, or the error's if it `is_refused`."""

    is_refused: bool
    lines: tuple[str, ...]


@dataclass(frozen=True)
class CorpusEntry:
    """A Dockerfile, how it is built, and what comes of it."""

    name: str
    document: Mapping[str, Any]

    def __str__(self) -> str:
        return self.name

    @property
    def environment(self) -> Mapping[str, str]:
        environment: Mapping[str, str] = self.document.get("environment", {})
        return environment

    @property
    def is_built_today(self) -> bool:
        """Whether an agent builds it as az's own sends it."""
        return {"builds": True, "fails": False}[self.document["az"]]

    def options(self, builder: str) -> tuple[str, ...]:
        """The options of its build, the builder's own included."""
        options = tuple(self.document.get("options", ()))
        if builder == "classic":
            return options
        return (
            *options,
            "--buildkit",
            *(word for spec in self.document.get("secrets", ()) for word in ("--secret", spec)),
        )

    @property
    def secret_ids(self) -> tuple[str, ...]:
        """The IDs of the secrets that are given with BuildKit."""
        return tuple(spec.partition(",")[0].removeprefix("id=") for spec in self.document.get("secrets", ()))

    @property
    def _given(self) -> list[tuple[str, str]]:
        words = self.document.get("options", ())
        return list(zip(words[::2], words[1::2], strict=True))

    def given(self, option: str) -> str | None:
        """The value of an option, None without it."""
        return dict(self._given).get(option)

    def request(self) -> dict[str, Any]:
        """What az's own makes of the options in the request of a build."""
        arguments = [
            dict(zip(("name", "value"), value.split("=", 1), strict=True)) | {"isSecret": option.startswith("--secret")}
            for option, value in self._given
            if option.endswith("-build-arg")
        ]
        platform = {"os": self.given("--platform") or "linux", "architecture": "amd64"}
        return {"arguments": arguments, "target": self.given("--target") or "", "platform": platform}

    def expected(self, builder: str) -> Expected:
        """What comes of it with a builder."""
        document = self.document[builder]
        if document == "builds":
            return Expected(False, ())
        ((outcome, lines),) = document.items()
        return Expected({"told": False, "refused": True}[outcome], tuple(lines))

    def write(self, folder: Path) -> None:
        """Write its context into the folder `context` of a folder, and what lies beside that."""
        context = folder / "context"
        for file in (*(context / name for name in self.document.get("files", ())), *self._beside(folder)):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"{file.name}\n", "utf-8")
        context.mkdir(exist_ok=True)
        (context / "Dockerfile").write_bytes(self.content)

    def _beside(self, folder: Path) -> list[Path]:
        return [folder / name for name in self.document.get("beside", ())]

    @property
    def content(self) -> bytes:
        """The Dockerfile, as it is saved: `crlf` and `crlf-bom` are how editors on Windows do it."""
        text = (FOLDER / f"{self.name}.Dockerfile").read_text("utf-8")
        saved = self.document.get("saved", "")
        if not saved:
            return text.encode()
        return text.replace("\n", "\r\n").encode({"crlf": "utf-8", "crlf-bom": "utf-8-sig"}[saved])


def packed(folder: Path) -> bytes:
    """A folder as an archive."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        tar.add(folder, ".")
    return archive.getvalue()


def read_corpus() -> tuple[CorpusEntry, ...]:
    """All entries. Raises AssertionError if a Dockerfile has none, or an entry no Dockerfile."""
    documents: Mapping[str, Mapping[str, Any]] = yaml.safe_load((FOLDER / "expected.yaml").read_text("utf-8"))
    assert {file.stem for file in FOLDER.glob("*.Dockerfile")} == set(documents)
    return tuple(CorpusEntry(name, document) for name, document in documents.items())
