"""`az acr agentpool autoscale deploy`, `undeploy` and `status`, over a scripted ARM."""

from __future__ import annotations

from typing import Any

import pytest
from azure.core.exceptions import ServiceResponseError
from deployment_azure import PRINCIPAL, SOURCE, DeploymentAzure, role_assignment
from scripted_arm import REGISTRY, arm_error, interrupt
from scripted_transport import Reply

from azext_acrpool.commands.autoscale.deploy import deploy_autoscale
from azext_acrpool.commands.autoscale.status import show_deployment
from azext_acrpool.commands.autoscale.undeploy import undeploy_autoscale
from azext_acrpool.testing import Finished

TASK = "/tasks/acrpool-autoscale"
ROLES = "/providers/Microsoft.Authorization/roleAssignments"
COMES = "Timer autoscale (*/10 * * * *) comes next at 2026-03-01 12:10, 2026-03-01 12:20, 2026-03-01 12:30 UTC."
COSTS = (
    "It comes 4,320 times in 30 days. At about 60 s with 2 vCPUs each, that is about 51.84 USD a month by the"
    " published price (0.0001 USD per vCPU and second). What agent pools cost comes on top. A longer interval (--every)"
    " costs less: builds that acrpool sends start the scaling out themselves."
)
GRANTED = (
    "Its identity has the role 'Container Registry Tasks Contributor' on this registry now, and nowhere else. It may"
    " take some minutes until that holds; runs fail until then."
)
OTHER_ROLE = (
    "Its identity has a role on this registry already, which is left as it is. What the role has to allow says"
    " docs/autoscale.md."
)
SEE = "See how it does with: az acr agentpool autoscale status -r myregistry"
GRANT = (
    f"az role assignment create --assignee-object-id {PRINCIPAL} --assignee-principal-type ServicePrincipal"
    f' --role "Container Registry Tasks Contributor" --scope {REGISTRY.resource_id}'
)
DEPLOY = "az acr agentpool autoscale deploy -r myregistry --extension-source URL"
IS_NEW = "Task 'acrpool-autoscale' of registry 'myregistry' evaluates the policies of its agent pools from now on."
IS_GONE = (
    "Task 'acrpool-autoscale' of registry 'myregistry' is gone. The policies stay: builds that acrpool sends go on to"
    " scale out, and nothing scales in until somebody evaluates them."
)
RESULT = {
    "deployed": True,
    "registryName": "myregistry",
    "taskName": "acrpool-autoscale",
    "status": "Enabled",
    "every": "10m",
    "schedule": "*/10 * * * *",
    "nextRun": "2026-03-01T12:10:00+00:00",
    "extensionSource": SOURCE,
    "principalId": PRINCIPAL,
    "hasRole": True,
    "agentPools": ["mypool"],
}
NOT_OURS = [
    (
        "Registry 'myregistry' has a task 'acrpool-autoscale' that was not made by deploy, or was changed since:"
        " nothing was {}."
    ),
    "See what it does with: az acr task show -r myregistry -n acrpool-autoscale",
    "If nobody needs it, delete it with: az acr task delete -r myregistry -n acrpool-autoscale",
]


@pytest.fixture
def azure() -> DeploymentAzure:
    return DeploymentAzure()


@pytest.fixture
def deployed(azure: DeploymentAzure) -> DeploymentAzure:
    """A registry in which it was deployed."""
    assert deploy(azure).exit_code == 0
    azure.transport.requests.clear()
    return azure


def deploy(azure: DeploymentAzure, **options: Any) -> Finished:
    return azure.call(deploy_autoscale, **{"extension_source": SOURCE, **options})


def other_task(azure: DeploymentAzure) -> None:
    azure.serves(
        {"id": f"{REGISTRY.path}{TASK}", "name": "acrpool-autoscale", "properties": {"step": {"type": "Docker"}}}
    )


def test_deploy(azure: DeploymentAzure) -> None:
    finished = deploy(azure)
    assert (finished.exit_code, finished.result) == (0, RESULT)
    assert finished.told == [IS_NEW, COMES, COSTS, GRANTED, SEE]
    assert azure.asked[:3] == ["GET /", f"GET {TASK}", "GET /agentPools"]
    (role,) = azure.roles
    assert azure.changed == [f"PUT {TASK}", f"PUT {ROLES}/{role['name']}"]
    assert azure.sent(f"PUT {ROLES}") == [
        {
            "properties": {
                "roleDefinitionId": role["properties"]["roleDefinitionId"],
                "principalId": PRINCIPAL,
                "principalType": "ServicePrincipal",
            }
        }
    ]


def test_deployed_as_it_is_already(deployed: DeploymentAzure) -> None:
    finished = deploy(deployed)
    assert (finished.exit_code, finished.result) == (0, RESULT)
    assert finished.told == [
        "Task 'acrpool-autoscale' of registry 'myregistry' is as asked for already.",
        COMES,
        COSTS,
        SEE,
    ]
    assert deployed.changed == [f"PUT {TASK}"]


def test_another_interval_is_said(deployed: DeploymentAzure) -> None:
    finished = deploy(deployed, every="1h")
    assert (finished.exit_code, finished.result["schedule"]) == (0, "0 * * * *")
    assert finished.told[0] == (
        "Task 'acrpool-autoscale' of registry 'myregistry' was changed: step.encodedTaskContent, timeout,"
        " trigger.timerTriggers.autoscale.schedule."
    )


def test_a_signed_url_is_never_shown(azure: DeploymentAzure) -> None:
    finished = deploy(azure, extension_source=f"{SOURCE}?sig=s3cret")
    assert (finished.exit_code, finished.result["extensionSource"]) == (0, SOURCE)
    assert "s3cret" not in finished.stderr + str(finished.result)
    again = deploy(azure, extension_source=f"{SOURCE}?sig=s3cret")
    assert again.told[0] == (
        "Task 'acrpool-autoscale' of registry 'myregistry' was changed: the secret part of the extension's source."
    )
    (sent, _) = azure.sent(f"PUT {TASK}")
    assert sent["properties"]["step"]["values"] == [
        {"name": "extensionSource", "value": SOURCE, "isSecret": False},
        {"name": "extensionSourceQuery", "value": "sig=s3cret", "isSecret": True},
    ]


def test_a_task_of_that_name_that_is_another(azure: DeploymentAzure) -> None:
    other_task(azure)
    finished = deploy(azure)
    assert (finished.exit_code, finished.told) == (1, [NOT_OURS[0].format("changed"), *NOT_OURS[1:]])
    assert azure.changed == []


def test_what_cannot_be_used_is_refused_before_anything_is_asked(azure: DeploymentAzure) -> None:
    finished = deploy(azure, every="7m")
    assert finished.exit_code == 2
    assert finished.told == ["--every 7m does not go evenly into an hour. Nearest are 6m and 10m."]
    finished = deploy(azure, extension_source="acrpool.whl")
    assert (finished.exit_code, azure.asked) == (2, [])


def test_a_registry_without_pools(azure: DeploymentAzure) -> None:
    azure.registry["sku"]["name"] = "Standard"
    finished = deploy(azure)
    assert (finished.exit_code, azure.changed) == (1, [])
    assert finished.told == [
        "Agent pools need a Premium registry; 'myregistry' is Standard.",
        "Upgrade it: az acr update -n myregistry --sku Premium",
    ]


@pytest.mark.parametrize(
    ("closed", "why"),
    [
        ({"publicNetworkAccess": "Disabled"}, "public network access is disabled"),
        ({"networkRuleSet": {"defaultAction": "Deny"}}, "its default action is Deny"),
    ],
    ids=["disabled", "deny"],
)
def test_a_closed_registry(azure: DeploymentAzure, closed: dict[str, Any], why: str) -> None:
    azure.registry["properties"].update(closed)
    finished = deploy(azure)
    assert (finished.exit_code, azure.changed) == (1, [])
    assert finished.told == [
        (
            f"The firewall of registry 'myregistry' is closed ({why}): shared agents, on which the task would run, are"
            " not let in. Nothing was deployed."
        ),
        (
            "Have the policies evaluated from elsewhere, for which Azure Resource Manager alone has to be reached:"
            " docs/autoscale.md has recipes for a Container Apps job, GitHub Actions, Azure Pipelines and cron."
        ),
        (
            "Or let tasks through the firewall with: az resource update -n myregistry -g mygroup --resource-type"
            " Microsoft.ContainerRegistry/registries --api-version 2025-06-01-preview --set"
            " properties.networkRuleBypassAllowedForTasks=true"
        ),
    ]


def test_a_closed_registry_that_lets_tasks_through(azure: DeploymentAzure) -> None:
    azure.registry["properties"].update(publicNetworkAccess="Disabled", networkRuleBypassAllowedForTasks=True)
    assert deploy(azure).exit_code == 0


def test_pools_without_a_policy_are_a_warning(azure: DeploymentAzure) -> None:
    azure.pools["mypool"].tags = {}
    finished = deploy(azure)
    assert (finished.exit_code, finished.result["agentPools"]) == (0, [])
    assert finished.told[3] == (
        "WARNING: No agent pool of registry 'myregistry' has a policy: there is nothing to evaluate. Give one a policy"
        " with: az acr agentpool autoscale enable -r myregistry -n POOL --max-count N"
    )


def test_a_policy_that_cannot_be_read_is_one(azure: DeploymentAzure) -> None:
    azure.pools["mypool"].tags = {"acrpool-autoscale": "v2; something"}
    assert deploy(azure).result["agentPools"] == ["mypool"]


def test_who_may_not_assign_roles(azure: DeploymentAzure) -> None:
    azure.refused = ("GET", "PUT")
    finished = deploy(azure)
    assert (finished.exit_code, finished.result) == (1, {**RESULT, "hasRole": False})
    assert finished.told == [
        IS_NEW,
        COMES,
        COSTS,
        (
            "Task 'acrpool-autoscale' is there, but its identity was not given its role on registry 'myregistry', so"
            " that its runs fail. (AuthorizationFailed) The client 'me' does not have authorization to perform action"
            f" 'PUT' over scope '{REGISTRY.resource_id}'."
        ),
        f"It works once somebody who may assign roles types: {GRANT}",
        "Or remove it with: az acr agentpool autoscale undeploy -r myregistry",
    ]
    assert azure.task is not None


def test_a_role_that_somebody_else_has_assigned(azure: DeploymentAzure) -> None:
    azure.roles, azure.refused = [role_assignment()], ("PUT",)
    finished = deploy(azure)
    assert (finished.exit_code, finished.told) == (0, [IS_NEW, COMES, COSTS, SEE])


def test_a_narrower_role_is_left_alone(azure: DeploymentAzure) -> None:
    azure.roles = [role_assignment("22222222-2222-2222-2222-222222222222")]
    finished = deploy(azure)
    assert (finished.exit_code, finished.told) == (0, [IS_NEW, COMES, COSTS, OTHER_ROLE, SEE])
    assert finished.result["hasRole"] is None
    assert azure.changed == [f"PUT {TASK}"]


def test_a_role_on_something_else_is_none_here(azure: DeploymentAzure) -> None:
    azure.roles = [role_assignment(scope=f"{REGISTRY.resource_id}2")]
    finished = deploy(azure)
    assert (finished.exit_code, finished.told) == (0, [IS_NEW, COMES, COSTS, GRANTED, SEE])


def test_a_role_that_is_assigned_under_another_name(azure: DeploymentAzure) -> None:
    deploy(azure)
    azure.refused, (route,) = ("GET",), [route for route in azure.changed if ROLES in route]
    azure.replies[route] = arm_error(409, "RoleAssignmentExists", "The role assignment already exists.")
    assert deploy(azure).exit_code == 0


def test_an_identity_that_is_not_known_everywhere_yet(azure: DeploymentAzure) -> None:
    azure.unknown = 3
    finished = deploy(azure)
    assert finished.exit_code == 0
    assert finished.told[3:] == [
        "Azure's directory does not know the new identity everywhere yet: waiting for that.",
        GRANTED,
        SEE,
    ]
    assert azure.clock.sleeps == [5.0, 5.0, 5.0]


def test_an_identity_that_is_never_known(azure: DeploymentAzure) -> None:
    azure.unknown = 99
    finished = deploy(azure)
    assert (finished.exit_code, finished.result["hasRole"]) == (1, False)
    assert finished.told[-2] == f"It works once you have typed: {GRANT}"


def test_an_identity_that_is_shown_late(azure: DeploymentAzure) -> None:
    azure.nameless = 2
    assert deploy(azure).result == RESULT
    azure.nameless = 99
    finished = deploy(azure)
    assert finished.exit_code == 1
    assert finished.told == [
        "Task 'acrpool-autoscale' is there, but shows no identity that could be given a role: its runs fail.",
        "Deploy it again in some minutes.",
    ]


@pytest.mark.parametrize("moment", ["nameless", "unknown"])
def test_an_interruption_says_that_there_may_be_a_task(azure: DeploymentAzure, moment: str) -> None:
    setattr(azure, moment, 1)
    azure.clock.at(1, interrupt)
    finished = deploy(azure)
    assert finished.exit_code == 130
    assert finished.told[-2:] == [
        "Interrupted. Task 'acrpool-autoscale' or the role of its identity may have been changed.",
        "See how far that came with: az acr agentpool autoscale status -r myregistry",
    ]


def test_status(deployed: DeploymentAzure) -> None:
    deployed.task_runs = [
        {
            "runId": "cf7",
            "status": "Succeeded",
            "createTime": "2026-03-01T11:50:00Z",
            "startTime": "2026-03-01T11:50:02Z",
            "finishTime": "2026-03-01T11:50:58Z",
        }
    ]
    finished = deployed.call(show_deployment)
    assert (finished.exit_code, finished.told) == (0, [])
    assert finished.result == {
        **RESULT,
        "lastRun": {
            "runId": "cf7",
            "status": "Succeeded",
            "createTime": "2026-03-01T11:50:00+00:00",
            "startTime": "2026-03-01T11:50:02+00:00",
            "finishTime": "2026-03-01T11:50:58+00:00",
        },
    }
    assert deployed.asked == [f"GET {TASK}", "GET /agentPools", f"GET {ROLES}", "GET /runs"]


def test_status_where_nothing_is_deployed(azure: DeploymentAzure) -> None:
    finished = azure.call(show_deployment)
    assert finished.exit_code == 0
    assert finished.told == [f"Registry 'myregistry' has no task 'acrpool-autoscale'. Deploy it with: {DEPLOY}"]
    assert finished.result == {
        "deployed": False,
        "registryName": "myregistry",
        "taskName": "acrpool-autoscale",
        "agentPools": ["mypool"],
    }
    other_task(azure)
    finished = azure.call(show_deployment)
    assert (finished.exit_code, finished.result["deployed"]) == (0, False)
    assert finished.told == [
        (
            "Registry 'myregistry' has a task that deploy did not make under the name 'acrpool-autoscale'. Deploy it"
            f" with: {DEPLOY}"
        )
    ]


def test_status_of_what_does_not_work(deployed: DeploymentAzure) -> None:
    deployed.roles = []
    deployed.task_runs = [{"runId": "cf8", "status": "Failed"}]
    assert deployed.task is not None
    deployed.task.properties["status"] = "Disabled"
    finished = deployed.call(show_deployment)
    assert finished.exit_code == 0
    assert finished.told == [
        f"WARNING: Task 'acrpool-autoscale' is disabled, or its timer is: deploy it anew with: {DEPLOY}",
        f"WARNING: Its identity has no role on the registry, so that its runs fail. Give it one with: {GRANT}",
        ("WARNING: Its last run, cf8, ended as Failed. See why with: az acr task logs -r myregistry --run-id cf8"),
    ]
    told = {"status": "Disabled", "nextRun": None, "hasRole": False}
    assert {key: finished.result[key] for key in told} == told


def test_status_of_what_cannot_be_read(deployed: DeploymentAzure) -> None:
    deployed.refused = ("GET",)
    deployed.replies["GET /runs"] = arm_error(403, "AuthorizationFailed", "You may not.")
    finished = deployed.call(show_deployment)
    assert finished.exit_code == 0
    assert finished.told == [
        (
            "WARNING: Which roles its identity has could not be read: The client 'me' does not have authorization to"
            f" perform action 'GET' over scope '{REGISTRY.resource_id}'."
        ),
        "WARNING: Which run was its last could not be read: You may not.",
    ]
    assert (finished.result["hasRole"], finished.result["lastRun"]) == (None, None)


def test_status_with_another_role(deployed: DeploymentAzure) -> None:
    deployed.roles = [role_assignment("22222222-2222-2222-2222-222222222222")]
    finished = deployed.call(show_deployment)
    assert (finished.exit_code, finished.result["hasRole"]) == (0, None)
    assert finished.told == [
        (
            "Its identity has another role on the registry than 'Container Registry Tasks Contributor'. What that has"
            " to allow says docs/autoscale.md."
        )
    ]


def test_undeploy(deployed: DeploymentAzure) -> None:
    above = role_assignment(scope=f"/subscriptions/{REGISTRY.subscription_id}", name="above")
    (role,) = deployed.roles
    deployed.roles.append(above)
    finished = deployed.call(undeploy_autoscale, yes=True)
    assert (finished.exit_code, finished.result, finished.told) == (0, None, [IS_GONE])
    assert deployed.changed == [f"DELETE {ROLES}/{role['name']}", f"DELETE {TASK}"]
    assert (deployed.roles, deployed.task) == ([above], None)


def test_undeploy_asks(deployed: DeploymentAzure) -> None:
    deployed.session.answers = [False]
    finished = deployed.call(undeploy_autoscale)
    assert (finished.exit_code, finished.told, deployed.changed) == (1, ["Nothing was removed."], [])
    assert deployed.session.questions == [
        "Delete task 'acrpool-autoscale' of registry 'myregistry', and the role of its identity there?"
    ]


def test_undeploy_where_nothing_is_left(azure: DeploymentAzure) -> None:
    finished = azure.call(undeploy_autoscale)
    assert finished.exit_code == 0
    assert finished.told == ["Registry 'myregistry' has no task 'acrpool-autoscale': nothing is left to remove."]


def test_undeploy_leaves_another_task_alone(azure: DeploymentAzure) -> None:
    other_task(azure)
    finished = azure.call(undeploy_autoscale, yes=True)
    assert (finished.exit_code, finished.told) == (1, [NOT_OURS[0].format("removed"), *NOT_OURS[1:]])
    assert azure.changed == []


def test_undeploy_by_who_may_not_remove_roles(deployed: DeploymentAzure) -> None:
    deployed.refused = ("DELETE",)
    finished = deployed.call(undeploy_autoscale, yes=True)
    assert (finished.exit_code, deployed.task) == (1, None)
    assert finished.told == [
        IS_GONE,
        (
            "Task 'acrpool-autoscale' was deleted, but the role of its identity on registry 'myregistry' may still be"
            " there, and is nobody's now: The client 'me' does not have authorization to perform action 'DELETE'"
            f" over scope '{REGISTRY.resource_id}'."
        ),
        (
            "Have it removed by somebody who may, with: az role assignment delete --assignee"
            f" {PRINCIPAL} --scope {REGISTRY.resource_id}"
        ),
    ]


def test_a_deletion_whose_reply_is_lost_is_asked_for_again(deployed: DeploymentAzure) -> None:
    deployed.roles = []
    deployed.replies[f"DELETE {TASK}"] = ServiceResponseError("reset")

    def answer() -> None:
        deployed.replies[f"DELETE {TASK}"] = Reply(204)

    deployed.clock.at(deployed.clock.time + 0.5, answer)
    assert deployed.call(undeploy_autoscale, yes=True).exit_code == 0
