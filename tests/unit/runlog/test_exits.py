"""What a run that has ended, or has not, means for the one who waits for it."""

from __future__ import annotations

import pytest
from azure.mgmt.containerregistrytasks.models import RunStatus
from run_fakes import make_run

from azext_acrpool.runlog.exits import RunOutcome, is_over, outcome

OUTCOMES = {
    RunStatus.SUCCEEDED: RunOutcome.SUCCEEDED,
    RunStatus.FAILED: RunOutcome.FAILED,
    RunStatus.ERROR: RunOutcome.FAILED,
    RunStatus.CANCELED: RunOutcome.CANCELED,
    RunStatus.TIMEOUT: RunOutcome.TIMED_OUT,
}


@pytest.mark.parametrize("status", list(RunStatus))
def test_every_status_of_the_sdk_either_ends_the_run_in_a_known_way_or_goes_on(status: RunStatus) -> None:
    run = make_run(status.value)
    assert is_over(run) == (status in OUTCOMES)
    if status in OUTCOMES:
        assert outcome(run) is OUTCOMES[status]


def test_case_does_not_matter() -> None:
    assert is_over(make_run("succeeded"))
    assert outcome(make_run("SUCCEEDED")) is RunOutcome.SUCCEEDED


def test_a_status_nobody_knows_ends_only_with_a_finish_time_and_never_as_a_success() -> None:
    finished = {"finishTime": "2026-03-01T12:00:00Z"}
    assert not is_over(make_run("Skipped"))
    assert is_over(make_run("Skipped", **finished))
    assert outcome(make_run("Skipped", **finished)) is RunOutcome.FAILED
    assert not is_over(make_run("Running", **finished))
