"""What needs BuildKit, and what does not."""

from __future__ import annotations

import pytest

from azext_acrpool.dockerfile.instructions import read_dockerfile
from azext_acrpool.dockerfile.model import AskedBuild
from azext_acrpool.dockerfile.needs import needs_of_buildkit

PLAIN = AskedBuild()
BUILDKIT = AskedBuild(buildkit=True)


def needs(text: str, target: str = "") -> list[tuple[int, str]]:
    found = needs_of_buildkit(read_dockerfile(text), AskedBuild(target=target))
    assert all(one.needs_buildkit and one.remedy == "Build with --buildkit." for one in found)
    return [(one.line, one.reason) for one in found]


@pytest.mark.parametrize(
    ("line", "option"),
    [
        ("RUN --mount=type=cache,target=/x make", "RUN --mount"),
        ("run --network=none make", "RUN --network"),
        ("RUN --security=insecure make", "RUN --security"),
        ("COPY --from=x --chmod=755 a b", "COPY --chmod"),
        ("COPY --link a b", "COPY --link"),
        ("COPY --link=false a b", "COPY --link"),
        ("COPY --parents a b", "COPY --parents"),
        ("COPY --exclude=x a b", "COPY --exclude"),
        ("ADD --chmod=755 a b", "ADD --chmod"),
        ("ADD --link a b", "ADD --link"),
        ("ADD --exclude=x a b", "ADD --exclude"),
        ("ADD --checksum=sha256:1 https://x.io/a b", "ADD --checksum"),
        ("ADD --keep-git-dir=true https://x.io/a.git b", "ADD --keep-git-dir"),
        ("ADD --unpack=true a b", "ADD --unpack"),
        ("COPY \\\n  --link a b", "COPY --link"),
        ("HEALTHCHECK --interval=5s --start-interval=1s CMD true", "HEALTHCHECK --start-interval"),
    ],
)
def test_options_that_only_buildkit_has(line: str, option: str) -> None:
    assert needs(f"FROM a\n{line}\n") == [(2, f"{option} is an option that only BuildKit has")]
    assert needs_of_buildkit(read_dockerfile(f"FROM a\n{line}\n"), BUILDKIT) == ()


@pytest.mark.parametrize(
    "line",
    [
        "RUN echo --mount=type=cache",
        "RUN make && cp --parents a b",
        "COPY --from=x --chown=1:1 a b",
        "ADD --chown=1:1 a b",
        "COPY a --link b",
        "COPY --chmod= a b",
        "HEALTHCHECK --interval=5s CMD true",
        "ONBUILD RUN --mount=type=cache,target=/x make",
        "RUN cat <<<EOF",
        "RUN cat <<EOF",
        "RUN echo $((1 <<2))",
        "RUN --unknown=x make",
        "RUN dir C:\\\\\nRUN --mount=type=cache,target=/x make",
        "COPY --unknown a b",
    ],
)
def test_what_builds_or_fails_without_buildkit_alike_needs_none(line: str) -> None:
    assert needs(f"FROM a\n{line}\nFROM b\n") == []


def test_options_that_docker_knows_count_in_stages_that_are_carried_out() -> None:
    text = "FROM a AS one\nRUN --mount=type=tmpfs,target=/x true\nFROM b AS two\nRUN --network=none true\n"
    text += "RUN --mount=type=tmpfs,target=/x true\nCOPY --chmod=1 a b\nCOPY --link a b\n"
    lines = [2, 4, 5, 6, 7]
    assert [line for line, _ in needs(text)] == lines
    assert [line for line, _ in needs(text, "two")] == lines
    assert [line for line, _ in needs(text, "One")] == [2, 4, 7]
    assert [line for line, _ in needs(text, "none")] == [4, 7]


def test_triggers_count_where_a_stage_is_built_on_them() -> None:
    text = "FROM a AS one\nONBUILD RUN --mount=type=tmpfs,target=/x true\nFROM one AS two\nFROM two AS three\n"
    assert needs(text) == needs(text, "two") == [(2, "RUN --mount is an option that only BuildKit has")]
    assert needs(text, "one") == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("FROM a\nRUN <<EOF\necho\nEOF\n", [(2, "EOF")]),
        ("FROM a\nRUN <<EOF\nEOF\n", [(2, "EOF")]),
        ("FROM a\nCOPY <<'A' <<B /x/\nRUN 1\nA\nRUN 2\nB\n", [(2, "A")]),
        ("FROM a\nONBUILD RUN <<EOF\necho\nEOF\n", [(2, "EOF")]),
        ("FROM a AS one\nFROM b\nRUN <<EOF\necho\nEOF\n", [(3, "EOF")]),
        # Docker's own builder takes all of these lines for instructions, and carries them out.
        ("FROM a\nRUN cat <<EOF\nRUN true \\\nEOF\n", []),
        ("FROM a\nRUN cat <<'RUN true'\nRUN true\n", []),
        ("FROM a\nRUN cat <<EOF\nRUN true\n", []),
    ],
)
def test_ended_here_documents_need_buildkit(text: str, found: list[tuple[int, str]]) -> None:
    expected = [(line, f"<<{name} begins a here-document, which only BuildKit knows") for line, name in found]
    assert needs(text) == expected


def test_windows_has_no_buildkit() -> None:
    dockerfile = read_dockerfile("FROM a\nRUN --mount=type=cache,target=/x make\n")
    (objection,) = needs_of_buildkit(dockerfile, AskedBuild(platform="windows/amd64"))
    assert objection.remedy == "Do without it: there is no BuildKit for Windows."
    assert not objection.needs_buildkit


def test_a_frontend_of_another_language_needs_buildkit() -> None:
    text = "# syntax=example/frontend:1\nFROM a\nINCLUDE common\nEXTEND it\n"
    reason = (
        "it names the frontend that reads this file, which only BuildKit asks; docker itself does not know line 3,"
        " INCLUDE common"
    )
    assert needs(text) == [(1, reason)]
    assert needs("// syntax=example/frontend:1\nFROM a\n")[0][0] == 1
