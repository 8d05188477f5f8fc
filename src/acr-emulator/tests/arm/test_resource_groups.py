"""Resource groups: made, changed, found by a tag, and deleted with all that is in them."""

from __future__ import annotations

from emulated_azure import GROUP, REGISTRY, EmulatedAzure

SUBSCRIPTION = GROUP.partition("/resourceGroups/")[0]
NEW = f"{SUBSCRIPTION}/resourceGroups/new"
VNET = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/myvnet"
TIMER = {"timerTriggers": [{"name": "t1", "schedule": "0 * * * *", "status": "Enabled"}]}


def test_a_group_is_made_once_and_keeps_its_region() -> None:
    with EmulatedAzure() as azure:
        made = azure.put(NEW, {"location": "West Europe", "tags": {"team": "build"}})
        assert (made.status, made.body["location"], made.body["tags"]) == (201, "westeurope", {"team": "build"})
        assert "tags" not in azure.put(NEW, {"location": "westeurope"}).body
        moved = azure.put(NEW, {"location": "westus2"})
        assert (moved.status, moved.body["error"]["code"]) == (409, "InvalidResourceGroupLocation")
        assert azure.put(f"{NEW}2", {}).body["error"]["code"] == "LocationRequired"


def test_a_group_is_found_by_a_tag() -> None:
    with EmulatedAzure() as azure:
        azure.put(NEW, {"location": "westus2"})
        azure.patch(NEW, {"tags": {"team": "build"}})

        def found(condition: str) -> list[str]:
            reply = azure.get(f"{SUBSCRIPTION}/resourceGroups?api-version=2021-04-01&$filter={condition}")
            return [group["name"] for group in reply.body["value"]]

        assert found("") == ["myresourcegroup", "new"]
        assert found("tagName eq 'team'") == ["new"]
        assert found("tagname eq 'team' and tagvalue eq 'build'") == ["new"]
        assert found("tagname eq 'team' and tagvalue eq 'run'") == []
        refused = azure.get(f"{SUBSCRIPTION}/resourceGroups?api-version=2021-04-01&$filter=colour eq 'red'")
        assert refused.body["error"]["code"] == "InvalidFilterInQueryString"


def test_what_is_in_a_group_goes_with_it() -> None:
    with EmulatedAzure() as azure:
        task = {
            "platform": {"os": "Linux"},
            "step": {"type": "EncodedTask", "encodedTaskContent": "c3RlcHM6"},
            "trigger": TIMER,
        }
        azure.put(f"{REGISTRY}/tasks/mytask", {"location": "westus2", "properties": task})
        deleted = azure.delete(GROUP)
        assert deleted.status == 202
        assert azure.get(deleted.headers["location"]).status == 200
        assert azure.request("HEAD", GROUP).status == 404
        assert azure.get(REGISTRY).body["error"]["code"] == "ResourceGroupNotFound"
        azure.put(GROUP, {"location": "westus2"})
        assert azure.get(REGISTRY).body["error"]["code"] == "ResourceNotFound"
        assert azure.get(VNET).body["error"]["code"] == "ResourceNotFound"
        azure.advance(7200)
        assert azure.executor.jobs == []
