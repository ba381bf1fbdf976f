"""Each core dependency is really used: without it, something that matters cannot be done."""

import subprocess
import sys

import pytest

BLOCKED = """
import sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == {package!r}:
            raise ImportError("blocked: " + name)

sys.meta_path.insert(0, Blocker())
"""

ODD = """
from spshipping import loads
from spshipping.shipping import GetTrackingResult
found = loads(b'{{"trackingId": 5, "promisedDeliveryDate": "{time}"}}', GetTrackingResult)
assert found.tracking_id == "5", "cattrs"
assert found.promised_delivery_date is not None, "dateutil"
"""

USES = {
    "requests": "import spshipping; spshipping.Client",
    "urllib3": "import spshipping; spshipping.Client",
    "attr": "from spshipping.shipping import Location; Location()",
    "cattrs": ODD.format(time="2026-01-31T12:00:00Z"),
    "dateutil": ODD.format(time="2026-01-31T24:00:00Z"),
    "requests_auth_aws_sigv4": "import spshipping.auth.sts",
}


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("package", USES)
def test_each_core_dependency_does_something_that_fails_without_it(package: str) -> None:
    assert run(USES[package]).returncode == 0
    without = run(BLOCKED.format(package=package) + USES[package])
    assert without.returncode != 0
    assert package in without.stderr.splitlines()[-1]
