"""What is really sent: URLs to the letter, and errors of this package only."""

from __future__ import annotations

import gzip
import logging
import zlib
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO, RawIOBase
from threading import Event
from typing import Any

import pytest
import requests
from azure.cli.core.sdk.policies import SafeNetworkTraceLoggingPolicy
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError, ServiceRequestError, ServiceResponseError
from azure.core.pipeline.transport import RequestsTransport
from scripted_arm import ARM, SUBSCRIPTION, arm_error, arm_over, scripted_arm
from scripted_transport import Reply, ScriptedTransport
from urllib3 import HTTPResponse
from whole_messages import raises

from azext_acrpool.client.arm import (
    DEFAULT_OPTIONS,
    LOOK_OPTIONS,
    SECRET_OPTIONS,
    ArmClient,
    RequestOptions,
    with_query,
)
from azext_acrpool.client.errors import (
    ConnectionLostError,
    ForbiddenError,
    ForeignHostError,
    InvalidReplyError,
    OperationTimeoutError,
    RequestAbandonedError,
    ServiceFailureError,
    TransientError,
    UnauthorizedError,
)
from azext_acrpool.clock import Deadline, SystemClock
from azext_acrpool.testing import JumpingClock


class RecordingAdapter(requests.adapters.BaseAdapter):
    """The last step before the network: sees the URL as it goes over the wire."""

    def __init__(self, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self.urls: list[str] = []
        self._status = status
        self._headers = headers or {}

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        self.urls.append(str(request.url))
        response = requests.Response()
        response.status_code = self._status
        response.headers.update(self._headers)
        response.request, response.url = request, str(request.url)
        response.raw = HTTPResponse(BytesIO(b"{}"), status=self._status, preload_content=False)
        return response

    def close(self) -> None: ...


def transport_over(adapter: RecordingAdapter) -> RequestsTransport:
    """azure-core's own transport, whose network is the adapter."""
    session = requests.Session()
    session.mount("https://", adapter)
    return RequestsTransport(session=session, session_owner=False)


@pytest.mark.parametrize(
    "url",
    [
        f"{ARM}/subscriptions/s/operationStatuses/1?api-version=2019-06-01-preview&t=1&c=MII_-a%2Bb%2Fc%3D%3D&s=x%25&h=y~",
        "https://westus2.management.example/x/status?api-version=1&t=%2B&empty=&s=a+b",
        f"{ARM}/x?next=a%26b%3Dc&$skiptoken=%7B%22k%22%3A1%7D",
    ],
)
def test_signed_url_is_sent_to_the_letter(url: str) -> None:
    adapter = RecordingAdapter()
    arm_over(transport_over(adapter)).send("GET", url)
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


def page(number: int, link: str | None = None) -> Reply:
    return Reply(200, {"value": [{"n": number}], **({} if link is None else {"nextLink": link})})


@pytest.mark.parametrize("last", [page(2), page(2, ""), Reply(200, {"value": [{"n": 2}], "nextLink": None})])
def test_list_goes_through_all_pages(last: Reply) -> None:
    second = f"{ARM}/items?$skiptoken=2"
    arm, transport = scripted_arm(page(1, second), last)
    assert list(arm.list_json("/items")) == [{"n": 1}, {"n": 2}]
    assert transport.requests[1].url == second


def test_list_of_nothing() -> None:
    arm, _ = scripted_arm(Reply(200, {"value": []}))
    assert list(arm.list_json("/items")) == []


@pytest.mark.parametrize("body", [{}, {"value": None}])
def test_what_is_no_list_is_no_list_of_nothing(body: dict[str, Any]) -> None:
    arm, _ = scripted_arm(*[Reply(200, body)] * 4)
    with raises(
        InvalidReplyError,
        "The reply to a request for /items is not as the service's protocol says: its member 'value' is null, not a"
        " list.",
    ):
        list(arm.list_json("/items"))


@pytest.mark.parametrize(
    ("links", "page_number"),
    [(["/items?api-version=1"], 1), (["/2", "/2"], 2), (["/2", "/3", "/2"], 3)],
    ids=["to itself", "the second to itself", "in a circle"],
)
def test_list_that_goes_in_circles_is_an_error(links: list[str], page_number: int) -> None:
    arm, transport = scripted_arm(*[page(number, link) for number, link in enumerate(links)])
    with raises(InvalidReplyError, f"The list at /items does not end: page {page_number} leads on."):
        list(arm.list_json("/items", api_version="1"))
    assert len(transport.requests) == len(links)


def test_list_without_end_is_an_error() -> None:
    arm, transport = scripted_arm(*[page(number, f"{ARM}/items?page={number}") for number in range(1100)])
    with raises(InvalidReplyError, "The list at /items does not end: page 1000 leads on."):
        list(arm.list_json("/items"))
    assert len(transport.requests) == 1000


FOREIGN = [
    "https://evil.example/items",
    "http://management.example/items",
    "https://management.example.evil.example/items",
    "https://management.example@evil.example/items",
    "https://management.example:444/items",
    "//evil.example/items",
    "/\\evil.example/items",
    "https://[::1",
    "items",
]


@pytest.mark.parametrize("url", FOREIGN)
def test_nothing_is_sent_to_a_host_that_is_not_arms(url: str) -> None:
    arm, transport = scripted_arm()
    with pytest.raises(ForeignHostError) as refused:
        arm.send("GET", url)
    assert refused.value.message == (
        f"The service named the host '{refused.value.host}', which is not that of Azure Resource Manager; "
        "nothing was sent there."
    )
    assert not transport.requests


@pytest.mark.parametrize("url", FOREIGN)
def test_list_that_leads_to_another_host_is_an_error(url: str) -> None:
    arm, transport = scripted_arm(page(1, url))
    with pytest.raises(ForeignHostError):
        list(arm.list_json("/items"))
    assert len(transport.requests) == 1


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, {"value": {}}),
        Reply(200, {"value": ["x"]}),
        Reply(200, {"value": [], "nextLink": 5}),
        Reply(200, []),
    ],
)
def test_page_that_is_none_is_an_error(reply: Reply) -> None:
    arm, _ = scripted_arm(reply)
    with pytest.raises(InvalidReplyError):
        list(arm.list_json("/items"))


def test_empty_and_null_bodies_are_none() -> None:
    arm, _ = scripted_arm(Reply(204), Reply(202, "null"))
    assert arm.send("GET", "/a").body is None
    assert arm.send("GET", "/b").body is None


LEADS_ELSEWHERE = "The reply to a request for /x leads {} (HTTP status {}). It is not followed: ARM answers by itself."
DEEP = "[" * 101 + "]" * 101


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (Reply(200, "<html>"), "The reply to a request for /x is not JSON."),
        (Reply(200, '{"cut'), "The reply to a request for /x is not JSON."),
        (Reply(200, b"\xff{}"), "The reply to a request for /x is not text in UTF-8."),
        (Reply(200, DEEP), "The reply to a request for /x is nested deeper than any of the service's."),
        (Reply(200, "[" * 500_000), "The reply to a request for /x is nested deeper than any of the service's."),
        (
            Reply(302, "", {"Location": "https://me:password@evil.example/y?sig=secret"}),
            LEADS_ELSEWHERE.format("to the host 'evil.example'", 302),
        ),
        (
            Reply(304),
            LEADS_ELSEWHERE.format("elsewhere", 304),
        ),
    ],
    ids=["HTML", "cut", "not UTF-8", "deep", "endlessly deep", "302", "304"],
)
def test_reply_that_cannot_be_read(reply: Reply, message: str) -> None:
    arm, transport = scripted_arm(reply)
    with raises(InvalidReplyError, message):
        arm.send("GET", "/x?sig=secret", options=LOOK_OPTIONS)
    assert len(transport.requests) == 1


@pytest.mark.parametrize("body", ["[]", "7", '"text"', ""])
def test_reply_that_is_no_json_object(body: str) -> None:
    arm, _ = scripted_arm(Reply(200, body))
    with pytest.raises(InvalidReplyError):
        arm.get_json("/x")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("location", ["https://evil.example/x", f"{ARM}/y", ""])
def test_no_redirect_is_followed_by_whatever_is_below(status: int, location: str) -> None:
    adapter = RecordingAdapter(status, {"Location": location})
    arm = arm_over(transport_over(adapter))
    with pytest.raises(InvalidReplyError):
        arm.send("POST", "/scheduleRun", body={"secret": 1}, options=LOOK_OPTIONS)
    assert adapter.urls == [f"{ARM}/scheduleRun"]


MUCH = 32_000_000


def packed(kind: int, size: int) -> bytes:
    """`size` spaces in gzip's or zlib's packing, some thousandth as large."""
    packer = zlib.compressobj(9, zlib.DEFLATED, kind)
    pieces = [packer.compress(b" " * 1_000_000) for _ in range(size // 1_000_000)]
    return b"".join([*pieces, packer.flush()])


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("identity", lambda: b" " * (MUCH + 1)),
        ("gzip", lambda: packed(31, 200_000_000)),
        ("deflate", lambda: packed(15, 200_000_000)),
    ],
    ids=["as it is", "gzip", "deflate"],
)
@pytest.mark.parametrize("status", [200, 403])
def test_reply_that_is_too_large_is_not_read_on(encoding: str, pack: Callable[[], bytes], status: int) -> None:
    arm, transport = scripted_arm(Reply(status, pack(), {"Content-Encoding": encoding}))
    with raises(InvalidReplyError, "The reply to a request for /x is larger than 32.0 MB, and was not read on."):
        arm.send("GET", "/x", options=LOOK_OPTIONS)
    assert len(transport.requests) == 1


def test_reply_of_the_largest_size_is_read() -> None:
    arm, _ = scripted_arm(Reply(200, b" " * (MUCH - 2) + b"[]"))
    assert arm.send("GET", "/x", options=LOOK_OPTIONS).body == []


def test_reply_that_comes_packed_is_unpacked() -> None:
    arm, _ = scripted_arm(Reply(200, gzip.compress(b'{"a": 1}'), {"Content-Encoding": "gzip"}))
    assert arm.get_json("/x") == {"a": 1}


@pytest.mark.parametrize("content", [b"not gzip at all", gzip.compress(b'{"a": 1}' * 100)[:20]], ids=["none", "cut"])
def test_reply_whose_packing_is_broken_is_one_of_our_errors(content: bytes) -> None:
    arm, _ = scripted_arm(Reply(200, content, {"Content-Encoding": "gzip"}))
    with pytest.raises(TransientError):
        arm.send("GET", "/x", options=LOOK_OPTIONS)


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
    [Reply(200, {}), Reply(401, "", CHALLENGE)],
    ids=["once", "challenged"],
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


@pytest.mark.parametrize(
    "hiccup",
    [
        Reply(503, ""),
        Reply(429, "", {"Retry-After": "2"}),
        Reply(404, "<html>"),
        Reply(200, "<html>"),
        Reply(302, "", {"Location": "https://evil.example"}),
        ServiceRequestError("refused"),
        ServiceResponseError("reset"),
    ],
)
def test_what_does_no_harm_twice_is_sent_again_by_the_clock(hiccup: Reply | Exception) -> None:
    clock = JumpingClock()
    transport = ScriptedTransport([hiccup, hiccup, Reply(200, {"a": 1})])
    assert arm_over(transport, clock).get_json("/x") == {"a": 1}
    assert len(transport.requests) == 3
    assert sum(clock.sleeps) <= 4


@pytest.mark.parametrize(
    ("text", "pause"),
    [
        ("abc", 1),
        ("-1", 1),
        ("", 1),
        ("5", 5),
        ("86400", 60),
        ("9" * 20, 60),
        ("9" * 5000, 60),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 60),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 1),
    ],
    ids=lambda value: str(value)[:20],
)
def test_whatever_pause_a_reply_asks_for_it_is_bounded(text: str, pause: float) -> None:
    clock = JumpingClock()
    busy = Reply(503, "", {"Retry-After": text, "Date": "Sun, 01 Mar 2026 12:00:00 GMT"})
    arm_over(ScriptedTransport([busy, Reply(200, {})]), clock).get_json("/x")
    assert clock.sleeps == [pause]


def test_what_goes_on_failing_is_an_error_after_some_seconds() -> None:
    clock = JumpingClock()
    transport = ScriptedTransport([Reply(503, "")] * 9)
    with pytest.raises(ServiceFailureError):
        arm_over(transport, clock).get_json("/x")
    assert clock.sleeps == [1.0, 2.0, 4.0]


def test_no_request_is_waited_for_beyond_a_deadline() -> None:
    clock = JumpingClock()
    transport = ScriptedTransport([Reply(503, "", {"Retry-After": "3600"})] * 9)
    arm = arm_over(transport, clock).until(Deadline(clock, 5))
    with raises(
        OperationTimeoutError,
        "The service has not answered within the time that was given to it. The last error was: "
        "The service answered with HTTP status 503 and gave no reason.",
    ):
        arm.get_json("/x")
    assert clock.time == pytest.approx(5, abs=0.01)
    with raises(OperationTimeoutError, "The service has not answered within the time that was given to it."):
        arm.get_json("/x")
    assert len(transport.requests) == 1


def test_a_deadline_binds_only_the_client_that_was_given_it() -> None:
    clock = JumpingClock()
    arm = arm_over(ScriptedTransport([Reply(200, {})]), clock)
    arm.until(Deadline(clock, 0))
    assert arm.get_json("/x") == {}


class HangingTransport(ScriptedTransport):
    """Answers once the test is over."""

    def __init__(self) -> None:
        super().__init__(())
        self.over = Event()

    def send(self, request: Any, **options: Any) -> Any:
        self.requests.append(request)
        self.over.wait()
        raise ServiceResponseError("the test is over")


@pytest.fixture
def hanging() -> Iterator[HangingTransport]:
    transport = HangingTransport()
    yield transport
    transport.over.set()


def test_a_request_that_hangs_is_given_up_when_its_time_is_over(hanging: HangingTransport) -> None:
    with raises(RequestAbandonedError, "No answer within 0 s."):
        arm_over(hanging).send("POST", "/x", options=RequestOptions(retry=False, timeout=0.1))
    assert len(hanging.requests) == 1


def test_a_request_that_hangs_is_given_up_at_the_deadline(hanging: HangingTransport) -> None:
    with raises(RequestAbandonedError, "No answer within 0 s."):
        arm_over(hanging).until(Deadline(SystemClock(), 0.1)).send("POST", "/x", options=SECRET_OPTIONS)


class DrippingBody(RawIOBase):
    """Gives a byte at a time, and never comes to its end."""

    def __init__(self, over: Event) -> None:
        super().__init__()
        self._over = over

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._over.wait(0.01)
        buffer[0] = ord(" ")
        return 0 if self._over.is_set() else 1


def test_a_reply_that_never_comes_to_its_end_is_given_up_when_its_time_is_over(hanging: HangingTransport) -> None:
    arm = arm_over(ScriptedTransport([Reply(200, DrippingBody(hanging.over))]))
    with raises(RequestAbandonedError, "No answer within 0 s."):
        arm.send("GET", "/x", options=RequestOptions(retry=False, timeout=0.1))


class OddCredential:
    """A login whose service answers oddly."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        raise self._error


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (KeyError("access_token"), InvalidReplyError),
        (ValueError("Expecting value"), InvalidReplyError),
        (ConnectionResetError("reset"), ConnectionLostError),
        (requests.exceptions.ReadTimeout("slow"), ConnectionLostError),
        (ClientAuthenticationError("Log in."), UnauthorizedError),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_a_login_that_gets_no_token_is_one_of_our_errors(error: Exception, kind: type[Exception]) -> None:
    transport = ScriptedTransport(())
    arm = ArmClient.from_credential(OddCredential(error), SUBSCRIPTION, base_url=ARM, transport=transport)
    with pytest.raises(kind):
        arm.send("GET", "/x", options=LOOK_OPTIONS)
    assert not transport.requests
