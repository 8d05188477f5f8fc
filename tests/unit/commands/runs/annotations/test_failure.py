"""What a run failed for, by the end of its log."""

from __future__ import annotations

import pytest
import run_logs

from azext_acrpool.commands.runs.annotations.failure import failure_at_end

FAILED = "failed to run step ID: build: exit status 1"


@pytest.mark.parametrize(
    ("log", "message"),
    [
        (
            run_logs.CLASSIC_FAILS,
            "The command '/bin/sh -c cd /src &&     npm test' returned a non-zero code: 1",
        ),
        (
            run_logs.BUILDKIT_FAILS,
            (
                'ERROR: failed to solve: process "/bin/sh -c cd /src &&     npm test" did not complete successfully: '
                "exit code: 1"
            ),
        ),
        (
            run_logs.CLASSIC_PUSH_FAILS,
            (
                "Step 'push' failed: failed to push images successfully. Its last line: denied: requested access to "
                "the resource is denied"
            ),
        ),
        (
            run_logs.SCAN_FAILS,
            (
                "Step 'build' failed: failed to scan dependencies: exit status 1. Its last line: unable to understand "
                "line FROM a b c"
            ),
        ),
        (
            run_logs.TASK_FAILS,
            "Step 'unit' failed: exit status 1. Its last line: FAILED tests/test_app.py::test_sum",
        ),
        ("failed to run step ID: a: timed out\n", "Step 'a' failed: timed out."),
        (run_logs.CLASSIC_SUCCEEDS, ""),
        ("", ""),
        ("nothing of the kind", ""),
    ],
    ids=["classic", "buildkit", "push", "scan", "task", "no output", "success", "empty", "other"],
)
def test_the_reason_is_what_docker_says_or_else_the_agent(log: str, message: str) -> None:
    assert failure_at_end(log).message == message


def test_a_failed_build_is_at_the_step_that_docker_was_at() -> None:
    failure = failure_at_end(run_logs.CLASSIC_FAILS)
    assert failure.instruction is not None
    assert (failure.instruction.number, failure.instruction.total) == (4, 4)
    assert failure.command == "/bin/sh -c cd /src &&     npm test"


@pytest.mark.parametrize("log", [run_logs.CLASSIC_PUSH_FAILS, run_logs.CLASSIC_SUCCEEDS], ids=["push", "success"])
def test_a_build_that_is_done_is_at_no_step(log: str) -> None:
    assert failure_at_end(log).instruction is None


def test_buildkit_names_the_line_and_the_instruction() -> None:
    failure = failure_at_end(run_logs.BUILDKIT_FAILS)
    assert (failure.reported, failure.work) == (("Dockerfile", 5), "RUN cd /src &&     npm test")


def test_docker_names_the_line_that_it_cannot_read() -> None:
    refused = "Error response from daemon: dockerfile parse error line 3: unknown instruction: RUM"
    failure = failure_at_end(f"{refused}\nfailed to run step ID: build: exit status 1\n")
    assert (failure.reported, failure.message) == (("", 3), refused)


@pytest.mark.parametrize("forged", ["Step 1/9 : FROM x", "Step 4/4 : COPY a b", "Step 9/4 : RUN a"])
def test_a_program_that_prints_steps_is_not_taken_for_docker(forged: str) -> None:
    log = run_logs.CLASSIC_FAILS.replace("> node test.js", forged)
    instruction = failure_at_end(log).instruction
    assert instruction is not None
    assert instruction.title == "Step 4/4 : RUN cd /src &&     npm test"


def test_what_docker_says_of_its_failure_need_not_come_last() -> None:
    log = run_logs.CLASSIC_FAILS.replace("non-zero code: 1\n", "non-zero code: 1\n ---> late\n")
    assert failure_at_end(log).message.startswith("The command '/bin/sh -c cd /src")


def test_what_docker_says_may_follow_what_a_container_left_unended() -> None:
    said = "The command '/bin/sh -c printf \"The command '\"; false' returned a non-zero code: 1"
    failure = failure_at_end(f"Step 1/1 : RUN false\n ---> Running in 1\nno line end{said}\n{FAILED}\n")
    assert failure.message == said
    assert failure.command == '/bin/sh -c printf "The command \'"; false'


def test_a_line_of_nothing_but_dockers_first_words_is_read_once() -> None:
    """Read anew for each of them, this takes minutes."""
    line = "The command '' returned a non-zero code: " * 1500
    message = f"Step 'build' failed: exit status 1. Its last line: {line}x"
    assert failure_at_end(f"{line}x\n{FAILED}\n").message == message


def test_the_report_of_an_earlier_step_is_not_that_of_the_one_that_failed() -> None:
    ignored, _, later = run_logs.BUILDKIT_FAILS.rpartition("2026/03/01 12:00:09 Container failed")
    step = "2026/03/01 12:00:10 Executing step ID: unit. Timeout(sec): 600\nno such file\n"
    failure = failure_at_end(f"{ignored}{step}2026/03/01 12:00:11 Container failed{later.replace('build', 'unit')}")
    assert failure.message == "Step 'unit' failed: exit status 1. Its last line: no such file"


def test_a_line_that_was_written_over_is_what_was_seen_of_it() -> None:
    assert failure_at_end("10%\r100% no space left\nfailed to run step ID: a: exit status 1\n").last_line == (
        "100% no space left"
    )


def test_steps_of_docker_in_builds_side_by_side_are_nobodys() -> None:
    other = "2026/03/01 12:00:05 Executing step ID: other. Timeout(sec): 600\n"
    log = run_logs.CLASSIC_FAILS.replace("Step 2/4", f"{other}Step 2/4")
    assert failure_at_end(log).instruction is None
    assert failure_at_end(log).command == "/bin/sh -c cd /src &&     npm test"


def test_a_run_that_was_ended_was_at_the_step_that_it_had_begun() -> None:
    log = run_logs.CLASSIC_FAILS[: run_logs.CLASSIC_FAILS.index("AssertionError")]
    assert (failure_at_end(log).step, failure_at_end(log).message) == ("build", "")
    assert failure_at_end(run_logs.CLASSIC_SUCCEEDS).step == ""
