"""The task that evaluates autoscale policies on a timer, as it is written and read. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from ...client.registries import Registry
from ...client.replies import text_of
from ...web import redact
from ...wording import printable
from ..console.errors import UsageError
from ..runs.definition import decoded, encoded
from .interval import RUN_VCPUS, Interval

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import SetValue, Task

__all__ = [
    "TASK_NAME",
    "TIMER_NAME",
    "has_secret",
    "is_deployment",
    "new_deployment",
    "require_source",
    "source_of",
]

TASK_NAME: Final = "acrpool-autoscale"
TIMER_NAME: Final = "autoscale"
_IMAGE: Final = "mcr.microsoft.com/azure-cli"
_SOURCE: Final = "extensionSource"
_QUERY: Final = "extensionSourceQuery"
# The agents take lines out that begin with a number sign, so it means nothing to them.
_MARK: Final = "# Written by az acr agentpool autoscale deploy, which writes it anew: change it with that."
# az's own name of the public cloud, and of others that it knows as well: in those, a step has to name its own.
_OTHER_CLOUDS: Final = ("AzureUSGovernment", "AzureChinaCloud")

# Seconds. A task's timeout is at least 300 (service's specification).
_SHORTEST_TASK: Final = 300

# What may stand in a URL but for quotes and dollar signs, which a shell would not leave alone.
_PLAIN_URL: Final = re.compile(r"[A-Za-z0-9._~:/?\[\]@!&()*+,;=%-]+", re.ASCII)
_WHEEL: Final = re.compile(r"acrpool-[^/]+\.whl")
_OWN_HOSTS: Final = ("localhost", "127.0.0.1", "::1")


def require_source(url: str) -> None:
    """Raise UsageError for what is no URL of the extension's wheel that the task can be given."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise UsageError(f"--extension-source '{printable(redact(url))}' is no URL: {error}.") from None
    is_here = parts.scheme == "http" and parts.hostname in _OWN_HOSTS
    if not (parts.scheme == "https" or is_here) or not parts.hostname:
        raise UsageError(
            f"--extension-source '{printable(redact(url))}' is not a URL that begins with https://.",
            "Put the wheel where the agents can get it: a release, or a blob with a signature in its URL.",
        )
    if parts.username is not None or parts.fragment:
        raise UsageError(
            f"--extension-source '{printable(redact(url))}' has a user name or a fragment, which is not sent on.",
            "Let what the wheel is protected by be in the URL's query, as the signature of a blob is.",
        )
    if not _PLAIN_URL.fullmatch(url):
        raise UsageError(
            f"--extension-source '{printable(redact(url))}' has characters that have to be percent-encoded in a URL.",
        )
    try:
        _as_sent(url)
    except ValueError:
        raise UsageError(f"--extension-source '{printable(redact(url))}' is no URL that az can fetch.") from None
    if not _WHEEL.fullmatch(parts.path.rpartition("/")[2]):
        raise UsageError(
            f"--extension-source '{printable(redact(url))}' is not the URL of a wheel of this extension.",
            "az takes what it installs from the file's name: acrpool-VERSION-py3-none-any.whl.",
        )


def _as_sent(url: str) -> str:
    """A URL as az sends it and writes it into its errors, such as `%2F` for `%2f`. Raises ValueError for what is none.

    The agent hides a secret only where it stands as it was given.
    """
    from requests import Request

    return Request("GET", url).prepare().url or url


def new_deployment(registry: Registry, interval: Interval, source: str, cloud: str) -> Task:
    """The task: a timer, an identity of its own, no login to the registry, one step on shared agents.

    `source` is the wheel's URL, whose query becomes a secret; `cloud` is az's name of the cloud.
    """
    from azure.mgmt.containerregistrytasks.models import (
        AgentProperties,
        Credentials,
        EncodedTaskStep,
        IdentityProperties,
        PlatformProperties,
        SourceRegistryCredentials,
        Task,
        TaskProperties,
        TimerTrigger,
        TriggerProperties,
    )

    source = _as_sent(source)
    return Task(
        location=registry.location,
        identity=IdentityProperties(type="SystemAssigned"),
        properties=TaskProperties(
            status="Enabled",
            platform=PlatformProperties(os="Linux", architecture="amd64"),
            agent_configuration=AgentProperties(cpu=RUN_VCPUS),
            timeout=max(_SHORTEST_TASK, interval.step_timeout + 60),
            step=EncodedTaskStep(
                encoded_task_content=encoded(_definition(registry, interval, source, cloud)),
                values_property=_values(source),
            ),
            trigger=TriggerProperties(
                timer_triggers=[TimerTrigger(name=TIMER_NAME, schedule=interval.cron, status="Enabled")]
            ),
            # It uses nothing of the registry's content, and so it is not let near it. Where permissions are per
            # repository, it is not let near it anyway, and the mode is deprecated.
            credentials=None
            if registry.uses_abac
            else Credentials(source_registry=SourceRegistryCredentials(login_mode="None")),
        ),
    )


def _values(source: str) -> list[SetValue]:
    """The wheel's URL, and its query as a secret by itself: so it is one in whatever a failed download writes."""
    from azure.mgmt.containerregistrytasks.models import SetValue

    url, _, query = source.partition("?")
    secret = [SetValue(name=_QUERY, value=query, is_secret=True)] if query else []
    return [SetValue(name=_SOURCE, value=url, is_secret=False), *secret]


def _definition(registry: Registry, interval: Interval, source: str, cloud: str) -> str:
    """The task's definition. A shell on the agent reads the command, and the one in the container the script."""
    place = ("-r", registry.name, "-g", registry.resource_group, "--subscription", registry.subscription_id)
    # az takes for a wheel only what ends as one, and does not send what follows the number sign.
    query = f"?{{{{.Values.{_QUERY}}}}}#.whl" if "?" in source else ""
    commands = (
        *((shlex.join(("az", "cloud", "set", "--name", cloud)),) if cloud in _OTHER_CLOUDS else ()),
        "az login --identity --output none",
        f'az extension add --yes --only-show-errors --source "{{{{.Values.{_SOURCE}}}}}{query}"',
        shlex.join(("az", "acr", "agentpool", "autoscale", "run", *place)),
    )
    return "\n".join(
        (
            _MARK,
            "version: v1.1.0",
            "steps:",
            "  - cmd: >-",
            f"      {_IMAGE} sh -c {shlex.quote(' && '.join(commands))}",
            "    disableWorkingDirectoryOverride: true",
            f"    timeout: {interval.step_timeout}",
            "",
        )
    )


def is_deployment(task: Task) -> bool:
    """Whether it is a task that `new_deployment` has made."""
    step = task.step
    return bool(step) and decoded(step.get("encodedTaskContent")).startswith(_MARK)


def source_of(task: Task) -> str | None:
    """The wheel's URL without its query, None if the task does not say."""
    return next(
        (text_of(value.get("value")) or None for value in _values_of(task) if value.get("name") == _SOURCE), None
    )


def has_secret(task: Task) -> bool:
    """Whether the wheel's URL has a query, which nobody is shown."""
    return any(value.get("name") == _QUERY for value in _values_of(task))


def _values_of(task: Task) -> Iterable[Mapping[str, Any]]:
    values = (task.step.get("values") or ()) if task.step else ()
    return (value for value in values if isinstance(value, Mapping))
