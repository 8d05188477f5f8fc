"""Build secrets and SSH agents that a Dockerfile mounts and a build does not have."""

from __future__ import annotations

import pytest

from azext_acrpool.dockerfile.instructions import read_dockerfile
from azext_acrpool.dockerfile.model import AskedBuild
from azext_acrpool.dockerfile.mounts import secrets_that_lack
from azext_acrpool.dockerfile.remarks import remarks_on_buildkit

PLAIN = AskedBuild()
BUILDKIT = AskedBuild(buildkit=True)


@pytest.mark.parametrize(
    ("mount", "reason", "remedy"),
    [
        ("type=secret,id=x", "build secret 'x' is not given", "Give it: --secret id=x,src=FILE."),
        (
            "type=secret,target=/root/.npmrc",
            "build secret '.npmrc' is not given",
            "Give it: --secret id=.npmrc,src=FILE.",
        ),
        ("type=SECRET,id=x,src=y", "build secret 'y' is not given", "Give it: --secret id=y,src=FILE."),
        ("type=secret,id=x,env=X", "build secret 'x' is not given", "Give it: --secret id=x,src=FILE."),
        (
            "type=ssh",
            "there is no SSH agent for a build on an agent",
            "Give the key as a build secret: --secret id=NAME,src=FILE.",
        ),
    ],
)
def test_secrets_that_are_not_given_are_told(mount: str, reason: str, remedy: str) -> None:
    dockerfile = read_dockerfile(f"FROM a\nRUN --mount={mount} true\n")
    assert secrets_that_lack(dockerfile, BUILDKIT) == ()
    assert remarks_on_buildkit(dockerfile, BUILDKIT) == (
        f"Dockerfile line 2: RUN --mount={mount} true: {reason}. {remedy}",
    )
    assert not [*remarks_on_buildkit(dockerfile, PLAIN), *secrets_that_lack(dockerfile, PLAIN)]
    for required in ("required", "required=true", "required=1"):
        dockerfile = read_dockerfile(f"FROM a\nRUN --mount={mount},{required} true\n")
        (objection,) = secrets_that_lack(dockerfile, BUILDKIT)
        assert (objection.line, objection.reason, objection.remedy) == (2, reason, remedy)
        assert not objection.needs_buildkit
        assert remarks_on_buildkit(dockerfile, BUILDKIT) == ()


@pytest.mark.parametrize(
    "mount", ["type=secret,id=given,required", '"type=secret","id=given"', "type=secret,id=$X,required", "type=cache"]
)
def test_secrets_that_are_given_or_not_known_are_not(mount: str) -> None:
    dockerfile = read_dockerfile(f"FROM a\nRUN --mount={mount} true\n")
    build = AskedBuild(buildkit=True, secrets=frozenset({"given"}))
    assert not [*secrets_that_lack(dockerfile, build), *remarks_on_buildkit(dockerfile, build)]


def test_secrets_count_in_stages_that_the_target_needs() -> None:
    text = "FROM a AS one\nRUN --mount=type=secret,id=x,required true\nFROM b\n"
    assert secrets_that_lack(read_dockerfile(text), BUILDKIT) == ()
    (objection,) = secrets_that_lack(read_dockerfile(text + "COPY --from=one / /\n"), BUILDKIT)
    assert objection.line == 2
