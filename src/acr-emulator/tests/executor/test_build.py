"""Builds in the check executor: the log of an ACR build, and the failures Docker would give."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Any

import pytest
from acr_emulator.executor import CheckExecutor, Job, LogLine, Outcome, Source
from archives import archive_of
from hypothesis import given, settings
from hypothesis import strategies as st

STARTED = datetime(2025, 3, 4, 5, 6, 7, tzinfo=timezone.utc)
FAILED = "failed during run, err: exit status 1"
NOT_FOUND = "failed: file not found in build context or excluded by .dockerignore: stat"
NEEDS_SLASH = "When using COPY with more than one source file, the destination must be a directory and end with a /"
NEEDS_BUILDKIT = (
    "option requires BuildKit. Refer to https://docs.docker.com/go/buildkit/ to learn how to build images with "
    "BuildKit enabled"
)


def run(source: Source | None, **request: Any) -> tuple[list[LogLine], Outcome]:
    build_request = {"type": "DockerBuildRequest", "imageNames": ["app:v1"], "dockerFilePath": "Dockerfile"}
    job = Job("cf1", {**build_request, "isPushEnabled": True, **request}, "myregistry.azurecr.io", STARTED, source)
    *lines, outcome = CheckExecutor().execute(job)
    assert isinstance(outcome, Outcome)
    assert all(isinstance(line, LogLine) for line in lines)
    return [line for line in lines if isinstance(line, LogLine)], outcome


def build(dockerfile: str, *names: str, **request: Any) -> tuple[list[str], Outcome]:
    lines, outcome = run(archive_of({"Dockerfile": dockerfile, **dict.fromkeys(names, "content")}), **request)
    return [line.text for line in lines], outcome


def failure(dockerfile: str, *names: str, **request: Any) -> str:
    """What the build printed right before it failed."""
    lines, outcome = build(dockerfile, *names, **request)
    assert (outcome.status, outcome.error_message, outcome.output_images) == ("Failed", FAILED, ())
    assert re.fullmatch(rf"Run ID: cf1 failed after \d+s\. Error: {FAILED}", lines[-1])
    end = next(i for i, line in enumerate(lines) if "Container failed during run: build. No retries remaining." in line)
    assert re.fullmatch(r"failed to run step ID: build: exit status \d+", lines[end + 1])
    return lines[end - 1]


def succeeds(dockerfile: str, *names: str, **request: Any) -> bool:
    return build(dockerfile, *names, **request)[1].status == "Succeeded"


class TestLog:
    def test_a_build_reads_like_one_in_azure(self) -> None:
        lines, outcome = build("FROM node:9-alpine\nCOPY app.js /src/\nRUN npm install\nCMD node app.js", "app.js")
        text = "\n".join(lines)
        expected = [
            "2025/03/04 05:06:07 Downloading source code...",
            "2025/03/04 05:06:08 Finished downloading source code",
            r"Using acb_vol_[0-9a-f-]{36} as the home volume",
            "Setting up Docker configuration...",
            "Logging in to registry: myregistry.azurecr.io",
            "Successfully logged into myregistry.azurecr.io",
            r"Executing step ID: build. Timeout\(sec\): 28800, Working directory: '', Network: ''",
            "Launching container with name: build",
            "Sending build context to Docker daemon  3.072kB",
            "Step 1/4 : FROM node:9-alpine",
            "9-alpine: Pulling from library/node",
            r" ---> [0-9a-f]{12}",
            "Step 2/4 : COPY app.js /src/",
            "Step 3/4 : RUN npm install",
            r" ---> Running in [0-9a-f]{12}",
            r"Removing intermediate container [0-9a-f]{12}",
            "Step 4/4 : CMD node app.js",
            r"Successfully built [0-9a-f]{12}",
            "Successfully tagged myregistry.azurecr.io/app:v1",
            "Pushing image: myregistry.azurecr.io/app:v1, attempt 1",
            r"The push refers to repository \[myregistry.azurecr.io/app\]",
            r"v1: digest: sha256:[0-9a-f]{64} size: \d+",
            "Successfully pushed image: myregistry.azurecr.io/app:v1",
            r"Step ID: build marked as successful \(elapsed time in seconds: \d+\.\d{6}\)",
            "The following dependencies were found:",
            "runtime-dependency:",
            r"Run ID: cf1 was successful after \d+s$",
        ]
        assert re.search(".*?".join(expected), text, re.DOTALL), text
        assert outcome.status == "Succeeded"

    def test_printed_times_follow_the_events(self) -> None:
        lines, _outcome = run(archive_of({"Dockerfile": "FROM a\nRUN sleep 90"}))
        total = sum(line.seconds_before for line in lines)
        assert total > 90
        minutes, seconds = divmod(round(total), 60)
        assert lines[-1].text == f"Run ID: cf1 was successful after {minutes}m{seconds}s"
        after_sleep = next(line for line in lines if line.seconds_before >= 90)
        assert after_sleep.text.startswith("Removing intermediate container")

    def test_a_faster_agent_prints_shorter_times_for_the_same_events(self) -> None:
        source = archive_of({"Dockerfile": "FROM a\nRUN sleep 100"})
        request = {"type": "DockerBuildRequest", "imageNames": ["a"], "dockerFilePath": "Dockerfile"}
        slow, fast = (
            list(CheckExecutor().execute(Job("cf1", request, "r.azurecr.io", STARTED, source, speed=speed)))
            for speed in (1.0, 10.0)
        )
        assert [event.seconds_before for event in slow] == [event.seconds_before for event in fast]
        last = fast[-2]
        assert isinstance(last, LogLine)
        assert last.text == "Run ID: cf1 was successful after 11s"

    def test_echo_prints_with_the_variables_of_its_stage(self) -> None:
        lines, _outcome = build("ARG G=global\nFROM a\nARG G\nARG N=name\nENV E=$N-env\nRUN echo hello $G ${E} '$E'")
        assert "hello global name-env $E" in lines

    def test_secret_arguments_appear_nowhere(self) -> None:
        arguments = [{"name": "TOKEN", "value": "s3cret-value", "isSecret": True}, {"name": "A", "value": "shown"}]
        dockerfile = "FROM a\nARG TOKEN\nARG A\nRUN echo $TOKEN $A\nCOPY $TOKEN /x"
        lines, outcome = build(dockerfile, arguments=arguments)
        assert "*** shown" in lines
        assert "s3cret-value" not in "\n".join([*lines, repr(outcome)])

    def test_registry_passwords_appear_nowhere(self) -> None:
        password = {"type": "Opaque", "value": "hunter2"}
        credentials = {"customRegistries": {"other.azurecr.io": {"userName": password, "password": password}}}
        lines, _outcome = build("FROM a\nRUN echo hunter2", credentials=credentials)
        assert "***" in lines
        assert any(line.endswith("Logging in to registry: other.azurecr.io") for line in lines)

    def test_unused_arguments_are_warned_of(self) -> None:
        lines, _outcome = build("FROM a\nARG USED", arguments=[{"name": n, "value": "x"} for n in ("USED", "B", "A")])
        assert "[Warning] One or more build-args [A B] were not consumed" in lines


@pytest.mark.parametrize(
    ("request_", "status"),
    [({}, "Failed"), ({"isPushEnabled": False}, "Succeeded"), ({"imageNames": []}, "Succeeded")],
)
def test_a_build_that_pushes_needs_credentials(request_: dict[str, Any], status: str) -> None:
    build_request = {"type": "DockerBuildRequest", "imageNames": ["app:v1"], "dockerFilePath": "Dockerfile", **request_}
    source = archive_of({"Dockerfile": "FROM a"})
    job = Job("cf1", build_request, "myregistry.azurecr.io", STARTED, source, is_logged_in=False)
    *lines, outcome = CheckExecutor().execute(job)
    assert isinstance(outcome, Outcome)
    assert outcome.status == status
    texts = [line.text for line in lines if isinstance(line, LogLine)]
    assert ("when specifying push, at least one credential is required" in texts) is (status == "Failed")


class TestImages:
    def test_pushed_images_are_reported_with_one_digest(self) -> None:
        _lines, outcome = build("FROM a", imageNames=["app:v1", "myregistry.azurecr.io/team/app", "x:{{.Run.ID}}"])
        images = [(image.registry, image.repository, image.tag) for image in outcome.output_images]
        registry = "myregistry.azurecr.io"
        assert images == [(registry, "app", "v1"), (registry, "team/app", "latest"), (registry, "x", "cf1")]
        assert len({image.digest for image in outcome.output_images}) == 1

    @pytest.mark.parametrize(
        ("name", "rendered", "failure"),
        [
            ("app:{{.Run.ID}}/x", "app:cf1/x", "invalid reference format"),
            ("{{.Values.none}}", ".:latest", "invalid reference format"),
            ("App:{{.Run.ID}}", "App:cf1", "repository name must be lowercase"),
            ("other.azurecr.io/App", "other.azurecr.io/App:latest", "repository name must be lowercase"),
            ("localhost:5000/app", "localhost:5000/app", "invalid reference format"),
            ("app:$ID", "app:$ID", "invalid reference format"),
        ],
    )
    def test_names_are_judged_once_the_run_has_filled_them_in(self, name: str, rendered: str, failure: str) -> None:
        lines, outcome = build("FROM a", imageNames=["app:v1", name])
        told = "Output from dependency scanning: Failed to parse image reference, ensure tags have a valid format"
        assert any(line.endswith(f" {told}: myregistry.azurecr.io/{rendered}: {failure}") for line in lines)
        assert "failed to run step ID: build: failed to scan dependencies: exit status 1" in lines
        assert (outcome.status, outcome.error_message) == ("Failed", FAILED)

    def test_without_push_nothing_is_reported(self) -> None:
        lines, outcome = build("FROM a", isPushEnabled=False)
        assert outcome.output_images == ()
        assert not any("Pushing" in line for line in lines)
        assert [dependency.type for dependency in outcome.base_image_dependencies] == ["Runtime"]

    def digest(self, files: dict[str, str], **request: Any) -> str | None:
        return run(archive_of(files), **request)[1].output_images[0].digest

    def test_the_same_sources_give_the_same_digest(self) -> None:
        files = {"Dockerfile": "FROM a\nARG V\nCOPY src /src", "src/x": "1"}
        first = self.digest(files)
        assert re.fullmatch("sha256:[0-9a-f]{64}", first or "")
        assert self.digest(dict(reversed(files.items()))) == first
        assert self.digest({**files, "unused": "2"}) == first, "only what is copied counts"

    @pytest.mark.parametrize(
        ("files", "request_members"),
        [
            ({"Dockerfile": "FROM b\nARG V\nCOPY src /src", "src/x": "1"}, {}),
            ({"Dockerfile": "FROM a\nARG V\nCOPY src /src", "src/x": "2"}, {}),
            ({"Dockerfile": "FROM a\nARG V\nCOPY src /src", "src/y": "1"}, {}),
            (
                {"Dockerfile": "FROM a\nARG V\nCOPY src /src", "src/x": "1"},
                {"arguments": [{"name": "V", "value": "1"}]},
            ),
        ],
    )
    def test_anything_else_gives_another_digest(self, files: dict[str, str], request_members: dict[str, Any]) -> None:
        original = self.digest({"Dockerfile": "FROM a\nARG V\nCOPY src /src", "src/x": "1"})
        assert self.digest(files, **request_members) != original

    def test_base_images_are_the_dependencies(self) -> None:
        dockerfile = (
            "ARG T=1.2\nFROM golang AS b\nFROM mcr.microsoft.com/x/y:${T} AS c\n"
            f"FROM me/app@sha256:{'0' * 64} \nCOPY --from=b /a /b\nFROM c"
        )
        _lines, outcome = build(dockerfile)
        seen = [(d.type, d.image.registry, d.image.repository, d.image.tag) for d in outcome.base_image_dependencies]
        assert seen == [
            ("Runtime", "mcr.microsoft.com", "x/y", "1.2"),
            ("Buildtime", "registry.hub.docker.com", "library/golang", "latest"),
            ("Buildtime", "registry.hub.docker.com", "me/app", None),
        ]
        assert outcome.base_image_dependencies[2].to_wire()["digest"] == f"sha256:{'0' * 64}"

    def test_scratch_is_no_dependency(self) -> None:
        assert build("FROM scratch\nCOPY x /", "x")[1].base_image_dependencies == ()


class TestSources:
    @pytest.mark.parametrize(
        "instruction",
        [
            "COPY a.txt /x",
            "COPY ./a.txt /a.txt ./d/",
            "COPY d /x",
            "COPY d/ /x",
            "COPY . /x",
            "COPY / /x",
            "COPY *.txt /x/",
            "COPY d/?.md /x",
            "COPY [a-c].txt /x/",
            'COPY ["a.txt", "/with space/"]',
            "COPY --chown=1:1 a.txt /x",
            "ADD https://example.com/x.tgz /x",
            "ADD git@example.com:a/b.git /x",
            "COPY --from=nginx:latest /anything /x",
            "ENV N=a\nCOPY ${N}.txt /x",
            "ARG N=a\nCOPY $N.txt ${NO:-/x}",
            "ONBUILD COPY missing /x",
            "COPY a.txt none* *.none /x/",
        ],
    )
    def test_what_is_there_is_found(self, instruction: str) -> None:
        assert succeeds(f"FROM a\n{instruction}", "a.txt", "b.txt", "d/e.md")

    @pytest.mark.parametrize(
        ("instruction", "message"),
        [
            ("COPY foo /x", f"COPY {NOT_FOUND} foo: file does not exist"),
            ("ADD ./foo/ /x", f"ADD {NOT_FOUND} foo: file does not exist"),
            ("COPY A.TXT /x", f"COPY {NOT_FOUND} A.TXT: file does not exist"),
            ("COPY ../up /x", "COPY failed: forbidden path outside the build context: ../up ()"),
            ("COPY *.go /x/", "COPY failed: no source files were specified"),
            ("COPY *.md none* /x/", "COPY failed: no source files were specified"),
            ("COPY [ /x/", "COPY failed: no source files were specified"),
            ("COPY a.txt b.txt /x", NEEDS_SLASH),
            ("COPY *.txt .", NEEDS_SLASH),
            ("COPY ${N:?no name} /x", "failed to process \"${N:?no\": syntax error: missing '}'"),
            ("COPY --from=7 /a /x", "invalid from flag value 7: refers to no stage before this one"),
            ("COPY --from=App /a /x", "invalid reference format: repository name must be lowercase"),
            ("COPY --chmod=755 a.txt /x", f"the --chmod {NEEDS_BUILDKIT}"),
            ("RUN --mount=type=cache,target=/x make", f"the --mount {NEEDS_BUILDKIT}"),
        ],
    )
    def test_what_is_not_there_fails_as_in_docker(self, instruction: str, message: str) -> None:
        assert failure(f"FROM a\n{instruction}", "a.txt", "b.txt", "d/e.md") == message

    @pytest.mark.parametrize(
        ("shell", "line", "told"),
        [
            ('["/bin/bash", "-o", "pipefail", "-c"]', "exit 3", "/bin/bash -o pipefail -c exit 3"),
            ('["sh", "-ec"]', "false; true", "sh -ec false; true"),
        ],
    )
    def test_a_line_is_for_the_shell_that_is_set(self, shell: str, line: str, told: str) -> None:
        message = failure(f"FROM a AS base\nSHELL {shell}\nFROM base\nRUN {line}")
        assert re.sub(r"\d$", "?", message) == f"The command '{told}' returned a non-zero code: ?"

    @pytest.mark.parametrize("shell", ['["powershell", "-Command"]', '["cmd", "/S", "/C"]', '["conda", "run"]'])
    def test_a_line_for_another_shell_is_taken_to_succeed(self, shell: str) -> None:
        assert succeeds(f"FROM a\nSHELL {shell}\nRUN if ($true) {{ Write-Host 'x (y)' }} && exit 1")

    def test_a_line_on_windows_is_for_its_shell(self) -> None:
        lines, outcome = build("FROM a\nRUN if not exist x (mkdir x)", platform={"os": "windows"})
        assert outcome.status == "Succeeded", lines

    def test_a_line_without_an_end_is_named(self) -> None:
        lines, outcome = build("FROM a\nRUN while true; do sleep 1; done")
        assert outcome.error_message == FAILED
        end = lines.index("a line for the shell takes more steps than the emulator grants it")
        assert lines[end - 2] == "Step 2/2 : RUN while true; do sleep 1; done"

    def test_a_shell_is_a_list(self) -> None:
        assert failure("FROM a\nSHELL bash -c") == "SHELL requires the arguments to be in JSON form"

    def test_what_a_sent_dockerignore_names_is_hidden(self) -> None:
        files = {"Dockerfile": "FROM a\nCOPY src /src\nCOPY src/secret /x", "src/secret": "s", "src/code": "c"}
        lines, outcome = run(archive_of({**files, ".dockerignore": "**/secret\n"}))
        assert outcome.status == "Failed"
        assert f"COPY {NOT_FOUND} src/secret: file does not exist" in [line.text for line in lines]
        assert run(archive_of({**files, ".dockerignore": "**/secret\n!src/secret"}))[1].status == "Succeeded"

    def test_a_dockerfile_that_is_ignored_is_read_all_the_same(self) -> None:
        assert (
            run(archive_of({"Dockerfile": "FROM a\nCOPY x /", "x": "", ".dockerignore": "*\n!x"}))[1].status
            == "Succeeded"
        )

    @settings(deadline=None)
    @given(
        st.sets(st.sampled_from(["a", "b/c", "b/d", "e f"]), min_size=1), st.sampled_from(["a", "b", "b/c", "b/x", "c"])
    )
    def test_a_source_is_found_exactly_if_it_is_there(self, names: set[str], wanted: str) -> None:
        there = any(name == wanted or name.startswith(f"{wanted}/") for name in names)
        assert succeeds(f"FROM a\nCOPY {wanted} /x/", *names) is there


class TestCommands:
    @pytest.mark.parametrize(
        ("command", "message"),
        [
            ("exit 3", "The command '/bin/sh -c exit 3' returned a non-zero code: 3"),
            ("false", "The command '/bin/sh -c false' returned a non-zero code: 1"),
            ('["false"]', "The command 'false' returned a non-zero code: 1"),
            ("exit -1", "The command '/bin/sh -c exit -1' returned a non-zero code: 2"),
            ("make && exit 4", "The command '/bin/sh -c make && exit 4' returned a non-zero code: 4"),
            (
                "if [ a = a ]; then exit 5; fi",
                "The command '/bin/sh -c if [ a = a ]; then exit 5; fi' returned a non-zero code: 5",
            ),
        ],
    )
    def test_a_command_that_fails_fails_the_build(self, command: str, message: str) -> None:
        assert failure(f"FROM a\nRUN {command}") == message

    @pytest.mark.parametrize(
        "command", ["exit 0", "true", "false || true", "echo false", "make", "make && ls | grep x"]
    )
    def test_other_commands_succeed(self, command: str) -> None:
        assert succeeds(f"FROM a\nRUN {command}")


class TestStages:
    DOCKERFILE = "FROM a AS one\nCOPY missing /\nFROM a AS two\nRUN true\nFROM one AS three"

    def test_the_classic_builder_builds_every_stage_up_to_the_target(self) -> None:
        assert "stat missing" in failure(self.DOCKERFILE, target="two")

    def test_stages_after_the_target_are_not_built(self) -> None:
        lines, outcome = build("FROM a AS one\nRUN true\nFROM b AS two\nCOPY missing /", target="one")
        assert outcome.status == "Succeeded"
        assert "Step 2/2 : RUN true" in lines

    def test_a_target_in_another_case_is_known_to_docker_but_not_to_the_scanner(self) -> None:
        """The scanner reads on to an image that docker never fetches: the run fails after the push."""
        lines, outcome = build("FROM a AS one\nFROM b AS two", target="ONE")
        assert lines[-4:-2] == ["failed to query digests, msg: Error: No such object: b:latest", ": exit status 1"]
        assert any(line.endswith("Successfully pushed image: myregistry.azurecr.io/app:v1") for line in lines)
        assert (outcome.status, outcome.output_images) == ("Failed", ())

    @pytest.mark.parametrize("target", ["y", "0"])
    def test_a_target_that_is_not_there_is_for_docker_to_find(self, target: str) -> None:
        assert failure("FROM a AS x", target=target) == f"failed to reach build target {target} in Dockerfile"

    def test_two_stages_of_one_name_are_too_many_for_the_classic_builder(self) -> None:
        assert failure("FROM a AS One\nRUN true\nFROM a AS one\nRUN true") == "one stage name already used"

    def test_of_two_stages_of_one_name_the_first_one_is_the_target(self) -> None:
        lines, outcome = build("FROM a AS one\nRUN true\nFROM a AS one\nRUN false", target="one")
        assert outcome.status == "Succeeded", lines

    @pytest.mark.parametrize(
        "dockerfile",
        ["FROM a\nARG V=1\nARG V", "FROM a AS one\nARG V=1\nFROM one", "FROM a AS one\nARG V=1\nFROM one\nARG V"],
    )
    def test_an_argument_has_the_value_that_its_last_declaration_gives_it(self, dockerfile: str) -> None:
        lines, outcome = build(f'{dockerfile}\nRUN test -z "${{V+set}}"')
        assert outcome.status == "Succeeded", lines

    @pytest.mark.parametrize(
        ("dockerfile", "told"),
        [
            (
                "FROM $NOTHING AS y",
                "Failed to parse image reference, ensure tags have a valid format: :latest: invalid reference format",
            ),
            ("FROM --platform=linux/arm64 a", "unable to understand line FROM --platform=linux/arm64 a"),
            ("RUN x", "unexpected dockerfile format"),
        ],
    )
    def test_what_the_scanner_refuses_is_not_built(self, dockerfile: str, told: str) -> None:
        lines, outcome = build(dockerfile)
        assert lines[-4].endswith(f" Output from dependency scanning: {told}")
        assert lines[-3] == "failed to run step ID: build: failed to scan dependencies: exit status 1"
        assert outcome == Outcome("Failed", FAILED)

    def test_a_stage_inherits_the_environment_of_its_base(self) -> None:
        lines, _outcome = build("FROM a AS one\nENV E=inherited\nARG A=lost\nFROM one\nRUN echo [$E][$A]")
        assert "[inherited][]" in lines


class TestContexts:
    def test_a_missing_dockerfile_fails_the_scan(self) -> None:
        lines, outcome = build("FROM a", dockerFilePath="docker/Other")
        assert lines[-4].endswith(
            " Output from dependency scanning: error opening dockerfile: docker/Other, error: open docker/Other: no "
            "such file or directory"
        )
        assert lines[-3] == "failed to run step ID: build: failed to scan dependencies: exit status 1"
        assert outcome == Outcome("Failed", FAILED)

    def test_a_dockerfile_that_does_not_parse_fails_the_build(self) -> None:
        assert failure("FROM a\nFRUM b").endswith("dockerfile parse error line 2: unknown instruction: FRUM")

    @pytest.mark.parametrize("source", [None, b"not an archive"])
    def test_a_source_that_cannot_be_read_fails_the_download(self, source: bytes | None) -> None:
        lines, outcome = run(source, sourceLocation="source/1/x.tar.gz")
        message = "failed to download context. Please check if the URL is incorrect."
        assert outcome == Outcome("Failed", message)
        assert lines[-1].text.endswith(f"Error: {message}")

    def test_a_remote_context_is_taken_on_trust_and_said_to_be(self) -> None:
        location = "https://me:pat-token@github.com/org/app.git?x=pat-token#main:src"
        lines, outcome = run(None, sourceLocation=location)
        text = "\n".join(line.text for line in lines)
        assert "does not fetch https://github.com/org/app.git#main:src: a Dockerfile that builds is assumed" in text
        assert "pat-token" not in text
        assert outcome.status == "Succeeded"
        assert outcome.output_images[0].digest != run(None, sourceLocation="https://x/y.git")[1].output_images[0].digest

    def test_a_repository_whose_address_is_no_url_fails_the_build(self) -> None:
        lines, outcome = run(None, sourceLocation="https://pat-token@h/%zz.git")
        text = "\n".join(line.text for line in lines)
        assert 'parse "https://h/%zz.git": invalid URL escape "%zz"' in text
        assert "pat-token" not in text
        assert outcome == Outcome("Failed", FAILED)

    def test_an_archive_whose_address_is_no_url_is_not_fetched_either(self) -> None:
        lines, outcome = run(None, sourceLocation="https://[::1/x.tar")
        assert any("does not fetch https://[::1/x.tar: " in line.text for line in lines)
        assert outcome.status == "Succeeded"

    def test_an_unknown_request_fails(self) -> None:
        assert run(None, type="Surprise")[1].status == "Failed"
