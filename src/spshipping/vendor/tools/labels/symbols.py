"""Bar codes of labels: Code 128, and GS1-128 for numbers of GS1."""

from functools import lru_cache
from typing import NamedTuple

from spshipping.vendor.sscc.code import Sscc
from spshipping.vendor.tools.libraries import loaded

QUIET_MODULES = 10
"""Modules that stay blank on each side of a symbol."""
_SYMBOL_CHARACTER, _STOP = 11, 13
"""Modules of a symbol character, and of the stop pattern.

Source: https://www.gs1.org/standards/barcodes-epcrfid-id-keys/gs1-general-specifications
"""
_ROUTING = "420"
"""The application identifier of a postal code within one country."""


class Symbol(NamedTuple):
    """What one bar code holds."""

    text: str
    """Without parentheses: they are printed, and never in a bar code."""
    is_gs1: bool = False
    """It begins with the function character of GS1."""
    is_digits: bool = False
    """It is written in pairs of digits, all of it."""

    @classmethod
    def of_sscc(cls, sscc: Sscc) -> "Symbol":
        """Return the bar code of a container."""
        return cls(sscc.wire, is_gs1=True, is_digits=True)

    @classmethod
    def of_postal_code(cls, code: str) -> "Symbol":
        """Return the bar code that carriers sort by; for one country only."""
        return cls(_ROUTING + "".join(code.split()).upper(), is_gs1=True)

    @property
    def is_encodable(self) -> bool:
        """Whether it has only characters that Code 128 has: printable ASCII."""
        return bool(self.text) and self.text.isascii() and self.text.isprintable()

    @property
    def modules(self) -> int:
        """The greatest width in modules, without the quiet zones."""
        characters = len(self.text) // 2 if self.is_digits else len(self.text)
        return (characters + 2 + self.is_gs1) * _SYMBOL_CHARACTER + _STOP

    def bars(self) -> list[tuple[int, int]]:
        """Return each bar: where it begins, and how wide it is, in modules.

        Raises:
            ConfigurationError: the extra is not installed.
        """
        return _bars(self)

    def field_data(self) -> bytes:
        """Return it as ZPL has it in a field with `^FH`, for `^BC` without a mode.

        `>;` and `>:` choose the character set, and `>8` is the function character. Source: ZPL II Programming
        Guide, `^BC`.
        """
        start = (">;" if self.is_digits else ">:") + (">8" if self.is_gs1 else "")
        text = self.text.replace(">", ">0")
        return start.encode() + escaped(text)


def escaped(text: str) -> bytes:
    """Return text for a ZPL field with `^FH`: what would be a command there is written as hexadecimal."""
    return b"".join(b"_%02X" % byte if byte in b"^~_" else bytes((byte,)) for byte in text.encode())


@lru_cache(maxsize=1024)
def _bars(symbol: Symbol) -> list[tuple[int, int]]:
    codes = loaded("barcode.codex")
    made = codes.Gs1_128 if symbol.is_gs1 else codes.Code128
    pattern: str = made(symbol.text).build()[0]
    found, start = [], 0
    for part in pattern.split("0"):
        if part:
            found.append((start, len(part)))
        start += len(part) + 1
    return found
