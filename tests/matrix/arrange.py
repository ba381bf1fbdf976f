"""How a fault is brought in: at a request, at a connection, while the line is idle, in the sandbox."""

import functools
import ssl
import tempfile
from pathlib import Path

import trustme

from tests.matrix import faults as f
from tests.matrix.proxy import Fault, Proxy, spoken
from tests.matrix.stage import Arrange, Trial


def at_request(fault: Fault) -> Arrange:
    return lambda trial: trial.strike(fault)


def in_silence(fault: Fault) -> Arrange:
    """Bring in a fault that only a timeout ends."""

    def arrange(trial: Trial) -> None:
        trial.patience = 0.05
        trial.strike(fault)

    return arrange


def at_connection(fault: Fault) -> Arrange:
    """Bring in a fault that strikes before a request is read."""

    def arrange(trial: Trial) -> None:
        if trial.times == "once":
            trial.proxy.at_once.append(fault)
        else:
            trial.proxy.for_ever_at_once = fault

    return arrange


def while_idle(*, with_reset: bool) -> Arrange:
    """End the connection that the client keeps, before it is used again."""

    def arrange(trial: Trial) -> None:
        trial.warm_up = functools.partial(trial.proxy.end_idle_lines, with_reset=with_reset)

    return arrange


def on_a_kept_line(fault: Fault) -> Arrange:
    """Strike a request on a connection that has been used before."""

    def arrange(trial: Trial) -> None:
        trial.warm_up = functools.partial(trial.strike, fault)

    return arrange


def nobody_listens(trial: Trial) -> None:
    """Refuse connections: until after the first try, or for ever."""
    proxy = trial.use(Proxy(trial.stage.upstream, is_listening=False))
    if trial.times == "once":
        trial.on_reply = lambda _attempt: proxy.listen()


def with_tls(fault: Fault | None, *, is_trusted: bool) -> Arrange:
    """Speak TLS, with a certificate that the client trusts or does not."""

    def arrange(trial: Trial) -> None:
        authority = _authority()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(context)
        trial.use(Proxy(trial.stage.upstream, tls=context))
        if fault:
            trial.strike(fault)
        trial.is_curable = is_trusted
        if is_trusted:
            path = Path(trial.resources.enter_context(tempfile.TemporaryDirectory())) / "ca.pem"
            authority.cert_pem.write_to_path(path)
            trial.environment = {"REQUESTS_CA_BUNDLE": str(path)}

    return arrange


@functools.cache
def _authority() -> trustme.CA:
    return trustme.CA()


def slowly(trial: Trial) -> None:
    """Bring in an answer that drips, within the time allowed."""
    trial.strike(f.drips)


def too_slowly(where: f.Cut) -> Arrange:
    """Let the time allowed for the whole call pass in the middle of the answer."""

    def arrange(trial: Trial) -> None:
        def pass_time() -> None:
            trial.clock.elapsed += 100.0

        trial.deadline = 60.0
        trial.patience = 0.05  # asyncio looks at the clock when it has read something, or no longer waits
        trial.strike(f.pauses(where, pass_time))

    return arrange


def redirected(status: str) -> Arrange:
    """Send the client to a host that must not hear of it."""

    def arrange(trial: Trial) -> None:
        trial.elsewhere = trial.keep(Proxy(trial.stage.upstream))
        trial.strike(f.says(spoken(b"", f"Location: {trial.elsewhere.url}/x", status=status)))

    return arrange


def in_the_sandbox(kind: str, *, is_odd: bool = False, **more: object) -> Arrange:
    """Order the fault from the sandbox itself."""

    def arrange(trial: Trial) -> None:
        trial.endpoint = trial.stage.sandbox.url
        trial.is_odd = is_odd
        count = 1 if trial.times == "once" else 99
        trial.stage.sandbox.add_fault(trial.operation, kind, count=count, **more)  # type: ignore[arg-type]  # one of its own
        if kind == "delay":
            trial.patience = 0.05

    return arrange
