"""What can go wrong with a request, as rules of the emulator."""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["MARK", "Fault", "Request", "faults_for"]

# What begins the query of requests that nothing shall happen to: those of the tests themselves.
MARK = "unharmed"
OTHER = "https://elsewhere.example.com/x"
STATUSES = {
    401: "InvalidAuthenticationToken",
    403: "AuthorizationFailed",
    404: "ResourceNotFound",
    409: "Conflict",
    412: "PreconditionFailed",
    429: "TooManyRequests",
    500: "InternalServerError",
    503: "ServiceUnavailable",
}
PAGE = "<html><head><title>Blocked</title></head><body><h1>Blocked by policy</h1></body></html>"
HTML = {"Content-Type": "text/html"}
RETRY_AFTER = {
    "1": "1",
    "a day": "86400",
    "a word": "abc",
    "20 digits": "9" * 20,
    "a date": "Wed, 21 Oct 2026 07:28:00 GMT",
    "the year 9999": "Fri, 31 Dec 9999 23:59:59 GMT",
    "negative": "-5",
}
# Titles of terminals, colours that do not end, a cursor that moves, and one-byte forms of the same.
HOSTILE = "\x1b]0;owned\x07\x1b[2J\x1b[31m\x9b31mred\x90x\x9c\x08\x7f"
WRONG_VALUES: Mapping[str, tuple[Any, ...]] = {
    "str": (5, {"x": "y"}, [], None, HOSTILE),
    "int": ("x", {"x": 1}, [], None, -1, 10**30),
    "float": ("x", {"x": 1}, [], None),
    "bool": ("x", [], None),
    "dict": ("x", 5, [], [1], None),
    "list": ("x", 5, {"x": "y"}, ["x"], [5], [None], None),
    "NoneType": (5, "x", [], {}),
}
BAD_URLS = {
    "link-local": "http://169.254.169.254/metadata/instance",
    "plain http": "http://elsewhere.example.com/x",
    "brackets": "https://[::1",
    "a file": "file:///etc/passwd",
    "another host": OTHER,
}
MOST_MEMBERS = 8


@dataclass(frozen=True)
class Request:
    """A request of a command line: the `number`th (from 1) whose method and path are these.

    `path` is a regular expression, in which @registry@ stands for the registry's name. `body` is the JSON of a reply
    that went well.
    """

    method: str
    path: str
    number: int = 1
    body: Any = field(default=None, compare=False)

    @property
    def title(self) -> str:
        """For a person: method, the end of the path, number."""
        end = "/".join(self.path.split("/")[-2:])
        return f"{self.method} {end}" + (f" ({self.number})" if self.number > 1 else "")

    @property
    def changes(self) -> bool:
        """Whether it may change something."""
        return self.method in ("PUT", "PATCH", "DELETE") or self.path.endswith("/scheduleRun")

    @property
    def is_blob(self) -> bool:
        """Whether storage answers it, not ARM."""
        return self.path.startswith("/acrblobs/")


@dataclass(frozen=True)
class Fault:
    """`action` is what a rule of the emulator calls it; `times` None: for ever, from the request on.

    Of the faults of a request that are of one `kind`, one is as good as another; no kind: there is no other like it.
    `lies`: the reply says what is not so, in a way that it might. `strays_to`: hosts that a command may then turn to.
    `believable`: it is what ARM may well say, word for word, so that nobody can tell that it is not so.
    `rival`: somebody else queues a run meanwhile. `is_costly`: it takes long, so that it is tried once for each
    request of a kind.
    """

    title: str
    action: Mapping[str, Any]
    times: int | None = 1
    kind: str = ""
    lies: bool = False
    believable: bool = False
    strays_to: frozenset[str] = field(default_factory=frozenset)
    rival: bool = False
    is_costly: bool = False

    def rule(self, request: Request, registry: str) -> dict[str, Any]:
        """The rule that lets it happen to a request to `registry`."""
        match = {"method": request.method, "path": f"{request.path.replace('@registry@', registry)}(\\?(?!{MARK})|$)"}
        return {"match": match, "skip": request.number - 1, "times": self.times, "fault": self.action}


def faults_for(request: Request, secrets: Sequence[str] = ()) -> Iterator[Fault]:
    """All that is tried with a request; `secrets` are what the command sends with one of its requests."""
    yield from _statuses(request)
    yield from _lost(request)
    yield from _waits()
    if request.is_blob:
        return
    yield from _wrong_bodies()
    yield from _wrong_members(request)
    yield from _links(request)
    yield from _for_ever(request)
    if request.changes and secrets:
        repeated = {"error": {"code": "InvalidValue", "message": f"Not good: {' '.join(secrets)}."}}
        yield Fault("400 that repeats secrets", {"status": 400, "body": repeated})
    if request.path.endswith("/scheduleRun"):
        yield from _rivals()


def _arm_error(code: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": f"This is {code}."}}


def _statuses(request: Request) -> Iterator[Fault]:
    for status, code in STATUSES.items():
        refusal = {"status": status, "body": _arm_error(code)}
        yield Fault(f"{status} of ARM", refusal, kind=f"{status}", believable=status == 404)
        yield Fault(f"{status} of a proxy", {"status": status, "body": PAGE, "headers": HTML}, kind=f"{status}")
        yield Fault(f"{status} without a body", {"status": status}, kind=f"{status}")
    if request.changes:
        for status in (500, 502, 504):
            answer = {"status": status, "body": PAGE, "headers": HTML, "carry-out": True}
            yield Fault(f"{status} of a proxy, carried out", answer, kind="failure, carried out")
        page = {"status": 404, "body": PAGE, "headers": HTML, "carry-out": True}
        yield Fault("404 of a proxy, carried out", page, kind="refusal, carried out")
    if request.changes and "/agentPools/" in request.path:
        # ARM may send a change on again by itself, and the second sending meets the operation that the first one began.
        refusal = {"status": 409, "body": _arm_error("Conflict"), "carry-out": True}
        yield Fault("409 of ARM, carried out", refusal, kind="refusal, carried out")
    hostile = {"error": {"code": f"Bad{HOSTILE}", "message": f"{HOSTILE} hostile"}}
    yield Fault("400 with escapes", {"status": 400, "body": hostile})
    for status in (301, 302, 307, 308):
        yield Fault(f"{status} to another host", {"status": status, "headers": {"Location": OTHER}}, kind="redirect")


def _lost(request: Request) -> Iterator[Fault]:
    yield Fault("reset before", {"reset": True})
    yield Fault("reset after it was carried out", {"reset": True, "carry-out": True}, kind="lost reply")
    yield Fault("lost reply", {"drop-reply": True}, kind="lost reply")
    yield Fault("reset within the reply", {"truncate": 12, "end": "reset"}, kind="cut reply")
    yield Fault("cut after 0 bytes", {"truncate": 0}, kind="cut reply")
    yield Fault("cut after 25 bytes", {"truncate": 25}, kind="cut reply")
    yield Fault("a reply byte by byte", {"drip": 0}, is_costly=True)
    yield Fault("silence", {"silence": 0.2})
    if request.changes:
        yield Fault("silence once carried out", {"silence": 0.2, "carry-out": True})


def _waits() -> Iterator[Fault]:
    for title, value in RETRY_AFTER.items():
        headers = {"Retry-After": value}
        refusal = {"status": 429, "body": _arm_error("Busy"), "headers": headers}
        yield Fault(f"429, Retry-After {title}", refusal, kind="refused, Retry-After")
        yield Fault(f"503, Retry-After {title}", {"status": 503, "headers": headers}, kind="refused, Retry-After")
        well = {"rewrite": {"headers": headers}}
        yield Fault(f"its reply with Retry-After {title}", well, kind="done, Retry-After")
        accepted = {"rewrite": {"status": 202, "headers": headers}}
        yield Fault(f"202, Retry-After {title}", accepted, kind="done, Retry-After")


def _wrong_bodies() -> Iterator[Fault]:
    bodies: dict[str, Any] = {
        "a proxy's page": PAGE,
        "nothing": "",
        "a list": [],
        "a text": '"x"',
        "null": "null",
        "a number": "5",
        "an empty object": {},
        "an object in objects": '{"value":' * 20_000,
        "lists in lists": "[" * 20_000 + "]" * 20_000,
        "an object of another name": {"name": "another"},
    }
    for number, (title, body) in enumerate(bodies.items()):
        yield Fault(f"200 with {title}", {"rewrite": {"body": body}}, kind=f"wrong body {number % 2}", lies=True)
    yield Fault("a reply that unpacks to 400 MB", {"inflate": 400_000_000}, is_costly=True)


def _wrong_members(request: Request) -> Iterator[Fault]:
    """A choice of the reply's members, always the same for a request, each with something else that it cannot be."""
    chance = random.Random(zlib.crc32(f"{request.method} {request.path} {request.number}".encode()))
    members = list(_members(request.body, ""))
    drawn = chance.sample(members, min(MOST_MEMBERS, len(members)))
    for number, (path, value) in enumerate(sorted(drawn, key=lambda member: member[0])):
        wrong = chance.choice(WRONG_VALUES[type(value).__name__])
        shown = "text with escapes" if wrong == HOSTILE else wrong
        action = {"rewrite": {"members": {path: wrong}}}
        # Whoever scaled a pool up keeps a record in its tags, which somebody else may have taken away; and a run need
        # not be on a pool.
        is_believable = wrong is None and path.endswith(("tags", "agentPoolName"))
        kind = f"wrong member {number % 2}"
        yield Fault(f"{path} = {shown}", action, kind=kind, lies=True, believable=is_believable)


def _members(body: Any, path: str) -> Iterator[tuple[str, Any]]:
    inner = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for name, value in inner:
        yield f"{path}{name}", value
        yield from _members(value, f"{path}{name}.")


def _links(request: Request) -> Iterator[Fault]:
    body = request.body if isinstance(request.body, dict) else {}
    for title, url in BAD_URLS.items():
        if request.method in ("PUT", "PATCH", "DELETE"):
            for header in ("Azure-AsyncOperation", "Location"):
                yield Fault(f"{header}: {title}", {"rewrite": {"headers": {header: url}}}, kind=header)
        if isinstance(body.get("value"), list) and request.method == "GET":
            yield Fault(f"nextLink: {title}", {"rewrite": {"members": {"nextLink": url}}}, kind="nextLink")
        for member in {"uploadUrl", "logLink"} & set(body):
            hosts = frozenset({"elsewhere.example.com"} if url == OTHER else ())
            yield Fault(f"{member}: {title}", {"rewrite": {"members": {member: url}}}, strays_to=hosts)
    if isinstance(body.get("value"), list) and request.method == "GET":
        yield Fault("pages without end", {"one-more-page": True}, times=None, is_costly=True)


def _for_ever(request: Request) -> Iterator[Fault]:
    if request.number > 1:
        return
    actions: dict[str, Any] = {
        f"{status} of ARM": {"status": status, "body": _arm_error(STATUSES[status])}
        for status in (401, 403, 404, 409, 429, 503)
    }
    actions |= {
        "404 of a proxy": {"status": 404, "body": PAGE, "headers": HTML},
        "a proxy's page": {"rewrite": {"body": PAGE}},
        "reset before": {"reset": True},
        "lost reply": {"drop-reply": True},
        "429, Retry-After a day": {"status": 429, "headers": {"Retry-After": RETRY_AFTER["a day"]}},
        "429, Retry-After the year 9999": {"status": 429, "headers": {"Retry-After": RETRY_AFTER["the year 9999"]}},
    }
    for number, (title, action) in enumerate(actions.items()):
        kind = f"for ever {number % 2}"
        yield Fault(f"{title}, for ever", action, times=None, kind=kind, believable=title == "404 of ARM")


def _rivals() -> Iterator[Fault]:
    yield Fault("502, and somebody else's run", {"status": 502, "body": PAGE, "headers": HTML}, rival=True)
    yield Fault("503 of ARM, and somebody else's run", {"status": 503, "body": _arm_error("Busy")}, rival=True)
    yield Fault("reset before, and somebody else's run", {"reset": True}, rival=True)
    yield Fault("lost reply, and somebody else's run", {"drop-reply": True}, rival=True)
    yield Fault("an empty reply, and somebody else's run", {"rewrite": {"body": {}}}, rival=True)
