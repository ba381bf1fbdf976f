"""G8: a sandbox makes clients for itself."""

import asyncio

from spshipping import Marketplace, Region
from spshipping.sandbox import Sandbox
from spshipping.sellers import BusinessType


def test_g8_a_sandbox_that_does_not_listen_yet_is_started_for_its_client() -> None:
    sandbox = Sandbox()
    with sandbox.client() as client:
        assert client.marketplace is Marketplace.UK
        assert client.sellers.get_marketplace_participations()
    sandbox.close()


def test_g8_a_client_has_tokens_of_its_own_and_the_options_that_it_is_given() -> None:
    with Sandbox() as sandbox:
        url = sandbox.url
        with sandbox.client("FR", strict=True) as one, sandbox.client(Marketplace.US) as other:
            assert (one.region, other.region, sandbox.url) == (Region.EU, Region.NA, url)
            assert one.check("shipping").is_ok
            assert other.check("shipping").steps[0].is_ok
            assert one._parts.sender.rules.is_strict
            assert one._parts.authorizer._cache is not other._parts.authorizer._cache


def test_g8_a_sandbox_makes_clients_for_asyncio_too() -> None:
    async def main() -> None:
        async with sandbox.async_client() as client:
            assert await client.sellers.get_marketplace_participations()

    with Sandbox() as sandbox:
        asyncio.run(main())


def test_a_seller_has_an_account_that_sells_where_the_participations_are() -> None:
    with Sandbox() as sandbox, sandbox.client(strict=True) as client:
        account = client.sellers.get_account()
        assert account.marketplace_participation_list == client.sellers.get_marketplace_participations()
        assert account.business_type is BusinessType.PRIVATE_LIMITED
        assert account.business
        assert account.primary_contact
        assert account.business.registered_business_address == account.primary_contact.address
