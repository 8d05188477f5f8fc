"""No option is accepted and dropped: each is in the request, or refused, or asks for what holds anyway.

Every option that is declared, with every kind of step and source: what is typed, az's parser and validators, the
command, and the request that it sends.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from az_parser import AzParser
from scripted_arm import REGISTRY
from scripted_transport import Reply
from task_azure import IDENTITY, TaskAzure, task_body

from azext_acrpool.testing import Finished

GIT = "https://github.com/a/b.git#main"
OTHER_GIT = "https://github.com/a/c.git#release"
OCI = "oci://myregistry.azurecr.io/context:v1"
ABSENT = "(absent)"
STEP, TRIGGER = "properties.step", "properties.trigger"
SOURCE_TRIGGER, BASE_TRIGGER = f"{TRIGGER}.sourceTriggers[0]", f"{TRIGGER}.baseImageTrigger"
LOGIN = "properties.credentials.sourceRegistry"


@dataclass(frozen=True)
class Sent:
    """The value is in the request, at this place, where something else is without the option."""

    place: str
    value: Any


@dataclass(frozen=True)
class Refused:
    """Exit code 2, with a message that begins like this, and no request that changes or queues anything."""

    message: str


@dataclass(frozen=True)
class Holds:
    """The request is the same without the option: what it asks for is so anyway, for this reason."""

    why: str


Outcome = Sent | Refused | Holds


@dataclass(frozen=True)
class Kind:
    """What an option meets: the rest of the command line, and the task that there is."""

    words: str
    task: Mapping[str, Any] | None = None
    stdin: str = ""


@dataclass(frozen=True)
class Row:
    """An option as it is typed, and what becomes of it: by kind, or with all `other` kinds."""

    typed: tuple[str, ...]
    by_kind: Mapping[str, Outcome] = field(default_factory=dict)
    other: Outcome | None = None

    def outcome(self, kind: str) -> Outcome:
        found = self.by_kind.get(kind) or self.other
        assert found is not None, f"nobody says what becomes of {' '.join(self.typed)} with {kind}"
        return found


@dataclass(frozen=True)
class Matrix:
    """A command: its kinds and rows, and the options that are not about what is sent, with the reason."""

    command: str
    kinds: Mapping[str, Kind]
    rows: tuple[Row, ...]
    not_sent: Mapping[str, str]


def row(*typed: str, other: Outcome | None = None, **by_kind: Outcome) -> Row:
    return Row(typed, by_kind, other)


def on(outcome: Outcome, *kinds: str) -> dict[str, Outcome]:
    return dict.fromkeys(kinds, outcome)


YAML = "steps:\n  - cmd: bash\n"
ENCODED_YAML = b64encode(YAML.encode()).decode()
WHICH = {"--registry": "where", "--resource-group": "where", "--name": "which task"}
FOLLOWING = dict.fromkeys(
    (
        *("--no-logs", "--no-format", "--no-wait", "--logs", "--queue-timeout", "--on-interrupt"),
        *("--ensure-capacity", "--keep-capacity", "--retry-infra", "--metadata-file", "--annotate"),
    ),
    "how the run is followed",
)


def argument(name: str, value: str, *, secret: bool = False, kind: str = "Argument") -> dict[str, Any]:
    return {"name": name, "value": value, "isSecret": secret, **({"type": kind} if kind else {})}


def unusable(options: str, why: str) -> Refused:
    return Refused(f"{options} cannot be used {why}")


DOCKERFILE = "with a Dockerfile, "
TASK_FILE = "with a task file: "
NO_SOURCE = "without a source (--context /dev/null): "
NO_COMMITS = "here: the task's source is no Git repository"
SYSTEM = "with the system task 'quicktask'"
NO_BUILD = "with the run of a task that builds no Dockerfile"

# Of `task create`.
GITS, OCIS, NULLS = ("docker", "file"), ("docker_oci", "file_oci"), ("stdin", "command")
DOCKERS, FILES = ("docker", "docker_oci"), ("file", "file_oci")
CREATED = {
    "docker": Kind(f"-c {GIT} -f Dockerfile --git-access-token token"),
    "docker_oci": Kind(f"-c {OCI} -f Dockerfile"),
    "file": Kind(f"-c {GIT} -f task.yaml --git-access-token token"),
    "file_oci": Kind(f"-c {OCI} -f task.yaml"),
    "stdin": Kind("-c /dev/null -f -", stdin=YAML),
    "command": Kind("-c /dev/null --cmd bash"),
    "system": Kind("-n quicktask --is-system-task"),
}


def of_step(option: str, sent: Outcome, *, builds: bool) -> dict[str, Outcome]:
    """What becomes of an option that only builds have, or only definitions."""
    refused_by_docker, refused_by_file = unusable(option, DOCKERFILE), unusable(option, TASK_FILE)
    system = on(unusable(option, SYSTEM), "system")
    if builds:
        nowhere = on(unusable(option, NO_SOURCE), *NULLS)
        return {**on(sent, *DOCKERS), **on(refused_by_file, *FILES), **nowhere, **system}
    return {**on(refused_by_docker, *DOCKERS), **on(sent, *FILES, *NULLS), **system}


def not_of_system(option: str, sent: Outcome) -> dict[str, Outcome]:
    return {**on(sent, *GITS, *OCIS, *NULLS), **on(unusable(option, SYSTEM), "system")}


AS_IT_IS = Holds("that is the default")
NEVER = Holds("nothing of the kind happens")
CREATE = Matrix(
    "acr task create",
    CREATED,
    (
        row("--agent-pool", "mypool", **not_of_system("--agent-pool", Sent("properties.agentPoolName", "mypool"))),
        row("--agent-pool", "", other=Holds("an empty name is none")),
        row("--status", "Disabled", other=Sent("properties.status", "Disabled")),
        row("--timeout", "900", other=Sent("properties.timeout", 900)),
        row("--log-template", "logs:v1", other=Sent("properties.logTemplate", "logs:v1")),
        row("--platform", "windows", **not_of_system("--platform", Sent("properties.platform.os", "windows"))),
        row("--cpu", "4", **not_of_system("--cpu", Sent("properties.agentConfiguration.cpu", 4))),
        row(
            *("--context", OTHER_GIT),
            **on(Sent(f"{STEP}.contextPath", OTHER_GIT), *GITS),
            **on(Refused("--git-access-token is missing: "), *OCIS),
            stdin=Refused("--file - cannot be used with a source: "),
            command=Refused("--file is missing: the Dockerfile or task file in the context."),
            system=unusable("--context", SYSTEM),
        ),
        row(
            *("--context", "/dev/null"),
            **on(Holds("it is the same source"), *NULLS),
            system=Holds("it has no source"),
            **on(unusable("--file Dockerfile", NO_SOURCE), *DOCKERS),
            **on(Refused("There is no task file 'task.yaml'."), *FILES),
        ),
        row(
            *("--file", "other.dockerfile"),
            **on(Sent(f"{STEP}.dockerFilePath", "other.dockerfile"), *DOCKERS, *FILES),
            stdin=unusable("--file other.dockerfile", NO_SOURCE),
            command=Refused("--cmd and --file cannot both say what the task does"),
            system=unusable("--file", SYSTEM),
        ),
        row(
            *("--file", "-"),
            **on(Refused("--file - cannot be used with a source: "), *DOCKERS, *FILES),
            stdin=Holds("it is the same file"),
            command=Refused("--cmd and --file cannot both say what the task does"),
            system=unusable("--file", SYSTEM),
        ),
        row(
            *("--cmd", "other"),
            **on(Refused("--cmd and --file cannot both say what the task does"), *DOCKERS, *FILES, "stdin"),
            command=Sent(
                f"{STEP}.encodedTaskContent",
                "dmVyc2lvbjogdjEuMS4wCnN0ZXBzOiAKICAtIGNtZDogb3RoZXIKICAgIGRpc2FibGVXb3JraW5nRGlyZWN0b3J5T3ZlcnJp"
                "ZGU6IHRydWUKICAgIHRpbWVvdXQ6IDM2MDAK",
            ),
            system=unusable("--cmd", SYSTEM),
        ),
        row("--image", "app:v1", **of_step("--image", Sent(f"{STEP}.imageNames", ["app:v1"]), builds=True)),
        row("--no-push", "true", **of_step("--no-push", Sent(f"{STEP}.isPushEnabled", False), builds=True)),
        row("--no-push", "false", other=AS_IT_IS),
        row("--no-cache", "true", **of_step("--no-cache", Sent(f"{STEP}.noCache", True), builds=True)),
        row("--no-cache", "false", other=AS_IT_IS),
        row("--arg", "A=b", **of_step("--arg", Sent(f"{STEP}.arguments", [argument("A", "b")]), builds=True)),
        row("--arg", "", other=Holds("an empty argument is none")),
        row(
            *("--secret-arg", "A=b"),
            **of_step("--secret-arg", Sent(f"{STEP}.arguments", [argument("A", "b", secret=True)]), builds=True),
        ),
        row("--target", "final", **of_step("--target", Sent(f"{STEP}.target", "final"), builds=True)),
        row(
            *("--set", "A=b"),
            **of_step("--set", Sent(f"{STEP}.values", [argument("A", "b", kind="SetValue")]), builds=False),
        ),
        row(
            *("--set-secret", "A=b"),
            **of_step(
                "--set-secret",
                Sent(f"{STEP}.values", [argument("A", "b", secret=True, kind="SetValue")]),
                builds=False,
            ),
        ),
        row(
            *("--values", "folder/values.yaml"),
            **{
                **of_step("--values", Sent(f"{STEP}.valuesFilePath", "folder/values.yaml"), builds=False),
                **on(Sent(f"{STEP}.encodedValuesContent", ENCODED_YAML), *NULLS),
            },
        ),
        row(
            *("--git-access-token", "other"),
            **not_of_system("--git-access-token", Sent(f"{STEP}.contextAccessToken", "other")),
        ),
        row(
            *("--commit-trigger-enabled", "true"),
            **on(AS_IT_IS, *GITS),
            **on(unusable("--commit-trigger-enabled", NO_COMMITS), *OCIS, *NULLS),
            system=unusable("--commit-trigger-enabled", SYSTEM),
        ),
        row(
            *("--commit-trigger-enabled", "false"),
            **on(Sent(f"{TRIGGER}.sourceTriggers", ABSENT), *GITS),
            other=NEVER,
        ),
        row(
            *("--pull-request-trigger-enabled", "true"),
            **on(Sent(f"{SOURCE_TRIGGER}.sourceTriggerEvents", ["commit", "pullrequest"]), *GITS),
            **on(unusable("--pull-request-trigger-enabled", NO_COMMITS), *OCIS, *NULLS),
            system=unusable("--pull-request-trigger-enabled", SYSTEM),
        ),
        row("--pull-request-trigger-enabled", "false", other=NEVER),
        row(
            *("--source-trigger-name", "mine"),
            **on(Sent(f"{SOURCE_TRIGGER}.name", "mine"), *GITS),
            **on(Refused("--source-trigger-name names a trigger"), *OCIS, *NULLS),
            system=unusable("--source-trigger-name", SYSTEM),
        ),
        row(
            *("--base-image-trigger-enabled", "false"),
            **on(Sent(f"{TRIGGER}.baseImageTrigger", ABSENT), *GITS, *OCIS, *NULLS),
            system=NEVER,
        ),
        row(
            *("--base-image-trigger-enabled", "true"),
            **not_of_system("--base-image-trigger-enabled", AS_IT_IS),
        ),
        row(
            *("--base-image-trigger-name", "mine"),
            **not_of_system("--base-image-trigger-name", Sent(f"{BASE_TRIGGER}.name", "mine")),
        ),
        row(
            *("--base-image-trigger-type", "All"),
            **not_of_system("--base-image-trigger-type", Sent(f"{BASE_TRIGGER}.baseImageTriggerType", "All")),
        ),
        row(
            *("--update-trigger-endpoint", "https://h/x"),
            **not_of_system("--update-trigger-endpoint", Sent(f"{BASE_TRIGGER}.updateTriggerEndpoint", "https://h/x")),
        ),
        row(
            *("--update-trigger-payload-type", "Token"),
            **not_of_system("--update-trigger-payload-type", Sent(f"{BASE_TRIGGER}.updateTriggerPayloadType", "Token")),
        ),
        row(
            *("--schedule", "0 1 * * *"),
            **not_of_system("--schedule", Sent(f"{TRIGGER}.timerTriggers[0].schedule", "0 1 * * *")),
        ),
        row("--assign-identity", **not_of_system("--assign-identity", Sent("identity.type", "SystemAssigned"))),
        row("--auth-mode", "None", **not_of_system("--auth-mode", Sent(f"{LOGIN}.loginMode", "None"))),
        row(
            *("--source-acr-auth-id", "[system]"),
            **not_of_system("--source-acr-auth-id", Sent(f"{LOGIN}.identity", "[system]")),
        ),
        row(
            "--is-system-task",
            **on(Sent("properties.isSystemTask", True), *GITS, *OCIS, *NULLS),
            system=Holds("it is one"),
        ),
    ),
    WHICH,
)

# Of `task update`.
TRIGGERS = {
    "baseImageTrigger": {"name": "mine", "baseImageTriggerType": "Runtime", "status": "Enabled"},
}
SOURCE = {
    "name": "source",
    "status": "Enabled",
    "sourceTriggerEvents": ["commit"],
    "sourceRepository": {"sourceControlType": "Github", "repositoryUrl": GIT, "branch": "main"},
}


def stored(step: Mapping[str, Any], **triggers: Any) -> dict[str, Any]:
    return task_body(step=step, trigger={**TRIGGERS, **triggers})


DOCKER_STEP = {"type": "Docker", "contextPath": GIT, "dockerFilePath": "Dockerfile", "isPushEnabled": True}
FILE_STEP = {"type": "FileTask", "contextPath": GIT, "taskFilePath": "task.yaml"}
ENCODED_STEP = {"type": "EncodedTask", "encodedTaskContent": "c3RlcHM6Cg=="}
QUICK = {**task_body(), "name": "quicktask", "properties": {"isSystemTask": True, "status": "Enabled"}}
UPDATED = {
    "docker": Kind("", stored(DOCKER_STEP, sourceTriggers=[SOURCE])),
    "docker_oci": Kind("", stored({**DOCKER_STEP, "contextPath": OCI})),
    "file": Kind("", stored(FILE_STEP, sourceTriggers=[SOURCE])),
    "file_oci": Kind("", stored({**FILE_STEP, "contextPath": OCI})),
    "encoded": Kind("", stored(ENCODED_STEP)),
    "to_docker": Kind(f"-c {GIT} -f Dockerfile", stored(ENCODED_STEP)),
    "to_file": Kind("-f task.yaml", stored(DOCKER_STEP)),
    "to_stdin": Kind("-c /dev/null -f -", stored(DOCKER_STEP), YAML),
    "to_command": Kind("-c /dev/null --cmd bash", stored(FILE_STEP)),
    "bare": Kind("", task_body(step=DOCKER_STEP)),
    "system": Kind("-n quicktask", QUICK),
}
ENCODEDS = ("encoded", "to_stdin", "to_command")
UPDATED_DOCKERS, UPDATED_FILES = ("docker", "docker_oci", "to_docker", "bare"), ("file", "file_oci", "to_file")
WITH_STEP = (*UPDATED_DOCKERS, *UPDATED_FILES, *ENCODEDS)
WITHOUT_COMMITS = ("docker_oci", "file_oci", *ENCODEDS)
WITHOUT_TRIGGER = ("to_docker", "to_file", "bare")
QUICKTASK = "with task 'quicktask'"


def of_changed_step(option: str, sent: Outcome, *, builds: bool) -> dict[str, Outcome]:
    refused_by_docker, refused_by_file = unusable(option, DOCKERFILE), unusable(option, TASK_FILE)
    system = on(unusable(option, QUICKTASK), "system")
    if builds:
        nowhere = on(unusable(option, NO_SOURCE), *ENCODEDS)
        return {**on(sent, *UPDATED_DOCKERS), **on(refused_by_file, *UPDATED_FILES), **nowhere, **system}
    return {**on(refused_by_docker, *UPDATED_DOCKERS), **on(sent, *UPDATED_FILES, *ENCODEDS), **system}


def not_of_quick(option: str, sent: Outcome) -> dict[str, Outcome]:
    return {**on(sent, *WITH_STEP), **on(unusable(option, QUICKTASK), "system")}


def of_base_trigger(option: str, sent: Outcome) -> dict[str, Outcome]:
    none = on(unusable(option, "here: the task has no trigger on base images"), "bare")
    return {**not_of_quick(option, sent), **none}


NO_TOKEN = Refused("--git-access-token is missing: ")
FILE_AND_COMMAND = Refused("--cmd and --file cannot both say what the task does")
NEEDS_NULL = Refused("--cmd needs --context /dev/null: ")
UPDATE = Matrix(
    "acr task update",
    UPDATED,
    (
        row("--agent-pool", "mypool", **not_of_quick("--agent-pool", Sent("properties.agentPoolName", "mypool"))),
        row("--agent-pool", "", other=Sent("properties.agentPoolName", None)),
        row("--status", "Disabled", other=Sent("properties.status", "Disabled")),
        row(
            *("--timeout", "900"),
            encoded=Refused("--timeout alone cannot be changed: "),
            other=Sent("properties.timeout", 900),
        ),
        row("--log-template", "logs:v1", other=Sent("properties.logTemplate", "logs:v1")),
        row("--platform", "windows", **not_of_quick("--platform", Sent("properties.platform.os", "windows"))),
        row("--cpu", "4", **not_of_quick("--cpu", Sent("properties.agentConfiguration.cpu", 4))),
        row(
            *("--context", OTHER_GIT),
            **on(Sent(f"{STEP}.contextPath", OTHER_GIT), *UPDATED_DOCKERS, *UPDATED_FILES),
            encoded=Refused("--file is missing: "),
            to_stdin=Refused("--file - cannot be used with a source: "),
            to_command=NEEDS_NULL,
            system=unusable("--context", QUICKTASK),
        ),
        row(
            *("--context", "/dev/null"),
            **on(
                Refused("--context /dev/null leaves the task nothing to run: "),
                *("docker", "docker_oci", "file", "file_oci", "bare"),
            ),
            to_docker=unusable("--file Dockerfile", NO_SOURCE),
            to_file=Refused("There is no task file 'task.yaml'."),
            **on(Holds("it is the same source"), *ENCODEDS),
            system=Holds("it has no source"),
        ),
        row(
            *("--file", "other.dockerfile"),
            **on(Sent(f"{STEP}.dockerFilePath", "other.dockerfile"), *UPDATED_DOCKERS, *UPDATED_FILES),
            **on(unusable("--file other.dockerfile", NO_SOURCE), "encoded", "to_stdin"),
            to_command=FILE_AND_COMMAND,
            system=unusable("--file", QUICKTASK),
        ),
        row(
            *("--cmd", "other"),
            **on(NEEDS_NULL, "docker", "docker_oci", "file", "file_oci", "bare"),
            **on(FILE_AND_COMMAND, "to_docker", "to_file", "to_stdin"),
            **on(
                Sent(
                    f"{STEP}.encodedTaskContent",
                    "dmVyc2lvbjogdjEuMS4wCnN0ZXBzOiAKICAtIGNtZDogb3RoZXIKICAgIGRpc2FibGVXb3JraW5nRGlyZWN0b3J5T3Zl"
                    "cnJpZGU6IHRydWUK",
                ),
                *("encoded", "to_command"),
            ),
            system=unusable("--cmd", QUICKTASK),
        ),
        row("--image", "app:v1", **of_changed_step("--image", Sent(f"{STEP}.imageNames", ["app:v1"]), builds=True)),
        row("--no-push", "true", **of_changed_step("--no-push", Sent(f"{STEP}.isPushEnabled", False), builds=True)),
        row(
            *("--no-push", "false"),
            **on(Sent(f"{STEP}.isPushEnabled", True), "docker", "docker_oci", "bare"),
            to_docker=AS_IT_IS,
            other=Holds("nobody keeps such a step from pushing"),
        ),
        row("--no-cache", "true", **of_changed_step("--no-cache", Sent(f"{STEP}.noCache", True), builds=True)),
        row(
            *("--no-cache", "false"),
            **on(Sent(f"{STEP}.noCache", False), *UPDATED_DOCKERS),
            other=Holds("nothing of the kind is set"),
        ),
        row("--arg", "A=b", **of_changed_step("--arg", Sent(f"{STEP}.arguments", [argument("A", "b")]), builds=True)),
        row(
            *("--secret-arg", "A=b"),
            **of_changed_step(
                "--secret-arg", Sent(f"{STEP}.arguments", [argument("A", "b", secret=True)]), builds=True
            ),
        ),
        row("--target", "final", **of_changed_step("--target", Sent(f"{STEP}.target", "final"), builds=True)),
        row(
            *("--set", "A=b"),
            **of_changed_step("--set", Sent(f"{STEP}.values", [argument("A", "b", kind="SetValue")]), builds=False),
        ),
        row(
            *("--set-secret", "A=b"),
            **of_changed_step(
                "--set-secret",
                Sent(f"{STEP}.values", [argument("A", "b", secret=True, kind="SetValue")]),
                builds=False,
            ),
        ),
        row(
            *("--values", "folder/values.yaml"),
            **{
                **of_changed_step("--values", Sent(f"{STEP}.valuesFilePath", "folder/values.yaml"), builds=False),
                **on(Sent(f"{STEP}.encodedValuesContent", ENCODED_YAML), *ENCODEDS),
            },
        ),
        row(
            *("--git-access-token", "other"),
            **not_of_quick("--git-access-token", Sent(f"{STEP}.contextAccessToken", "other")),
        ),
        row(
            *("--commit-trigger-enabled", "true"),
            **on(Holds("it is enabled"), "docker", "file"),
            **on(unusable("--commit-trigger-enabled", NO_COMMITS), *WITHOUT_COMMITS),
            **on(NO_TOKEN, *WITHOUT_TRIGGER),
            system=unusable("--commit-trigger-enabled", QUICKTASK),
        ),
        row(
            *("--commit-trigger-enabled", "false"),
            **on(Sent(f"{SOURCE_TRIGGER}.status", "Disabled"), "docker", "file"),
            other=NEVER,
        ),
        row(
            *("--pull-request-trigger-enabled", "true"),
            **on(Sent(f"{SOURCE_TRIGGER}.sourceTriggerEvents", ["commit", "pullrequest"]), "docker", "file"),
            **on(unusable("--pull-request-trigger-enabled", NO_COMMITS), *WITHOUT_COMMITS),
            **on(NO_TOKEN, *WITHOUT_TRIGGER),
            system=unusable("--pull-request-trigger-enabled", QUICKTASK),
        ),
        row("--pull-request-trigger-enabled", "false", other=NEVER),
        row(
            *("--base-image-trigger-enabled", "true"),
            **{
                **not_of_quick("--base-image-trigger-enabled", Sent(f"{BASE_TRIGGER}.status", "Enabled")),
                **on(Sent(f"{BASE_TRIGGER}.name", "defaultBaseimageTriggerName"), "bare"),
            },
        ),
        row(
            *("--base-image-trigger-enabled", "false"),
            **{
                **on(Sent(f"{BASE_TRIGGER}.status", "Disabled"), *WITH_STEP),
                **on(NEVER, "bare", "system"),
            },
        ),
        row(
            *("--base-image-trigger-type", "All"),
            **of_base_trigger("--base-image-trigger-type", Sent(f"{BASE_TRIGGER}.baseImageTriggerType", "All")),
        ),
        row(
            *("--update-trigger-endpoint", "https://h/x"),
            **of_base_trigger(
                "--update-trigger-endpoint", Sent(f"{BASE_TRIGGER}.updateTriggerEndpoint", "https://h/x")
            ),
        ),
        row(
            *("--update-trigger-payload-type", "Token"),
            **of_base_trigger(
                "--update-trigger-payload-type", Sent(f"{BASE_TRIGGER}.updateTriggerPayloadType", "Token")
            ),
        ),
        row("--auth-mode", "None", **not_of_quick("--auth-mode", Sent(f"{LOGIN}.loginMode", "None"))),
        row(
            *("--source-acr-auth-id", "[system]"),
            **not_of_quick("--source-acr-auth-id", Sent(f"{LOGIN}.identity", "[system]")),
        ),
    ),
    WHICH,
)

# Of `task run`.
OVERRIDE = "overrideTaskStepProperties"
STARTED = {
    "docker": Kind("", stored(DOCKER_STEP)),
    "docker_git": Kind(f"-c {GIT}", stored(DOCKER_STEP)),
    "docker_local": Kind("-c folder", stored(DOCKER_STEP)),
    "docker_oci": Kind(f"-c {OCI}", stored(DOCKER_STEP)),
    "file": Kind("", stored(FILE_STEP)),
    "file_git": Kind(f"-c {GIT}", stored(FILE_STEP)),
    "file_local": Kind("-c folder", stored(FILE_STEP)),
    "encoded": Kind("", stored(ENCODED_STEP)),
    "encoded_git": Kind(f"-c {GIT}", stored(ENCODED_STEP)),
    "encoded_local": Kind("-c folder", stored(ENCODED_STEP)),
    "system": Kind("-n quicktask", QUICK),
}
STARTED_DOCKERS = ("docker", "docker_git", "docker_local", "docker_oci")
STARTED_FILES = ("file", "file_git", "file_local")
STARTED_ENCODEDS = ("encoded", "encoded_git", "encoded_local")


def of_run(option: str, sent: Outcome) -> dict[str, Outcome]:
    refused = on(unusable(option, NO_BUILD), *STARTED_FILES, *STARTED_ENCODEDS)
    return {**on(sent, *STARTED_DOCKERS, "system"), **refused}


IN_ITSELF = "with the run of a task whose definition is in the task itself: "
RUN_TASK = Matrix(
    "acr task run",
    STARTED,
    (
        row("--agent-pool", "mypool", other=Sent("agentPoolName", "mypool")),
        row("--log-template", "logs:v1", other=Sent("logTemplate", "logs:v1")),
        row("--update-trigger-token", "mine", other=Sent(f"{OVERRIDE}.updateTriggerToken", "bWluZQ==")),
        row("--context", OTHER_GIT, other=Sent(f"{OVERRIDE}.contextPath", OTHER_GIT)),
        row(
            *("--context", "/dev/null"),
            **on(Holds("its source is the task's own"), "docker", "file", "encoded", "system"),
            other=Sent(f"{OVERRIDE}.contextPath", ABSENT),
        ),
        row(
            *("--file", "acb.yaml"),
            **on(unusable("--file acb.yaml", IN_ITSELF), *STARTED_ENCODEDS),
            other=Sent(f"{OVERRIDE}.file", "acb.yaml"),
        ),
        row(
            *("--file", "-"),
            **on(unusable("--file -", IN_ITSELF), *STARTED_ENCODEDS),
            other=unusable("--file -", "with the run of a task, which reads nothing from standard input"),
        ),
        row("--arg", "A=b", **of_run("--arg", Sent(f"{OVERRIDE}.arguments", [argument("A", "b")]))),
        row(
            *("--secret-arg", "A=b"),
            **of_run("--secret-arg", Sent(f"{OVERRIDE}.arguments", [argument("A", "b", secret=True)])),
        ),
        row("--target", "final", **of_run("--target", Sent(f"{OVERRIDE}.target", "final"))),
        row("--set", "A=b", other=Sent(f"{OVERRIDE}.values", [argument("A", "b", kind="SetValue")])),
        row(
            *("--set-secret", "A=b"),
            other=Sent(f"{OVERRIDE}.values", [argument("A", "b", secret=True, kind="SetValue")]),
        ),
    ),
    {**WHICH, **FOLLOWING},
)

# Of `run` and `build`.
RUNS = {
    "local": Kind("folder"),
    "git": Kind(GIT),
    "oci": Kind(OCI),
    "stdin": Kind("-f - /dev/null", stdin=YAML),
    "stdin_git": Kind(f"-f - {GIT}", stdin=YAML),
    "command": Kind("--cmd bash /dev/null"),
}
SENT_ALONG = ("stdin", "stdin_git", "command")
COMMON = (
    row("--agent-pool", "mypool", other=Sent("agentPoolName", "mypool")),
    row("--platform", "windows", other=Sent("platform.os", "windows")),
    row("--timeout", "900", other=Sent("timeout", 900)),
    row("--auth-mode", "None", other=Sent("credentials.sourceRegistry.loginMode", "None")),
    row("--source-acr-auth-id", "[caller]", other=Sent("credentials.sourceRegistry.identity", "[caller]")),
    row("--log-template", "logs:v1", other=Sent("logTemplate", "logs:v1")),
)
RUN = Matrix(
    "acr run",
    RUNS,
    (
        *COMMON,
        row(
            *("--file", "other.yaml"),
            **on(Sent("taskFilePath", "other.yaml"), "local", "git", "oci", "stdin_git"),
            stdin=Refused("There is no task file 'other.yaml'."),
            command=Refused("--cmd and --file cannot both say what to run"),
        ),
        row(
            *("--values", "folder/values.yaml"),
            local=Sent("valuesFilePath", "values.yaml"),
            **on(Sent("valuesFilePath", "folder/values.yaml"), "git", "oci"),
            **on(Sent("encodedValuesContent", ENCODED_YAML), *SENT_ALONG),
        ),
        row("--set", "A=b", other=Sent("values", [argument("A", "b", kind="SetValue")])),
        row("--set-secret", "A=b", other=Sent("values", [argument("A", "b", secret=True, kind="SetValue")])),
        row(
            *("--cmd", "other"),
            **on(Refused("--cmd runs without a source: "), "local", "git", "oci"),
            **on(Refused("--cmd and --file cannot both say what to run"), "stdin", "stdin_git"),
            command=Sent(
                "encodedTaskContent",
                "dmVyc2lvbjogdjEuMS4wCnN0ZXBzOiAKICAtIGNtZDogb3RoZXIKICAgIGRpc2FibGVXb3JraW5nRGlyZWN0b3J5T3ZlcnJp"
                "ZGU6IHRydWUK",
            ),
        ),
    ),
    {**WHICH, **FOLLOWING, "SOURCE_LOCATION": "the kinds are made of it"},
)
BUILD = Matrix(
    "acr build",
    {"local": Kind("folder -t app:v0"), "git": Kind(f"{GIT} -t app:v0"), "oci": Kind(f"{OCI} -t app:v0")},
    (
        *COMMON,
        row("--image", "app:v1", other=Sent("imageNames", ["app:v0", "app:v1"])),
        row("--no-push", other=Sent("isPushEnabled", False)),
        row("--target", "final", other=Sent("target", "final")),
        row("--build-arg", "A=b", other=Sent("arguments", [argument("A", "b")])),
        row("--secret-build-arg", "A=b", other=Sent("arguments", [argument("A", "b", secret=True)])),
        row("--buildkit", other=Sent("type", "EncodedTaskRunRequest")),
        row("--cache", "registry", other=Sent("type", "EncodedTaskRunRequest")),
        row(
            *("--secret", "id=file,src=folder/secret"),
            other=Sent("values", [argument("hidden_0", "abc", secret=True, kind="SetValue")]),
        ),
        row(
            *("--file", "folder/other.dockerfile"),
            local=Sent("dockerFilePath", "other.dockerfile"),
            other=Sent("dockerFilePath", "folder/other.dockerfile"),
        ),
    ),
    {**WHICH, **FOLLOWING, "SOURCE_LOCATION": "the kinds are made of it", "--dry-run": "nothing is sent then"},
)
MATRICES = (CREATE, UPDATE, RUN_TASK, RUN, BUILD)

parser = cache(AzParser)


@pytest.fixture
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "folder").mkdir()
    for name in ("Dockerfile", "other.dockerfile"):
        (tmp_path / "folder" / name).write_text("FROM scratch AS final\n")
    (tmp_path / "folder" / "secret").write_text("abc")
    for name in ("acb.yaml", "task.yaml", "other.yaml", "values.yaml"):
        (tmp_path / "folder" / name).write_text(YAML)
    monkeypatch.chdir(tmp_path)


def carried_out(command: str, kind: Kind, *typed: str) -> tuple[Finished, Any]:
    """How a command line ends, and the last request that changes or queues something; None without one."""
    azure = TaskAzure()
    azure.session.stdin = kind.stdin.encode()
    azure.has_task(dict(kind.task or task_body()))
    if typed[:1] == ("--agent-pool",):
        azure.replies.update(
            dict.fromkeys(("PUT /tasks/mytask", "PATCH /tasks/mytask"), Reply(200, task_body(typed[1])))
        )
    quick = Reply(200, QUICK)
    azure.replies["POST /tasks/quicktask/listDetails"] = quick
    azure.replies.update({f"{method} /tasks/quicktask": quick for method in ("GET", "PUT", "PATCH")})
    named = [] if command in ("acr run", "acr build") or "quicktask" in kind.words else ["-n", "mytask"]
    where = ["-r", REGISTRY.name, "-g", REGISTRY.resource_group, *named]
    followed = ["--no-wait"] if command in ("acr run", "acr build", "acr task run") else []
    # What is typed last counts.
    parsed = parser().parse([*command.split(), *where, *followed, *kind.words.split(), *typed])
    finished = azure.session.run(parsed.command, **parsed.options)
    sent = [*azure.sent("PUT"), *azure.sent("PATCH"), *azure.sent("POST /scheduleRun")]
    return finished, sent[-1] if sent else None


def at(body: Any, place: str) -> Any:
    for name in place.replace("[", ".[").split("."):
        if name.startswith("["):
            body = body[int(name[1:-1])] if isinstance(body, list) else ABSENT
        else:
            body = body.get(name, ABSENT) if isinstance(body, dict) else ABSENT
    return body


CELLS = [
    pytest.param(matrix, each, name, id=f"{matrix.command.removeprefix('acr ')} {' '.join(each.typed)} ({name})")
    for matrix in MATRICES
    for each in matrix.rows
    for name in matrix.kinds
]
_sent_without: dict[tuple[str, str], Any] = {}


def sent_without(matrix: Matrix, name: str) -> Any:
    """What is sent without any option, which takes as long to find out as what is sent with one."""
    if (matrix.command, name) not in _sent_without:
        _sent_without[matrix.command, name] = carried_out(matrix.command, matrix.kinds[name])[1]
    return _sent_without[matrix.command, name]


@pytest.mark.usefixtures("_folder")
@pytest.mark.parametrize(("matrix", "each", "name"), CELLS)
def test_an_option_is_sent_or_refused_or_holds_anyway(matrix: Matrix, each: Row, name: str) -> None:
    kind, outcome = matrix.kinds[name], each.outcome(name)
    without = sent_without(matrix, name)
    finished, sent = carried_out(matrix.command, kind, *each.typed)
    if isinstance(outcome, Refused):
        assert finished.told[0].startswith(outcome.message), finished.stderr
        assert (finished.exit_code, sent) == (2, None)
        return
    assert finished.exit_code == 0, finished.stderr
    if isinstance(outcome, Sent):
        assert at(sent, outcome.place) == outcome.value
        assert at(without, outcome.place) != outcome.value
    else:
        assert comparable(sent) == comparable(without)


def comparable(body: Any) -> Any:
    """A request without the mark that each run of a task has for itself."""
    overrides = {**body.get(OVERRIDE, {}), "updateTriggerToken": ""}
    return {**body, OVERRIDE: overrides}


@pytest.mark.parametrize("matrix", MATRICES, ids=[matrix.command for matrix in MATRICES])
def test_every_option_that_is_declared_is_in_the_matrix(matrix: Matrix) -> None:
    declared = {
        next((option for option in argument.option_strings if option.startswith("--")), argument.dest.upper())
        for argument in parser().arguments_of(matrix.command)
        if argument.dest not in ("help", "cmd")
    }
    known = {each.typed[0] for each in matrix.rows} | set(matrix.not_sent)
    assert declared - known == set()
    # One table of options that are not sent serves all commands.
    assert known - declared <= set(WHICH)


def test_an_identity_may_be_assigned_to_a_task_that_does_not_log_in() -> None:
    words = ("--auth-mode", "None", "--assign-identity", "[system]", IDENTITY)
    finished, sent = carried_out("acr task create", CREATED["command"], *words)
    assert finished.exit_code == 0
    assert at(sent, LOGIN) == {"loginMode": "None"}
    assert at(sent, "identity.type") == "SystemAssigned, UserAssigned"
