"""`az acr agentpool autoscale show`: the policy, what it would do now, and what it would have done in the last day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from pool_azure import PoolAzure, listing
from scripted_arm import arm_error, pool_body
from scripted_transport import Answer, Reply

from azext_acrpool._format import autoscale_policy_output_format
from azext_acrpool.commands.autoscale.show import show_autoscale
from azext_acrpool.testing import EPOCH, Finished

TAG = "acrpool-autoscale"
# EPOCH is a Sunday at noon in UTC.
WITH_HOURS = "v1; max=4; min=0; at=Mon-Fri 07:30-18:00 Europe/Berlin min=1"
NEXT_CHANGE = "2026-03-02T06:30:00+00:00"
NO_POLICY = (
    "Agent pool 'mypool' has no autoscale policy. Give it one with:"
    " az acr agentpool autoscale enable -r myregistry -n mypool --max-count N"
)


def at(minutes: float) -> str:
    """So many minutes before noon."""
    return (EPOCH - timedelta(minutes=minutes)).isoformat()


def run(run_id: str, created: float, started: float | None = None, finished: float | None = None) -> dict[str, Any]:
    """A run of `mypool`, whose times are so many minutes before noon."""
    status = "Succeeded" if finished is not None else "Queued" if started is None else "Running"
    times = {"createTime": created, "startTime": started, "finishTime": finished}
    properties = {
        "runId": run_id,
        "status": status,
        "agentPoolName": "mypool",
        **{name: at(minutes) for name, minutes in times.items() if minutes is not None},
    }
    return {"id": run_id, "name": run_id, "properties": properties}


def pool(tag: str | None, *, count: int = 1, state: str = "Succeeded", tags: dict[str, str] | None = None) -> Any:
    body = pool_body(state=state, count=count, tags={**(tags or {}), **({TAG: tag} if tag is not None else {})} or None)
    return {**body, "systemData": {"lastModifiedAt": at(2000)}}


def azure_with(
    shown: Any, runs: Iterable[dict[str, Any]] = (), pages: Answer | Iterable[Answer] | None = None
) -> PoolAzure:
    """A registry with this pool and these runs, the newest first; `pages` are those of the day's list."""
    runs = list(runs)
    active = [each for each in runs if "finishTime" not in each["properties"]]
    return PoolAzure(
        {
            "GET /agentPools": listing(shown),
            "GET /runs?$filter": listing(*active),
            "GET /runs?$top": listing(*runs),
            "GET /runs": pages or listing(*runs),
        }
    )


def show(azure: PoolAzure) -> Finished:
    return azure.run(show_autoscale)


OVER = [run("cf2", 90, 84, 60), run("cf1", 600, 594, 570)]
DAY_OF_OVER = (
    "With this policy, 2 runs of the last 24 hours would have waited 6 min 0 s at most (in fact 6 min 0 s), for 1.9"
    " instance-hours (1 instance all the time: 24.0)"
)
DAY_OF_WAITING = (
    "With this policy, 2 runs of the last 24 hours would have waited 6 min 0 s at most (in fact none has had an agent"
    " yet), for 0.1 instance-hours"
)


def test_a_pool_that_is_idle() -> None:
    finished = show(azure_with(pool(WITH_HOURS), OVER))
    assert (finished.exit_code, finished.stdout) == (0, "")
    assert finished.told == [
        DAY_OF_OVER,
        "Agent pool 'mypool' would be scaled in from 1 to 0 instances: nothing was queued or ran for 15 min",
    ]
    assert {name: finished.result[name] for name in ("agentPoolName", "registryName", "count", "enabled")} == {
        "agentPoolName": "mypool",
        "registryName": "myregistry",
        "count": 1,
        "enabled": True,
    }
    assert finished.result["policy"] == {
        "minCount": 0,
        "maxCount": 4,
        "idleMinutes": 15,
        "runsPerInstance": 1,
        "schedules": ["Mon-Fri 07:30-18:00 Europe/Berlin min=1"],
        "vcpuQuota": None,
        "unknownFields": [],
        "tag": WITH_HOURS,
    }
    assert finished.result["bounds"] == {"minCount": 0, "maxCount": 4, "nextChange": NEXT_CHANGE}
    now = finished.result["now"]
    assert now.pop("evaluatedAt").startswith("2026-03-01T12:00:00")
    assert now == {
        "action": "scaleIn",
        "targetCount": 0,
        "queuedRuns": 0,
        "runningRuns": 0,
        "reason": "nothing was queued or ran for 15 min",
        "warning": "",
        "problem": "",
        "until": NEXT_CHANGE,
    }


def test_the_last_day() -> None:
    day = show(azure_with(pool("v1; max=4; min=0"), OVER)).result["lastDay"]
    assert (day["since"][:19], day["until"][:19]) == ("2026-02-28T12:00:00", "2026-03-01T12:00:00")
    assert (day["isComplete"], day["runs"], day["neverIdle"]) == (True, 2, False)
    assert day["waitSeconds"] == {"median": 360, "percentile95": 360, "longest": 360}
    assert (day["longestIdleMinutes"], day["instanceHoursOfPresentCount"]) == (840, 24.0)
    # As it runs 24 minutes each: with six to grow before, and 15 and what scaling in takes after, plus the first 15.
    assert day["withPolicy"]["waitSeconds"]["longest"] == pytest.approx(360, abs=65)
    assert day["withPolicy"]["instanceHours"] == pytest.approx(1.9, abs=0.15)
    changes = day["withPolicy"]["changes"]
    assert [(change["from"], change["to"]) for change in changes] == [(1, 0), (0, 1), (1, 0), (0, 1), (1, 0)]
    assert changes[0]["time"] == "2026-02-28T12:15:00+00:00"
    assert day["assumed"] == {
        "growthSeconds": 360,
        "growthIsMeasured": True,
        "evaluatedEverySeconds": 60,
        "countAtStart": 1,
    }


def test_what_is_queued_now() -> None:
    finished = show(azure_with(pool("v1; max=4; min=0", count=0), [run("cf2", 2), run("cf1", 3)]))
    assert finished.told == [
        DAY_OF_WAITING,
        "Agent pool 'mypool' would be scaled out from 0 to 2 instances: 2 queued runs need 2 instances",
    ]
    now = finished.result["now"]
    assert (now["action"], now["targetCount"], now["queuedRuns"]) == ("scaleOut", 2, 2)
    assert finished.result["lastDay"]["assumed"]["growthIsMeasured"] is False


def test_a_wait_that_is_not_over_when_the_day_ends_is_shown_whole() -> None:
    day = show(azure_with(pool("v1; max=4; min=0", count=0), [run("cf1", 2)])).result["lastDay"]
    assert day["withPolicy"]["waitSeconds"]["longest"] == pytest.approx(360, abs=65)
    assert day["withPolicy"]["instanceHours"] == pytest.approx(2 / 60, abs=0.02)


def test_a_day_without_a_run() -> None:
    assert show(azure_with(pool("v1; max=4; min=0"))).told[0] == (
        "With this policy, the last 24 hours, without a run, would have taken 0.3 instance-hours"
        " (1 instance all the time: 24.0)"
    )


def test_a_pool_that_is_never_idle_never_shrinks() -> None:
    # Each run is queued five minutes before the last one ends.
    runs = [run(f"cf{number}", 20 * number + 25, 20 * number + 20, 20 * number) for number in range(73)]
    finished = show(azure_with(pool("v1; max=4; min=0"), runs))
    assert finished.told[1] == (
        "In the last 24 hours, agent pool 'mypool' was never idle for 15 min: a pool that is never idle never shrinks."
    )
    assert finished.result["lastDay"]["neverIdle"] is True


def test_a_pool_without_a_policy_is_no_error() -> None:
    azure = azure_with(pool(None, count=3, tags={"team": "build"}))
    assert show(azure) == Finished(
        {
            "registryName": "myregistry",
            "agentPoolName": "mypool",
            "provisioningState": "Succeeded",
            "count": 3,
            "enabled": False,
            "policy": None,
            "bounds": None,
            "now": None,
            "lastDay": None,
        },
        0,
        "",
        f"{NO_POLICY}\n",
    )
    assert len(azure.transport.requests) == 1


def test_an_empty_tag_is_a_policy_that_cannot_be_read() -> None:
    finished = show(azure_with(pool("")))
    assert finished.exit_code == 1
    assert "it begins with '', not v1" in finished.told[0]
    assert finished.result["enabled"] is True


def test_a_policy_that_cannot_be_read_exits_1() -> None:
    azure = azure_with(pool("v2; size=big"))
    finished = show(azure)
    assert finished.exit_code == 1
    assert "is of version v2: it was written by a newer acrpool" in finished.told[0]
    assert (finished.result["enabled"], finished.result["policy"], finished.result["lastDay"]) == (True, None, None)
    assert "v2" in finished.result["now"]["problem"]


def test_a_failed_pool_exits_1_with_all_that_is_known() -> None:
    finished = show(azure_with(pool("v1; max=4; min=0", state="Failed"), OVER))
    assert finished.exit_code == 1
    assert "it is in state Failed and cannot be changed" in finished.told[1]
    assert finished.result["policy"]["maxCount"] == 4
    assert finished.result["lastDay"]["runs"] == 2


def test_a_missing_pool_exits_3() -> None:
    finished = show(azure_with(pool_body("other")))
    assert finished.exit_code == 3
    assert finished.told[0] == "Could not find an agent pool named 'mypool' in registry 'myregistry'."


def page(*runs: dict[str, Any]) -> Reply:
    """A page of the list of runs, after which others follow."""
    after = runs[-1]["name"] if runs else "end"
    more = f"https://management.example/registries/myregistry/runs?api-version=1&$skiptoken={after}"
    return Reply(200, {"value": list(runs), "nextLink": more})


def test_no_more_pages_are_read_than_the_day_needs() -> None:
    azure = azure_with(pool("v1; max=4; min=0"), OVER, pages=[page(*OVER), page(run("cf0", 1500, 1490, 1480)), page()])
    assert show(azure).result["lastDay"]["isComplete"] is True
    paths = [path for path in azure.transport.asked("GET") if path.endswith("/runs")]
    assert len(paths) == len(["active", "newest", "first page", "second page"])


def test_a_day_of_too_many_runs_is_cut_and_that_is_told() -> None:
    pages = [page(run(f"cf{number}", 10 * number + 5, 10 * number + 4, 10 * number)) for number in range(30)]
    finished = show(azure_with(pool("v1; max=4; min=0"), OVER, pages=pages))
    assert (
        "WARNING: The registry's newest runs reach back 3 h 15 min only: `lastDay` is no longer than that."
        in finished.told
    )
    assert (finished.exit_code, finished.result["lastDay"]["isComplete"]) == (0, False)
    assert finished.result["lastDay"]["since"][:19] == "2026-03-01T08:45:00"


def test_a_day_that_cannot_be_read_is_told() -> None:
    refused = arm_error(403, "AuthorizationFailed", "You may not.")
    finished = show(azure_with(pool("v1; max=4; min=0"), OVER, pages=refused))
    assert finished.told[0] == "WARNING: The runs of the last day could not be read: You may not."
    assert (finished.exit_code, finished.result["lastDay"]) == (0, None)
    assert finished.result["now"]["action"] == "scaleIn"


def test_what_only_a_record_keeps_is_warned_of() -> None:
    kept = pool("v1; max=4; min=0", count=2, tags={"acrpool-restore-count": "0 (raised to 2)"})
    finished = show(azure_with(kept, OVER))
    assert finished.told[-1].startswith("WARNING: Agent pool 'mypool': It has been idle for 1 h")
    assert finished.result["now"]["warning"]


@pytest.mark.parametrize(
    ("shown", "row"),
    [
        (
            pool(WITH_HOURS),
            {"NAME": "mypool", "COUNT": "1", "MIN": "0", "MAX": "4", "IDLE": "15 min", "NOW": "scaleIn to 0"},
        ),
        (
            pool("v1; max=4; min=1"),
            {"NAME": "mypool", "COUNT": "1", "MIN": "1", "MAX": "4", "IDLE": "15 min", "NOW": "none"},
        ),
        (
            pool(None),
            {"NAME": "mypool", "COUNT": "1", "MIN": " ", "MAX": " ", "IDLE": " ", "NOW": "(no policy)"},
        ),
        (
            pool("v2"),
            {"NAME": "mypool", "COUNT": "1", "MIN": " ", "MAX": " ", "IDLE": " ", "NOW": "(a problem)"},
        ),
    ],
    ids=["would shrink", "would stay", "none", "unreadable"],
)
def test_a_row_of_the_table(shown: Any, row: dict[str, str]) -> None:
    assert autoscale_policy_output_format(show(azure_with(shown, OVER)).result) == [row]
