"""Which host a URL names, read so that nobody who connects could read another; where tokens and bodies may go."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from urllib3.util import parse_url

from azext_acrpool.hosts import Origin, blob_url_objection, is_arm_host, named_host, peer_objection, read_origin

ARM = "https://management.azure.com"
EMULATOR = "https://127.0.0.1:8443/"


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://management.azure.com", Origin("https", "management.azure.com", 443)),
        ("https://management.azure.com/", Origin("https", "management.azure.com", 443)),
        ("https://management.azure.com?a=1", Origin("https", "management.azure.com", 443)),
        ("https://management.azure.com#a", Origin("https", "management.azure.com", 443)),
        ("HTTPS://Management.AZURE.com/A", Origin("https", "management.azure.com", 443)),
        ("https://management.azure.com:443/x", Origin("https", "management.azure.com", 443)),
        ("https://a/b@c:d\\e f?x=é", Origin("https", "a", 443)),
        ("http://a_b-c.example:8080/x", Origin("http", "a_b-c.example", 8080)),
        ("http://127.0.0.1/x", Origin("http", "127.0.0.1", 80)),
        ("https://169.254.169.254/x", Origin("https", "169.254.169.254", 443)),
        ("https://[::1]:8443/x", Origin("https", "::1", 8443)),
        ("https://[0:0::0001]/x", Origin("https", "::1", 443)),
        ("https://[FE80::1]/x", Origin("https", "fe80::1", 443)),
        ("https://xn--bcher-kva.example/", Origin("https", "xn--bcher-kva.example", 443)),
        (f"https://{'a' * 63}.example", Origin("https", f"{'a' * 63}.example", 443)),
        ("https://1password.example/", Origin("https", "1password.example", 443)),
        ("https://a:65535", Origin("https", "a", 65535)),
    ],
)
def test_what_can_be_read_in_one_way(url: str, origin: Origin) -> None:
    assert read_origin(url) == origin


@pytest.mark.parametrize(
    "url",
    [
        # No HTTP URL, or none with a host.
        *("", "nonsense", "/subscriptions/x", "//host/x", "https:", "https:/host", "https:host"),
        *("https://", "https:///x"),
        *("ftp://host/x", "file:///etc/passwd", "httpss://host", "javascript:alert(1)", "://host", "https//host"),
        # User names, empty ones as well.
        *("https://user@host/", "https://user:password@host/", "https://@host/", "https://:@host/"),
        *("https://management.azure.com@evil/", "https://management.azure.com:443@evil/", "https://a%40b@evil/"),
        # What some read as the end of the host, and others do not.
        *("https://management.azure.com\\@evil/", "https://evil\\.management.azure.com/", "https:\\\\host/"),
        *("https://host;evil/", "https://host,evil/", "https://a&b/", "https://a=b/", "https://(a)/", "https://a'b/"),
        *('https://a"b/', "https://a<b>/", "https://a^b/", "https://a`b/", "https://a{b}/"),
        *("https://a|b/", "https://*.a/"),
        # Blanks and control characters, which some take away.
        *(" https://host/", "https://host /", "https:// host/", "https://ho st/", "https://host\u00a0/"),
        *("\thttps://host/", "ht\ttps://host/", "https://ho\tst/", "https://host\n"),
        *("https://host/a\r\nb", "https://h/\x00"),
        *("https://host/\x7f", "https://host\x00.evil/", "https://management.azure.com\n.evil/", "\ufeffhttps://host/"),
        # Percent signs in the host.
        *("https://management%2eazure.com/", "https://host%00/", "https://host%2f.evil/", "https://%31/", "https://%/"),
        # Letters beyond ASCII: some become another host, some a number.
        *("https://bücher.example/", "https://management。azure。com/"),
        *("https://\uff45vil/", "https://\uff11\uff16\uff19.254.169.254/"),
        *("https://\u212aube/", "https://ho\u017ft/", "https://ho\u00adst/"),
        *("https://host\u200b/", "http\u017f://host/"),
        # Labels that are empty or too long; a dot at the end is another name for a certificate.
        *("https://host./", "https://.host/", "https://a..b/", "https://./"),
        *(f"https://{'a' * 64}/", f"https://{'a.' * 127}a/"),
        *("https://-a/", "https://a-/", "https://a.-b/"),
        # Ports.
        *("https://host:/", "https://host:0/", "https://host:00443/", "https://host:65536/", "https://host:99999/"),
        *("https://host:-1/", "https://host:+1/", "https://host:4_3/", "https://host:a/", "https://host:443:443/"),
        *(f"https://host:{'4' * 5000}/", "https://host:\uff14\uff14\uff13/", "https://host: 443/", "https://:443/"),
        # Other spellings of IPv4 addresses.
        *("https://2852039166/", "https://0xA9FEA9FE/", "https://025177524776/", "https://0251.0376.0251.0376/"),
        *("https://169.254.43518/", "https://169.16689662/", "https://0xa9.254.0xa9.254/", "https://169.254.169.0xfe/"),
        *("https://127.1/", "https://0/", "https://0x/", "https://127.0.0.01/"),
        *("https://1.2.3.4.5/", "https://256.1.1.1/"),
        *("https://127.0.0.1./", "https://a.1/"),
        # IPv6 addresses that are none, and zones.
        *("https://[::1", "https://::1]/", "https://::1/", "https://[]/", "https://[::1]x/"),
        *("https://[::1]:/", "https://[::g]/"),
        *("https://[fe80::1%25eth0]/", "https://[fe80::1%eth0]/", "https://[v1.a]/", "https://[127.0.0.1]/x"),
        *("https://[[::1]]/", "https://a[::1]/", "https://[::1]@evil/"),
        *("https://[:::1]/", "https://[1:2:3:4:5:6:7:8:9]/"),
    ],
)
def test_what_is_no_url_or_could_be_read_in_two_ways_names_no_host(url: str) -> None:
    assert read_origin(url) is None


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        *((url, ARM) for url in ("https://management.azure.com", "https://management.azure.com/subscriptions/x?a=b")),
        ("https://management.azure.com:443/x", ARM),
        ("https://MANAGEMENT.azure.com/x", ARM + "/"),
        ("https://westus2.management.azure.com/x", ARM),
        ("https://a.b.management.azure.com/x", "https://Management.Azure.com:443/"),
        ("https://management.azure.com/\\@evil.example/", ARM),
        ("https://usgovvirginia.management.usgovcloudapi.net/x", "https://management.usgovcloudapi.net"),
        ("https://127.0.0.1:8443/x", EMULATOR),
        ("https://[::1]:8443/x", "https://[0::1]:8443"),
        ("https://localhost:8443/x", "https://localhost:8443"),
    ],
)
def test_hosts_of_arm(url: str, endpoint: str) -> None:
    assert is_arm_host(url, endpoint)


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("http://management.azure.com/x", ARM),
        ("http://management.azure.com:443/x", ARM),
        ("https://management.azure.com:8443/x", ARM),
        ("https://westus2.management.azure.com:8443/x", ARM),
        ("https://management.azure.com.evil.example/x", ARM),
        ("https://management.azure.com@evil.example/x", ARM),
        ("https://management.azure.com:x@evil.example/x", ARM),
        ("https://evilmanagement.azure.com/x", ARM),
        ("https://azure.com/x", ARM),
        ("https://login.azure.com/x", ARM),
        ("https://management.azure.co/x", ARM),
        ("https://management.azure.com./x", ARM),
        ("https://.management.azure.com/x", ARM),
        ("https://evil.example/.management.azure.com", ARM),
        ("https://evil.example?.management.azure.com", ARM),
        ("https://evil.example#.management.azure.com", ARM),
        ("https://evil.example\\.management.azure.com", ARM),
        ("https://evil.example%2f.management.azure.com", ARM),
        ("https://evil.example\t.management.azure.com", ARM),
        ("https://m\u0430nagement.azure.com/x", ARM),  # a Cyrillic letter
        ("//management.azure.com/x", ARM),
        ("/subscriptions/x", ARM),
        ("https://[::1", ARM),
        ("https://127.0.0.1:8444/x", EMULATOR),
        ("https://127.0.0.1/x", EMULATOR),
        ("https://127.0.0.2:8443/x", EMULATOR),
        ("https://localhost:8443/x", EMULATOR),
        ("https://a.127.0.0.1:8443/x", EMULATOR),
        ("https://2130706433:8443/x", EMULATOR),
        ("http://127.0.0.1:8443/x", EMULATOR),
        ("http://management.azure.com/x", "http://management.azure.com"),
        ("https://management.azure.com/x", ""),
        ("https://management.azure.com/x", "management.azure.com"),
        ("https://x", "https://"),
    ],
)
def test_other_hosts(url: str, endpoint: str) -> None:
    assert not is_arm_host(url, endpoint)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://evil.example/x?sig=secret", "evil.example"),
        ("https://[fe80::1]/x?sig=secret", "fe80::1"),
        ("https://me:secret@evil.example/x?sig=secret", "evil.example"),
        ("https://me:secret@evil.example?sig=secret", "evil.example"),
        ("https://evil.example\\x?sig=secret", "evil.example"),
        ("https://evil\x1b[31m.example/x", "evil\\x1b[31m.example"),
        ("https://host:99999/", "host:99999"),
        ("https://[::1", "[::1"),
        ("https://" + "a" * 5000, "a" * 100),
        ("https:secret", "(none)"),
        ("https://?sig=secret", "(none)"),
        ("secret", "(none)"),
        ("", "(none)"),
    ],
)
def test_the_host_for_a_message_is_printable_and_no_secret(url: str, host: str) -> None:
    assert named_host(url) == host


NOT_PLAIN = "in a URL that is not plain HTTPS"
NOT_ENCRYPTED = "to be reached without encryption, which is for hosts on this machine only"
NO_STORAGE = "whose address is link-local or for metadata, where no storage account is"


@pytest.mark.parametrize(
    "url",
    [
        "https://account.blob.core.windows.net/c/x.tar.gz?sv=1&sig=a%2Fb%3D",
        "https://account.z01.blob.storage.azure.net/c/x",
        "https://account.privatelink.blob.core.windows.net:443/c/x",
        "https://myregistry.westus2.data.azurecr.io/x",
        # Private endpoints, and an emulator.
        *("https://10.1.2.3/x", "https://172.16.0.4/x", "https://192.168.1.4:10000/x", "https://100.64.0.4/x"),
        *("https://[fd12:3456::4]/x", "https://storage.internal/x"),
        *("https://127.0.0.1:8443/x", "https://localhost:8443/x", "https://[::1]:8443/x"),
        *("http://127.0.0.1:10000/x", "http://127.1.2.3/x", "http://localhost/x", "http://[::1]:10000/x"),
    ],
)
def test_signed_urls_that_may_be_used(url: str) -> None:
    assert blob_url_objection(url) is None


@pytest.mark.parametrize(
    ("urls", "objection"),
    [
        (("http://account.blob.core.windows.net/x", "http://10.0.0.4/x", "http://[fd12::4]/x"), NOT_ENCRYPTED),
        (
            ("http://localhost.evil/x", "http://a.localhost/x", "http://128.0.0.1/x", "http://[2002:7f00:1::]/x"),
            NOT_ENCRYPTED,
        ),
        (("http://[64:ff9b::7f00:1]/x",), NOT_ENCRYPTED),
        (("https://169.254.169.254/x", "https://169.254.0.1/x", "http://169.254.169.254/x"), NO_STORAGE),
        (("https://[fe80::1]/x", "https://[FEBF::1]/x"), NO_STORAGE),
        (("https://[::ffff:169.254.169.254]/x", "https://[::ffff:a9fe:a9fe]/x", "https://[::a9fe:a9fe]/x"), NO_STORAGE),
        (("https://[64:ff9b::169.254.169.254]/x", "https://[2002:a9fe:a9fe::1]/x"), NO_STORAGE),
        (("https://168.63.129.16/x", "https://[::ffff:168.63.129.16]/x", "https://[fd00:ec2::254]/x"), NO_STORAGE),
        (("https://100.100.100.200/x", "https://192.0.0.192/x", "https://[fd20:ce::254]/x"), NO_STORAGE),
        (("https://0.0.0.0/x", "http://0.0.0.0/x", "https://[::]/x", "https://255.255.255.255/x"), NO_STORAGE),
        (("https://224.0.0.1/x", "https://[ff02::1]/x"), NO_STORAGE),
        (("https://2852039166/x", "https://0xa9fea9fe/x", "https://0251.0376.0251.0376/x"), NOT_PLAIN),
        (
            ("https://169.254.169.254./x", "https://[fe80::1%25eth0]/x", "https://\uff11\uff16\uff19.254.169.254/x"),
            NOT_PLAIN,
        ),
        (("https://me:password@account.example/x", "https://@account.example/x"), NOT_PLAIN),
        (
            ("ftp://account.example/x", "file:///etc/passwd", "account.example/x", "//a/x", "", "https://[::1"),
            NOT_PLAIN,
        ),
    ],
)
def test_signed_urls_that_are_refused(urls: tuple[str, ...], objection: str) -> None:
    assert {blob_url_objection(url) for url in urls} == {objection}


@pytest.mark.parametrize(
    ("scheme", "address", "objection"),
    [
        ("https", "20.60.1.1", None),
        ("https", "10.0.0.4", None),
        ("https", "2603:1030::1", None),
        ("https", "127.0.0.1", None),
        ("http", "127.0.0.1", None),
        ("http", "::1", None),
        ("http", "::ffff:127.0.0.1", None),
        ("http", "10.0.0.4", NOT_ENCRYPTED),
        ("https", "169.254.169.254", NO_STORAGE),
        ("https", "::ffff:169.254.169.254", NO_STORAGE),
        ("https", "fe80::1%eth0", NO_STORAGE),
        ("https", "168.63.129.16", NO_STORAGE),
    ],
)
def test_where_a_name_leads_is_judged_like_an_address_in_a_url(
    scheme: str, address: str, objection: str | None
) -> None:
    assert peer_objection(scheme, address) == objection


_PIECES = st.sampled_from(
    [
        *("https://", "http://", "HTTPS://", "https:", "//", "/", "\\", "@", ":", "443", "8443", "?", "#"),
        *("%", "%2e", "."),
        *("management.azure.com", "azure", "evil", "127.0.0.1", "169.254.169.254", "2852039166", "0x7f"),
        *("[::1]", "[", "]"),
        *("::", "fe80", "%25eth0", " ", "\t", "\n", "\x00", "。", "\uff11", "ß", "\u212a", "\u00ad", "xn--"),
        *("-", "_", "\ud800"),
    ]
)
_URLS = st.one_of(
    st.text(),
    st.lists(_PIECES).map("".join),
    st.lists(_PIECES).map(lambda pieces: "https://" + "".join(pieces)),
    st.tuples(st.sampled_from(["https://management.azure.com", "https://[::1]"]), st.text()).map("".join),
)


@given(_URLS)
@example("https://management.azure.com\n.evil")
def test_whoever_connects_reads_the_same_host(url: str) -> None:
    """The HTTP library that az uses, and Python's own reader of URLs."""
    origin = read_origin(url)
    named_host(url).encode("ascii", "backslashreplace")
    if origin is None:
        return
    connected, standard = parse_url(url), urlsplit(url)
    hosts = {(connected.host or "").strip("[]"), standard.hostname or ""}
    assert {_canonical(host) for host in hosts} == {origin.host}
    assert (connected.scheme, connected.auth) == (origin.scheme, None)
    assert (standard.scheme, standard.username, standard.password) == (origin.scheme, None, None)
    assert {connected.port or {"http": 80, "https": 443}[origin.scheme]} == {origin.port}


@given(_URLS, st.sampled_from([ARM, EMULATOR, "https://[::1]:8443"]))
def test_no_text_is_taken_for_arm_unless_it_leads_there(url: str, endpoint: str) -> None:
    if not is_arm_host(url, endpoint):
        return
    connected, arm = parse_url(url), parse_url(endpoint)
    assert (connected.scheme, connected.port or 443, connected.auth) == ("https", arm.port or 443, None)
    assert connected.host == arm.host or (connected.host or "").endswith(".management.azure.com")


@given(_URLS)
def test_no_text_is_taken_for_a_signed_url_that_leads_to_a_link_local_address(url: str) -> None:
    if blob_url_objection(url) is not None:
        return
    connected = parse_url(url)
    assert connected.host
    assert connected.auth is None
    assert connected.scheme == "https" or connected.host in ("127.0.0.1", "[::1]", "localhost")
    # What the C library would read as an address, it reads as this one.
    try:
        address = socket.inet_aton(connected.host)
    except OSError:
        return
    assert str(ipaddress.IPv4Address(address)) == connected.host
    assert not connected.host.startswith("169.254.")


def _canonical(host: str) -> str:
    return str(ipaddress.ip_address(host)) if ":" in host else host
