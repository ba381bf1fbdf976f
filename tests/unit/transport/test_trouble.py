"""D6: which reason an error of the network has, and which words."""

import errno
import socket
import ssl

import pytest

from spshipping.transport.http import HttpFailure, Trouble
from spshipping.transport.trouble import transport_error, trouble_of

URL = "https://api.example.com/path"


def verification(code: int) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError("x")
    error.verify_code = code
    return error


def tls(reason: str | None) -> ssl.SSLError:
    error = ssl.SSLError(1, "x")
    if reason is not None:
        error.reason = reason
    return error


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (socket.gaierror(-2, "x"), "dns"),
        (ConnectionRefusedError(), "refused"),
        (OSError(errno.EMFILE, "x"), "files"),
        (OSError(errno.ENFILE, "x"), "files"),
        (OSError(errno.ENETUNREACH, "x"), "unreachable"),
        (OSError(errno.EHOSTUNREACH, "x"), "unreachable"),
        (TimeoutError(), "slow"),
        (OSError("Tunnel connection failed: 407 Proxy Authentication Required"), "login"),
        (OSError("Tunnel connection failed: 502 Bad Gateway"), "denied"),
        (OSError("x"), None),
        (ValueError("x"), None),
        (verification(9), "early"),
        (verification(10), "expired"),
        (verification(62), "name"),
        (verification(64), "name"),
        (verification(18), "issuer"),
        (verification(20), "issuer"),
        (tls("WRONG_VERSION_NUMBER"), "no_tls"),
        (tls("RECORD_LAYER_FAILURE"), "no_tls"),
        (tls("TLSV1_ALERT_PROTOCOL_VERSION"), "version"),
        (tls("UNSUPPORTED_PROTOCOL"), "version"),
        (tls("SSLV3_ALERT_HANDSHAKE_FAILURE"), "handshake"),
        (tls(None), "handshake"),
    ],
)
def test_d6_each_error_has_its_reason_however_it_is_wrapped(error: Exception, reason: str | None) -> None:
    outer = OSError("outer")
    outer.__cause__ = error
    outermost = RuntimeError("outermost")
    outermost.__context__ = outer
    for each in (error, outer, outermost):
        assert trouble_of(each, URL, None, was_sent=False) == Trouble("api.example.com", None, reason)
        assert trouble_of(each, URL, None, was_sent=True).reason is None


def test_d6_causes_that_go_round_in_a_circle_end() -> None:
    one, two = OSError("one"), OSError("two")
    one.__cause__, two.__cause__ = two, one
    assert trouble_of(one, URL, None, was_sent=False).reason is None


@pytest.mark.parametrize("proxy", ["http://me:pa55@proxy.example:3128", "me:pa55@proxy.example:3128"])
def test_d6_a_proxy_is_named_without_user_and_password(proxy: str) -> None:
    trouble = trouble_of(OSError("x"), URL, proxy, was_sent=True, proxy_status=407)
    assert trouble == Trouble("api.example.com", "proxy.example:3128", "login")


@pytest.mark.parametrize(
    ("failure", "text"),
    [
        (HttpFailure("connect", was_sent=False), "op: could not connect to the other side"),
        (HttpFailure("timeout", was_sent=True), "op: no answer from the other side within the time allowed"),
        (HttpFailure("refused", was_sent=False), "op: the request to the other side was refused before"),
        (HttpFailure("of my own", was_sent=False), "op: the exchange with the other side failed"),
        (HttpFailure("deadline", was_sent=False), "op: the time allowed for the whole call is over"),
    ],
)
def test_d6_a_transport_of_the_users_may_name_no_host(failure: HttpFailure, text: str) -> None:
    error = transport_error(failure, "op")
    assert str(error).startswith(text)
    assert (error.host, error.reason, error.remedy) == (None, None, None)


@pytest.mark.parametrize(("number", "reason"), [(errno.EMFILE, "files"), (errno.EACCES, "dns")])
def test_a_name_is_not_resolved_for_want_of_a_file(
    monkeypatch: pytest.MonkeyPatch, number: int, reason: str
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(number, "x")

    monkeypatch.setattr("spshipping.transport.trouble.os.open", refuse)
    trouble = trouble_of(socket.gaierror(-2, "x"), URL, None, was_sent=False)
    assert trouble.reason == reason
