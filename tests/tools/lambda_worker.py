"""Runs docs/lambda.md, then its handler with events, where no file can be written.

python -m tests.tools.lambda_worker PATH_OF_A_JOURNAL... < events.json
"""

import contextlib
import io
import json
import sys
from pathlib import Path
from typing import Any

from spshipping import ConfigurationError
from spshipping.journal import SqliteJournal
from tests.test_docs import blocks

PAGE = Path(__file__).parents[2] / "docs" / "lambda.md"


def refusal(path: str) -> str:
    """Return why a journal cannot be used; nothing if it can."""
    with SqliteJournal(path) as journal:
        try:
            journal.secret()
            journal.events().forget()
        except ConfigurationError as error:
            return str(error)
    return ""


def main() -> None:
    """Write the answers, what the handler took, and why each journal cannot be used."""
    page: dict[str, Any] = {"__name__": "page"}
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        for block in blocks(PAGE):
            if block.language == "python":
                exec(block.text, page)
    page["taken"].clear()
    answers = [page["handler"](event, None) for event in json.load(sys.stdin)]
    journals = [refusal(path) for path in sys.argv[1:]]
    json.dump(
        {"printed": printed.getvalue(), "answers": answers, "taken": page["taken"], "journals": journals},
        sys.stdout,
    )


if __name__ == "__main__":
    main()
