"""Go's package `path`: paths with slashes, on every system."""

from __future__ import annotations

import posixpath

__all__ = ["base", "clean", "directory", "extension", "join"]


def clean(path: str) -> str:
    """The shortest form of a path (`path.Clean`); of two leading slashes, which Python keeps, one is left.

    >>> clean("//a/./b/../c/"), clean("")
    ('/a/c', '.')
    """
    return posixpath.normpath(f"/{path.lstrip('/')}" if path.startswith("/") else path)


def join(*parts: str) -> str:
    """Parts put together with slashes (`path.Join`): a later part that begins with a slash does not start anew.

    >>> join("/workspace", "/a", "../b"), join("", "")
    ('/workspace/b', '')
    """
    filled = [part for part in parts if part]
    return clean("/".join(filled)) if filled else ""


def base(path: str) -> str:
    """The last part of a path (`path.Base`).

    >>> base("/a/b/"), base("//"), base("")
    ('b', '/', '.')
    """
    if not path:
        return "."
    return path.rstrip("/").rpartition("/")[2] or "/"


def directory(path: str) -> str:
    """All but the last part of a path, cleaned (`path.Dir`).

    >>> directory("/a/b/"), directory("a"), directory("/a")
    ('/a/b', '.', '/')
    """
    before, slash, _ = path.rpartition("/")
    return clean(before + slash)


def extension(path: str) -> str:
    """What begins with the last dot of the last part (`path.Ext`).

    >>> extension("/a.b/c.tar.gz"), extension("a.b/c"), extension(".profile")
    ('.gz', '', '.profile')
    """
    _, dot, after = path.rpartition("/")[2].rpartition(".")
    return dot + after if dot else ""
