"""Where az's own commands end in a traceback, or leave out what was typed, no comparison with them says what is right.

Each of those paths of az 2.91.0 (command_modules/acr/task.py), with what az's own makes of it, and what is right.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from task_azure import TaskAzure, task_body

from azext_acrpool.commands.tasks.update import update_task

GITHUB = "https://github.com/a/b.git"
DOCKER = {"type": "Docker", "contextPath": f"{GITHUB}#main", "dockerFilePath": "Dockerfile"}
FILE = {"type": "FileTask", "contextPath": f"{GITHUB}#main", "taskFilePath": "task.yaml"}
ENCODED = {"type": "EncodedTask", "encodedTaskContent": "c3RlcHM6Cg=="}
BASE_IMAGE = {"baseImageTrigger": {"name": "mine", "baseImageTriggerType": "Runtime", "status": "Enabled"}}


def source(name: str, repository: str | None = f"{GITHUB}#main", branch: str | None = "main", **more: Any) -> Any:
    """A source trigger as a task has it."""
    where = {"sourceControlType": "Github", "repositoryUrl": repository, "branch": branch} if repository else None
    return {"name": name, "status": "Enabled", "sourceTriggerEvents": ["commit"], "sourceRepository": where, **more}


def sent_source(
    name: str, branch: str | None, *events: str, status: str = "Enabled", url: str = f"{GITHUB}#main"
) -> dict[str, Any]:
    """A source trigger as a change has it."""
    return {
        "name": name,
        "status": status,
        "sourceTriggerEvents": list(events),
        "sourceRepository": {
            "sourceControlType": "Github",
            "repositoryUrl": url,
            **({"branch": branch} if branch else {}),
            "sourceControlAuthProperties": {"tokenType": "PAT", "token": "token"},
        },
    }


def with_sources(*sources: Mapping[str, Any]) -> dict[str, Any]:
    """A change that has these triggers on commits."""
    return {"sourceTriggers": list(sources)}


@dataclass(frozen=True)
class Path:
    """What az's own does, the task that there is, the options, and what is right: what is sent, or why nothing is.

    `sends` are properties of the change, or of its triggers, None for what it leaves alone; `told` is said beside.
    """

    az: str
    task: Mapping[str, Any]
    options: Mapping[str, Any] = field(default_factory=dict)
    sends: Mapping[str, Any] = field(default_factory=dict)
    refused: str = ""
    told: tuple[str, ...] = ()


WITH_TOKEN = {**DOCKER, "contextAccessToken": "token"}
ADDS = {"commit_trigger_enabled": True}
NO_BRANCH = (
    "The task's source names no branch: it is commits to 'master' that start the task. For another one, give the source"
    " as URL#BRANCH."
)
UNKNOWN = "Task 'mytask' has a step of an unknown type ('Wasm'), which cannot be changed."

PATHS = {
    "a trigger is added, whose branch is the source's": Path(
        "traceback: there is no trigger to take the branch from (azure-cli#12276)",
        task_body(step=WITH_TOKEN, trigger=BASE_IMAGE),
        ADDS,
        sends=with_sources(sent_source("defaultSourceTriggerName", "main", "commit")),
    ),
    "a trigger is added, and the list of triggers is empty": Path(
        "drops it",
        task_body(step=WITH_TOKEN, trigger={"sourceTriggers": []}),
        ADDS,
        sends=with_sources(sent_source("defaultSourceTriggerName", "main", "commit")),
    ),
    "a trigger is added to a task without any": Path(
        "drops it",
        task_body(step=WITH_TOKEN),
        ADDS,
        sends=with_sources(sent_source("defaultSourceTriggerName", "main", "commit")),
    ),
    "a trigger is added, and no branch is named": Path(
        "traceback",
        task_body(step={**WITH_TOKEN, "contextPath": GITHUB}, trigger=BASE_IMAGE),
        ADDS,
        sends=with_sources(sent_source("defaultSourceTriggerName", "master", "commit", url=GITHUB)),
        told=(NO_BRANCH,),
    ),
    "a trigger is added with a new source": Path(
        "traceback: it puts events into a set, which is no JSON",
        task_body(step=WITH_TOKEN, trigger=BASE_IMAGE),
        {**ADDS, "context_path": f"{GITHUB}#release:folder"},
        sends=with_sources(
            sent_source("defaultSourceTriggerName", "release", "commit", url=f"{GITHUB}#release:folder")
        ),
    ),
    "a trigger is added to a task that nobody may hear for": Path(
        "traceback",
        task_body(step=DOCKER, trigger=BASE_IMAGE),
        ADDS,
        refused="--git-access-token is missing: the service needs it to hear of commits and pull requests.",
    ),
    "a trigger is added to a task without a source": Path(
        "traceback",
        task_body(step=ENCODED, trigger=BASE_IMAGE),
        {**ADDS, "git_access_token": "token"},
        refused=(
            "--commit-trigger-enabled cannot be used here: the task's source is no Git repository, so that there are no"
            " commits to hear of."
        ),
    ),
    "whatever is changed, there is a trigger": Path(
        "traceback: a set is no JSON",
        task_body(step=WITH_TOKEN, trigger={"sourceTriggers": [source("one", branch="other")]}),
        {"status": "Disabled"},
        sends=with_sources(sent_source("one", "other", "commit")),
    ),
    "a trigger of which the service says little": Path(
        "traceback: None has no branch",
        task_body(step=WITH_TOKEN, trigger={"sourceTriggers": [source("one", None, sourceTriggerEvents=None)]}),
        {"pull_request_trigger_enabled": True},
        sends=with_sources(sent_source("one", None, "pullrequest")),
    ),
    "several triggers, all of the task's source": Path(
        "traceback, and it would change the first alone",
        task_body(step=WITH_TOKEN, trigger={"sourceTriggers": [source("one"), source("two", branch="dev")]}),
        {"commit_trigger_enabled": False},
        sends=with_sources(sent_source("one", "main", status="Disabled"), sent_source("two", "dev", status="Disabled")),
    ),
    "several triggers, one of another repository": Path(
        "traceback, and it would change the first alone",
        task_body(
            step=WITH_TOKEN,
            trigger={"sourceTriggers": [source("other", "https://github.com/a/lib.git", "dev"), source("own")]},
        ),
        {"commit_trigger_enabled": False, "pull_request_trigger_enabled": True},
        sends=with_sources(
            {"name": "other", "status": "Enabled", "sourceTriggerEvents": ["pullrequest"]},
            sent_source("own", "main", "pullrequest"),
        ),
    ),
    "a task whose step the service does not show": Path(
        "traceback: None has no context",
        task_body(step=None),
        {"status": "Disabled", "timeout": 900},
        sends={"status": "Disabled", "timeout": 900, "step": None},
    ),
    "a step is asked for where there is none": Path(
        "traceback",
        task_body(step=None),
        {"file": "Dockerfile"},
        refused=(
            "--file cannot be used with task 'mytask', which has no step, triggers, agents and identities of its own."
        ),
    ),
    "a source is taken away, and nothing is left to run": Path(
        "traceback: a build has no content",
        task_body(step=DOCKER),
        {"context_path": "/dev/null"},
        refused="--context /dev/null leaves the task nothing to run: give --cmd or --file with it.",
    ),
    "an empty source": Path(
        "traceback",
        task_body(step=DOCKER),
        {"context_path": ""},
        refused="--context is empty: give the task's source, or leave it out to keep the one that it has.",
    ),
    "a task of standard input gets a source, and no file of it": Path(
        "drops the source",
        task_body(step=ENCODED),
        {"context_path": GITHUB},
        refused="--file is missing: the Dockerfile or task file in the new context.",
    ),
    "a command for a task that has a source": Path(
        "drops the command",
        task_body(step=FILE),
        {"cmd_value": "bash"},
        refused="--cmd needs --context /dev/null: the task has a source, whose files it runs.",
    ),
    "a step that nobody knows stays as it is": Path(
        "sends back what it read",
        task_body(step={"type": "Wasm", "module": "x"}),
        {"status": "Disabled"},
        sends={"status": "Disabled", "step": None},
    ),
    "a step that nobody knows is to be changed": Path(
        "drops the change",
        task_body(step={"type": "Wasm", "module": "x"}),
        {"image_names": ["app:v1"]},
        refused=UNKNOWN,
    ),
    "a step whose type the service leaves out": Path(
        "takes it for none, and sends back what it read",
        task_body(step={"dockerFilePath": "Dockerfile", "contextPath": GITHUB}),
        {"image_names": ["app:v1"]},
        sends={"step": {"type": "Docker", "imageNames": ["app:v1"], "contextPath": GITHUB}},
    ),
    "settings of a trigger on base images that is not there": Path(
        "drops them",
        task_body(step=DOCKER, trigger={}),
        {"base_image_trigger_type": "All", "update_trigger_payload_type": "Token"},
        refused=(
            "--base-image-trigger-type and --update-trigger-payload-type cannot be used here: the task has no trigger"
            " on base images."
        ),
    ),
    "a task of standard input gets a new file": Path(
        "drops the image, and sends the Dockerfile as a task (acr#390)",
        task_body(step=ENCODED),
        {"file": "Dockerfile", "image_names": ["app:v1"]},
        refused=(
            "--image cannot be used without a source (--context /dev/null): what runs is a command or a task file, and"
            " no Dockerfile is built."
        ),
    ),
}


@pytest.mark.parametrize("name", PATHS)
def test_what_is_right_where_az_own_is_not(azure: TaskAzure, name: str) -> None:
    path = PATHS[name]
    azure.has_task(dict(path.task))
    finished = azure.call(update_task, **path.options)
    if path.refused:
        assert (finished.told[0], azure.sent("PATCH")) == (path.refused, [])
        assert finished.exit_code == (1 if path.refused == UNKNOWN else 2)
        return
    assert (finished.exit_code, tuple(finished.told)) == (0, path.told)
    (body,) = azure.sent("PATCH")
    sent = {**body["properties"], **body["properties"].get("trigger", {})}
    assert {name: sent.get(name) for name in path.sends} == path.sends
