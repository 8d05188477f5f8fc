"""The timers of a task: changed without losing the agent pool, or anything else."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from azure.core.exceptions import ServiceResponseError
from scripted_arm import interrupt
from scripted_transport import Reply
from served_task import timer
from task_azure import TaskAzure, task_body

from azext_acrpool.commands.tasks.timers import add_timer, list_timers, remove_timer, update_timer
from azext_acrpool.testing import Finished

NIGHT, NOON = "0 21 * * *", "0 12 * * *"
COMES_AT_NIGHT = "Timer {} (0 21 * * *) comes next at 2026-03-01 21:00, 2026-03-02 21:00, 2026-03-03 21:00 UTC."
COMES_AT_NOON = "Timer {} (0 12 * * *) comes next at 2026-03-02 12:00, 2026-03-03 12:00, 2026-03-04 12:00 UTC."
SEE_IT = "az acr task show -r myregistry -n mytask"
SEE_TIMERS = "See them with: az acr task timer list -r myregistry -n mytask -o table"
LOST = ServiceResponseError("reset")
SOURCE_TRIGGER = {
    "name": "source",
    "status": "Enabled",
    "sourceTriggerEvents": ["commit"],
    "sourceRepository": {
        "sourceControlType": "Github",
        "repositoryUrl": "https://github.com/a/b.git",
        "sourceControlAuthProperties": {"tokenType": "PAT", "token": "s3cret-token"},
    },
}


def with_timers(*timers: dict[str, str], pool: str | None = "mypool", **properties: Any) -> dict[str, Any]:
    return task_body(pool, trigger={"timerTriggers": list(timers)}, **properties)


def find_names(body: dict[str, Any]) -> list[str]:
    return [each["name"] for each in body["properties"]["trigger"]["timerTriggers"]]


def timers_of(result: Any) -> list[dict[str, str]]:
    timers: list[dict[str, str]] = [dict(each) for each in result.trigger.timer_triggers]
    return timers


@pytest.mark.parametrize("pool", ["mypool", None])
def test_a_timer_is_added_and_the_pool_stays(azure: TaskAzure, pool: str | None) -> None:
    task = azure.serves(with_timers(timer("t1"), pool=pool))
    finished = azure.call(add_timer, timer_name="t2", timer_schedule=NOON)
    assert (finished.exit_code, finished.told) == (0, [COMES_AT_NOON.format("t2")])
    assert timers_of(finished.result) == [timer("t1"), timer("t2", NOON)]
    named = {"agentPoolName": pool} if pool else {}
    assert azure.sent("PATCH") == [{"properties": {"trigger": {"timerTriggers": [timer("t2", NOON)]}, **named}}]
    assert task.properties.get("agentPoolName") == pool
    assert task.requests == ["GET", "PATCH"]


def test_a_timer_is_added_to_a_task_without_triggers(azure: TaskAzure) -> None:
    azure.serves(task_body("mypool"))
    finished = azure.call(add_timer, timer_name="t1", timer_schedule=NIGHT, enabled=False)
    assert (finished.exit_code, finished.told) == (0, ["Timer t1 starts nothing as long as it is disabled."])
    assert timers_of(finished.result) == [timer("t1", status="Disabled")]


def test_a_timer_of_that_name_is_changed_as_with_az_own(azure: TaskAzure) -> None:
    azure.serves(with_timers(timer("t1")))
    finished = azure.call(add_timer, timer_name="t1", timer_schedule=NOON)
    assert finished.exit_code == 0
    assert finished.told == [
        "Task 'mytask' has a timer 't1' already, which is '0 21 * * *' (Enabled): it is changed.",
        COMES_AT_NOON.format("t1"),
    ]
    assert timers_of(finished.result) == [timer("t1", NOON)]


def test_a_timer_that_is_there_is_not_sent_again(azure: TaskAzure) -> None:
    task = azure.serves(with_timers(timer("t1")))
    finished = azure.call(add_timer, timer_name="t1", timer_schedule=NIGHT)
    assert finished.exit_code == 0
    assert finished.told == ["Task 'mytask' has such a timer 't1' already: nothing to add."]
    assert timers_of(finished.result) == [timer("t1")]
    assert task.requests == ["GET"]


def test_timers_of_one_schedule_and_of_a_disabled_task_are_told_of(azure: TaskAzure) -> None:
    azure.serves(with_timers(timer("t1"), status="Disabled"))
    finished = azure.call(add_timer, timer_name="t2", timer_schedule=NIGHT)
    assert finished.exit_code == 0
    assert finished.told == [
        COMES_AT_NIGHT.format("t2"),
        (
            "Task 'mytask' is disabled, so that no timer starts it. Enable it with:"
            " az acr task update -r myregistry -n mytask --status Enabled"
        ),
        (
            "WARNING: Timer 't1' has the same schedule. Azure's documentation allows several timers if their schedules"
            " differ."
        ),
    ]


@pytest.mark.parametrize("command", [add_timer, update_timer])
def test_a_schedule_that_cannot_be_read_is_refused_before_anything_is_asked(
    azure: TaskAzure, command: Callable[..., Any]
) -> None:
    finished = azure.call(command, timer_name="t1", timer_schedule="0 24 * * *")
    assert (finished.exit_code, finished.told) == (2, ["'24' is not a valid hour: 0 to 23."])
    assert azure.asked == []


def test_a_system_task_has_no_timers(azure: TaskAzure) -> None:
    azure.serves({**task_body(), "properties": {"isSystemTask": True}})
    finished = azure.call(add_timer, timer_name="t1", timer_schedule=NIGHT)
    assert finished.exit_code == 2
    assert finished.told == ["Task 'mytask' cannot have timers: it is a system task, which runs nothing by itself."]
    assert azure.sent("PATCH") == []


@pytest.mark.parametrize(
    ("options", "sent", "told"),
    [
        ({"timer_schedule": NOON}, {"schedule": NOON, "status": "Enabled"}, COMES_AT_NOON.format("t1")),
        ({"enabled": False}, {"status": "Disabled"}, "Timer t1 starts nothing as long as it is disabled."),
        (
            {"timer_schedule": NOON, "enabled": False},
            {"schedule": NOON, "status": "Disabled"},
            "Timer t1 starts nothing as long as it is disabled.",
        ),
    ],
    ids=["schedule", "enabled", "both"],
)
def test_a_timer_is_changed_in_what_is_named(
    azure: TaskAzure, options: dict[str, Any], sent: dict[str, str], told: str
) -> None:
    task = azure.serves(with_timers(timer("t1"), timer("t2", NOON + " ")))
    finished = azure.call(update_timer, timer_name="t1", **options)
    assert (finished.exit_code, finished.told) == (0, [told])
    (body,) = azure.sent("PATCH")
    assert body == {"properties": {"trigger": {"timerTriggers": [{"name": "t1", **sent}]}, "agentPoolName": "mypool"}}
    assert task.properties["trigger"]["timerTriggers"][0] == {**timer("t1"), **sent}


def test_a_new_schedule_leaves_a_timer_disabled(azure: TaskAzure) -> None:
    azure.serves(with_timers(timer("t1", status="Disabled")))
    assert azure.call(update_timer, timer_name="t1", timer_schedule=NOON).exit_code == 0
    assert azure.sent("PATCH")[0]["properties"]["trigger"]["timerTriggers"] == [timer("t1", NOON, "Disabled")]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, "Timer 't1' of task 'mytask' stays: give --schedule or --enabled."),
        ({"timer_schedule": NIGHT, "enabled": True}, "Timer 't1' of task 'mytask' is so already."),
    ],
    ids=["nothing", "same"],
)
def test_a_timer_that_is_as_asked_is_not_changed(azure: TaskAzure, options: dict[str, Any], told: str) -> None:
    task = azure.serves(with_timers(timer("t1")))
    finished = azure.call(update_timer, timer_name="t1", **options)
    assert (finished.exit_code, finished.told) == (0, [told])
    assert task.requests == ["GET"]


def test_a_timer_that_was_taken_by_the_service_is_enabled_whatever_its_schedule(azure: TaskAzure) -> None:
    azure.serves(with_timers(timer("t1", "@odd", "Disabled")))
    assert azure.call(update_timer, timer_name="t1", enabled=True).exit_code == 0


@pytest.mark.parametrize(
    ("command", "recommended"),
    [
        (update_timer, ["Add it with: az acr task timer add -r myregistry -n mytask --timer-name t9 --schedule CRON"]),
        (remove_timer, [SEE_TIMERS]),
    ],
    ids=["update", "remove"],
)
@pytest.mark.parametrize(
    ("body", "known"),
    [(with_timers(timer("t1"), timer("t2")), "It has: t1, t2."), (task_body("mypool"), "It has none.")],
    ids=["others", "none"],
)
def test_a_timer_that_is_not_there_is_an_error(
    azure: TaskAzure, command: Callable[..., Any], recommended: list[str], body: dict[str, Any], known: str
) -> None:
    azure.serves(body)
    finished = azure.call(command, timer_name="t9")
    assert finished.exit_code == 3
    assert finished.told == [f"Task 'mytask' has no timer 't9'. {known}", *recommended]
    assert azure.sent("P") == []


@pytest.mark.parametrize("command", [add_timer, update_timer])
def test_a_reply_that_is_older_than_the_change_is_read_again(azure: TaskAzure, command: Callable[..., Any]) -> None:
    task = azure.serves(with_timers(timer("t1")))
    task.losses = [Reply(200, deepcopy(task.body))]
    finished = azure.call(command, timer_name="t1", timer_schedule=NOON)
    assert finished.exit_code == 0
    assert timers_of(finished.result) == [timer("t1", NOON)]
    assert task.requests == ["GET", "PATCH", "GET"]


def test_what_somebody_else_makes_of_the_timer_is_no_success(azure: TaskAzure) -> None:
    task = azure.serves(with_timers(timer("t1")))
    task.losses, task.carries_out = [Reply(200, deepcopy(task.body))], False
    finished = azure.call(update_timer, timer_name="t1", timer_schedule=NOON)
    assert finished.exit_code == 1
    assert finished.told == [
        COMES_AT_NOON.format("t1"),
        (
            "Task 'mytask' was changed, but its timer 't1' is '0 21 * * *' (Enabled), and not '0 12 * * *' (Enabled)."
            " Somebody else may have changed it at the same time."
        ),
        f"See it with: {SEE_IT}",
    ]


def test_what_changes_besides_is_told(azure: TaskAzure) -> None:
    task = azure.serves(with_timers(timer("t1"), timeout=600))
    task.meanwhile[2] = lambda body: body["properties"].update(timeout=900, credentials={"sourceRegistry": {}})
    finished = azure.call(add_timer, timer_name="t2", timer_schedule=NOON)
    assert finished.exit_code == 0
    assert finished.told == [
        COMES_AT_NOON.format("t2"),
        (
            "WARNING: Task 'mytask' is not as before in timeout, either, which was not asked for here: somebody else"
            f" has changed it at the same time, or the service has. See it with: {SEE_IT}"
        ),
    ]


def test_a_pool_that_the_service_takes_away_is_an_error(azure: TaskAzure) -> None:
    task = azure.serves(with_timers(timer("t1")))
    task.meanwhile[3] = lambda body: body["properties"].pop("agentPoolName")
    task.losses = [Reply(200, task_body())]
    finished = azure.call(add_timer, timer_name="t2", timer_schedule=NOON)
    assert finished.exit_code == 1
    assert finished.told[1:] == [
        "Task 'mytask' was changed, but the service left it without an agent pool instead of on agent pool 'mypool'.",
        "Try again with: az acr task update -r myregistry -n mytask --agent-pool mypool",
    ]


FULL = with_timers(
    timer("t1"),
    timer("t2", NOON),
    credentials={
        "customRegistries": {"other.azurecr.io": {"password": {"type": "Opaque", "value": "s3cret-password"}}}
    },
    timeout=600,
    unknown={"to": "the SDK"},
)
FULL["properties"]["trigger"]["sourceTriggers"] = [SOURCE_TRIGGER]
FULL["properties"]["step"] = {**FULL["properties"]["step"], "contextAccessToken": "s3cret-context"}
FULL = {
    **FULL,
    "tags": {"a": "b"},
    "identity": {"type": "UserAssigned", "userAssignedIdentities": {"/an/identity": {}}},
}


def without_t1(body: dict[str, Any]) -> dict[str, Any]:
    wanted = deepcopy(body)
    wanted["properties"]["trigger"]["timerTriggers"].pop(0)
    return wanted


def test_a_timer_is_removed_by_sending_all_the_rest(azure: TaskAzure) -> None:
    task = azure.serves(FULL)
    finished = azure.call(remove_timer, timer_name="t1")
    assert (finished.exit_code, finished.told) == (0, [])
    wanted = without_t1(FULL)
    assert azure.sent("PUT") == [{key: wanted[key] for key in ("location", "tags", "identity", "properties")}]
    assert timers_of(finished.result) == [timer("t2", NOON)]
    assert "s3cret" not in str(finished.result.as_dict())
    assert task.requests == ["POST listDetails", "POST listDetails", "PUT", "POST listDetails"]


def test_a_task_that_changes_meanwhile_is_read_again_and_nothing_is_undone(azure: TaskAzure) -> None:
    task = azure.serves(FULL)
    task.meanwhile[2] = lambda body: body["properties"].update(timeout=900)
    finished = azure.call(remove_timer, timer_name="t1")
    assert finished.exit_code == 0
    assert finished.told == ["Task 'mytask' has been changed by somebody else just now, and is read again."]
    assert task.properties["timeout"] == 900
    assert task.requests == [*["POST listDetails"] * 3, "PUT", "POST listDetails"]


def test_a_task_that_is_touched_without_a_difference_is_read_again(azure: TaskAzure) -> None:
    task = azure.serves(FULL)
    task.meanwhile[2] = lambda body: None
    assert azure.call(remove_timer, timer_name="t1").exit_code == 0
    assert task.requests[:4] == [*["POST listDetails"] * 3, "PUT"]


def test_a_task_that_keeps_changing_is_left_alone(azure: TaskAzure) -> None:
    task = azure.serves(FULL)
    for number in range(20):
        task.meanwhile[number] = lambda body: body["properties"].update(timeout=body["properties"]["timeout"] + 1)
    finished = azure.call(remove_timer, timer_name="t1")
    assert finished.exit_code == 1
    again = "Task 'mytask' has been changed by somebody else just now, and is read again."
    assert finished.told == [
        *[again] * 4,
        "Task 'mytask' is changed by somebody else again and again: it was left alone.",
        "Something else is being done to it. Try again later.",
    ]
    assert azure.sent("PUT") == []


def test_a_timer_that_somebody_else_removes_meanwhile_is_not_there(azure: TaskAzure) -> None:
    task = azure.serves(FULL)
    task.meanwhile[2] = lambda body: body["properties"]["trigger"]["timerTriggers"].pop(0)
    finished = azure.call(remove_timer, timer_name="t1")
    assert finished.exit_code == 3
    assert finished.told[1:] == ["Task 'mytask' has no timer 't1'. It has: t2.", SEE_TIMERS]


@pytest.mark.parametrize("carries_out", [True, False], ids=["carried out", "not carried out"])
def test_a_lost_reply_is_followed_by_a_look(azure: TaskAzure, carries_out: bool) -> None:
    task = azure.serves(FULL)
    task.losses, task.carries_out = [LOST], carries_out
    task.meanwhile[4] = lambda body: body["properties"].update(timeout=900)
    finished = azure.call(remove_timer, timer_name="t1")
    assert finished.exit_code == 0
    assert task.properties["timeout"] == 900
    assert len(azure.sent("PUT")) == (1 if carries_out else 2)
    assert timers_of(finished.result) == [timer("t2", NOON)]


def test_replies_that_stay_lost_leave_it_open(azure: TaskAzure) -> None:
    task = azure.serves(FULL)
    task.losses, task.carries_out = [LOST] * 9, False
    finished = azure.call(remove_timer, timer_name="t1")
    assert finished.exit_code == 1
    assert finished.told[0].startswith("Task 'mytask' may have been changed: the service was asked, but did not say.")


def test_a_removal_that_shows_after_the_last_try_is_one(azure: TaskAzure) -> None:
    task = azure.serves(FULL)
    task.losses, task.carries_out = [LOST] * 9, False
    azure.call(remove_timer, timer_name="t1")
    last = len(task.requests)

    task = azure.serves(FULL)
    task.losses, task.carries_out = [LOST] * 9, False
    task.meanwhile[last] = lambda body: body["properties"]["trigger"]["timerTriggers"].pop(0)
    finished = azure.call(remove_timer, timer_name="t1")
    assert finished.exit_code == 0
    assert timers_of(finished.result) == [timer("t2", NOON)]
    assert task.requests[last - 2 : last] == ["PUT", "POST listDetails"]


@pytest.mark.parametrize("carries_out", [True, False], ids=["carried out", "not carried out"])
def test_a_change_whose_replies_stay_lost_is_looked_at(azure: TaskAzure, carries_out: bool) -> None:
    task = azure.serves(FULL)
    task.losses, task.carries_out = [LOST] * 99, carries_out
    finished = azure.call(update_timer, timer_name="t1", timer_schedule=NOON)
    assert finished.exit_code == (0 if carries_out else 1)
    assert task.requests[-2:] == ["PATCH", "GET"]
    assert ("may have been changed" in finished.stderr) is not carries_out


@pytest.mark.parametrize(
    ("command", "options", "number"),
    [(update_timer, {"enabled": False}, 2), (remove_timer, {}, 3), (remove_timer, {}, 4)],
    ids=["update", "remove", "look after removal"],
)
def test_an_interruption_leaves_it_open(
    azure: TaskAzure, command: Callable[..., Any], options: dict[str, Any], number: int
) -> None:
    task = azure.serves(FULL)
    task.meanwhile[number] = interrupt
    finished = azure.call(command, timer_name="t1", **options)
    assert (finished.exit_code, finished.told[-2:]) == (
        130,
        [
            "Interrupted. Task 'mytask' may have been changed.",
            "See whether it was with: az acr task show -r myregistry -n mytask",
        ],
    )


def test_readings_that_fail_leave_nothing_open(azure: TaskAzure) -> None:
    azure.serves(FULL)
    azure.replies["POST /tasks/mytask/listDetails"] = LOST
    finished = azure.call(remove_timer, timer_name="t1")
    assert finished.exit_code == 1
    assert "may have been changed" not in finished.stderr
    assert azure.sent("PUT") == []


def test_a_timer_that_is_back_after_its_removal_is_no_success(azure: TaskAzure) -> None:
    task = azure.serves(FULL)
    task.meanwhile["PUT"] = lambda body: body["properties"]["trigger"]["timerTriggers"].append(timer("t1"))
    finished = azure.call(remove_timer, timer_name="t1")
    assert finished.exit_code == 1
    assert finished.told == [
        "Task 'mytask' was changed, but it still has timer 't1'. Somebody else may have changed it at the same time.",
        f"See it with: {SEE_IT}",
    ]


def test_a_change_that_cannot_be_looked_at_is_told_of(azure: TaskAzure) -> None:
    task = azure.serves(FULL)
    refused = Reply(403, {"error": {"code": "AuthorizationFailed", "message": "You may not."}})
    task.meanwhile["PUT"] = lambda body: azure.replies.update({"POST /tasks/mytask/listDetails": refused})
    finished = azure.call(remove_timer, timer_name="t1")
    assert finished.exit_code == 1
    assert finished.told[0] == (
        "(AuthorizationFailed) Task 'mytask' was changed, but could not be looked at afterwards: You may not."
    )
    assert f"See whether it was with: {SEE_IT}" in finished.told
    assert find_names(task.body) == ["t2"]


def test_a_secret_that_is_gone_afterwards_is_told_of(azure: TaskAzure) -> None:
    task = azure.serves(FULL)
    task.meanwhile["PUT"] = lambda body: body["properties"]["step"].pop("contextAccessToken")
    finished = azure.call(remove_timer, timer_name="t1")
    assert finished.exit_code == 0
    assert finished.told == [
        (
            "WARNING: Task 'mytask' is not as before in step.contextAccessToken, either, which was not asked for here:"
            f" somebody else has changed it at the same time, or the service has. See it with: {SEE_IT}"
        )
    ]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (
            lambda body: body["properties"].update(
                credentials={"customRegistries": {"other.azurecr.io": {"password": {"type": "Opaque"}}}}
            ),
            "properties.credentials.customRegistries.other.azurecr.io.password",
        ),
        (
            lambda body: body["properties"]["step"].update(arguments=[{"name": "KEY", "isSecret": True}]),
            "properties.step.arguments.KEY",
        ),
        (
            lambda body: body["properties"]["trigger"]["sourceTriggers"][0]["sourceRepository"].pop(
                "sourceControlAuthProperties"
            ),
            "properties.trigger.sourceTriggers.source.sourceRepository",
        ),
    ],
    ids=["credential", "argument", "token"],
)
def test_secrets_that_the_service_keeps_to_itself_are_not_lost(
    azure: TaskAzure, change: Callable[[dict[str, Any]], object], place: str
) -> None:
    body = deepcopy(FULL)
    change(body)
    azure.serves(body)
    finished = azure.call(remove_timer, timer_name="t1")
    assert finished.exit_code == 1
    assert finished.told == [
        (
            "Timer 't1' was not removed: for that the whole task has to be sent, and the service does not give away its"
            f" secrets ({place}), which would be lost."
        ),
        (
            "It starts nothing any more once it is disabled: az acr task timer update -r myregistry -n mytask"
            " --timer-name t1 --enabled false"
        ),
    ]
    assert azure.sent("PUT") == []


def test_a_number_of_cpus_is_not_sent_beside_a_pool(azure: TaskAzure) -> None:
    azure.serves(with_timers(timer("t1"), agentConfiguration={"cpu": 2}))
    finished = azure.call(remove_timer, timer_name="t1")
    assert (finished.exit_code, finished.told) == (0, [])
    assert "agentConfiguration" not in azure.sent("PUT")[0]["properties"]


def test_an_error_shows_no_secret_of_the_task(azure: TaskAzure) -> None:
    task = azure.serves(FULL)
    task.losses = [Reply(400, {"error": {"code": "Bad", "message": "no: s3cret-token s3cret-password s3cret-context"}})]
    finished = azure.call(remove_timer, timer_name="t1")
    assert finished.exit_code == 1
    assert finished.told[0] == "(Bad) no: *** *** ***"


@pytest.mark.parametrize(
    ("body", "result"),
    [
        (with_timers(timer("t1")), [timer("t1")]),
        (task_body(trigger={"timerTriggers": []}), []),
        (task_body(trigger={"baseImageTrigger": {"name": "base"}}), None),
        (task_body(), {}),
    ],
    ids=["one", "none", "other triggers", "no triggers"],
)
def test_timers_are_listed_as_by_az_own(azure: TaskAzure, body: dict[str, Any], result: Any) -> None:
    task = azure.serves(body)
    assert azure.call(list_timers) == Finished(result, 0, "", "")
    assert task.requests == ["GET"]


@pytest.mark.parametrize("command", [add_timer, update_timer, remove_timer])
def test_a_task_that_is_not_there(azure: TaskAzure, command: Callable[..., Any]) -> None:
    azure.has_no_task()
    options = {} if command is remove_timer else {"timer_schedule": NIGHT}
    finished = azure.call(command, timer_name="t1", **options)
    assert finished.exit_code == 3
    assert finished.told[0] == "Could not find a task named 'mytask' in registry 'myregistry'."
    assert azure.sent("P") == []


def test_what_others_wrote_does_not_act(azure: TaskAzure) -> None:
    azure.serves(with_timers(timer("\x1b]0;t1\x07", NOON)))
    finished = azure.call(add_timer, timer_name="t2", timer_schedule=NOON)
    assert finished.exit_code == 0
    assert "\x1b" not in finished.stderr
