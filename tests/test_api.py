"""The check of the public names finds what breaks; `make lint` runs it on the package itself."""

import re
from pathlib import Path

import pytest

from tools import check_api

OLD = {
    "spshipping": (
        "class Client:\n    timeout: float = ...\n"
        "    def send(self, call: str, *, wait: int = 1) -> str: ...\n"
    ),
    "spshipping.shipping": (
        "@dataclass(kw_only=True)\nclass Box(Model):\n    name: str\n    note: str | None = ...\n"
    ),
}


def found(old: str, new: str, module: str = "spshipping") -> list[tuple[str, str]]:
    """Return what breaks where a text of the public names becomes another one."""
    assert old in OLD[module]
    changed = {**OLD, module: OLD[module].replace(old, new)}
    return [(each.module, each.name) for each in check_api.breaks(OLD, changed)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("timeout: float = ...", "timeout_seconds: float = ...\n    timeout: float = ..."),
        ("wait: int = 1", "wait: int = 1, limit: int = 2"),
        ("-> str: ...", "-> str: ...\n    def close(self) -> None: ..."),
    ],
)
def test_what_is_added_is_no_break(old: str, new: str) -> None:
    assert found(old, new) == []


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("class Client:", "class Customer:", "Client"),
        ("timeout: float = ...", "limit: float = ...", "Client.timeout"),
        ("wait: int = 1", "wait: int", "Client.send"),
        ("wait: int = 1", "wait: int = 2", "Client.send"),
        ("wait: int = 1", "pause: int = 1", "Client.send"),
        ("call: str, *", "call: str, other: str, *", "Client.send"),
        ("-> str", "-> bytes", "Client.send"),
    ],
)
def test_what_cannot_be_used_as_before_is_a_break(old: str, new: str, name: str) -> None:
    assert found(old, new) == [("spshipping", name)]


def test_a_field_of_a_model_that_becomes_required_and_a_base_that_is_gone_are_breaks() -> None:
    assert found("note: str | None = ...", "note: str", "spshipping.shipping") != []
    assert found("Box(Model)", "Box(Other)", "spshipping.shipping") == [("spshipping.shipping", "Box")]
    assert (
        found(
            "note: str | None = ...",
            "note: str | None = ...\n    size: int | None = ...",
            "spshipping.shipping",
        )
        == []
    )


def test_a_module_that_is_gone_is_a_break() -> None:
    (each,) = check_api.breaks(OLD, {"spshipping": OLD["spshipping"]})
    assert (each.module, each.name) == ("spshipping.shipping", "spshipping.shipping")


PACKAGE = {
    "__init__.py": (
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from spshipping.client import Client, LIMIT, read\n"
        '__all__ = ["Client", "LIMIT", "read", "__version__"]\n'
    ),
    "client.py": (
        "from spshipping.base import Part\n"
        "LIMIT: int = 5\n"
        "class Client(Part):\n"
        '    """A client."""\n'
        "    _secret = 1\n"
        "    @discreet\n"
        "    def send(self, call: str) -> str:\n"
        '        """Send it."""\n'
        "        return call\n"
        "@overload\ndef read(value: int) -> int: ...\n"
        "@overload\ndef read(value: str) -> str: ...\n"
        "def read(value): return value\n"
    ),
    "base.py": (
        "class Part:\n    size: int = 3\n    def send(self) -> None: ...\n"
        "    @property\n    def name(self) -> str: ...\n"
    ),
    "otel.py": "import sys\nclass Telemetry: ...\ndef report() -> None: ...\n",
    "sandbox/__init__.py": "",
    "sandbox/orders/__init__.py": '__all__ = ["Order"]\nclass Order: ...\n',
}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    for name, text in PACKAGE.items():
        path = tmp_path / "src" / "spshipping" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return tmp_path / "src"


def test_the_public_names_are_written_without_texts_and_code_and_with_what_is_inherited(source: Path) -> None:
    assert check_api.texts(source) == {
        "spshipping": (
            "class Client(Part):\n"
            "    def send(self, call: str) -> str: ...\n"
            "    size: int = ...\n"
            "    @property\n"
            "    def name(self) -> str: ...\n"
            "LIMIT: int = ...\n"
            "@overload\ndef read(value: int) -> int: ...\n"
            "@overload\ndef read(value: str) -> str: ...\n"
            "def read(value): ...\n"
        ),
        "spshipping.otel": "class Telemetry: ...\n",
    }


def test_a_break_passes_once_the_changelog_names_it(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, fragments = tmp_path / "api", tmp_path / "changelog.d"
    folder.mkdir()
    fragments.mkdir()
    (folder / "spshipping.gone.txt").write_text("import sys\n")
    monkeypatch.setattr(check_api, "FRAGMENTS", fragments)
    assert check_api.main(["--write"], source, folder) == 0
    assert sorted(path.name for path in folder.iterdir()) == ["spshipping.otel.txt", "spshipping.txt"]
    assert check_api.main([], source, folder) == 0
    path = source / "spshipping" / "client.py"
    path.write_text(path.read_text("utf-8").replace("call: str", "call: str, key: str"), "utf-8")

    (fragments / "+send.added.md").write_text("`Client.send` is new.")
    assert check_api.main([], source, folder) == 1
    assert "spshipping Client.send: " in capsys.readouterr().out
    (fragments / "+send.changed.md").write_text("`Client.send()` needs a key.")
    assert check_api.main([], source, folder) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("module", "name"), [(module, name) for module, names in check_api.ALSO.items() for name in names]
)
def test_what_is_public_without_a_list_is_among_what_is_kept(module: str, name: str) -> None:
    text = check_api.kept()[f"spshipping.{module}"]
    assert re.search(rf"^(?:class |def )?{name}\b", text, re.MULTILINE)
