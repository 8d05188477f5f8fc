"""Which failures of runs are a registry's, and pass: by what acb and docker say, never by what a container prints."""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime, timezone

import pytest
from acr_emulator.executor import CheckExecutor, Job, LogLine
from acr_emulator.executor.run_faults import RunFault, RunFaults
from archives import archive_of
from hypothesis import given
from hypothesis import strategies as st

from azext_acrpool.runlog.registry_failures import registry_failure

STAMP = "2024/01/21 10:26:05 "
TIMED_OUT = (
    'Get "https://mcr.microsoft.com/v2/": net/http: request canceled while waiting for connection (Client.Timeout'
    " exceeded while awaiting headers)"
)
NO_TLS = 'Get "https://registry-1.docker.io/v2/": net/http: TLS handshake timeout'
RUN_FAILED = "The command '/bin/sh -c curl -f https://example.com' returned a non-zero code: 35"
SOLVE = "ERROR: failed to solve: alpine:3.18: failed to resolve source metadata for docker.io/library/alpine:3.18: "
HEAD = 'failed to do request: Head "https://registry-1.docker.io/v2/library/alpine/manifests/3.18": '


def ended(*lines: str, last: str) -> str:
    """The end of the log of a run whose last words are acb's."""
    return "\n".join(
        [*lines, last, "", "Run ID: cf1 failed after 16s. Error: failed during run, err: exit status 1", ""]
    )


def built(*output: str, code: int = 1, beside: tuple[str, ...] = ()) -> str:
    """A run whose build printed this and failed; `beside` are what acb said of other steps before."""
    return ended(
        f"{STAMP}Setting up Docker configuration...",
        f"{STAMP}Successfully logged into myregistry.azurecr.io",
        *(f"{STAMP}{line}" for line in beside),
        f"{STAMP}Executing step ID: build. Timeout(sec): 28800, Working directory: '', Network: ''",
        f"{STAMP}Scanning for dependencies...",
        f"{STAMP}Successfully scanned dependencies",
        f"{STAMP}Launching container with name: build",
        *output,
        f"{STAMP}Container failed during run: build. No retries remaining.",
        last=f"failed to run step ID: build: exit status {code}",
    )


def pulled_in_from(said: str) -> str:
    return built("Sending build context to Docker daemon  2.048kB", "Step 1/2 : FROM alpine", said)


def pushed(*output: str) -> str:
    """A run whose third and last try to push printed this."""
    return ended(
        f"{STAMP}Successfully executed container: build",
        f"{STAMP}Executing step ID: push. Timeout(sec): 3600, Working directory: '', Network: ''",
        f"{STAMP}Pushing image: myregistry.azurecr.io/app:v1, attempt 2",
        "received unexpected HTTP status: 500 Internal Server Error",
        f"{STAMP}Pushing image: myregistry.azurecr.io/app:v1, attempt 3",
        "The push refers to repository [myregistry.azurecr.io/app]",
        "dce31c8f66ec: Preparing",
        *output,
        last="failed to run step ID: push: failed to push images successfully",
    )


def called(*output: str, code: int = 125) -> str:
    """A run whose step that is a command printed this and failed."""
    return ended(
        f"{STAMP}Executing step ID: acb_step_0. Timeout(sec): 600, Working directory: '', Network: ''",
        f"{STAMP}Launching container with name: acb_step_0",
        *output,
        f"{STAMP}Container failed during run: acb_step_0. No retries remaining.",
        last=f"failed to run step ID: acb_step_0: exit status {code}",
    )


def logged_in(said: str) -> str:
    return ended(
        f"{STAMP}Logging in to registry: myregistry.azurecr.io",
        f"failed to login, ran out of retries: failed to set docker credentials: {said}",
        last=": exit status 1",
    )


@pytest.mark.parametrize(
    "said",
    [
        NO_TLS,
        TIMED_OUT,
        'Get "https://a.azurecr.io/v2/": context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
        'Get "https://mcr.microsoft.com/v2/": dial tcp 204.79.197.219:443: i/o timeout',
        'Get "https://a.azurecr.io/v2/": dial tcp: lookup a.azurecr.io: read udp 10.0.0.4:5->1.2.3.4:53: i/o timeout',
        'Get "https://mcr.microsoft.com/v2/": EOF',
        "unexpected EOF",
        "EOF",
        "error pulling image configuration: read tcp 10.0.0.4:4->1.2.3.4:443: read: connection reset by peer",
        "received unexpected HTTP status: 503 Service Unavailable",
        "error pulling image configuration: received unexpected HTTP status: 504 Gateway Time-out",
        "toomanyrequests: Too many requests. Please visit https://aka.ms/acr/skus#sku-feature-matrix to view limits.",
    ],
)
def test_a_pull_that_failed_for_what_passes(said: str) -> None:
    assert registry_failure(pulled_in_from(said)) == said


@pytest.mark.parametrize(
    "said",
    [
        "manifest for alpine:3.99 not found: manifest unknown: manifest unknown",
        "pull access denied for acr, repository does not exist or may require 'docker login': denied: requested access",
        "unauthorized: authentication required",
        "toomanyrequests: You have reached your pull rate limit. You may increase the limit by authenticating",
        "toomanyrequests: You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit",
        "toomanyrequests: too many failed login attempts for username or IP address",
        'Get "https://nowhere.example/v2/": dial tcp: lookup nowhere.example: no such host',
        'Get "https://mcr.microsoft.com/v2/": dial tcp 204.79.197.219:443: connect: connection refused',
        'Get "https://mcr.microsoft.com/v2/": x509: certificate signed by unknown authority',
        "received unexpected HTTP status: 404 Not Found",
        "write /var/lib/docker/tmp/GetImageBlob1: no space left on device",
        "",
    ],
)
def test_a_pull_that_would_fail_again(said: str) -> None:
    assert registry_failure(pulled_in_from(said)) is None


PASSING = {
    "recorded of an ACR build": built("Step 26/30 : FROM mcr.microsoft.com/dotnet/aspnet:7.0", TIMED_OUT),
    "after other steps": built("Step 1/4 : FROM alpine", "Step 2/4 : RUN x", "Step 3/4 : FROM node", NO_TLS),
    "COPY of an image": built("Step 1/2 : FROM scratch", "Step 2/2 : COPY --chown=1 --from=nginx /a /b", NO_TLS),
    "in small letters": built("Step 1/2 : from alpine", NO_TLS),
    "after progress in place": built("Step 1/2 : FROM alpine", f"a1b2: Downloading [=> ]\r{NO_TLS}"),
    "by BuildKit": built("#2 [internal] load metadata", f"{SOLVE}{HEAD}dial tcp: lookup x: i/o timeout"),
    "by an older BuildKit": built(
        f"failed to solve with frontend dockerfile.v0: failed to create LLB definition: {HEAD}EOF"
    ),
    "by a newer buildx": built(f"ERROR: failed to build: {SOLVE[7:]}{HEAD}net/http: TLS handshake timeout"),
    "BuildKit's push": built(
        "ERROR: failed to solve: failed to push myregistry.azurecr.io/app:v1: unexpected status from POST request to"
        " https://myregistry.azurecr.io/v2/app/blobs/uploads/: 503 Service Unavailable"
    ),
    "BuildKit's cache": built(
        'ERROR: failed to solve: failed commit on ref "layer-sha256:9169": unexpected status: 500 Internal Server Error'
    ),
    "BuildKit's blob": built(
        "ERROR: failed to solve: node:20: failed to copy: httpReadSeeker: failed open: unexpected status code"
        " https://registry-1.docker.io/v2/library/node/manifests/sha256:7aef: 503 Service Unavailable"
    ),
    "BuildKit's host": built(
        "ERROR: failed to solve: docker:20.10: pulling from host registry-1.docker.io failed with status code"
        " [manifests 20.10]: 502 Bad Gateway"
    ),
    "a push": pushed("received unexpected HTTP status: 500 Internal Server Error"),
    "a push in a step of a task": pushed("dce31c8f66ec: Retrying in 1 second", "EOF", NO_TLS),
    "a command's image": called(
        "Unable to find image 'node:20' locally",
        f"docker: Error response from daemon: {NO_TLS}.",
        "See 'docker run --help'.",
    ),
    "a command's image, by a newer client": called(
        "Unable to find image 'node:20' locally",
        "20: Pulling from library/node",
        "docker: Error response from daemon: unexpected EOF.",
        "",
        "Run 'docker run --help' for more information",
    ),
    "a login": logged_in(f"Error response from daemon: {TIMED_OUT}"),
    "a pull that the step asks for": ended(
        f"{STAMP}Step specified pull. Performing an explicit pull...",
        f"{STAMP}Launching container with name: ",
        f"Error response from daemon: {NO_TLS}",
        f"{STAMP}Container failed during run: . No retries remaining.",
        last="failed to run step ID: acb_step_0: exit status 1",
    ),
    "a digest": ended(
        f"{STAMP}Image was built using buildkit, fetching Digest from remote...",
        last=f"Failed to Resolve the reference 'alpine:3.18': {HEAD}net/http: TLS handshake timeout",
    ),
    "a step that was tried again": ended(
        f"{STAMP}Launching container with name: build",
        f"{STAMP}Container failed during run: build, waiting 5 seconds before retrying...",
        f"{STAMP}Successfully scanned dependencies",
        f"{STAMP}Launching container with name: build",
        "Step 1/1 : FROM alpine",
        NO_TLS,
        f"{STAMP}Container failed during run: build. No retries remaining.",
        last="failed to run step ID: build: exit status 1",
    ),
    "when the log is longer than its end": ended(
        "some output",
        "Step 9/9 : FROM alpine",
        NO_TLS,
        f"{STAMP}Container failed during run: build. No retries remaining.",
        last="failed to run step ID: build: exit status 1",
    ),
}


@pytest.mark.parametrize("log", PASSING.values(), ids=PASSING)
def test_what_fails_by_a_registry(log: str) -> None:
    assert registry_failure(log)


OWN_FAULT = {
    "nothing": "",
    "no last words": "some text\n",
    "a command that failed": built("Step 1/2 : FROM alpine", "Step 2/2 : RUN curl x", NO_TLS, RUN_FAILED),
    "a command whose text comes last": built("Step 1/2 : FROM alpine", "Step 2/2 : RUN x", RUN_FAILED, NO_TLS),
    "a command that prints what docker does": built("Step 2/2 : RUN x", "Step 3/2 : FROM a", NO_TLS, RUN_FAILED),
    "a command that ended with docker": built("Step 1/2 : FROM alpine", "Step 2/2 : RUN curl x", NO_TLS),
    "ADD of a URL": built("Step 2/2 : ADD https://example.com/x /x", f"ADD failed: {NO_TLS}"),
    "what an image brings along": built("Step 1/1 : FROM base", "# Executing 1 build trigger", f"ADD failed: {NO_TLS}"),
    "COPY of a file": built("Step 2/2 : COPY --from=build a b", "COPY failed: stat a: file does not exist"),
    "a build that never got so far": built("unable to prepare context: EOF"),
    "a command by BuildKit": built(
        f"#7 0.2 {NO_TLS}",
        f'ERROR: failed to solve: process "/bin/sh -c echo {HEAD}EOF" did not complete successfully: exit code: 1',
    ),
    "a command by an older BuildKit": built(
        f"failed to solve: rpc error: code = Unknown desc = executor failed running [/bin/sh -c {HEAD}]: exit code: 1"
    ),
    "ADD of a URL by BuildKit": built(f"ERROR: failed to solve: failed to load cache key: {NO_TLS}"),
    "a limit for hours by BuildKit": built(
        "ERROR: failed to solve: docker:20.10: pulling from host registry-1.docker.io failed with status code"
        " [manifests 20.10]: 429 Too Many Requests"
    ),
    "a context that cannot be downloaded": "\n".join(
        [
            f"{STAMP}Downloading source code...",
            "Run ID: ca37 failed after 2s. Error: failed to download context. Please check if the URL is incorrect.",
        ]
    ),
    "a push that is refused": pushed("unauthorized: authentication required, visit https://aka.ms/acr/authorization"),
    "a push that passed in the end": pushed("v1: digest: sha256:1 size: 1366"),
    "a command's image that is missing": called(
        "Unable to find image 'acr:latest' locally",
        "docker: Error response from daemon: pull access denied for acr, repository does not exist.",
        "See 'docker run --help'.",
    ),
    "a command that prints it": called(NO_TLS, code=1),
    "a command that runs docker": called(f"docker: Error response from daemon: {NO_TLS}"),
    "a command with docker's exit code and an image": called(
        "Unable to find image 'node:20' locally",
        "Status: Downloaded newer image for node:20",
        f"docker: Error response from daemon: {NO_TLS}",
    ),
    "a command that builds": called("Step 1/1 : FROM alpine", NO_TLS, code=1),
    "a login with a wrong password": logged_in("Error response from daemon: unauthorized: authentication required"),
    "a login in a command": called(f"failed to login, ran out of retries: {NO_TLS}", code=1),
    "last words that are a command's": ended(
        f"{STAMP}Launching container with name: a", last=f"failed to login, ran out of retries: {NO_TLS}"
    ),
    "a scan": ended(
        f"{STAMP}Output from dependency scanning: {NO_TLS}",
        last="failed to run step ID: build: failed to scan dependencies: exit status 1",
    ),
    "a timeout": ended("Step 1/1 : FROM alpine", NO_TLS, last="failed to run step ID: build: timed out"),
    "another step beside it": built("Step 1/1 : FROM alpine", NO_TLS, beside=("Launching container with name: test",)),
    "another step after it": ended(
        f"{STAMP}Successfully scanned dependencies",
        f"{STAMP}Launching container with name: build",
        f"{STAMP}Container failed during run: build. No retries remaining.",
        "Step 1/1 : FROM alpine",
        NO_TLS,
        last="failed to run step ID: build: exit status 1",
    ),
}


@pytest.mark.parametrize("log", OWN_FAULT.values(), ids=OWN_FAULT)
def test_what_is_not_a_registrys(log: str) -> None:
    assert registry_failure(log) is None


def test_a_step_beside_it_that_has_ended_does_not_matter() -> None:
    beside = ("Launching container with name: test", "Successfully executed container: test")
    assert registry_failure(built("Step 1/1 : FROM alpine", NO_TLS, beside=beside)) == NO_TLS


def test_the_exit_code_of_a_login_is_left_out() -> None:
    log = logged_in(f"Error response from daemon: {NO_TLS}")
    assert registry_failure(log) == (
        f"failed to login, ran out of retries: failed to set docker credentials: Error response from daemon: {NO_TLS}"
    )


def emulated(fault: RunFault, *steps: str) -> str:
    """The log of a build that goes wrong so, or of a task of these steps."""
    task = "\n".join(["steps:", *steps])
    kind = {"type": "EncodedTaskRunRequest", "encodedTaskContent": b64encode(task.encode()).decode()}
    build = {"type": "DockerBuildRequest", "imageNames": ["app"], "dockerFilePath": "Dockerfile", "isPushEnabled": True}
    source = archive_of({"Dockerfile": "FROM alpine\nRUN echo hello"})
    started = datetime(2025, 3, 4, 5, 6, 7, tzinfo=timezone.utc)
    request = {"sourceLocation": "x", **(kind if steps else build)}
    job = Job("cf1", request, "myregistry.azurecr.io", started, source, faults=RunFaults([fault]))
    return "".join(f"{event.text}\r\n" for event in CheckExecutor().execute(job) if isinstance(event, LogLine))


@pytest.mark.parametrize(
    ("kind", "steps"),
    [
        ("pull", ()),
        ("push", ()),
        ("login", ()),
        ("pull", ("  - cmd: alpine echo hello",)),
        ("pull", ("  - cmd: alpine echo hello", "    pull: true")),
        ("pull", ("  - build: -t app .", "    env: [DOCKER_BUILDKIT=1]")),
        ("pull", ("  - build: -t app .", "    cache: enabled")),
        ("push", ("  - build: -t {{.Run.Registry}}/app .", "  - push: ['{{.Run.Registry}}/app']")),
    ],
    ids=["build", "push", "login", "command", "explicit pull", "buildkit", "buildx", "task"],
)
def test_the_whole_log_of_an_agent_tells_it(kind: str, steps: tuple[str, ...]) -> None:
    found = registry_failure(emulated(RunFault(kind, NO_TLS, times=None), *steps).replace("\r\n", "\n"))
    assert found is not None
    assert NO_TLS in found
    refused = emulated(RunFault(kind, "unauthorized: authentication required", times=None), *steps)
    assert registry_failure(refused.replace("\r\n", "\n")) is None


# What a program prints that means no good, between any other text.
_PRINTED = st.one_of(
    st.sampled_from(
        [
            NO_TLS,
            "Step 1/1 : FROM alpine",
            f"{SOLVE}{HEAD}EOF",
            "Unable to find image 'x' locally",
            f"docker: Error response from daemon: {NO_TLS}",
            f"failed to login, ran out of retries: {NO_TLS}",
            f"{STAMP}Launching container with name: build",
            f"{STAMP}Launching container with name: ",
            f"{STAMP}Successfully scanned dependencies",
            f"{STAMP}Successfully executed container: build",
            f"{STAMP}Pushing image: x, attempt 3",
            f"{STAMP}Logging in to registry: x",
            f"{STAMP}Container failed during run: build. No retries remaining.",
            "failed to run step ID: build: exit status 1",
            "Run ID: cf1 failed after 1s. Error: x",
            "",
        ]
    ),
    st.text(max_size=20).filter(lambda text: not set(text) & set("\r\n")),
)


@given(printed=st.lists(_PRINTED, max_size=8))
def test_whatever_a_command_of_a_dockerfile_prints_its_failure_is_its_own(printed: list[str]) -> None:
    assert registry_failure(built("Step 1/2 : FROM alpine", "Step 2/2 : RUN x", *printed, RUN_FAILED)) is None


@given(log=st.lists(_PRINTED, max_size=8).map("\n".join))
def test_any_text_is_read(log: str) -> None:
    registry_failure(log)
