"""The client layer's ArmClient, on the real SDK, over replies made up by a test."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from threading import Lock
from typing import Any, NoReturn
from urllib.parse import unquote, urlsplit

from azure.core.credentials import AccessToken
from azure.core.rest import HttpRequest
from scripted_transport import Answer, Reply, ScriptedTransport, give

from azext_acrpool.client.arm import ArmClient
from azext_acrpool.client.registries import RegistryId
from azext_acrpool.clock import Clock
from azext_acrpool.testing import JumpingClock

SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
ARM = "https://management.example"
REGISTRY = RegistryId(SUBSCRIPTION, "mygroup", "myregistry")
POOL_PATH = f"{REGISTRY.path}/agentPools/mypool"


class FixedCredential:
    """A login that never expires."""

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        return AccessToken("token", 4_000_000_000)


def arm_over(transport: Any, clock: Clock | None = None, **client_options: Any) -> ArmClient:
    """An ArmClient that waits by a clock on which no time passes unless one is given."""
    options = {"transport": transport, "clock": clock or JumpingClock(), **client_options}
    return ArmClient.from_credential(FixedCredential(), SUBSCRIPTION, base_url=ARM, **options)


def scripted_arm(*answers: Answer) -> tuple[ArmClient, ScriptedTransport]:
    """An ArmClient that is given `answers` in order, and what it asked for."""
    transport = ScriptedTransport(answers)
    return arm_over(transport), transport


def interrupt(*_: Any) -> NoReturn:
    """Be Ctrl-C: in the middle of a request, or of a sleep."""
    raise KeyboardInterrupt


class RoutedTransport(ScriptedTransport):
    """Gives each route its own answers in order, the last one again and again; requests may come from many threads.

    A route is a method and the end of a path, optionally with a part of the (decoded) query after a "?". The longest of
    those that match is taken.
    """

    def __init__(self, routes: Mapping[str, Answer | Iterable[Answer]]) -> None:
        super().__init__(())
        self._routes = {
            route: list(answers) if isinstance(answers, Iterable) else [answers] for route, answers in routes.items()
        }
        self._lock = Lock()

    def send(self, request: HttpRequest, **options: Any) -> Any:
        with self._lock:
            self.requests.append(request)
            matching = [route for route in self._routes if self._matches(route, request)]
            assert matching, f"an unexpected request: {request.method} {request.url}"
            answers = self._routes[max(matching, key=len)]
            return give(answers.pop(0) if len(answers) > 1 else answers[0], request)

    @staticmethod
    def _matches(route: str, request: HttpRequest) -> bool:
        method, _, target = route.partition(" ")
        path, _, query = target.partition("?")
        url = urlsplit(request.url)
        return request.method == method and unquote(url.path).endswith(path) and query in unquote(url.query)

    def asked(self, method: str) -> list[str]:
        """The paths that were asked for with `method`, without what is above the registry."""
        return [
            urlsplit(request.url).path.rpartition("/registries/")[2] or urlsplit(request.url).path
            for request in self.requests
            if request.method == method
        ]


def pool_body(name: str = "mypool", state: str = "Succeeded", **properties: Any) -> dict[str, Any]:
    """An agent pool as ARM shows it; `tags` and `location` may be among the properties."""
    tags = properties.pop("tags", None)
    body: dict[str, Any] = {
        "id": f"{REGISTRY.path}/agentPools/{name}",
        "name": name,
        "type": "Microsoft.ContainerRegistry/registries/agentPools",
        "location": "westus2",
        "properties": {"count": 1, "tier": "S1", "os": "Linux", "provisioningState": state, **properties},
    }
    return body if tags is None else {**body, "tags": tags}


def registry_body(name: str = "myregistry", sku: str = "Premium", location: str = "westus2") -> dict[str, Any]:
    """A registry as ARM shows it."""
    return {
        "id": f"{REGISTRY.path.rpartition('/')[0]}/{name}",
        "name": name,
        "location": location,
        "sku": {"name": sku, "tier": sku},
        "properties": {
            "loginServer": f"{name}.azurecr.io",
            "provisioningState": "Succeeded",
            "roleAssignmentMode": "LegacyRegistryPermissions",
        },
    }


def arm_error(status: int, code: str, message: str = "No.", **headers: str) -> Reply:
    """ARM's error envelope."""
    return Reply(
        status,
        {"error": {"code": code, "message": message}},
        {name.replace("_", "-"): value for name, value in headers.items()},
    )
