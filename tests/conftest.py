"""What tests of more than one folder share."""

import gc
import os
import signal
from collections.abc import Generator, Iterator

import boto3
import pytest
from hypothesis import HealthCheck, settings

from spshipping import Secret
from spshipping.auth.aws import AwsCredentials
from spshipping.wire import engine
from tests.sampling import leave_alike_to_long
from tests.transports import TRANSPORTS, New

# a run in the background may have been told to ignore these, and tests send them
signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP"):
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

# without msgspec, unless a test says otherwise, or the run: `make fast`
engine.switch(is_on=os.environ.get("WITH_MSGSPEC") == "1")

# a busy machine is slow, and that is no failure of the code
settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("here")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Spare the collector what lives until the end: it would walk over it again and again."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.collect()
        gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is outside the samples."""
    leave_alike_to_long(items)


@pytest.fixture(params=TRANSPORTS.values(), ids=list(TRANSPORTS))
def new(request: pytest.FixtureRequest) -> New:
    """Return what makes a transport, over threads or over asyncio."""
    made: New = request.param
    return made


@pytest.fixture(scope="session")
def sts() -> Iterator[tuple[str, AwsCredentials]]:
    """Run a moto server that starts to verify signatures once a user with keys exists."""
    with pytest.MonkeyPatch.context() as patch:
        # the calls that set the user up come unsigned for moto; all that follow are checked
        patch.setenv("INITIAL_NO_AUTH_ACTION_COUNT", "5")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        from moto.server import ThreadedMotoServer

        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        host, port = server.get_host_and_port()
        url = f"http://{host}:{port}/"
        yield url, _user(url)
        server.stop()


def _user(url: str) -> AwsCredentials:
    iam = boto3.client(
        "iam",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="setup",
        aws_secret_access_key="setup",
    )
    iam.create_user(UserName="integrator")
    key = iam.create_access_key(UserName="integrator")["AccessKey"]
    allow_all = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
    iam.put_user_policy(UserName="integrator", PolicyName="all", PolicyDocument=allow_all)
    iam.create_role(RoleName="spapi", AssumeRolePolicyDocument=allow_all)
    iam.put_role_policy(RoleName="spapi", PolicyName="all", PolicyDocument=allow_all)
    return AwsCredentials(key["AccessKeyId"], Secret(key["SecretAccessKey"]))
