"""`az acr task list-runs`: which runs, by what, and what is said where there are none, or not all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest
from scripted_arm import ARM, REGISTRY, RoutedTransport, arm_error, arm_over, pool_body, registry_body
from scripted_transport import Answer, Reply

from azext_acrpool.client.errors import ConnectionLostError, NotFoundError
from azext_acrpool.commands.runs.listing import list_registry_runs
from azext_acrpool.testing import FakeSession, Finished

IMAGE = {"repository": "app", "tag": "v1", "digest": "sha256:1"}
RUN = {"properties": {"runId": "cf1", "status": "Succeeded", "agentPoolName": "mypool", "outputImages": [IMAGE]}}
UNKNOWN_MANIFEST = (
    "WARNING: Which manifest 'app:v1' is now could not be found out, so these are the runs that pushed that tag,"
    " whatever it is by now. myregistry.azurecr.io cannot be reached."
)
OTHER = {"properties": {"runId": "cf0", "status": "Failed"}}


class Listing:
    """`myregistry`, whose list of runs is answered so."""

    def __init__(self, *runs: Answer, **routes: Answer) -> None:
        self.transport = RoutedTransport(
            {
                "GET /myregistry": Reply(200, registry_body()),
                "GET /runs": list(runs),
                "GET /next": routes.get("then", Reply(200, {"value": [OTHER]})),
                "GET /agentPools/mypool": Reply(200, pool_body()),
                "GET /agentPools/nopool": arm_error(404, "ResourceNotFound"),
            }
        )
        self.session = FakeSession(arm_over(self.transport))

    def list(self, **options: Any) -> Finished:
        return self.session.run(
            list_registry_runs, registry_name=REGISTRY.name, resource_group_name=REGISTRY.resource_group, **options
        )

    @property
    def query(self) -> str:
        (asked,) = (unquote(request.url) for request in self.transport.requests if "/runs?" in request.url)
        return asked.partition("?")[2].replace("&api-version=2025-03-01-preview", "")


def reply(*runs: dict[str, Any], then: str = "") -> Reply:
    return Reply(200, {"value": list(runs), **({"nextLink": ARM + then} if then else {})})


def ids(finished: Finished) -> list[str]:
    return [run["runId"] for run in finished.result]


def says(digest: str) -> Callable[[str, str, str], str]:
    """A registry that says that each tag is that manifest."""

    def find(login_server: str, repository: str, tag: str) -> str:
        assert (login_server, repository) == ("myregistry.azurecr.io", "app")
        return f"sha256:{digest}-{tag}"

    return find


def fails(error: Exception) -> Callable[[str, str, str], str]:
    def find(login_server: str, repository: str, tag: str) -> str:
        raise error

    return find


def test_the_newest_fifteen_in_the_shape_of_az_own() -> None:
    listing = Listing(reply(RUN, OTHER))
    finished = listing.list()
    assert ids(finished) == ["cf1", "cf0"]
    assert finished.result[0]["outputImages"] == [{"registry": None, **IMAGE}]
    assert (listing.query, finished.told, finished.exit_code) == ("$top=15", [], 0)


def test_pages_are_printed_as_they_come() -> None:
    listing = Listing(reply(RUN, then="/next"))
    assert ids(listing.list(top=9)) == ["cf1", "cf0"]
    assert listing.session.page_sizes == [1, 1]


def test_a_list_that_breaks_off_says_how_far_it_goes() -> None:
    listing = Listing(reply(RUN, then="/next"), then=arm_error(403, "AuthorizationFailed", "You may not."))
    finished = listing.list()
    assert (finished.exit_code, finished.told[0]) == (
        1,
        "Only the newest 1 run could be read. (AuthorizationFailed) You may not.",
    )


@pytest.mark.parametrize(
    ("image", "query"),
    [
        ("app:v1", "$filter=contains(OutputImageManifests, 'app@sha256:9-v1')&$top=15"),
        ("app", "$filter=contains(OutputImageManifests, 'app@sha256:9-latest')&$top=15"),
        ("app@sha256:7", "$filter=contains(OutputImageManifests, 'app@sha256:7')&$top=15"),
        ("", "$top=15"),
    ],
    ids=["tag", "repository", "digest", "empty"],
)
def test_an_image_is_the_manifest_that_it_is_now(image: str, query: str) -> None:
    listing = Listing(reply())
    listing.session.manifest_digest = says("9")
    assert listing.list(image=image).told == []
    assert listing.query == query


def test_a_registry_that_cannot_be_asked_leaves_the_runs_that_pushed_the_tag() -> None:
    listing = Listing(reply(RUN, OTHER))
    listing.session.manifest_digest = fails(ConnectionLostError("myregistry.azurecr.io cannot be reached."))
    finished = listing.list(image="app:v1")
    assert (ids(finished), listing.query) == (["cf1"], "api-version=2025-03-01-preview")
    assert finished.told == [UNKNOWN_MANIFEST]


def test_an_image_that_is_not_there() -> None:
    listing = Listing(reply())
    listing.session.manifest_digest = fails(NotFoundError("no"))
    finished = listing.list(image="app:v1")
    assert (finished.exit_code, finished.told) == (
        3,
        [
            "Could not find image 'app:v1' in registry 'myregistry'.",
            "List the tags of the repository with: az acr repository show-tags -n myregistry --repository app",
            "Runs that pushed an image that has been deleted are found by its digest: --image REPOSITORY@DIGEST",
        ],
    )


@pytest.mark.parametrize("image", ["app:", ":v1", "@sha256:1", "app@", "a:b:c", "h:50/a", "a@b@c", "a:v1@sha256:1"])
def test_what_is_no_image(image: str) -> None:
    finished = Listing(reply()).list(image=image)
    assert (finished.exit_code, finished.told) == (
        2,
        [
            f"'{image}' cannot be the name of an image in the registry.",
            "Give it as REPOSITORY[:TAG] or REPOSITORY@DIGEST, without the registry.",
        ],
    )


@pytest.mark.parametrize("server", ["myregistry.azurecr.io", "MyRegistry-b2c3d4.azurecr.io"])
@pytest.mark.parametrize("image", ["app", "team/app:v1", "app@sha256:1"])
def test_an_image_is_named_without_its_registry(server: str, image: str) -> None:
    finished = Listing(reply()).list(image=f"{server}/{image}")
    assert (finished.exit_code, finished.told) == (
        2,
        [
            f"'{server}/{image}' begins with the registry's login server, which is no part of a name in it.",
            f"Leave it out: --image {image}",
        ],
    )


def test_a_repository_may_be_named_after_another_registry() -> None:
    listing = Listing(reply())
    listing.list(image="mcr.microsoft.com/app@sha256:1")
    assert listing.query == "$filter=contains(OutputImageManifests, 'mcr.microsoft.com/app@sha256:1')&$top=15"


def test_the_runs_on_a_pool() -> None:
    listing = Listing(reply(OTHER, RUN))
    assert ids(listing.list(agent_pool_name="MYPOOL", run_status="Succeeded")) == ["cf1"]
    assert listing.query == "$filter=Status eq 'Succeeded'"


def test_no_runs_on_a_pool_that_is_there() -> None:
    finished = Listing(reply(OTHER)).list(agent_pool_name="mypool")
    assert (finished.result, finished.exit_code) == ([], 0)


def test_no_runs_on_a_pool_that_is_not_there() -> None:
    finished = Listing(reply(OTHER, RUN)).list(agent_pool_name="nopool")
    assert (finished.exit_code, finished.told[0]) == (
        3,
        "Could not find an agent pool named 'nopool' in registry 'myregistry'.",
    )
