"""The check of the house's own rules finds what it is for; `make lint` runs it on the house itself."""

from pathlib import Path

import pytest

from tools import check_house


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "spshipping" / "transport").mkdir(parents=True)
    (tmp_path / "spshipping" / "__init__.py").write_text("")
    return tmp_path


def faults_of(source: Path, **files: str) -> list[str]:
    for name, text in files.items():
        (source / "spshipping" / f"{name}.py").write_text(text)
    return list(check_house.faults_of_imports(check_house.modules(source)))


@pytest.mark.parametrize(
    "back",
    [
        "import spshipping.one\n",
        "from spshipping import one\n",
        "from spshipping.one import name\n",
        "from . import one\n",
        "from .one import name\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from spshipping.one import name\n",
        "def late():\n    from spshipping.one import name\n",
    ],
)
def test_a_circle_of_any_length_is_a_fault(source: Path, back: str) -> None:
    found = faults_of(
        source,
        one="import spshipping.two",
        two="import spshipping.three",
        three=back,
        far="import spshipping.one",
    )
    assert found == [
        "files import each other: spshipping.one -> spshipping.two -> spshipping.three -> spshipping.one"
    ]


def test_two_circles_that_share_a_file_are_two_faults(source: Path) -> None:
    files = {"a": "from . import b, c", "b": "from . import a", "c": "from . import a"}
    assert faults_of(source, **files) == [
        "files import each other: spshipping.a -> spshipping.b -> spshipping.a",
        "files import each other: spshipping.c -> spshipping.a -> spshipping.c",
    ]


@pytest.mark.parametrize(("library", "home"), [("aiohttp", "transport"), ("msgspec", "wire")])
def test_a_library_is_imported_in_its_home_only(source: Path, library: str, home: str) -> None:
    (source / "spshipping" / home).mkdir(exist_ok=True)
    (source / "spshipping" / home / "uses.py").write_text(f"from {library} import json\n")
    assert faults_of(source, other=f"def late():\n    import {library}.json\n") == [
        f"spshipping.other imports {library}, which is for {home}/ only"
    ]


def test_long_files_and_functions_are_faults(tmp_path: Path) -> None:
    long = tmp_path / "long.py"
    long.write_text("def short():\n" + "    pass\n" * 49 + "async def long():\n" + "    pass\n" * 50)
    assert list(check_house.too_long(long)) == ["long() has 51 lines; at most 50 are allowed"]
    for around in (
        "class A:\n    if a:\n",
        "try:\n    pass\nexcept E:\n    with b:\n",
        "match a:\n    case 1:\n",
    ):
        long.write_text(f"{around}        def deep():\n" + "            pass\n" * 50)
        assert list(check_house.too_long(long)) == ["deep() has 51 lines; at most 50 are allowed"]
    long.write_text("try:\n    pass\nfinally:\n    def last():\n" + "        pass\n" * 50)
    assert list(check_house.too_long(long)) == ["last() has 51 lines; at most 50 are allowed"]
    long.write_text("#\n" * 501)
    assert list(check_house.too_long(long)) == ["has 501 lines; at most 500 are allowed"]
    long.write_text("#\n" * 500)
    assert list(check_house.too_long(long)) == []


def test_a_merge_that_was_not_finished_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text(f"one\n{'<' * 7} HEAD\ntwo\n{'=' * 7}\nthree\n{'>' * 7} other\n")
    assert [fault.split()[1] for fault in check_house.unmerged(path)] == ["2", "6"]


def test_a_lookup_by_name_needs_a_reason_and_a_reason_needs_a_lookup(tmp_path: Path) -> None:
    path = tmp_path / "some.py"
    path.write_text("getattr(a, 'b')\nc.d.__dict__\nvars(e)\n")
    reasons = {"some.py: vars(e)": "needed", "some.py: vars(f)": "needed no more"}
    found = list(check_house.faults_of_lookups([path], reasons))
    advice = "looks up an attribute by its name; use the type, or list it with its reason"
    assert found == [
        f"transport/some.py: c.d.__dict__ {advice}",
        f"transport/some.py: getattr(a, 'b') {advice}",
        "tools/check_house.py allows `some.py: vars(f)`, which is not there any more",
    ]


def test_what_a_client_loads_does_not_evaluate_annotations(tmp_path: Path) -> None:
    late, early, bare = tmp_path / "late.py", tmp_path / "early.py", tmp_path / "bare.py"
    late.write_text('"""Doc."""\n\nfrom __future__ import annotations\n\ndef one(): ...\n')
    early.write_text("class One: ...\n")
    bare.write_text("ONE = 1\n")
    files = {"late": late, "early": early, "bare": bare}
    assert list(check_house.faults_of_start(["late", "early", "bare", "asyncio"], files)) == [
        "early, which Client loads, evaluates annotations; import them from __future__",
        "`import spshipping; Client(...)` loads asyncio",
    ]


def test_a_reason_that_nothing_needs_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "options.py"
    path.write_text("from __future__ import annotations\nclass Options: ...\n")
    files = dict.fromkeys(check_house.EVALUATED, path)
    found = list(check_house.faults_of_start(check_house.EVALUATED, files))
    assert len(found) == len(check_house.EVALUATED) > 0
