"""Where settings lie on disk: read as TOML, replaced whole, for their owner only."""

import hashlib
import logging
import os
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from spshipping import disk
from spshipping.environment import variables
from spshipping.errors import ConfigurationError

_logger = logging.getLogger("spshipping")


class Read(NamedTuple):
    """The content of a file."""

    data: dict[str, Any]
    digest: str | None
    """Of its bytes; None if there is no such file."""


def default_path(environ: Mapping[str, str] | None = None) -> Path:
    """Return where settings are looked for: `SPSHIPPING_SETTINGS`, or the user's own configuration.

    Raises:
        ConfigurationError: a variable `SPSHIPPING_*` is unknown.
    """
    named = variables(environ).get("SETTINGS")
    if named:
        return Path(named).expanduser()
    found = os.environ if environ is None else environ
    base = found.get("XDG_CONFIG_HOME") or found.get("APPDATA") or "~/.config"
    return Path(base).expanduser() / "spshipping" / "settings.toml"


def read(path: Path) -> Read:
    """Read *path*; one that is not there has nothing in it.

    Raises:
        ConfigurationError: it cannot be read, or is no TOML.
    """
    # nothing is raised where the text, and so a secret, is in a local variable
    found = _parsed(path)
    if isinstance(found, str):
        raise ConfigurationError(f"{path}: {found}")
    return found


def _parsed(path: Path) -> Read | str:
    try:
        raw = disk.read(path)
    except FileNotFoundError:
        return Read({}, None)
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    try:
        return Read(tomllib.loads(raw.decode(), parse_float=Decimal), digest(raw))
    except UnicodeDecodeError:
        return "is not UTF-8"
    except tomllib.TOMLDecodeError as error:
        return f"is no TOML: {error}"
    except RecursionError:
        return "is no TOML: it nests too deep"


def digest(raw: bytes) -> str:
    """Return a digest that differs where the content differs."""
    return hashlib.sha256(raw).hexdigest()


def warn_if_open(path: Path) -> None:
    """Log a warning if others may read the secrets that lie in *path* in clear."""
    if disk.is_open_to_others(path):
        _logger.warning("%s holds secrets and is open to others: chmod 600 it, or save the settings", path)


def rendered(data: Mapping[str, Any]) -> bytes:
    """Return *data* as TOML.

    Raises:
        ConfigurationError: the library is not installed.
    """
    try:
        import tomli_w
    except ImportError:
        raise ConfigurationError(
            'saving settings needs tomli_w: pip install "spshipping[settings]"'
        ) from None
    return tomli_w.dumps(data).encode()


def check_unchanged(path: Path, expected: str | None) -> None:
    """Do nothing if *path* still has the digest that it had.

    Raises:
        ConfigurationError: it has not.
    """
    if read(path).digest != expected:
        raise ConfigurationError(f"{path} is not as it was read: load it again, then save")


def replace(path: Path, content: bytes) -> str:
    """Put *content* in the place of what is at *path*, all or nothing, and return its digest.

    Raises:
        ConfigurationError: it cannot be written.
    """
    try:
        # a link at the file's place stays a link: people keep such files elsewhere on purpose
        disk.replace(Path(os.path.realpath(path)), content, private=True, durable=True)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written ({error.strerror})") from None
    return digest(content)
