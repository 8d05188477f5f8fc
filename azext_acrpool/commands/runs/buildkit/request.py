"""A build with BuildKit as a run request: that of a plain build, with a task in the place of what to build."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..definition import encoded
from .task import AskedTask, build_task

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import DockerBuildRequest, EncodedTaskRunRequest

__all__ = ["task_request"]


def task_request(plain: DockerBuildRequest, asked: AskedTask, login_server: str) -> EncodedTaskRunRequest:
    """What is sent in the place of the `plain` request, of which Dockerfile and target count; see `asked_task`.

    The agent fetches a remote context for the build step: the run itself has no source then.
    """
    from azure.mgmt.containerregistrytasks.models import EncodedTaskRunRequest, SetValue

    task = build_task(
        replace(asked, login_server=login_server, dockerfile=plain.docker_file_path, target=plain.target or "")
    )
    values = [{"type": "SetValue", "name": each.name, "value": each.value, "isSecret": True} for each in task.values]
    return EncodedTaskRunRequest(
        encoded_task_content=encoded(task.text),
        values_property=[SetValue(value) for value in values],
        source_location=plain.source_location if asked.is_uploaded else None,
        agent_pool_name=plain.agent_pool_name,
        platform=plain.platform,
        timeout=plain.timeout,
        credentials=plain.credentials,
        log_template=plain.log_template,
    )
