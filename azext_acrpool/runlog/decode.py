"""Log bytes to text, piece by piece, whatever the pieces are."""

from __future__ import annotations

import codecs

__all__ = ["LogDecoder"]

_LONGEST_HELD = 64 * 1024


class LogDecoder:
    r"""Turns consecutive pieces of a UTF-8 log into text that ends at line ends.

    However the log is cut, all texts together are the log decoded in one go: `\r\n` becomes `\n`, a bare `\r`
    (a progress bar) stays, and invalid bytes become U+FFFD.

    >>> decoder = LogDecoder()
    >>> decoder.feed(b"Step 1\r"), decoder.feed(b"\nStep"), decoder.finish()
    ('Step 1', '\n', 'Step')
    """

    def __init__(self) -> None:
        self._utf8 = codecs.getincrementaldecoder("utf-8")("replace")
        self._held = ""
        self._held_return = False

    def feed(self, data: bytes) -> str:
        """Take the next bytes; return the text up to the last line end or carriage return in them.

        The start of a line is held back until its end comes (`flush` gives it early); a start longer than 64 KiB
        is not held.
        """
        return self._release(self._utf8.decode(data))

    def flush(self) -> str:
        """Return the start of a line that is held back, for when its end is long in coming."""
        text, self._held = self._held, ""
        return text

    def finish(self) -> str:
        """The log has ended: return all that is left."""
        text = self._release(self._utf8.decode(b"", final=True)) + self.flush()
        if self._held_return:
            self._held_return = False
            text += "\r"
        return text

    def _release(self, decoded: str) -> str:
        # A return at the very end may be half of \r\n: its line is shown, the return waits for the next character.
        if not decoded:
            return ""
        if self._held_return:
            decoded = "\r" + decoded
        self._held_return = decoded.endswith("\r")
        if self._held_return:
            decoded = decoded[:-1]
        text = self._held + decoded.replace("\r\n", "\n")
        end = len(text) if self._held_return else max(text.rfind("\n"), text.rfind("\r")) + 1
        if len(text) - end > _LONGEST_HELD:
            end = len(text)
        self._held = text[end:]
        return text[:end]
