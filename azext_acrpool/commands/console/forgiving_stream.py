"""Writing to stdout and stderr, whatever they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import TextIO

from .streams import keep_blocking, lead_nowhere

__all__ = ["ForgivingStream"]


class ForgivingStream:
    """Writes text at once to a stream that may be missing, closed, full or broken, and of any encoding.

    What the encoding cannot show is replaced; a stream that takes no more is left alone, and `refusal` is why. Nothing
    is ever raised.
    """

    def __init__(self, stream: TextIO | None) -> None:
        self.refusal: OSError | None = None
        self._stream = stream
        self._encoding = getattr(stream, "encoding", None) or "utf-8"

    def write(self, text: str) -> None:
        """Write text and flush."""
        self._do(lambda stream: stream.write(_encodable(text, self._encoding)))

    def flush(self) -> None:
        """Let all that was written, by whomever, go out."""
        self._do(lambda stream: None)

    def _do(self, write: Callable[[TextIO], object]) -> None:
        if self._stream is None:
            return
        try:
            keep_blocking(self._stream)
            write(self._stream)
            self._stream.flush()
        except BlockingIOError:
            # Full just now, and of a kind that cannot be made to wait for its reader.
            return
        except OSError as error:
            self.refusal = error
            lead_nowhere(self._stream)
            self._stream = None
        except (AttributeError, TypeError, ValueError, RuntimeError):
            # Closed, in use by whom we interrupted, or no text stream at all.
            self._stream = None


def _encodable(text: str, encoding: str) -> str:
    try:
        return text.encode(encoding, "replace").decode(encoding)
    except (LookupError, TypeError, ValueError):
        # No encoding of text has that name. What every encoding has is safe.
        return text.encode("ascii", "replace").decode("ascii")
