"""Runs as az shows them: what is made of ARM's JSON is what az makes of the SDK's model, whatever it holds."""

from __future__ import annotations

from typing import Any

from azure.cli.core.util import todict
from azure.mgmt.containerregistrytasks.models import Run
from hypothesis import given
from hypothesis import strategies as st

from azext_acrpool.commands.runs.shown_run import shown_run

TEXTS = st.text(max_size=5)
TIMES = st.builds(
    "2026-{:02d}-{:02d}T{:02d}:59:07{}{}".format,
    st.integers(1, 12),
    st.integers(1, 28),
    st.integers(0, 23),
    st.sampled_from(["", ".0", ".5", ".000000", ".123456", ".1234567", ".0000001"]),
    st.sampled_from(["Z", "+00:00", "+02:00", "-0530", "z"]),
)


def some(**members: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """An object with any of these members, null among them, and one that nobody knows."""
    optional = {name: st.none() | value for name, value in members.items()}
    return st.fixed_dictionaries({}, optional={**optional, "unheardOf": st.just({"a": [1]})})


IMAGES = st.lists(some(registry=TEXTS, repository=TEXTS, tag=TEXTS, digest=TEXTS), max_size=2)
PROPERTIES = some(
    runId=TEXTS,
    status=TEXTS | st.sampled_from(["Queued", "succeeded", "Succeeded"]),
    lastUpdatedTime=TIMES,
    runType=TEXTS,
    agentPoolName=TEXTS,
    createTime=TIMES,
    startTime=TIMES,
    finishTime=TIMES,
    outputImages=IMAGES,
    task=TEXTS,
    imageUpdateTrigger=some(id=TEXTS, timestamp=TIMES, images=IMAGES),
    sourceTrigger=some(id=TEXTS, eventType=TEXTS, commitId=TEXTS, branchName=TEXTS, providerType=TEXTS),
    timerTrigger=some(timerTriggerName=TEXTS, scheduleOccurrence=TEXTS),
    platform=some(os=TEXTS, architecture=TEXTS, variant=TEXTS),
    agentConfiguration=some(cpu=st.integers(0, 64)),
    sourceRegistryAuth=TEXTS,
    customRegistries=st.lists(TEXTS, max_size=2),
    runErrorMessage=TEXTS,
    updateTriggerToken=TEXTS,
    logArtifact=some(registry=TEXTS, digest=TEXTS),
    provisioningState=TEXTS,
    isArchiveEnabled=st.booleans(),
)
SYSTEM_DATA = some(
    createdBy=TEXTS, createdAt=TIMES, lastModifiedBy=TEXTS, lastModifiedByType=TEXTS, lastModifiedAt=TIMES
)
RUNS = some(id=TEXTS, name=TEXTS, type=TEXTS, systemData=SYSTEM_DATA, properties=PROPERTIES)


@given(RUNS)
def test_a_run_is_shown_as_az_shows_it(body: dict[str, Any]) -> None:
    # The first run that a process shows lacks members, with az's own, if it has no properties; ours are all there.
    todict(Run({"properties": {}}))
    assert shown_run(body) == todict(Run(body))
