"""What the examples with queues need: a sandbox's sellers in settings, and engines where they are here."""

from pathlib import Path

from spshipping.sandbox import Sandbox

SELLERS = ("harbour-lane", "mill-street")


def settings_of(sandbox: Sandbox, path: Path, **engines: str) -> dict[str, str]:
    """Write the settings of two sellers; return what names them."""
    known = sandbox.credentials
    lines = ["[engines]", *(f'{name} = "{value}"' for name, value in engines.items()), "[clients.shop]"]
    lines += [f'client_id = "{known["client_id"]}"', f'client_secret = "{known["client_secret"]}"']
    for seller in SELLERS:
        sandbox.add_seller(f"Atzr|{seller}")
        lines += [f"[connections.{seller}]", 'client = "shop"', f'refresh_token = "Atzr|{seller}"']
        lines += ['marketplace = "UK"', f'endpoint = "{sandbox.url}"', f'token_url = "{sandbox.token_url}"']
    path.touch(0o600)
    path.write_text("\n".join(lines))
    return {"SPSHIPPING_SETTINGS": str(path)}
