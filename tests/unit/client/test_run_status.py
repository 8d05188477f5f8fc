"""What a status says of its run."""

from __future__ import annotations

import pytest
from azure.mgmt.containerregistrytasks.models import RunStatus
from run_fakes import make_run

from azext_acrpool.client.active_runs import ActiveRun
from azext_acrpool.client.run_status import has_ended, is_active, status_name
from azext_acrpool.health.facts import RunFacts

ACTIVE = {RunStatus.QUEUED, RunStatus.STARTED, RunStatus.RUNNING}


@pytest.mark.parametrize("status", list(RunStatus))
def test_every_status_of_the_sdk_is_named_as_the_service_spells_it(status: RunStatus) -> None:
    assert status_name(make_run(status.value)) == status.value
    assert is_active(status.value) == is_active(status.value.upper()) == (status in ACTIVE)
    assert has_ended(status.value) == has_ended(status.value.upper()) == (status not in ACTIVE)


@pytest.mark.parametrize(
    ("status", "queued"), [("Queued", True), ("queued", True), ("Started", False), ("Running", False), ("", False)]
)
def test_which_runs_wait_for_an_agent(status: str, queued: bool) -> None:
    assert ActiveRun(make_run(status)).is_queued is queued
    assert RunFacts("cf1", status).is_queued is queued
