"""The connections of the settings as a fleet of `spshipping worker`: what they share, and what not."""

from pathlib import Path
from typing import Any

import pytest
from urllib3.util import connection

from spshipping import AuthError
from spshipping.cli.choice import Choice
from spshipping.cli.fleet import ConnectedFleet, TabledFleet
from spshipping.sandbox import Sandbox
from spshipping.settings import Settings

SELLERS = [f"seller-{number}" for number in range(8)]


def settings_of(sandbox: Sandbox, folder: Path, **more: str) -> Settings:
    """Return settings with a connection for each seller; each has *more*, with `$name` for its name."""
    known = sandbox.credentials
    lines = [
        "[clients.shop]",
        f'client_id = "{known["client_id"]}"',
        f'client_secret = "{known["client_secret"]}"',
    ]
    for name in SELLERS:
        fields = {
            "client": "shop",
            "marketplace": "UK",
            "refresh_token": f"Atzr|{name}",
            "endpoint": sandbox.url,
            "token_url": sandbox.token_url,
            **more,
        }
        lines.append(f"[connections.{name}]")
        lines += [f'{field} = "{value}"' for field, value in fields.items()]
    path = folder / "settings.toml"
    path.write_text("\n".join(lines))
    path.chmod(0o600)
    return Settings.load(path)


def test_clients_of_many_connections_share_sockets_and_neither_tokens_nor_quotas(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in SELLERS[1:]:
        sandbox.add_seller(f"Atzr|{name}")
    opened: list[Any] = []
    open_it = connection.create_connection

    def counted(*args: Any, **options: Any) -> Any:
        opened.append(args)
        return open_it(*args, **options)

    monkeypatch.setattr(connection, "create_connection", counted)
    fleet = ConnectedFleet(settings_of(sandbox, tmp_path), None)
    clients = [fleet.make(name) for name in fleet.names]
    with pytest.raises(AuthError):  # nobody has this token, and that of no other is used
        clients[0].sellers.get_marketplace_participations()
    for client in clients[1:]:
        assert client.sellers.get_marketplace_participations()
    assert len(opened) <= 2
    keepers = {id(client._parts.sender.parts.quota.keeper) for client in clients}
    assert len(keepers) == len(SELLERS)
    again = fleet.make(SELLERS[1])
    assert again.sellers.get_marketplace_participations()
    assert len(opened) <= 2, "closing the client before has closed no socket of the others"
    fleet.close()


def test_connections_to_different_hosts_share_no_transport(sandbox: Sandbox, tmp_path: Path) -> None:
    settings_of(sandbox, tmp_path)
    path = tmp_path / "settings.toml"
    path.write_text(path.read_text().replace(f'endpoint = "{sandbox.url}"', 'region = "EU"', 1))
    fleet = ConnectedFleet(Settings.load(path), None)
    first, second, third = (fleet.make(name)._transport for name in SELLERS[:3])
    assert first is not second
    assert second is third
    fleet.close()


def test_each_connection_with_an_id_has_a_row_of_it(sandbox: Sandbox, tmp_path: Path) -> None:
    fleet = ConnectedFleet(settings_of(sandbox, tmp_path, seller="A2SELLEREXAMPLE"), None)
    assert fleet.rows == {"A2SELLEREXAMPLE": SELLERS}


def test_each_line_of_a_table_with_an_id_has_a_row_of_it(sandbox: Sandbox, tmp_path: Path) -> None:
    settings_of(sandbox, tmp_path)
    table = tmp_path / "sellers.csv"
    table.write_text("name,refresh_token,marketplace,seller_id\nuk,a,UK,A2\nde,a,DE,A2\nfr,b,FR,\n")
    fleet = TabledFleet(table, Choice(tmp_path / "settings.toml", SELLERS[0]), None)
    assert (fleet.names, fleet.rows) == (["uk", "de", "fr"], {"A2": ["uk", "de"]})
    fleet.close()
