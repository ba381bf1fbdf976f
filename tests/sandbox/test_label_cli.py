"""`spshipping label` against the local SP-API: what is made, what is left, and what it says."""

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pypdfium2
import pytest
from click.testing import CliRunner, Result

from spshipping import disk
from spshipping.cli import label_command, label_set
from spshipping.cli.app import app
from spshipping.sandbox import Sandbox
from spshipping.sandbox.faults import Fault
from spshipping.shipping import DocumentFormat
from tests.paper.printed import label, scanned_pages, scanned_zpl, tracking
from tests.paper.test_printing import Printer, lp
from tests.sandbox.conftest import ORDER
from tests.unit.shipping.build import offered, option, rate

Run = Callable[..., Result]
VARIANTS = ["UK-PDF-joined", "UK-PDF", "UK-PNG", "UK-ZPL"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "set"


@pytest.fixture
def run(sandbox: Sandbox, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    facts = {
        **sandbox.credentials,
        "marketplace": "UK",
        "endpoint": sandbox.url,
        "token_url": sandbox.token_url,
        "settings": str(tmp_path / "settings.toml"),
    }
    for name, value in facts.items():
        monkeypatch.setenv(f"SPSHIPPING_{name.upper()}", value)

    def invoke(*words: str, order: str = str(ORDER), environment: str = "production", **more: Any) -> Result:
        fixed = ["--environment", environment, "--to", str(folder), "--order", order]
        return CliRunner().invoke(app, ["label", "test-set", *fixed, *words], **more)

    return invoke


def kept(folder: Path) -> list[dict[str, Any]]:
    labels: list[dict[str, Any]] = json.loads((folder / "test-set.json").read_text())["labels"]
    return labels


def fail(sandbox: Sandbox, kind: str, operation: str, count: int = 9, **more: Any) -> None:
    sandbox.faults.add(Fault(operation, kind, count=count, **more))


def test_a_test_set_has_each_format_and_everything_is_cancelled(
    run: Run, sandbox: Sandbox, folder: Path
) -> None:
    result = run("--yes", "--json")
    assert result.exit_code == 0, result.output
    facts = json.loads(result.output)
    assert (facts["folder"], facts["left"]) == (str(folder), [])
    assert [(each["state"], len(each["files"])) for each in facts["labels"]] == [
        ("cancelled", 1),
        ("cancelled", 2),
        ("cancelled", 2),
        ("cancelled", 2),
    ]
    assert len(sandbox.ledger.labels) == 4
    assert all(each.is_cancelled for each in sandbox.ledger.labels)
    with pypdfium2.PdfDocument((folder / "UK-PDF-joined-1-LABEL.pdf").read_bytes()) as document:
        assert len(document) == 2
    found = scanned_zpl((folder / "UK-ZPL-1-LABEL.zpl").read_bytes(), dpi=203)
    assert found == [[facts["labels"][3]["tracking_id"]]]
    assert all(path.stat().st_mode & 0o077 == 0 for path in [folder, *folder.iterdir()])


def test_the_pages_show_every_label_and_the_request_ids_of_the_four_use_cases(
    run: Run, sandbox: Sandbox, folder: Path
) -> None:
    assert run("--yes").exit_code == 0
    index = (folder / "index.html").read_text()
    checklist = (folder / "checklist.md").read_text()
    ids = [case["request_id"] for each in kept(folder) for case in each["use_cases"]]
    assert len(set(ids)) == 16
    assert all(id_ in index and f"done, request {id_}" in checklist for id_ in ids)
    files = [name for each in kept(folder) for name in each["files"]]
    assert all(f'<a href="{name}">' in index for name in files)
    for picture in ("UK-PNG-1-LABEL.png", "UK-ZPL-1-LABEL.zpl.png"):
        assert f'<img src="{picture}"' in index
        assert (folder / picture).read_bytes().startswith(b"\x89PNG")
    assert not re.search(r'(?:src|href)="(?:\w+:|/)', index)
    assert f"Made in production, {sandbox.url}" in index
    assert "| Label | rates | purchase | track | cancel |" in checklist


def test_a_person_is_shown_the_price_and_asked(
    run: Run, sandbox: Sandbox, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(label_command, "has_terminal", lambda: True)
    refused = run(input="n\n")
    assert refused.exit_code == 1
    assert "UK-PDF-joined: Amazon Shipping Standard, " in refused.output
    assert f"Buy these 4 labels at {sandbox.url} for 15.00 GBP at most" in refused.output
    assert sandbox.ledger.labels == []
    assert not folder.exists()

    agreed = run(input="y\n")
    assert agreed.exit_code == 0
    assert "✓ UK-ZPL: cancelled" in agreed.output
    assert f"See {folder / 'index.html'}" in agreed.output.replace("\n", "")


@pytest.mark.parametrize("words", [[], ["--json"]])
def test_without_a_terminal_nothing_is_bought_unless_it_is_agreed(
    run: Run, sandbox: Sandbox, words: list[str]
) -> None:
    result = run(*words)
    assert (result.exit_code, sandbox.ledger.count("getRates")) == (2, 0)
    assert "give --yes" in result.output


def test_the_environment_must_be_the_connections(run: Run, sandbox: Sandbox) -> None:
    result = run("--yes", environment="sandbox")
    assert (result.exit_code, sandbox.ledger.count("getRates")) == (1, 0)
    assert "the connection is for production" in result.output


def test_each_business_has_an_order_of_its_own(run: Run, sandbox: Sandbox, folder: Path) -> None:
    result = run("--order", f"IT={ORDER}", "--yes", "--json", order=f"UK={ORDER}")
    assert result.exit_code == 0, result.output
    names = [f"{each['business']}-{each['format']}" for each in json.loads(result.output)["labels"]]
    assert names == [*("UK-PDF", "UK-PDF", "UK-PNG", "UK-ZPL"), *("IT-PDF", "IT-PDF", "IT-PNG", "IT-ZPL")]
    assert (folder / "IT-ZPL-1-LABEL.zpl").exists()


def test_an_order_that_is_not_there_is_said(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    result = run("--yes", order="UK=missing.json")
    assert result.exit_code == 2
    assert "there is no file missing.json" in result.output
    monkeypatch.setenv("SPSHIPPING_MARKETPLACE", "DE")
    result = run("--yes")
    assert result.exit_code == 1
    assert "business" in result.output


def test_an_order_that_is_no_request_for_rates_is_named(run: Run, sandbox: Sandbox, tmp_path: Path) -> None:
    for name, text in (("list.json", "[]"), ("text.json", "no JSON")):
        (tmp_path / name).write_text(text)
        result = run("--yes", "--json", order=str(tmp_path / name))
        assert result.exit_code == 1
        error = json.loads(result.stdout)
        assert error["error"] == "LabelSetError"
        assert f"{name} is no getRates request in JSON" in error["message"]
    assert not sandbox.ledger.labels


def test_pages_that_cannot_be_written_end_in_one_error(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = disk.replace

    def full(path: Path, *rest: Any, **more: Any) -> None:
        if path.suffix == ".html":
            raise OSError(28, "No space left on device")
        replace(path, *rest, **more)

    monkeypatch.setattr(disk, "replace", full)
    result = run("--yes", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["error"] == "OSError"
    assert [each["state"] for each in kept(folder)] == ["cancelled"] * len(VARIANTS)


def test_a_label_that_cannot_be_cancelled_stops_the_set_and_is_named(
    run: Run, sandbox: Sandbox, folder: Path
) -> None:
    fail(sandbox, "status", "cancelShipment", status=400, count=1)
    result = run("--yes")
    assert result.exit_code == 1
    assert len(sandbox.ledger.labels) == 1
    (left,) = kept(folder)
    assert f"not cancelled: UK-PDF-joined, bought, {left['shipment_id']}" in result.output
    assert "failed, request" in (folder / "checklist.md").read_text()

    again = run("--yes", "--json")
    assert again.exit_code == 0, again.output
    assert len(sandbox.ledger.labels) == 5
    assert all(each.is_cancelled for each in sandbox.ledger.labels)


def test_what_an_earlier_run_left_and_cannot_be_cancelled_is_named_and_nothing_is_bought(
    run: Run, sandbox: Sandbox, folder: Path
) -> None:
    fail(sandbox, "status", "cancelShipment", status=400, count=2)
    run("--yes")
    again = run("--yes", "--json")
    assert again.exit_code == 1
    assert kept(folder)[0]["shipment_id"] in json.loads(again.output)["message"]
    assert len(sandbox.ledger.labels) == 1


def test_a_purchase_in_doubt_stops_the_set_and_the_next_run_cancels_it(
    run: Run, sandbox: Sandbox, folder: Path
) -> None:
    fail(sandbox, "drop_after", "purchaseShipment")
    result = run("--yes", "--json")
    assert result.exit_code == 1
    facts = json.loads(result.output.splitlines()[0])
    assert (facts["left"], facts["labels"][0]["call"]) == (["UK-PDF-joined"], None)
    assert [each["state"] for each in kept(folder)] == ["unknown"]
    assert "OutcomeUnknownError" in (folder / "checklist.md").read_text()

    sandbox.faults.clear()
    again = run("--yes")
    assert again.exit_code == 0, again.output
    assert len(sandbox.ledger.labels) == 5
    assert all(each.is_cancelled for each in sandbox.ledger.labels)


def test_what_is_in_doubt_for_too_long_is_looked_up_by_a_person_and_nothing_more_is_bought(
    run: Run, sandbox: Sandbox, folder: Path
) -> None:
    fail(sandbox, "drop_before", "purchaseShipment")
    run("--yes")
    sandbox.faults.clear()
    sandbox.clock.advance(660)
    again = run("--yes")
    assert (again.exit_code, sandbox.ledger.labels) == (1, [])
    assert "left what could not be cancelled: UK-PDF-joined (no id). Look it up" in " ".join(
        again.output.split()
    )


def test_a_run_that_was_killed_while_it_bought_is_settled_by_the_next(
    run: Run, sandbox: Sandbox, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """As a process that is killed."""

    def killed(*_: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(label_set.LabelSet, "_note", killed)
        with pytest.raises(Killed):
            run("--yes", catch_exceptions=False)
    assert [each["state"] for each in kept(folder)] == ["buying"]
    assert run("--yes").exit_code == 0
    assert len(sandbox.ledger.labels) == 5
    assert all(each.is_cancelled for each in sandbox.ledger.labels)


def test_a_label_without_a_call_to_repeat_is_looked_up_by_a_person(
    run: Run, sandbox: Sandbox, folder: Path
) -> None:
    fail(sandbox, "drop_after", "purchaseShipment")
    run("--yes")
    sandbox.faults.clear()
    state = folder / "test-set.json"
    state.write_text(state.read_text().replace('"call": "', '"call": null, "files": [], "service": "'))
    assert run("--yes").exit_code == 1
    assert len(sandbox.ledger.labels) == 1


def test_a_purchase_that_is_refused_leaves_nothing_and_the_others_are_made(
    run: Run, sandbox: Sandbox, folder: Path
) -> None:
    fail(sandbox, "status", "purchaseShipment", status=400, count=1)
    result = run("--yes")
    assert result.exit_code == 1
    assert "not cancelled" not in result.output
    assert [each["state"] for each in kept(folder)] == ["refused", "cancelled", "cancelled", "cancelled"]
    assert all(each.is_cancelled for each in sandbox.ledger.labels)


def test_what_cannot_be_tracked_is_cancelled_all_the_same(run: Run, sandbox: Sandbox, folder: Path) -> None:
    fail(sandbox, "status", "getTracking", status=400, count=1)
    result = run("--yes")
    assert result.exit_code == 1
    assert "track: BadRequestError" in result.output
    assert [each["state"] for each in kept(folder)] == ["cancelled"] * 4


def test_a_quote_that_fails_later_is_no_purchase(
    run: Run, sandbox: Sandbox, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(label_command, "has_terminal", lambda: True)

    def agree(_: str, **__: Any) -> bool:
        fail(sandbox, "status", "getRates", status=400, count=1)
        return True

    monkeypatch.setattr(click, "confirm", agree)
    result = run()
    assert result.exit_code == 1
    assert [each["state"] for each in kept(folder)] == ["refused", "cancelled", "cancelled", "cancelled"]
    assert [case["name"] for case in kept(folder)[0]["use_cases"]] == ["rates"]


def test_a_rate_that_became_dearer_is_not_bought(
    run: Run, sandbox: Sandbox, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan_of = label_set.Plan

    def cheaper(*values: Any) -> Any:
        return plan_of(*values)._replace(most=values[6] / 2)

    monkeypatch.setattr(label_set, "Plan", cheaper)
    result = run("--yes")
    assert result.exit_code == 1
    assert "the rate costs more now than was shown" in result.output.replace("\n", " ")
    assert sandbox.ledger.labels == []
    assert [each["state"] for each in kept(folder)] == ["refused"] * 4


def test_a_disk_that_fails_after_the_purchase_says_what_is_left(
    run: Run, sandbox: Sandbox, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = disk.replace

    def full(path: Path, *rest: Any, **more: Any) -> None:
        if path.suffix == ".pdf":
            raise OSError(28, "No space left on device")
        replace(path, *rest, **more)

    monkeypatch.setattr(disk, "replace", full)
    result = run("--yes")
    assert result.exit_code == 1
    (left,) = kept(folder)
    assert f"not cancelled: UK-PDF-joined, bought, {left['shipment_id']}" in result.output
    assert "run the command again" in result.output
    assert len(sandbox.ledger.labels) == 1

    monkeypatch.setattr(disk, "replace", replace)
    assert run("--yes").exit_code == 0
    assert all(each.is_cancelled for each in sandbox.ledger.labels)


def test_a_document_that_cannot_be_read_is_a_failed_purchase_that_is_cancelled(
    run: Run, sandbox: Sandbox, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spshipping.sandbox.labels._pdf", lambda *_: b"no PDF")
    result = run("--yes")
    assert result.exit_code == 1
    assert [each["state"] for each in kept(folder)] == ["cancelled"] * 4
    assert kept(folder)[0]["files"] == []
    assert "the document is no PDF" in (folder / "checklist.md").read_text()


def test_without_the_extra_the_page_has_no_picture_of_zpl(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "zplkit", None)
    assert run("--yes").exit_code == 0
    index = (folder / "index.html").read_text()
    assert "UK-ZPL-1-LABEL.zpl.png" not in index
    assert '<a href="UK-ZPL-1-LABEL.zpl">' in index


def test_a_state_that_cannot_be_read_buys_nothing(run: Run, sandbox: Sandbox, folder: Path) -> None:
    folder.mkdir()
    (folder / "test-set.json").write_text("{}")
    result = run("--yes")
    assert (result.exit_code, sandbox.ledger.labels) == (1, [])
    assert "cannot be read; use another folder" in result.output.replace("\n", " ")


def test_a_seller_without_rates_of_amazon_buys_nothing(
    run: Run, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(label_set, "is_amazon_carrier", lambda _: False)
    result = run("--yes")
    assert (result.exit_code, sandbox.ledger.labels) == (1, [])
    assert "there is no rate of Amazon's own carrier" in result.output.replace("\n", " ")


def test_each_way_that_a_rate_offers_is_made_once() -> None:
    offer = offered(DocumentFormat.PDF, option(supported_file_joining_options=[True, True]), option())
    found = rate(supported_document_specifications=[offer, offered(DocumentFormat.ZPL), offer])
    assert [(format, is_joined) for format, is_joined, _ in label_set._ways(found)] == [
        ("PDF", True),
        ("PDF", False),
        ("ZPL", False),
    ]


# merge, preview, print


def invoke(*words: object) -> Result:
    return CliRunner().invoke(app, ["label", *map(str, words)])


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / f"{number}.pdf" for number in range(3)]
    for number, path in enumerate(paths):
        path.write_bytes(label(number))
    return paths


def test_files_are_merged_in_the_order_they_are_named(files: list[Path], folder: Path) -> None:
    result = invoke("merge", *reversed(files), "--to", folder, "--paper", "A4", "--per-sheet", 2, "--json")
    assert result.exit_code == 0
    (facts,) = json.loads(result.output)["files"]
    assert scanned_pages(Path(facts["path"])) == [[tracking(2), tracking(1)], [tracking(0)]]


def test_a_file_that_is_refused_is_named_and_the_exit_code_says_so(files: list[Path], folder: Path) -> None:
    files[1].write_bytes(b"nothing")
    files[2].unlink()
    result = invoke("merge", *files, "--to", folder, "--rotate", 180)
    assert result.exit_code == 1
    assert "✓ " in result.output
    assert "✗ 1.pdf: is neither PDF, PNG nor ZPL" in result.output.replace("\n", " ")
    assert "✗ 2.pdf: the file cannot be read (FileNotFoundError)" in result.output.replace("\n", " ")
    as_json = invoke("merge", *files, "--to", folder, "--json")
    assert [each["index"] for each in json.loads(as_json.output)["refused"]] == [1, 2]


def test_zpl_files_are_put_together(tmp_path: Path, folder: Path) -> None:
    paths = [tmp_path / "a.zpl", tmp_path / "b.zpl"]
    for number, path in enumerate(paths):
        path.write_bytes(label(number, "ZPL"))
    result = invoke("merge", "--zpl", *paths, "--to", folder, "--name", "zebra")
    assert result.exit_code == 0
    assert scanned_zpl((folder / "zebra-001.zpl").read_bytes()) == [[tracking(0)], [tracking(1)]]


def test_a_file_is_no_folder_to_merge_into(files: list[Path], folder: Path) -> None:
    result = invoke("merge", *files, "--to", folder / "all.pdf")
    assert (result.exit_code, (folder / "all.pdf").exists()) == (2, False)
    assert f"--to takes a folder: give --to {folder} --name all" in " ".join(result.output.split())
    (folder / "old.pdf").mkdir(parents=True)
    assert invoke("merge", *files, "--to", folder / "old.pdf").exit_code == 0


def test_what_cannot_be_merged_like_that_is_said(files: list[Path], folder: Path) -> None:
    result = invoke("merge", *files, "--to", folder, "--scale", 0.4, "--module-width", 0.5, "--json")
    assert result.exit_code == 1
    assert "use a scale of at least 0.500" in json.loads(result.output)["message"]


def test_zpl_is_drawn_into_files(tmp_path: Path, folder: Path) -> None:
    path = tmp_path / "two.zpl"
    path.write_bytes(label(0, "ZPL") + label(1, "ZPL"))
    result = invoke("preview", path, "--to", folder)
    assert result.exit_code == 0
    assert result.output.split() == [str(folder / "two-001.png"), str(folder / "two-002.png")]
    as_json = invoke("preview", path, "--to", folder, "--json")
    assert json.loads(as_json.output)["files"] == result.output.split()
    assert (folder / "two-001.png").stat().st_mode & 0o077 == 0


def test_what_is_no_zpl_is_not_drawn(files: list[Path], folder: Path) -> None:
    result = invoke("preview", files[0], "--to", folder)
    assert result.exit_code == 1
    assert "is no ZPL" in result.output


@pytest.mark.parametrize(
    ("words", "said"), [([], "sent to 127.0.0.1: 1 labels"), (["--json"], '{"labels": 1}')]
)
def test_zpl_is_printed_on_a_thermal_printer(tmp_path: Path, words: list[str], said: str) -> None:
    path = tmp_path / "one.zpl"
    path.write_bytes(label(1, "ZPL"))
    printer = Printer()
    result = invoke("print", path, "--host", "127.0.0.1", "--port", printer.port, *words)
    printer.close()
    assert (result.exit_code, result.output.strip()) == (0, said)
    assert printer.received == label(1, "ZPL")


def test_a_label_is_printed_by_the_queue(
    files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    lp(tmp_path, 'print("request id is office-7 (0 file(s))")')
    result = invoke("print", files[0], "--printer", "office", "--copies", 2, "--option", "media=A4")
    assert (result.exit_code, result.output.strip()) == (0, "taken by the queue: office-7")
    assert json.loads((tmp_path / "asked.json").read_text())[:4] == ["-d", "office", "-n", "2"]
    assert json.loads(invoke("print", files[0], "--json").output) == {"job": "office-7"}


def test_options_of_the_queue_are_not_for_a_thermal_printer(files: list[Path]) -> None:
    assert invoke("print", files[0], "--host", "zebra", "--printer", "office").exit_code == 2


def test_what_cannot_be_printed_is_said(files: list[Path]) -> None:
    result = invoke("print", files[0], "--host", "127.0.0.1", "--json")
    assert result.exit_code == 1
    assert "use print_by_lp" in json.loads(result.output)["message"]
