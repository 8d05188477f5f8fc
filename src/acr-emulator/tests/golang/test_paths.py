"""Go's packages path and net/url."""

from __future__ import annotations

import pytest
from acr_emulator.golang.path import extension
from acr_emulator.golang.url import UrlError, parse_url


@pytest.mark.parametrize(
    ("path", "end"),
    [("/a.b/c.tar.gz", ".gz"), ("a.b/c", ""), ("file", ""), (".profile", ".profile"), ("a.", "."), ("", "")],
    ids=range(6),
)
def test_what_a_name_ends_in(path: str, end: str) -> None:
    assert extension(path) == end


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("https://%zz/", 'invalid URL escape "%zz"'),
        ("https://%2F/", 'invalid URL escape "%2F"'),
        ("https://a\\%41/", 'invalid character "\\\\" in host name'),
        ('https://a:"/', 'invalid port ":\\"" after host'),
        ("https://a/%q", 'invalid URL escape "%q"'),
    ],
    ids=range(5),
)
def test_what_is_no_url(url: str, problem: str) -> None:
    with pytest.raises(UrlError) as refusal:
        parse_url(url)
    assert str(refusal.value) == problem
