"""Run a command in a pseudo-terminal and save what the terminal showed at the end as an SVG.

Usage: picture.py FILE.svg COMMAND... (Linux and macOS: it needs a pseudo-terminal.)
"""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

COLUMNS, LINES = 118, 400
# rich's own template asks the web for a font.
TEMPLATE = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, Menlo, Consolas, monospace; font-size: {char_height}px;
 line-height: {line_height}px; font-variant-east-asian: full-width; }}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: sans-serif; }}
{styles}
</style>
<defs><clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" /></clipPath>{lines}</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">{backgrounds}
<g class="{unique_id}-matrix">{matrix}</g></g>
</svg>
"""


def capture(command: list[str]) -> str:
    """All that the command writes to its terminal; raises CalledProcessError if it fails."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": str(COLUMNS)}
    with subprocess.Popen(
        command, stdin=its, stdout=its, stderr=its, env=environment, start_new_session=True
    ) as process:
        os.close(its)
        written = bytearray()
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # the terminal's other end is closed: the command has ended
                break
            if not part:
                break
            written += part
    os.close(ours)
    if process.returncode:
        sys.stderr.buffer.write(written)
        raise subprocess.CalledProcessError(process.returncode, command)
    return written.decode()


def final_lines(written: str) -> list[str]:
    """The lines as they stand at the end: a carriage return starts its line anew."""
    lines = []
    for line in written.replace("\r\n", "\n").split("\n"):
        parts = [part for part in line.split("\r") if part]
        lines.append(parts[-1] if parts else "")
    return lines


def main() -> None:
    target, command = Path(sys.argv[1]), sys.argv[2:]
    lines = final_lines(capture(command))
    with Path(os.devnull).open("w") as nowhere:
        console = Console(record=True, width=COLUMNS, file=nowhere, force_terminal=True)
        for line in lines:
            console.print(Text.from_ansi(line), soft_wrap=False)
    target.write_text(console.export_svg(title="scripts/demo", theme=MONOKAI, code_format=TEMPLATE), "utf-8")


if __name__ == "__main__":
    main()
