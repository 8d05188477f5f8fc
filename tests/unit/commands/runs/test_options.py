"""The options that say how a run is followed, and which of them contradict each other."""

from __future__ import annotations

from typing import Any

import pytest
from run_azure import Azure

QUEUE_TIMEOUT = "--queue-timeout must be a number of seconds from 1 to 2147483647."
CAPACITY = "--ensure-capacity must be a number of instances from 1 to 2147483647."
TIMEOUT_AND_NO_WAIT = "--queue-timeout cannot be used with --no-wait, which leaves the run as soon as it is queued."
CAPACITY_WITHOUT_POOL = "--ensure-capacity needs --agent-pool: agents that all registries share cannot be scaled."
CAPACITY_AND_NO_WAIT = (
    "--ensure-capacity with --no-wait needs --keep-capacity: nobody would be there to scale the pool back."
)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"no_logs": True, "logs": "stdout"}, "--no-logs and --logs contradict each other; leave one out."),
        ({"no_logs": True, "logs": "stderr"}, "--no-logs and --logs contradict each other; leave one out."),
        ({"queue_timeout": 0}, QUEUE_TIMEOUT),
        ({"queue_timeout": 10**30}, QUEUE_TIMEOUT),
        ({"queue_timeout": 60, "no_wait": True}, TIMEOUT_AND_NO_WAIT),
        ({"ensure_capacity": 0, "agent_pool_name": "mypool"}, CAPACITY),
        ({"ensure_capacity": 10**30, "agent_pool_name": "mypool"}, CAPACITY),
        ({"ensure_capacity": 2}, CAPACITY_WITHOUT_POOL),
        ({"ensure_capacity": 2, "agent_pool_name": "mypool", "no_wait": True}, CAPACITY_AND_NO_WAIT),
        ({"keep_capacity": True}, "--keep-capacity needs --ensure-capacity."),
    ],
    ids=str,
)
def test_contradictions_are_refused_before_anything_is_asked(azure: Azure, options: dict[str, Any], words: str) -> None:
    finished = azure.build(**options)
    assert (finished.exit_code, finished.told) == (2, [words])
    assert azure.asked == []
