"""The bodies that requests bring, by the models of the published SDK (azure-mgmt-containerregistrytasks 1.0.0b1).

Members that only Azure writes are not among them: whoever sends them is not refused, and they change nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from .shapes import ListOf, MapOf, Shape, Value

__all__ = ["POOL", "POOL_UPDATE", "RUN_REQUESTS", "RUN_UPDATE", "TASK", "TASK_RUN"]

TEXT, FLAG, NUMBER = Value.TEXT, Value.FLAG, Value.NUMBER
TAGS = MapOf(TEXT)
IDENTITY: Mapping[str, Shape] = {"type": TEXT, "userAssignedIdentities": MapOf(Value.ANY)}
ARGUMENTS = ListOf({"name": TEXT, "value": TEXT, "isSecret": FLAG})
PLATFORM: Mapping[str, Shape] = {"os": TEXT, "architecture": TEXT, "variant": TEXT}
AGENT: Mapping[str, Shape] = {"cpu": NUMBER}
SECRET: Mapping[str, Shape] = {"value": TEXT, "type": TEXT}
CREDENTIALS: Mapping[str, Shape] = {
    "sourceRegistry": {"identity": TEXT, "loginMode": TEXT},
    "customRegistries": MapOf({"userName": SECRET, "password": SECRET, "identity": TEXT}),
}

POOL_UPDATE: Mapping[str, Shape] = {"tags": TAGS, "properties": {"count": NUMBER}}
POOL: Mapping[str, Shape] = {
    "location": TEXT,
    "tags": TAGS,
    "properties": {"count": NUMBER, "tier": TEXT, "os": TEXT, "virtualNetworkSubnetResourceId": TEXT},
}

DOCKER: Mapping[str, Shape] = {
    "imageNames": ListOf(TEXT),
    "isPushEnabled": FLAG,
    "noCache": FLAG,
    "dockerFilePath": TEXT,
    "target": TEXT,
    "arguments": ARGUMENTS,
}
FILE: Mapping[str, Shape] = {"taskFilePath": TEXT, "valuesFilePath": TEXT, "values": ARGUMENTS}
ENCODED: Mapping[str, Shape] = {"encodedTaskContent": TEXT, "encodedValuesContent": TEXT, "values": ARGUMENTS}
ANY_REQUEST: Mapping[str, Shape] = {"isArchiveEnabled": FLAG, "agentPoolName": TEXT, "logTemplate": TEXT}
BUILD_REQUEST: Mapping[str, Shape] = {
    "timeout": NUMBER,
    "platform": PLATFORM,
    "agentConfiguration": AGENT,
    "sourceLocation": TEXT,
    "credentials": CREDENTIALS,
    **ANY_REQUEST,
}
OVERRIDES: Mapping[str, Shape] = {
    "contextPath": TEXT,
    "file": TEXT,
    "arguments": ARGUMENTS,
    "target": TEXT,
    "values": ARGUMENTS,
    "updateTriggerToken": TEXT,
}
RUN_REQUESTS: Mapping[str, Mapping[str, Shape]] = {
    "DockerBuildRequest": {"type": TEXT, **DOCKER, **BUILD_REQUEST},
    "FileTaskRunRequest": {"type": TEXT, **FILE, **BUILD_REQUEST},
    "EncodedTaskRunRequest": {"type": TEXT, **ENCODED, **BUILD_REQUEST},
    "TaskRunRequest": {"type": TEXT, "taskId": TEXT, "overrideTaskStepProperties": OVERRIDES, **ANY_REQUEST},
}
RUN_UPDATE: Mapping[str, Shape] = {"isArchiveEnabled": FLAG, "properties": {"isArchiveEnabled": FLAG}}

STEP: Mapping[str, Shape] = {
    "type": TEXT,
    "contextPath": TEXT,
    "contextAccessToken": TEXT,
    **DOCKER,
    **FILE,
    **ENCODED,
}
"""Of all types together: a PATCH may leave the type out."""

AUTHORIZATION: Mapping[str, Shape] = {
    "tokenType": TEXT,
    "token": TEXT,
    "refreshToken": TEXT,
    "scope": TEXT,
    "expiresIn": NUMBER,
}
TRIGGER: Mapping[str, Shape] = {
    "timerTriggers": ListOf({"schedule": TEXT, "status": TEXT, "name": TEXT}),
    "sourceTriggers": ListOf(
        {
            "sourceRepository": {
                "sourceControlType": TEXT,
                "repositoryUrl": TEXT,
                "branch": TEXT,
                "sourceControlAuthProperties": AUTHORIZATION,
            },
            "sourceTriggerEvents": ListOf(TEXT),
            "status": TEXT,
            "name": TEXT,
        }
    ),
    "baseImageTrigger": {
        "baseImageTriggerType": TEXT,
        "updateTriggerEndpoint": TEXT,
        "updateTriggerPayloadType": TEXT,
        "status": TEXT,
        "name": TEXT,
    },
}
TASK: Mapping[str, Shape] = {
    "location": TEXT,
    "tags": TAGS,
    "identity": IDENTITY,
    "properties": {
        "status": TEXT,
        "platform": PLATFORM,
        "agentConfiguration": AGENT,
        "agentPoolName": TEXT,
        "timeout": NUMBER,
        "step": STEP,
        "trigger": TRIGGER,
        "credentials": CREDENTIALS,
        "logTemplate": TEXT,
        "isSystemTask": FLAG,
    },
}
TASK_RUN: Mapping[str, Shape] = {
    "location": TEXT,
    "tags": TAGS,
    "identity": IDENTITY,
    "properties": {"runRequest": Value.ANY, "forceUpdateTag": TEXT},
}
