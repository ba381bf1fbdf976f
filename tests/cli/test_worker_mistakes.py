"""`spshipping worker`, called wrongly: what the user wrote is at fault, and the error says so."""

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from spshipping import ConfigurationError, MemoryStore
from spshipping.cli.app import app
from spshipping.cli.fleet import TabledFleet, read_table

MODULES = {
    "raises": "raise ValueError('Ada Lovelace')",
    "is_broken": "def deliver(:",
    "exits": "import sys; sys.exit('Ada Lovelace')",
    "needs_more": "import no_such_module",
}
FUNCTIONS = """
async def coroutine(seller, batch): ...

def generator(seller, batch):
    yield
"""


def message(*words: str) -> str:
    result = CliRunner().invoke(app, ["worker", *words, "--health", "off", "--json"])
    assert result.exit_code == 2, result.output
    assert "Ada" not in result.output
    found: str = json.loads(result.stdout)["message"]
    assert "mistake of this package" not in found
    return found


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("module", "reason"),
    [
        (
            "raises",
            "the module raises cannot be imported (ValueError): to see why, run python -c 'import raises'",
        ),
        ("is_broken", "cannot be imported (SyntaxError)"),
        ("exits", "cannot be imported (SystemExit)"),
        ("needs_more", "there is no module no_such_module"),
    ],
)
def test_a_module_that_cannot_be_imported_is_the_user_s(folder: Path, module: str, reason: str) -> None:
    (folder / f"{module}.py").write_text(MODULES[module])
    assert reason in message("--deliver", f"{module}:deliver")


@pytest.mark.parametrize("place", [".:x", "..:x", ".a:x", "a..b:x", "a b:x", ":x", "a:", "a", "", "a/b.py:x"])
def test_a_place_that_names_no_module_is_refused(place: str) -> None:
    assert "names no function: write package.module:function" in message("--deliver", place)


def test_ctrl_c_while_the_module_is_imported_ends_the_command(folder: Path) -> None:
    (folder / "waits.py").write_text("raise KeyboardInterrupt")
    result = CliRunner().invoke(app, ["worker", "--deliver", "waits:deliver"])
    assert result.exit_code == 130


@pytest.mark.parametrize("name", ["coroutine", "generator"])
def test_a_function_whose_body_would_not_run_is_refused(folder: Path, name: str) -> None:
    (folder / "late_shop.py").write_text(FUNCTIONS)
    found = message("--deliver", f"late_shop:{name}")
    assert f"late_shop:{name} is a {name} function" in found


HEAD = "name,refresh_token,marketplace\n"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (HEAD + "a,x,\na,y,", "line 3, names a once more"),
        (HEAD + 'a,"x\ny",', "line 2, has a cell with a line break"),
        (HEAD + '\n\na,x,UK\nb,"y,UK\nc,z,UK\n', "line 5, is no CSV: unexpected end of data"),
        (HEAD + 'a,"x"y,', "line 2, is no CSV"),
        (HEAD + "a,x\0,", "line 2, holds a NUL character"),
        ("name\0,refresh_token\n", "line 1, holds a NUL character"),
        ("name,refresh_token,name\na,x,b", "line 1, has the column name more than once"),
        (HEAD + "harbour, lane,x,UK", "line 2, has more cells than there are columns"),
        (HEAD + f"a,{'x' * 131_073},", "line 2, is no CSV: field larger than field limit (131072)"),
        (HEAD + f"{'a' * 201},x,", "line 2, the name has 201 bytes in UTF-8, and at most 200 are kept"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused_with_the_number_of_the_line(
    folder: Path, text: str, reason: str
) -> None:
    path = folder / "sellers.csv"
    path.write_text(text)
    with pytest.raises(click.BadParameter) as caught:
        read_table(path)
    assert f"sellers.csv, {reason}" in caught.value.message


@pytest.mark.parametrize(
    "cell",
    [
        "Atzr|s3cret",
        ' "Atzr|s3cret"',
        '"  Atzr|s3cret"',
        "token: Atza|s3cret",
        "ATZR|s3cret",
        "amzn1.oa2-cs.v1.s3cret",
        '"x"" Atzr|s3cret"',
    ],
)
@pytest.mark.parametrize("line", ["a,{},UK", "{},x,UK", "a,x,{}", "a,x,UK,{}"])
def test_a_token_in_any_cell_is_refused_and_not_shown(folder: Path, cell: str, line: str) -> None:
    path = folder / "sellers.csv"
    path.write_text(f"{HEAD}\n{line.format(cell)}\n")
    with pytest.raises(click.BadParameter, match="line 3, holds a token") as caught:
        read_table(path)
    assert "s3cret" not in caught.value.message


def test_a_space_before_a_quote_and_a_line_separator_in_a_name_change_no_row(folder: Path) -> None:
    path = folder / "sellers.csv"
    path.write_text('name, refresh_token\n a , "x, y"\nb\u2028c,z\n')
    first, second = read_table(path)
    assert (first.name, first.reference) == ("a", "x, y")
    assert (second.name, second.reference) == ("b\u2028c", "z")


def test_a_reference_that_the_store_lacks_is_not_shown(folder: Path) -> None:
    path = folder / "sellers.csv"
    path.write_text("name,refresh_token\nforged\u2028line,s3cret\n")

    fleet = object.__new__(TabledFleet)
    fleet._sellers = {seller.name: seller for seller in read_table(path)}
    fleet._store = MemoryStore()
    with pytest.raises(ConfigurationError, match=r"no refresh token for forged\\u2028line") as caught:
        fleet.make("forged\u2028line")
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("url", ["notaurl", "https://sqs.example", "https://sqs.example/", "", "s3://a/b"])
def test_a_queue_that_is_no_url_is_refused(folder: Path, url: str) -> None:
    assert "like https://sqs.eu-west-1.amazonaws.com/" in message("--deliver", "a:b", "--queue", url)


def test_a_queue_with_a_password_is_refused_and_not_shown(folder: Path) -> None:
    assert "hidden" not in message("--deliver", "a:b", "--queue", "https://shop:hidden@sqs.example/orders")
