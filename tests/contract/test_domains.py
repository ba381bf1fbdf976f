"""Every domain is complete: what is missing of one is said in words."""

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from spshipping.catalogue import DOMAINS, Domain, find
from spshipping.facade import Api
from spshipping.operation import Effect, Operation, Quota
from spshipping.shipping import GET_RATES
from tests.contract.domains import missing, unlisted


@pytest.mark.parametrize("domain", DOMAINS, ids=lambda domain: domain.package)
def test_nothing_of_a_domain_is_missing(domain: Domain) -> None:
    assert not missing(domain)


def test_every_package_that_declares_operations_is_in_the_catalogue() -> None:
    assert not unlisted()


def test_a_package_that_is_in_no_row_is_named(tmp_path: Path) -> None:
    (tmp_path / "postal").mkdir()
    (tmp_path / "postal" / "api.py").write_text("GET_LABELS = Operation(name='getLabels')\n")
    (tmp_path / "postal" / "models.py").write_text("LIMIT = 5\nOperation('made, and not kept')\n")
    assert unlisted(tmp_path) == [
        "spshipping.postal.api declares operations: add a row for its package to DOMAINS in"
        " spshipping/catalogue.py"
    ]


@pytest.mark.parametrize(
    ("domain", "lacks"),
    [
        (
            Domain("postal", "PostalApi", "postal"),
            ["there is no package spshipping.postal, which DOMAINS names"],
        ),
        (
            Domain("regions", "RegionsApi", "regions"),
            [
                "spshipping.regions exports no operation: import them in its __init__.py",
                "spshipping.regions exports no facade RegionsApi, a class made of spshipping.facade.Api",
                "Client has no property regions: client.regions is RegionsApi",
                "AsyncClient has no property regions: client.regions is AsyncRegionsApi",
                "tools/reference_pages.py has no page for spshipping.regions",
                "tools/make_operations.py has no title for the operations of spshipping.regions",
            ],
        ),
        (
            Domain("sellers", "SellersApi", "shipping"),
            [
                "client.shipping is a ShippingApi, and not SellersApi",
                "client.shipping is a AsyncShippingApi, and not AsyncSellersApi",
            ],
        ),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_is_missing_is_said_part_by_part(domain: Domain, lacks: list[str]) -> None:
    assert missing(domain) == lacks


def test_what_an_operation_lacks_is_said_too(monkeypatch: pytest.MonkeyPatch) -> None:
    module: Any = ModuleType("spshipping.postal")
    module.GET_LABELS = Operation(
        "getLabels", "GET /postal/labels", returns=bytes, quota=Quota(1, 1), effect=Effect.NONE
    )
    module.__path__ = []
    module.PostalApi = type("PostalApi", (Api,), {})
    monkeypatch.setitem(sys.modules, "spshipping.postal", module)
    assert missing(Domain("postal", "PostalApi", "postal")) == [
        "spshipping.postal does not export AsyncPostalApi: run python tools/make_async.py and import it",
        "spshipping.postal.PostalApi has no method get_labels() for GET_LABELS",
        "spshipping.postal.GET_LABELS is no constant of spshipping.postal, so that it cannot be pickled by"
        " reference",
        "Client has no property postal: client.postal is PostalApi",
        "AsyncClient has no property postal: client.postal is AsyncPostalApi",
        "spshipping.postal has no floor: add it to the layers in pyproject.toml",
        "tools/reference_pages.py has no page for spshipping.postal",
        "tools/make_operations.py has no title for the operations of spshipping.postal",
        "GET_LABELS: tests/contract/spec has no GET /postal/labels: add its file to tools/make_spec.py",
        "GET_LABELS: the sandbox does not answer GET /postal/labels",
    ]


def test_an_operation_is_found_by_its_constant_or_by_its_route() -> None:
    assert find("spshipping.shipping.GET_RATES", GET_RATES.route) is GET_RATES
    assert find("spshipping.shipping.GET_TRACKING", GET_RATES.route) is GET_RATES
    assert find("spshipping.shipping.NOTHING", GET_RATES.route) is GET_RATES
    assert find("os.path", GET_RATES.route) is GET_RATES
    assert find("spshipping.shipping.GET_RATES", "GET /nothing") is None
