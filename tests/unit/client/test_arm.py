"""What is really sent: URLs to the letter, and errors of this package only."""

from __future__ import annotations

import logging
from typing import Any

import pytest
import requests
from azure.cli.core.sdk.policies import SafeNetworkTraceLoggingPolicy
from azure.core.exceptions import ServiceRequestError
from azure.core.pipeline.transport import RequestsTransport
from scripted_arm import ARM, SUBSCRIPTION, arm_error, arm_over, scripted_arm
from scripted_transport import Reply, ScriptedTransport
from whole_messages import raises

from azext_acrpool.client.arm import DEFAULT_OPTIONS, SECRET_OPTIONS, RequestOptions, with_query
from azext_acrpool.client.errors import ConnectionLostError, ForbiddenError, InvalidReplyError, ServiceFailureError


class RecordingAdapter(requests.adapters.BaseAdapter):
    """The last step before the network: sees the URL as it goes over the wire."""

    def __init__(self) -> None:
        super().__init__()
        self.urls: list[str] = []

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        from io import BytesIO

        from urllib3 import HTTPResponse

        self.urls.append(str(request.url))
        response = requests.Response()
        response.status_code = 200
        response.raw = HTTPResponse(BytesIO(b"{}"), status=200, preload_content=False)
        return response

    def close(self) -> None: ...


@pytest.mark.parametrize(
    "url",
    [
        f"{ARM}/subscriptions/s/operationStatuses/1?api-version=2019-06-01-preview&t=1&c=MII_-a%2Bb%2Fc%3D%3D&s=x%25&h=y~",
        "https://other.example/x/status?api-version=1&t=%2B&empty=&s=a+b",
        f"{ARM}/x?next=a%26b%3Dc&$skiptoken=%7B%22k%22%3A1%7D",
    ],
)
def test_signed_url_is_sent_to_the_letter(url: str) -> None:
    adapter = RecordingAdapter()
    session = requests.Session()
    session.mount("https://", adapter)
    arm_over(RequestsTransport(session=session, session_owner=False)).send("GET", url)
    assert adapter.urls == [url]


def test_braces_in_a_url_are_not_a_template() -> None:
    arm, transport = scripted_arm(Reply(200, {}))
    arm.send("GET", f"{ARM}/x?a={{endpoint}}")
    assert transport.requests[0].url == f"{ARM}/x?a={{endpoint}}"


def test_path_is_below_the_arm_endpoint() -> None:
    arm, transport = scripted_arm(Reply(200, {"a": 1}))
    assert arm.get_json("/subscriptions/x", {"$filter": "name eq 'a b'"}, api_version="1") == {"a": 1}
    assert transport.requests[0].url == f"{ARM}/subscriptions/x?$filter=name%20eq%20'a%20b'&api-version=1"


def test_query_cannot_be_broken_out_of() -> None:
    assert with_query("/x", {"$filter": "a&b=c#d"}, "1") == "/x?$filter=a%26b%3Dc%23d&api-version=1"


def test_list_goes_through_all_pages_and_never_in_circles() -> None:
    second = f"{ARM}/items?$skiptoken=2"
    arm, transport = scripted_arm(
        Reply(200, {"value": [{"n": 1}], "nextLink": second}), Reply(200, {"value": [{"n": 2}], "nextLink": second})
    )
    assert list(arm.list_json("/items")) == [{"n": 1}, {"n": 2}]
    assert transport.requests[1].url == second


def test_empty_and_null_bodies_are_none() -> None:
    arm, _ = scripted_arm(Reply(204), Reply(202, "null"))
    assert arm.send("GET", "/a").body is None
    assert arm.send("GET", "/b").body is None


@pytest.mark.parametrize(
    "reply", [Reply(200, "<html>", {"Content-Type": "text/html"}), Reply(200, '{"cut'), Reply(200, "[]"), Reply(200)]
)
def test_reply_that_is_no_json_object(reply: Reply) -> None:
    arm, _ = scripted_arm(reply)
    with pytest.raises(InvalidReplyError):
        arm.get_json("/x")


def test_errors_are_translated() -> None:
    arm, _ = scripted_arm(arm_error(403, "AuthorizationFailed", "You may not."))
    with raises(ForbiddenError, "You may not."):
        arm.get_json(f"/subscriptions/{SUBSCRIPTION}")


@pytest.mark.parametrize(
    ("reply", "kind"),
    [(Reply(503, "", {"Retry-After": "99"}), ServiceFailureError), (ServiceRequestError("reset"), ConnectionLostError)],
)
def test_not_sent_again_when_told_so(reply: Reply | Exception, kind: type[Exception]) -> None:
    arm, transport = scripted_arm(reply)
    with pytest.raises(kind):
        arm.send("POST", "/x", options=RequestOptions(retry=False))
    assert len(transport.requests) == 1


CHALLENGE = {"WWW-Authenticate": 'Bearer error="insufficient_claims", claims="eyJhIjoiYiJ9"'}


@pytest.mark.parametrize(
    "first",
    [Reply(200, {}), Reply(307, "", {"Location": f"{ARM}/y"}), Reply(401, "", CHALLENGE)],
    ids=["once", "redirected", "challenged"],
)
@pytest.mark.parametrize(("options", "is_logged"), [(DEFAULT_OPTIONS, True), (SECRET_OPTIONS, False)])
def test_no_sending_of_a_secret_is_logged(
    first: Reply, options: RequestOptions, is_logged: bool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    transport = ScriptedTransport([first, Reply(200, {})])
    arm = arm_over(transport, logging_policy=SafeNetworkTraceLoggingPolicy())
    arm.send("POST", "/x", body={"key": "SECRET"}, options=options)
    assert ("SECRET" in caplog.text) is is_logged
