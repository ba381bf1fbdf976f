"""The one table of routes: which route fits a verb and a path."""

from spshipping.operation.routes import Routes


def routes(*names: str) -> Routes[str]:
    table: Routes[str] = Routes()
    for name in names:
        table.add(name, name)
    return table


def test_a_route_fits_its_verb_and_its_path_with_parameters() -> None:
    table = routes("GET /v1/orders/{orderId}/items/{itemId}", "GET /v1/orders.json")
    assert table.find("GET", "/v1/orders/1/items/a b") == (
        "GET /v1/orders/{orderId}/items/{itemId}",
        {"orderId": "1", "itemId": "a b"},
    )
    for method, path in (
        ("POST", "/v1/orders/1/items/2"),
        ("GET", "/v1/orders/1/items/2/"),
        ("GET", "/v1/orders//items/2"),
        ("GET", "/v1/orders/1/2/items/3"),
        ("GET", "/v1/ordersXjson"),
        ("GET", "/v2"),
    ):
        assert table.find(method, path) is None


def test_the_route_with_fewer_parameters_is_meant() -> None:
    names = ("GET /v1/{kind}/{id}", "GET /v1/{kind}/all", "GET /v1/orders/all")
    for table in (routes(*names), routes(*reversed(names))):
        found = [table.find("GET", path) for path in ("/v1/orders/all", "/v1/other/all", "/v1/orders/1")]
        assert [entry and entry[0] for entry in found] == list(reversed(names))


def test_a_route_can_be_replaced_and_removed() -> None:
    table = routes("GET /v1/a", "GET /v1/b")
    table.add("GET /v1/a", "another")
    table.discard("GET /v1/b")
    table.discard("GET /v1/c")
    assert table.find("GET", "/v1/a") == ("another", {})
    assert table.find("GET", "/v1/b") is None
