"""Builds that are really carried out: what an agent calls docker with, given to buildah, and a registry on loopback.

buildah takes docker's options by the same names. What it has not, or has otherwise, is translated here, word by word:
`--load` (its images are always stored), and the cache, whose place is a repository without a tag.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from urllib.error import URLError

from acr_emulator.acb.docker import Finished, Printed
from acr_emulator.acb.exec import load_task
from acr_emulator.acb.program.program import Program
from acr_emulator.acb.program.scanning import DockerfileScanner
from acr_emulator.acb.rendering import Renderer
from acr_emulator.acb.task import Secret, TaskOptions, order_of
from acr_emulator.acb.variables import render_data
from acr_emulator.executor.archive import ContextArchive
from acr_emulator.executor.docker.agent import CheckedDocker
from acr_emulator.executor.docker.container import read_container
from acr_emulator.executor.model import Job
from acr_emulator.executor.requests import credentials, decoded, home_volume, pairs, render_options
from acr_emulator.executor.workspace import Workspace
from dockerfile_corpus import packed

__all__ = ["BuildahDocker", "Storage", "carry_out", "missing_programs", "serve_registry", "write_base"]

PROGRAMS = ("buildah", "docker-registry", "busybox")
NETWORKS = ("bridge", "host", "none", "acb_default_network")
LIMIT_SECONDS = 120.0
REGISTRY_SETTINGS = """\
version: 0.1
storage:
  filesystem:
    rootdirectory: {folder}
http:
  addr: {host}
"""
BASE = """\
FROM scratch
COPY busybox /bin/busybox
COPY busybox /bin/sh
ENV PATH=/bin
"""


def missing_programs() -> str:
    """Why nothing can be built here; empty if it can."""
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        return f"not installed: {', '.join(missing)}"
    return "" if os.geteuid() == 0 else "buildah's chroots need root"


@contextmanager
def serve_registry(folder: Path) -> Iterator[str]:
    """Serve a registry on loopback that keeps what it has in the folder; gives its host."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{free.getsockname()[1]}"
    folder.mkdir()
    settings = folder / "settings.yml"
    settings.write_text(REGISTRY_SETTINGS.format(folder=folder / "images", host=host))
    with subprocess.Popen(
        ["docker-registry", "serve", str(settings)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            _wait_for(host)
            yield host
        finally:
            process.terminate()


def _wait_for(host: str) -> None:
    deadline = time.monotonic() + LIMIT_SECONDS
    while True:
        try:
            with urllib.request.urlopen(f"http://{host}/v2/", timeout=LIMIT_SECONDS):
                return
        except URLError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


@dataclass(frozen=True)
class Storage:
    """A folder that buildah keeps images and layers in: what a new one has not, comes from a registry."""

    folder: Path

    def buildah(
        self, *words: str, environment: Mapping[str, str] | None = None, folder: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run buildah in a folder, with `environment` besides its own; what it logs comes with what it prints."""
        places = ("--root", str(self.folder / "images"), "--runroot", str(self.folder / "run"))
        return subprocess.run(
            ["buildah", "--storage-driver", "vfs", *places, *words],
            cwd=folder,
            env={**os.environ, **(environment or {}), "HOME": str(self.folder)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=LIMIT_SECONDS,
            check=False,
        )

    def read(self, image: str, path: str) -> bytes:
        """A file of an image in a registry."""
        container = self._printed("from", "--tls-verify=false", "--quiet", image)
        content = (Path(self._printed("mount", container)) / path.lstrip("/")).read_bytes()
        self._printed("rm", container)
        return content

    def _printed(self, *words: str) -> str:
        done = self.buildah(*words)
        assert done.returncode == 0, done.stdout
        return done.stdout.split("\n")[-2]


def write_base(storage: Storage, image: str, folder: Path) -> None:
    """Make an image that has a shell and nothing else, and push it."""
    folder.mkdir()
    shutil.copy(shutil.which("busybox") or "busybox", folder / "busybox")
    (folder / "Dockerfile").write_text(BASE)
    for words in (("build", "--tls-verify=false", "--tag", image, str(folder)), ("push", "--tls-verify=false", image)):
        done = storage.buildah(*words)
        assert done.returncode == 0, done.stdout


@dataclass
class BuildahDocker:
    """Docker on an agent: what the emulator makes of a call, and besides, builds and pushes are carried out by buildah.

    `calls` are the words of these, as docker is given them. `source` is the folder that was sent.
    """

    checked: CheckedDocker
    storage: Storage
    source: Path
    calls: list[tuple[str, ...]] = field(default_factory=list)

    def run(self, arguments: Sequence[str], standard_input: str = "") -> Finished:
        finished = self.checked.run(arguments, standard_input)
        if arguments[0] != "run" or finished.exit_code:
            return finished
        container = read_container(arguments[1:], NETWORKS, ())
        words = container.command
        match words:
            case ["buildx", "build", *options] | ["build", *options]:
                translated = ("build", "--isolation", "chroot", "--layers", "--tls-verify=false", *_translated(options))
            case ["push", image]:
                translated = ("push", "--tls-verify=false", image)
            case _:
                return finished
        self.calls.append(words)
        done = self.storage.buildah(*translated, environment=container.environment, folder=self.source)
        return Finished(done.returncode, tuple(map(Printed, done.stdout.splitlines())))


def _translated(options: Sequence[str]) -> Iterator[str]:
    """The words of a build as buildah has them."""
    for word in options:
        name, _, value = word.partition("=")
        if name in ("--cache-from", "--cache-to"):
            reference = dict(pair.partition("=")[::2] for pair in value.split(","))["ref"]
            yield f"{name}={reference.rpartition(':')[0]}"
        elif word != "--load":
            yield word


def carry_out(request: Mapping[str, Any], source: Path, registry: str, storage: Storage) -> BuildahDocker:
    """Carry out a request of an encoded task on the folder `source`, as an agent of `registry` does.

    Raises AcbError if that fails; what was built and pushed until then stays.
    """
    workspace = Workspace(ContextArchive(packed(source), lambda: None))
    docker = BuildahDocker(CheckedDocker(workspace), storage, source)
    job = Job("cf1", request, registry, datetime.now(timezone.utc))
    data = render_data(
        render_options(job), decoded(request.get("encodedValuesContent"), "values"), pairs(request.get("values"))
    )
    renderer = Renderer(data, job.started_at, _no_secret)
    text = decoded(request["encodedTaskContent"], "task")
    task = load_task("task", text, TaskOptions(registry=registry), renderer.task, lambda path: None).task
    program = Program(
        task=task,
        order=order_of(task.steps),
        docker=docker,
        scanner=DockerfileScanner(workspace.read, lambda folder, context: ()),
        remote_digest=lambda image: docker.checked.images.remote_digest(image.reference) or "",
        home_volume=home_volume(job),
        credentials=credentials(job),
    )
    for _ in program.run():
        pass
    return docker


def _no_secret(secret: Secret) -> str:
    raise AssertionError(f"no key vault was named: {secret}")
