"""One serial shipping container code: its digits, as they are printed and as Amazon takes them."""

from typing import NamedTuple, Self

from spshipping.errors import InvalidRequestError

APPLICATION_IDENTIFIER = "00"
_LENGTH = 18
_SERIAL_AND_PREFIX = 16
_SHORTEST_PREFIX, _LONGEST_PREFIX = 4, 12


def check_digit(digits: str) -> str:
    """Return the check digit of a GS1 number, from the digits before it.

    From the right, digits count three times and once in turn; the check digit makes the sum a multiple of
    ten. It does not notice two neighbours that differ by 5 and have changed places.

    Source: https://www.gs1.org/services/how-calculate-check-digit-manually

    Raises:
        InvalidRequestError: these are no digits.
    """
    if not _is_digits(digits):
        raise InvalidRequestError("must be digits", path="digits")
    total = sum(int(digit) * (3 if index % 2 == 0 else 1) for index, digit in enumerate(reversed(digits)))
    return str(-total % 10)


class Sscc(NamedTuple):
    """The code of one carton or pallet.

    The label and the shipment notice are to be made from one such value: then they cannot differ.

    Source: https://www.gs1.org/standards/id-keys/sscc
    """

    digits: str
    """18 digits; the last is the check digit."""

    @classmethod
    def of(cls, prefix: str, serial: int, *, extension: int = 0) -> Self:
        """Return the code of a serial number.

        Args:
            prefix: your GS1 company prefix. How long it is cannot be read out of a code.
            serial: the serial number; with a prefix of 7 digits, 0 to 999,999,999.
            extension: the extension digit, 0 to 9. It has no meaning of its own.

        Raises:
            InvalidRequestError: one of them is not possible, and why.
        """
        check_prefix(prefix)
        if type(extension) is not int or not 0 <= extension <= 9:
            raise InvalidRequestError("is one digit", path="extension")
        if type(serial) is not int or not 0 <= serial < capacity(prefix):
            raise InvalidRequestError(
                f"is a whole number from 0 to {capacity(prefix) - 1} for this prefix", path="serial"
            )
        body = f"{extension}{prefix}{serial:0{_SERIAL_AND_PREFIX - len(prefix)}d}"
        return cls(body + check_digit(body))

    @classmethod
    def read(cls, text: str) -> Self:
        """Read a code of 18 digits, or of 20 with the application identifier 00 before it.

        Spaces and the parentheses of `(00)` do not matter.

        Raises:
            InvalidRequestError: it is none, or its check digit is wrong.
        """
        if not isinstance(text, str):
            raise InvalidRequestError("must be text", path="sscc")
        digits = text.replace(" ", "").replace("(", "").replace(")", "")
        if len(digits) == _LENGTH + 2 and digits.startswith(APPLICATION_IDENTIFIER):
            digits = digits[2:]
        if len(digits) != _LENGTH or not _is_digits(digits):
            raise InvalidRequestError("has 18 digits, or 20 with 00 before them", path="sscc")
        right = check_digit(digits[:-1])
        if digits[-1] != right:
            raise InvalidRequestError("has a wrong check digit", path="sscc")
        return cls(digits)

    @property
    def wire(self) -> str:
        """The 20 digits that a shipment notice carries, and the bar code: 00 and the 18."""
        return APPLICATION_IDENTIFIER + self.digits

    @property
    def printed(self) -> str:
        """What is printed below the bar code: the parentheses are never in the bar code."""
        return f"({APPLICATION_IDENTIFIER}){self.digits}"

    def __str__(self) -> str:
        return self.digits


def check_prefix(prefix: str) -> None:
    """Check a GS1 company prefix.

    Raises:
        InvalidRequestError: it is none.
    """
    if not _is_digits(prefix) or not _SHORTEST_PREFIX <= len(prefix) <= _LONGEST_PREFIX:
        raise InvalidRequestError("is your GS1 company prefix: 4 to 12 digits", path="prefix")


def capacity(prefix: str) -> int:
    """Return how many serial numbers there are for a prefix and one extension digit."""
    return int(10 ** (_SERIAL_AND_PREFIX - len(prefix)))


def _is_digits(text: object) -> bool:
    # isdigit() alone also takes digits of other scripts
    return isinstance(text, str) and text.isascii() and text.isdigit()
