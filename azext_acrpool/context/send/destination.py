"""Where the archive goes: the upload URL, fetched while packing begins and renewed when it expires."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

from ..errors import UploadError, UploadRefusedError
from .transport import Reply

__all__ = ["BlobMovedError", "Destination", "UploadTarget"]

_LOOK_AROUND_SECONDS = 0.1


class UploadTarget(Protocol):
    """The answer to `listBuildSourceUploadUrl`.

    `relative_path` names the blob in a run request. `upload_url` takes the upload; its query is a credential.
    """

    @property
    def relative_path(self) -> str: ...
    @property
    def upload_url(self) -> str: ...


class BlobMovedError(Exception):
    """The renewed URL is that of another blob: what was sent before does not count.

    `refusal` is how the storage account refused the URL before.
    """

    def __init__(self, refusal: Reply) -> None:
        self.refusal = refusal
        super().__init__(str(refusal))


class Destination:
    """The current upload URL, for all threads. `fetch` asks for one; it is called in a thread of its own, at once."""

    def __init__(self, fetch: Callable[[], UploadTarget]) -> None:
        self._fetch = fetch
        self._target: UploadTarget | None = None
        self._error: BaseException | None = None
        self._fetched = threading.Event()
        self._lock = threading.Lock()
        self._proven = False
        self._renewed_unproven = False
        threading.Thread(target=self._start, name="upload-url", daemon=True).start()

    def wait(self, cancelled: threading.Event) -> UploadTarget:
        """The upload URL, as soon as it is there. Raises whatever asking for it raised."""
        while not self._fetched.wait(_LOOK_AROUND_SECONDS):
            if cancelled.is_set():
                break
        if self._error is not None:
            raise self._error
        if self._target is None:
            raise UploadError("The upload was given up.")
        return self._target

    def accepted(self, target: UploadTarget) -> None:
        """The storage account took a request to this URL."""
        with self._lock:
            if self._target is target:
                self._proven = True
                self._renewed_unproven = False

    def renew(self, refused: UploadTarget, reply: Reply) -> None:
        """Replace a URL that was refused with 403.

        Raises UploadRefusedError when a new URL is refused just like the one before, BlobMovedError when the new URL is
        that of another blob.
        """
        with self._lock:
            if self._target is not refused:
                return  # another thread has done so
            if self._renewed_unproven:
                raise UploadRefusedError(
                    f"The storage account refused the upload twice, with a new upload URL the second time: {reply}. "
                    "Check this machine's clock, and that no firewall or proxy stands between it and the storage "
                    "account of the registry.",
                    status=reply.status,
                    code=reply.error_code,
                )
            new = self._fetch()
            self._target = new
            self._proven = False
            self._renewed_unproven = True
            if _blob(new.upload_url) != _blob(refused.upload_url):
                raise BlobMovedError(reply)

    def _start(self) -> None:
        try:
            self._target = self._fetch()
        except BaseException as error:  # handed to the threads that wait for the URL
            self._error = error
        self._fetched.set()


def _blob(url: str) -> str:
    return url.partition("?")[0]
