"""`az acr agentpool autoscale enable`: the policy that a pool is given, what is said of it, and how it ends."""

from __future__ import annotations

from typing import Any

import pytest
from knack.validators import DefaultInt, DefaultStr
from pool_azure import PoolAzure, listing
from scripted_arm import arm_error, pool_body
from scripted_transport import Reply

from azext_acrpool.commands.autoscale.enable import enable_autoscale
from azext_acrpool.testing import Finished

TAG = "acrpool-autoscale"
UPDATED = [
    "Agent pool 'mypool': Updating (usually takes about 6 minutes)",
    "Agent pool 'mypool': Succeeded after 2 s",
]
WHO_SCALES = (
    "Runs that are sent with this extension scale agent pool 'mypool' out themselves;"
    " `az acr agentpool autoscale run -r myregistry` scales it out and in. To have the registry do that on a timer:"
    " az acr agentpool autoscale deploy -r myregistry --extension-source URL"
)
OFFICE_HOURS = "Mon-Fri 07:30-18:00 Europe/Berlin min=1"
ALREADY = "Agent pool 'mypool' has this autoscale policy already."


def pool(tag: str | None = None, *, state: str = "Succeeded", others: dict[str, str] | None = None, **more: Any) -> Any:
    tags = {**(others or {}), **({} if tag is None else {TAG: tag})}
    return pool_body(state=state, tags=tags or None, **more)


def azure_with(before: Any, after: Any, *others: Any) -> PoolAzure:
    """A registry whose pool is `before` at first, and `after` once it was looked at again."""
    return PoolAzure(
        {
            "GET /agentPools": listing(before, *others),
            "GET /agentPools/mypool": Reply(200, after),
            "GET /operationStatuses/1": [Reply(200, {"status": state}) for state in ("Updating", "Succeeded")],
        }
    )


def enable(azure: PoolAzure, **options: Any) -> Finished:
    return azure.run(enable_autoscale, **{"max_count": 4, **options})


def test_a_pool_is_given_a_policy() -> None:
    azure = azure_with(pool(), pool("v1; max=4; min=0"))
    finished = enable(azure)
    assert azure.sent("PATCH") == {"tags": {TAG: "v1; max=4; min=0"}}
    assert finished.told == [*UPDATED, WHO_SCALES]
    assert (finished.exit_code, finished.stdout) == (0, "")
    assert finished.result == {
        "registryName": "myregistry",
        "agentPoolName": "mypool",
        "provisioningState": "Succeeded",
        "count": 1,
        "enabled": True,
        "policy": {
            "minCount": 0,
            "maxCount": 4,
            "idleMinutes": 15,
            "runsPerInstance": 1,
            "schedules": [],
            "vcpuQuota": None,
            "unknownFields": [],
            "tag": "v1; max=4; min=0",
        },
    }


def test_all_that_a_policy_can_say() -> None:
    tag = (
        f"v1; max=4; min=1; idle=30m; per=2; quota=32; at={OFFICE_HOURS.replace('min=1', 'min=2')};"
        " at=Sat,Sun 00:00-24:00 UTC max=2"
    )
    azure = azure_with(pool(), pool(tag))
    finished = enable(
        azure,
        min_count=1,
        idle_minutes=30,
        runs_per_instance=2,
        schedule=["mon-fri 7:30-18:00 Europe/Berlin min=2", "sat,sun 0:00-24:00 UTC max=2"],
        vcpu_quota=32,
    )
    assert azure.sent("PATCH") == {"tags": {TAG: tag}}
    assert finished.result["policy"] == {
        "minCount": 1,
        "maxCount": 4,
        "idleMinutes": 30,
        "runsPerInstance": 2,
        "schedules": ["Mon-Fri 07:30-18:00 Europe/Berlin min=2", "Sat,Sun 00:00-24:00 UTC max=2"],
        "vcpuQuota": 32,
        "unknownFields": [],
        "tag": tag,
    }


def test_defaults_are_numbers_in_the_result() -> None:
    """az marks a default by a class of its own, of which its output makes an object."""
    azure = azure_with(pool(), pool("v1; max=4; min=0"))
    defaults = {"min_count": 0, "idle_minutes": 15, "runs_per_instance": 1}
    marked = {name: DefaultInt(value) for name, value in defaults.items()}
    policy = enable(azure, **marked).result["policy"]
    assert {type(policy[name]) for name in ("minCount", "idleMinutes", "runsPerInstance")} == {int}


def test_other_tags_stay_and_among_them_the_record_of_ensured_capacity() -> None:
    others = {"team": "build", "acrpool-restore-count": "0 (raised to 1)"}
    before = pool(others={**others, "ACRpool-Autoscale": "v1; max=9; min=0; idle=20m; colour=blue"})
    azure = azure_with(before, pool("v1; max=4; min=0; colour=blue", others=others))
    finished = enable(azure)
    assert azure.sent("PATCH") == {"tags": {**others, TAG: "v1; max=4; min=0; colour=blue"}}
    assert (finished.exit_code, finished.told) == (0, [*UPDATED, WHO_SCALES])
    assert finished.result["policy"]["unknownFields"] == ["colour=blue"]


def test_fields_that_are_kept_may_leave_too_little_room() -> None:
    before = pool(f"v1; max=4; min=0; colour={'b' * 220}")
    azure = azure_with(before, before)
    finished = enable(azure, schedule=[OFFICE_HOURS])
    assert (finished.exit_code, azure.transport.asked("PATCH")) == (2, [])
    assert finished.told[0].startswith(
        "The policy is 33 characters too long: a tag of the pool holds it, which takes 256."
    )


@pytest.mark.parametrize("state", ["Succeeded", "Updating"])
@pytest.mark.parametrize("tag", ["v1; max=4; min=0", "V1;min=0;max=4;idle=15m"])
def test_a_pool_that_has_the_policy_is_left_as_it_is(tag: str, state: str) -> None:
    has = pool(tag, state=state, others={"team": "build"})
    azure = azure_with(has, has)
    finished = enable(azure)
    assert (finished.exit_code, finished.told) == (0, [ALREADY])
    assert finished.result["policy"]["maxCount"] == 4
    assert {request.method for request in azure.transport.requests} == {"GET"}


def test_a_failed_pool_is_refused_although_it_has_the_policy() -> None:
    failed = pool("v1; max=4; min=0", state="Failed")
    finished = enable(azure_with(failed, failed))
    assert (finished.exit_code, finished.result) == (1, None)


def test_a_list_that_lags_behind_is_not_believed() -> None:
    has = pool("v1; max=4; min=0")
    azure = PoolAzure(
        {
            "GET /agentPools": listing(has),
            "GET /agentPools/mypool": [Reply(200, pool("v1; max=2; min=0")), Reply(200, has)],
            "GET /operationStatuses/1": [Reply(200, {"status": state}) for state in ("Updating", "Succeeded")],
        }
    )
    assert enable(azure).told == [*UPDATED, WHO_SCALES]


def test_without_waiting() -> None:
    azure = azure_with(pool(), pool())
    assert enable(azure, no_wait=True).told == [
        (
            "The update of agent pool 'mypool' has begun."
            " Wait for its end with: az acr agentpool wait -r myregistry -n mypool --updated"
        ),
        WHO_SCALES,
    ]
    assert azure.transport.asked("GET") == ["myregistry/agentPools"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"min_count": 5}, "The minimum 5 is above the maximum 4: lower it, or raise the maximum."),
        ({"max_count": 0}, "max=0 is out of range: it can be 1 to 9999."),
        (
            {"schedule": ["Mon-Fri 7-18 UTC min=1"]},
            (
                "The schedule 'Mon-Fri 7-18 UTC min=1' cannot be read: '7-18' are no hours from a time to a time, 00:00"
                f" to 24:00. A schedule looks like: {OFFICE_HOURS}"
            ),
        ),
        (
            {"schedule": [f"Mon {hour:02d}:00-{hour:02d}:30 Europe/Berlin min=1" for hour in range(8)]},
            (
                "The policy is 80 characters too long: a tag of the pool holds it, which takes 256. Use fewer"
                " schedules: one can name several days (Mon-Fri, or Mon,Wed)."
            ),
        ),
        (
            {"schedule": [f"{OFFICE_HOURS.replace('min=1', 'min=3')}", "Tue 08:00-09:00 Europe/Berlin max=2"]},
            (
                "The minimum 3 is above the maximum 2 while this holds:"
                " 'Mon-Fri 07:30-18:00 Europe/Berlin min=3', 'Tue 08:00-09:00 Europe/Berlin max=2'."
            ),
        ),
    ],
    ids=["minimum above maximum", "no instance", "schedule", "too long", "contradiction"],
)
def test_what_no_pool_should_be_given_is_refused_before_anything_is_asked(
    options: dict[str, Any], message: str
) -> None:
    azure = PoolAzure()
    finished = enable(azure, **options)
    assert (finished.exit_code, finished.told, azure.transport.requests) == (2, [message], [])


def test_a_missing_pool_exits_3() -> None:
    finished = enable(PoolAzure({"GET /agentPools": listing(pool_body("other"))}))
    assert (finished.exit_code, finished.told) == (
        3,
        [
            "Could not find an agent pool named 'mypool' in registry 'myregistry'.",
            "List the registry's agent pools with: az acr agentpool list -r myregistry -o table",
        ],
    )


@pytest.mark.parametrize("tag", [None, "v1; max=2; min=0"])
@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("Failed", "az acr agentpool delete -r myregistry -n mypool"),
        ("Updating", "az acr agentpool wait -r myregistry -n mypool --updated"),
    ],
)
def test_a_pool_that_cannot_be_changed_now_is_refused(state: str, told: str, tag: str | None) -> None:
    azure = azure_with(pool(tag, state=state), pool(tag, state=state))
    finished = enable(azure)
    assert (finished.exit_code, finished.result) == (1, None)
    assert any(told in line for line in finished.told), finished.told
    assert {request.method for request in azure.transport.requests} == {"GET"}


def test_a_policy_that_cannot_be_read_is_replaced_and_told() -> None:
    azure = azure_with(pool("v2; size=big"), pool("v1; max=4; min=0"))
    finished = enable(azure)
    assert finished.told == [
        (
            "WARNING: The autoscale policy that agent pool 'mypool' has is replaced: 'v2; size=big'. The policy in the"
            " tag acrpool-autoscale is of version v2: it was written by a newer acrpool: update the extension with"
            " az extension update --name acrpool."
        ),
        *UPDATED,
        WHO_SCALES,
    ]
    assert finished.exit_code == 0


OVER_QUOTA = (
    "WARNING: Agent pool 'mypool' is scaled out to 4 instances at most: 12 x S1 with the 8 of other pools are 32 vCPUs,"
    " and the default quota of a registry's standard agent pools is 16."
    " If Azure has raised the registry's quota, say to what with --vcpu-quota."
)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"max_count": 12}, [OVER_QUOTA]),
        ({"max_count": 2, "schedule": ["daily 0:00-1:00 UTC max=12"]}, [OVER_QUOTA]),
        ({"max_count": 12, "vcpu_quota": 32}, []),
        (
            {"max_count": 12, "vcpu_quota": 31},
            [
                (
                    "WARNING: Agent pool 'mypool' is scaled out to 11 instances at most: 12 x S1 with the 8 of other"
                    " pools are 32 vCPUs, and the quota of a registry's standard agent pools is 31."
                )
            ],
        ),
        ({"max_count": 4}, []),
    ],
    ids=["default", "by a schedule", "raised", "not enough", "fits"],
)
def test_a_maximum_beyond_the_quota_is_warned_of(options: dict[str, Any], told: list[str]) -> None:
    other = pool_body("other", count=4)
    azure = azure_with(pool(), pool(), other)
    assert enable(azure, no_wait=True, **options).told[:-2] == told


def test_no_quota_is_made_up_where_the_pools_show_that_it_was_raised() -> None:
    azure = azure_with(pool(), pool(), pool_body("other", count=9))
    assert len(enable(azure, no_wait=True, max_count=12).told) == 2


def test_tags_that_were_changed_by_somebody_else_meanwhile_are_told() -> None:
    azure = azure_with(pool(), pool("v1; max=4; min=0", others={"team": "theirs"}))
    finished = enable(azure)
    assert finished.told[-2:] == [
        (
            "WARNING: Other tags of agent pool 'mypool' were changed by somebody else meanwhile. See them with: az acr"
            " agentpool show -r myregistry -n mypool --query tags"
        ),
        WHO_SCALES,
    ]
    assert finished.exit_code == 0


@pytest.mark.parametrize(
    ("after", "has"),
    [
        (pool(), "has no autoscale policy"),
        (pool("v1; max=9; min=0"), "has the autoscale policy 'v1; max=9; min=0'"),
    ],
    ids=["none", "another"],
)
def test_a_policy_that_is_another_in_the_end_is_no_success(after: Any, has: str) -> None:
    finished = enable(azure_with(pool(), after))
    assert (finished.exit_code, finished.result) == (1, None)
    assert finished.told == [
        *UPDATED,
        f"The update of agent pool 'mypool' is done, but the pool {has}: its tags were changed again.",
        "See what it has with: az acr agentpool autoscale show -r myregistry -n mypool",
    ]


def test_a_pool_with_as_many_tags_as_there_can_be_is_left_as_it_is() -> None:
    full = pool(others={f"tag{number}": "" for number in range(50)})
    finished = enable(azure_with(full, full))
    assert (finished.exit_code, finished.told) == (
        1,
        [
            "Agent pool 'mypool' has 50 tags, the most there can be: no policy fits in.",
            "Set those that it needs with: az acr agentpool update -r myregistry -n mypool --tags NAME=VALUE",
        ],
    )


def test_a_refusal_says_what_may_be_done_about_it() -> None:
    azure = PoolAzure(
        {"GET /agentPools": listing(pool()), "PATCH /agentPools/mypool": arm_error(403, "AuthorizationFailed", "No.")}
    )
    finished = enable(azure)
    assert (finished.exit_code, finished.told[0]) == (1, "(AuthorizationFailed) No.")


def test_the_registry_is_found_where_no_group_is_named() -> None:
    azure = azure_with(pool(), pool("v1; max=4; min=0"))
    assert enable(azure, resource_group_name=DefaultStr("mygroup")).exit_code == 0
