"""Builds with BuildKit that are really carried out, where buildah and a registry are installed (real_builds.py).

What az sends is what an agent's program makes a docker command line of, and buildah builds from that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from az_harness import Az, Emulator
from real_builds import Storage, carry_out, missing_programs, serve_registry, write_base

from azext_acrpool.dockerfile.model import AskedBuild
from azext_acrpool.dockerfile.review import review_dockerfile

pytestmark = pytest.mark.skipif(bool(missing_programs()), reason=missing_programs() or "all there")

DOCKERFILE = """\
# syntax=docker/dockerfile:1
ARG BASE
FROM ${BASE} AS build
COPY hello.txt /out/
# Its UUID is another one each time, unless the layer comes from the cache.
RUN --mount=type=secret,id=file --mount=type=secret,id=variable,target=/key \\
    --mount=type=cache,target=/var/cache/tool \\
    busybox cp /run/secrets/file /out/file && busybox cp /key /out/variable && \\
    busybox touch /var/cache/tool/used && busybox cat /proc/sys/kernel/random/uuid > /out/once
ARG GREETING
RUN busybox printf %s "$GREETING" > /out/greeting

FROM scratch
COPY --from=build /out /
"""
HOSTILE = "a$HOME `id` \\ \"' {{.Run.ID}} <no value> #x\n\n  EOL\r\n\té\U0001f600"


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[str]:
    """A registry on loopback, with an image `base:1` that has a shell."""
    with serve_registry(tmp_path / "registry") as host:
        write_base(Storage(tmp_path / "base-storage"), f"{host}/base:1", tmp_path / "base")
        yield host


def test_build_with_secrets_and_a_cache(az: Az, emulator: Emulator, registry: str, tmp_path: Path) -> None:
    context = tmp_path / "context"
    context.mkdir()
    (context / "Dockerfile").write_text(DOCKERFILE)
    (context / "hello.txt").write_text("hello\n")
    (tmp_path / "secret").write_bytes(f"{HOSTILE}\n".encode())
    az = replace(az, environment={**az.environment, "VARIABLE": HOSTILE})
    az(
        *("acr", "build", "--registry", "myregistry", "--image", "app:v1", "--cache", "registry"),
        *("--secret", "id=file,src=secret", "--secret", "id=variable,env=VARIABLE"),
        *("--build-arg", f"BASE={registry}/base:1", "--build-arg", f"GREETING={HOSTILE}", str(context)),
    ).succeeded()
    request = emulator.last_run_request()

    made = []
    for name in ("first", "second"):
        # All that the second knows of the first is in the registry.
        carry_out(request, context, registry, Storage(tmp_path / f"{name}-agent"))
        reader = Storage(tmp_path / f"{name}-reader")
        made.append(
            {file: reader.read(f"{registry}/app:v1", file) for file in ("file", "variable", "greeting", "once")}
        )
    first, second = made
    assert first["file"] == f"{HOSTILE}\n".encode()
    assert first["variable"] == HOSTILE.encode()
    assert first["greeting"] == HOSTILE.replace("{{.Run.ID}}", "cf1").encode()
    assert first == second


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "ARG V\nARG R={host} N=base\nFROM --platform=$BUILDPLATFORM ${{R}}/$N:${{V:-1}} AS build\n"
            'RUN busybox echo "select a \\\n# remark\n   from users \\\n\n  where b \\\nFROM x AS y" > /made\n'
            "FROM scratch\nCOPY --from=build /made /made\n",
            id="written-out",
        ),
        pytest.param(
            "FROM --platform=linux/arm64 scratch AS other\nCOPY Dockerfile /\nFROM {host}/base:1\n"
            'RUN busybox printf "%s|" a \\\n\tfrom b\\\nfrom c > /made\n',
            id="hidden",
        ),
        pytest.param(
            '# escape=`\nFROM {host}/base:1\nRUN busybox printf "%s|" a `\n'
            "  FROM x\\y `\n;busybox echo `\nfrom >> /made\n",
            id="escape",
        ),
    ],
)
def test_an_adapted_dockerfile_builds_the_same(text: str, registry: str, tmp_path: Path) -> None:
    content = text.format(host=registry).encode()
    adapted = review_dockerfile(content, AskedBuild()).adapted
    assert adapted is not None
    storage = Storage(tmp_path / "storage")
    made = []
    for number, dockerfile in enumerate((content, adapted)):
        folder, image = tmp_path / str(number), f"{registry}/made:{number}"
        folder.mkdir()
        (folder / "Dockerfile").write_bytes(dockerfile)
        for words in (("build", "--isolation", "chroot", "--tag", image, str(folder)), ("push", image)):
            done = storage.buildah(words[0], "--tls-verify=false", *words[1:])
            assert done.returncode == 0, done.stdout
        made.append(storage.read(image, "made"))
    assert made[0] == made[1]
