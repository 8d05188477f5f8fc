"""What HTTP brings with it wherever it is spoken: when to ask again, and URLs that are secrets.

The query of a signed URL is a credential. No message holds one, and no debug log of an HTTP request shows one.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

from .wording import harmless

__all__ = [
    "LONGEST_RETRY_AFTER",
    "Failures",
    "hide_secret_urls",
    "hide_secrets_in_logs",
    "is_long",
    "parse_http_date",
    "parse_retry_after",
    "pause_after_failure",
    "redact",
    "requests_unlogged",
]

# Seconds. The longest that we wait of our own accord between a failure and the next try.
LONGEST_PAUSE = 10.0
# Seconds. A service may ask to be left alone for an hour; nobody who waits for its answer is served by that.
LONGEST_RETRY_AFTER = 60.0
# Of seconds in a header; more would be more than the universe has left, and than a float holds.
_MOST_DIGITS = 15


def parse_retry_after(headers: Mapping[str, str]) -> float | None:
    """What Retry-After says: seconds from the moment the reply was sent, never negative; None without a usable one.

    The header has two forms (RFC 9110, section 10.2.3): seconds, or a date.

    A date is compared with the reply's own Date header, so that this machine's clock does not matter.

    >>> parse_retry_after({"Retry-After": "10"})
    10.0
    >>> parse_retry_after({"retry-after": "Wed, 21 Oct 2015 07:28:30 GMT", "date": "Wed, 21 Oct 2015 07:28:00 GMT"})
    30.0
    """
    found = {name.lower(): value.strip() for name, value in headers.items()}
    value = found.get("retry-after", "")
    if value.isascii() and value.isdigit():
        return float(value[:_MOST_DIGITS])
    until, sent = parse_http_date(value), parse_http_date(found.get("date", ""))
    if until is None or sent is None:
        return None
    return max(0.0, (until - sent).total_seconds())


def parse_http_date(text: str) -> datetime | None:
    """The moment that an HTTP date names, with a time zone; None if it is none."""
    try:
        parsed = parsedate_to_datetime(text)
        # Near the ends of the calendar, a moment may not exist in another time zone.
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=timezone.utc)).astimezone(timezone.utc)
    except (TypeError, ValueError, OverflowError, IndexError):
        return None


def pause_after_failure(failures: int, asked: float | None = None) -> float:
    """Seconds to wait after `failures` failures in a row (from 1) before the next try.

    `asked` is the Retry-After that came with the refusal: it binds, as far as LONGEST_RETRY_AFTER.

    >>> [pause_after_failure(failures) for failures in range(1, 7)]
    [1.0, 2.0, 4.0, 8.0, 10.0, 10.0]
    >>> pause_after_failure(3, 1.0), pause_after_failure(1, 30.0), pause_after_failure(1, 3600.0)
    (4.0, 30.0, 60.0)
    """
    own = min(2.0 ** min(failures - 1, 10), LONGEST_PAUSE)
    return max(own, min(asked or 0.0, LONGEST_RETRY_AFTER))


def is_long(pause: float) -> bool:
    """Whether whoever waits wants to be told: the pause is longer than any that we make of our own accord."""
    return pause > LONGEST_PAUSE


class Failures:
    """The failures of one request in a row: how long to wait after each, and when another try is of no use.

    `budget` is in seconds of unbroken failure. It is looked at before each pause and does not cut the pause: whoever
    was asked to wait for a minute tries once more after it.
    """

    def __init__(self, budget: float) -> None:
        self._budget = budget
        self._count = 0
        self._since = 0.0

    def pause(self, now: float, asked: float | None = None) -> float | None:
        """Seconds to wait after a failure at `now` (seconds on one monotonic clock); None: give up.

        >>> failures = Failures(7.0)
        >>> failures.pause(100.0), failures.pause(101.0, 3600.0), failures.pause(161.0)
        (1.0, 60.0, None)
        """
        if not self._count:
            self._since = now
        if now - self._since >= self._budget:
            return None
        self._count += 1
        return pause_after_failure(self._count, asked)


# What redact looks at in one piece: URLs and paths hold none of these, unless they are broken.
_WORD = re.compile(r"[^\s\"<>]+")
# What may stand behind a URL in a sentence or in another language's quotes.
_CLOSING = "').,;:]}"
# Between a URL's scheme and its authority, also as JSON and people with backslashes write it.
_SCHEME_END = re.compile(r"(?<=[\w+.-]{2})(:[/\\]{1,4})")
_AUTHORITY = re.compile(r"[^/\\?#]*")
# A user and a password that, not encoded, may hold anything. What is after the colon is no port.
_LOGIN = re.compile(r"[^:@/\\?#\[]*:(?!\d*(?:[/\\?#]|$))")
# As git and scp take it: a user, who is called git where he is no secret, a host and a path.
_REMOTE_PATH = re.compile(r"(?!(?i:git)@)[^@:/\\]+@[\w.-]+:(?!\d*$)")
_DIGEST = re.compile(r"sha\d+:")
_PATH_END = re.compile(r"(?<=[\w/])\?")


def redact(text: str) -> str:
    """`text` without what may be secret of the URLs and paths in it: user names, passwords and queries.

    >>> redact("Max retries exceeded with url: /logs/cf1.log?sv=2020&sig=abc%3D (Caused by ..)")
    'Max retries exceeded with url: /logs/cf1.log (Caused by ..)'
    >>> redact("There is nothing at 'https://me:ghp_x@host/context.tar.gz?TOKEN'.")
    "There is nothing at 'https://host/context.tar.gz'."
    """
    return _WORD.sub(lambda word: _redact_word(word[0]), text)


def _redact_word(word: str) -> str:
    if "?" not in word and "@" not in word:
        return word
    core = word.rstrip(_CLOSING)
    before, *rest = _SCHEME_END.split(core)
    if rest:
        # Scheme ends and what follows them take turns.
        shown = (before + "".join(map(_without_user, rest))).partition("?")[0]
    else:
        opened = len(core) - len(core.lstrip("'([{/="))
        shown = core[:opened] + _without_login(core[opened:])
        path, *query = _PATH_END.split(shown, maxsplit=1)
        shown = path if any("=" in text for text in query) else shown
    return shown + word[len(core) :]


def _without_user(url: str) -> str:
    """What follows a URL's scheme, without who logs in."""
    return _from_host(url, url if _LOGIN.match(url) else _first(_AUTHORITY, url))


def _without_login(text: str) -> str:
    """What has no scheme, without who logs in; an e-mail address stays."""
    return _from_host(text, text if _LOGIN.match(text) else _first(_REMOTE_PATH, text))


def _from_host(text: str, login: str) -> str:
    """`text` behind the last @ of `login`, its beginning; all of it if that is an image's digest, or there is none."""
    end = login.rfind("@") + 1
    return text if _DIGEST.match(text, end) else text[end:]


def _first(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.match(text)
    return match[0] if match else ""


# az's own, which writes whole requests.
_REQUEST_LOG = "cli.azure.cli.core.sdk.policies"
# Loggers that write request paths (urllib3), bodies and tracebacks (az's --debug) as they are.
_TALKATIVE = (
    "urllib3.connectionpool",
    "urllib3.connection",
    "urllib3.util.retry",
    _REQUEST_LOG,
    f"{__package__}.client.arm",
    # With the traceback of an error, and what went wrong below.
    "cli.azure.cli.core.azclierror",
    # The command line. A process of az logs its own before it loads any extension, a program that has az inside each of
    # those that follow.
    "cli.knack.cli",
)
# What ARM's own queries hold. They are no secrets, and what one looks for in a debug log.
_ARM_QUERY = re.compile(r"\?(?:(?:api-version|\$\w+|%24\w+)=[^&?\s'\"]*(?:&|(?=[\s'\"]|$)))+(?=[\s'\"]|$)")


class _SecretFilter(logging.Filter):
    """Takes secrets out of records, and what may be secret off the URLs in them, ARM's own queries excepted.

    What would act on a terminal is shown as escapes.
    """

    hide: Callable[[str], str] = staticmethod(str)

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name == _REQUEST_LOG and _UNLOGGED.get():
            return False
        message = record.getMessage()
        shown = self.hide(message)
        shown = harmless(redact(shown) if "?" in _ARM_QUERY.sub("", shown) or "@" in shown else shown)
        if shown != message:
            record.msg, record.args = shown, ()
        return True


_FILTER = _SecretFilter()
_UNLOGGED: ContextVar[bool] = ContextVar("_UNLOGGED", default=False)


@contextmanager
def requests_unlogged() -> Iterator[None]:
    """While inside, az does not log the requests of this thread, however often they are sent.

    Its logging policy can be told so for one sending, but not for what follows a redirect or a challenge.
    """
    hide_secret_urls()
    token = _UNLOGGED.set(True)
    try:
        yield
    finally:
        _UNLOGGED.reset(token)


def hide_secrets_in_logs(hide: Callable[[str], str]) -> None:
    """From now on no debug log of an HTTP request or of an error shows what `hide` takes out, nor the secret of a URL.

    For the one command of a process.
    """
    _FILTER.hide = hide
    hide_secret_urls()


def hide_secret_urls() -> None:
    """From now on no debug log of an HTTP request shows the secret of a URL, or acts on a terminal."""
    for name in _TALKATIVE:
        logging.getLogger(name).addFilter(_FILTER)
