"""What holds for every ARM request: who may ask, how errors look, how lists are paged."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from acr_emulator.world import RegistrySpec, ResourceSpec, SubnetSpec, World
from emulated_azure import GROUP, REGISTRY, EmulatedAzure

SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000000"
REGISTRY_TYPE = "Microsoft.ContainerRegistry/registries"
SUBNET = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/v/subnets/s"


@pytest.fixture
def azure() -> Iterator[EmulatedAzure]:
    registries = tuple(RegistrySpec(name=f"registry{number}") for number in range(3))
    with EmulatedAzure(World(registries=(RegistrySpec(), *registries), page_size=2)) as azure:
        yield azure


@pytest.mark.parametrize("token", ["", "Basic abc", "Bearer nonsense"])
def test_no_bearer_token_is_401(azure: EmulatedAzure, token: str) -> None:
    reply = azure.request("GET", REGISTRY, headers={"authorization": token})
    assert reply.status == 401
    assert reply.body["error"]["code"] == "AuthenticationFailed"
    assert reply.headers["www-authenticate"].startswith("Bearer ")


def test_api_version_is_required(azure: EmulatedAzure) -> None:
    refused = azure.get(f"{REGISTRY}?x=1")
    assert (refused.status, refused.body["error"]["code"]) == (400, "MissingApiVersionParameter")


@pytest.mark.parametrize(
    ("path", "version", "code", "told"),
    [
        (REGISTRY, "1999-01-01", "NoRegisteredProviderFound", "for type 'registries'. The supported api-versions are"),
        (REGISTRY, "nonsense", "NoRegisteredProviderFound", "API version 'nonsense'"),
        (f"{REGISTRY}/agentPools", "2025-11-01", "NoRegisteredProviderFound", "'2019-06-01-preview, 2025-03-01-previ"),
        (f"{REGISTRY}/agentPools/p", "1", "NoRegisteredProviderFound", "location 'westus2'"),
        (f"{REGISTRY}/runs/cf1/cancel", "2022-01-01", "NoRegisteredProviderFound", "type 'registries/runs/cancel'"),
        (f"{SUBSCRIPTION}/resources", "latest", "InvalidApiVersionParameter", "'latest' is invalid"),
        (f"{SUBSCRIPTION}/resources", "2024-13-01", "InvalidApiVersionParameter", "'2024-13-01' is invalid"),
        (SUBNET, "1", "InvalidApiVersionParameter", "'1' is invalid"),
    ],
)
def test_unknown_api_versions_are_refused(azure: EmulatedAzure, path: str, version: str, code: str, told: str) -> None:
    refused = azure.request("POST" if path.endswith("cancel") else "GET", f"{path}?api-version={version}")
    assert (refused.status, refused.body["error"]["code"]) == (400, code)
    assert told in refused.body["error"]["message"]


@pytest.mark.parametrize("version", ["%E6%97%A5%E6%9C%AC", "1%0D%0AX-Forged:%201", "x" * 5000])
def test_no_text_gets_into_a_header(azure: EmulatedAzure, version: str) -> None:
    refused = azure.get(f"{REGISTRY}?api-version={version}")
    assert (refused.status, refused.body["error"]["code"]) == (400, "NoRegisteredProviderFound")
    assert "api-supported-versions" not in refused.headers


@pytest.mark.parametrize("version", ["2019-05-01", "2023-07-01", "2025-11-01", "2026-09-01-PREVIEW"])
def test_published_api_versions_are_taken(azure: EmulatedAzure, version: str) -> None:
    assert azure.get(f"{REGISTRY}?api-version={version}").status == 200


def test_paths_are_matched_in_any_case_and_names_keep_theirs(azure: EmulatedAzure) -> None:
    shouted = azure.get(REGISTRY.upper())
    assert (shouted.status, shouted.body["name"]) == (200, "myregistry")


def test_every_reply_has_ids_and_writes_say_what_is_left(azure: EmulatedAzure) -> None:
    read = azure.request("GET", REGISTRY, headers={"x-ms-correlation-request-id": "mine"})
    assert read.headers["x-ms-request-id"]
    assert read.headers["x-ms-correlation-request-id"] == "mine"
    left = [int(azure.create_pool().headers["x-ms-ratelimit-remaining-subscription-writes"]) for _ in range(2)]
    assert left[0] == left[1] + 1
    assert "x-ms-ratelimit-remaining-subscription-deletes" in azure.delete(f"{REGISTRY}/agentPools/nopool").headers


def test_what_may_be_read_is_counted_by_region_and_in_all(azure: EmulatedAzure) -> None:
    prefix = "x-ms-ratelimit-remaining-subscription"
    headers = azure.get(REGISTRY).headers
    assert {key: headers[key] for key in headers if key.startswith(prefix)} == {
        f"{prefix}-reads": "1099",
        f"{prefix}-global-reads": "16499",
    }


@pytest.mark.parametrize("kind", ["agentPools", "tasks"])
def test_lists_name_the_request_that_collected_them(azure: EmulatedAzure, kind: str) -> None:
    assert re.fullmatch("[0-9a-f-]{36}", azure.get(f"{REGISTRY}/{kind}").headers["x-ms-original-request-ids"])


PROVIDER_HEADERS = {"api-supported-versions", "x-ms-operation-identifier"}


@pytest.mark.parametrize(
    ("method", "url", "headers"),
    [
        ("GET", REGISTRY, {"api-supported-versions"}),
        ("GET", REGISTRY.rpartition("/")[0], {"api-supported-versions"}),
        ("PATCH", REGISTRY, PROVIDER_HEADERS),
        ("DELETE", REGISTRY, PROVIDER_HEADERS),
        ("GET", f"{REGISTRY}/listUsages", PROVIDER_HEADERS),
        ("GET", f"{REGISTRY}/agentPools", {"x-ms-operation-identifier"}),
        ("GET", f"{REGISTRY}/taskRuns/x", {"x-ms-operation-identifier"}),
        ("POST", f"{REGISTRY}/scheduleRun", {"x-ms-operation-identifier"}),
        ("GET", f"{SUBSCRIPTION}/resources?api-version=2024-11-01", set()),
        ("GET", GROUP, set()),
    ],
)
def test_a_reply_shows_who_gave_it(azure: EmulatedAzure, method: str, url: str, headers: set[str]) -> None:
    reply = azure.request(method, url, {} if method == "PATCH" else None)
    assert PROVIDER_HEADERS & set(reply.headers) == headers


@pytest.mark.parametrize(
    ("url", "status", "code"),
    [
        (f"{REGISTRY}/nonsense/x/y", 404, "InvalidResourceType"),
        (f"{GROUP}/providers/Nonsense.Nonsense/things/x", 404, "InvalidResourceNamespace"),
        ("/subscriptions/00000000-0000-0000-0000-00000000ffff", 404, "SubscriptionNotFound"),
        (f"{SUBSCRIPTION}/resourceGroups/nogroup", 404, "ResourceGroupNotFound"),
        (f"{SUBSCRIPTION}/nonsense", 501, "NotEmulated"),
        (f"{REGISTRY}/tasks/notask", 404, "ResourceNotFound"),
        (f"{REGISTRY}/runs/cf9", 404, "ResourceNotFound"),
        (f"{SUBSCRIPTION}/providers/Microsoft.Nonsense", 404, "InvalidResourceNamespace"),
    ],
)
def test_what_is_not_there(azure: EmulatedAzure, url: str, status: int, code: str) -> None:
    reply = azure.get(url)
    assert (reply.status, reply.body["error"]["code"]) == (status, code)


def test_a_method_that_a_path_does_not_know(azure: EmulatedAzure) -> None:
    assert azure.post(REGISTRY).status == 405


@pytest.mark.parametrize("data", [b"{", b"[1,", b"\xff\xfe"])
def test_malformed_json_is_400(azure: EmulatedAzure, data: bytes) -> None:
    reply = azure.request(
        "PUT", f"{REGISTRY}/agentPools/pool1", data=data, headers={"content-type": "application/json"}
    )
    assert (reply.status, reply.body["error"]["code"]) == (400, "InvalidRequestContent")


DEEP = b'{"location":"westus2","properties":' + b'{"a":' * 900 + b"1" + b"}" * 901


@pytest.mark.parametrize(
    ("data", "told"),
    [
        pytest.param(DEEP, "more than 50 levels deep", id="deep"),
        pytest.param(rb'{"location":"\ud800"}', "location: half of a character, which no text has", id="half"),
        pytest.param(rb'{"tags":{"\ud800":""}}', "is not a text; put it in quotes", id="half-a-key"),
        pytest.param(b'{"properties":{"count":1e999}}', "inf is not a number that JSON has", id="infinite"),
        pytest.param(b"[%s]" % (b"1," * 100_001 + b"1"), "more than 100000 values", id="many"),
    ],
)
@pytest.mark.parametrize(
    "path", [f"{REGISTRY}/agentPools/pool1", f"{GROUP}/providers/Microsoft.Network/virtualNetworks/v"]
)
def test_bodies_that_no_reply_could_show_again_are_400(azure: EmulatedAzure, path: str, data: bytes, told: str) -> None:
    reply = azure.request("PUT", path, data=data, headers={"content-type": "application/json"})
    error = reply.body["error"]
    assert (reply.status, error["code"], told in error["message"]) == (400, "InvalidRequestContent", True)


@pytest.mark.parametrize("body", [[], "text", None, {"location": "westus2", "properties": []}])
def test_bodies_of_another_shape_are_400(azure: EmulatedAzure, body: object) -> None:
    reply = azure.put(f"{REGISTRY}/agentPools/pool1", body)
    assert (reply.status, reply.body["error"]["code"]) == (400, "InvalidRequestContent")


def test_pages_follow_their_next_links_to_the_end(azure: EmulatedAzure) -> None:
    url: str | None = f"{SUBSCRIPTION}/providers/{REGISTRY_TYPE}"
    sizes, names = [], []
    while url:
        body = azure.get(url).body
        sizes.append(len(body["value"]))
        names += [item["name"] for item in body["value"]]
        url = body.get("nextLink")
    assert sizes == [2, 2]
    assert names == ["myregistry", "registry0", "registry1", "registry2"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (f"resourceType eq '{REGISTRY_TYPE}'", ["myregistry", "registry0"]),
        (f"resourceType eq '{REGISTRY_TYPE.lower()}' and name eq 'REGISTRY1'", ["registry1"]),
        ("resourceType eq 'Microsoft.Web/sites'", []),
        ("name eq 'registry1' or name eq 'registry0'", ["registry0", "registry1"]),
    ],
)
def test_resource_list_is_filtered(azure: EmulatedAzure, text: str, names: list[str]) -> None:
    reply = azure.get(f"{SUBSCRIPTION}/resources?$filter={text}&api-version=2024-11-01")
    assert [item["name"] for item in reply.body["value"]] == names
    assert all(item["type"] == REGISTRY_TYPE and item["sku"]["name"] == "Premium" for item in reply.body["value"])


@pytest.mark.parametrize(
    "text",
    [
        "name",
        "name eq",
        "colour eq 'red'",
        "name eq 'a' or colour eq 'red'",
        "name eq 'a' name eq 'b'",
        "name eq 'a' or",
        "name eq 'a' orname eq 'b'",
        "not name eq 'a'",
        "(name eq 'a'",
        "name eq 'a')",
        "()",
        "(" * 51 + "name eq 'a'" + ")" * 51,
    ],
)
def test_filters_that_cannot_be_read_are_refused(azure: EmulatedAzure, text: str) -> None:
    reply = azure.get(f"{SUBSCRIPTION}/resources?$filter={text}&api-version=2024-11-01")
    assert (reply.status, reply.body["error"]["code"]) == (400, "InvalidFilterInQueryString")


def test_subscriptions_tenants_and_groups(azure: EmulatedAzure) -> None:
    (subscription,) = azure.get("/subscriptions").body["value"]
    assert azure.get(subscription["id"]).body == subscription
    assert azure.get("/tenants").body["value"][0]["tenantId"] == subscription["tenantId"]
    (group,) = azure.get(f"{SUBSCRIPTION}/resourceGroups").body["value"]
    assert azure.get(GROUP).body == group
    assert azure.request("HEAD", GROUP).status == 204
    assert azure.request("HEAD", GROUP + "x").status == 404


def test_provider_metadata_lists_regions_by_display_name(azure: EmulatedAzure) -> None:
    types = azure.get(f"{SUBSCRIPTION}/providers/Microsoft.ContainerRegistry").body["resourceTypes"]
    locations = {entry["resourceType"]: entry["locations"] for entry in types}
    assert "West US 2" in locations["registries/agentPools"]
    assert "UK South" not in locations["registries/agentPools"]
    assert "UK South" in locations["registries"]


def test_resources_of_the_world_file_can_be_read() -> None:
    vault = ResourceSpec(f"{GROUP}/providers/Microsoft.KeyVault/vaults/n", {"properties": {"x": 1}})
    subnet = SubnetSpec(SUBNET, properties={"addressPrefix": "10.0.0.0/24"})
    with EmulatedAzure(World(resources=(vault,), subnets=(subnet,))) as azure:
        assert azure.get(vault.id.upper()).body == {
            "id": vault.id,
            "name": "n",
            "type": "Microsoft.KeyVault/vaults",
            "properties": {"x": 1},
        }
        shown = azure.get(SUBNET).body
        assert shown["type"] == "Microsoft.Network/virtualNetworks/subnets"
        assert shown["properties"]["addressPrefix"] == "10.0.0.0/24"


def test_identity_hands_out_tokens_to_whoever_knows_the_header(azure: EmulatedAzure) -> None:
    url = "/msi/token?api-version=2019-08-01&resource=https://x/"
    secret = azure.emulator.identities.secret
    assert azure.request("GET", url, headers={"x-identity-header": "guess"}).status == 401
    reply = azure.request("GET", url, headers={"x-identity-header": secret}).body
    assert (reply["token_type"], reply["resource"]) == ("Bearer", "https://x/")
    assert int(reply["expires_on"]) > azure.clock.now().timestamp()
    token = f"Bearer {reply['access_token']}"
    assert azure.request("GET", REGISTRY, headers={"authorization": token}).status == 200
