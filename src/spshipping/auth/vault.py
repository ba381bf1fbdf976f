"""Seals what a store writes to disk: AES-256-GCM, under a key that is kept elsewhere."""

import hashlib
import secrets
from base64 import b64decode, b64encode
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from spshipping import environment
from spshipping.errors import ConfigurationError
from spshipping.named import NamedTuple
from spshipping.secret import Secret, discreet

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KeySource = Callable[[], str | bytes | Secret]
"""Returns the key: 32 bytes, or their base64."""

VARIABLE = f"{environment.PREFIX}STORE_KEY"
THREE_WAYS = (
    f"set {VARIABLE} to what `spshipping --new-store-key` prints, or pass key= a callable that returns the"
    ' key, or key="keyring"'
)

_MAGIC = b"SPS\x01"
"""What a sealed file begins with; the last byte is the form's version. Then: key id, nonce, sealed text."""
_ID_BYTES = 8
_NONCE_BYTES = 12
_KEY_BYTES = 32
_KEYRING_NAMES = ("spshipping", "store")


class _Key(NamedTuple):
    cipher: "AESGCM"
    head: bytes
    """What every file that is sealed under it begins with."""


class Vault:
    """Seals and opens texts under one key, which is read when it is first needed.

    What is sealed for one name does not open under another.
    """

    def __init__(
        self,
        source: Callable[[], str | bytes | Secret | None],
        *,
        remedy: str = "give the store that key, or remove it",
    ) -> None:
        """Use what returns the key; *remedy* says what to do with what is sealed under another key."""
        self._source = source
        self._remedy = remedy
        self._key: _Key | None = None

    @discreet
    def has_key(self) -> bool:
        """Say whether there is a key.

        Raises:
            ConfigurationError: what the source returned is no key.
        """
        if self._key is None:
            self._key = self._read()
        return self._key is not None

    def _read(self) -> _Key | None:
        try:
            key = _hidden(self._source())
        except OSError as error:
            raise ConfigurationError(f"the store's key cannot be read: {type(error).__name__}") from None
        if key is None:
            return None
        if len(_decoded(key)) != _KEY_BYTES:
            raise ConfigurationError(
                "the store's key is not the base64 of 32 bytes: `spshipping --new-store-key` prints one, and"
                " so does print(FileStore.new_key().reveal())"
            )
        return _key(key, _cipher_class())

    def _needed(self) -> _Key:
        self.has_key()
        if self._key is None:
            raise ConfigurationError(f"nothing is stored in clear, and the store has no key: {THREE_WAYS}")
        return self._key

    def place(self, name: str) -> str:
        """Return a digest under which a text for *name* may lie: another one under each key.

        Raises:
            ConfigurationError: there is no key.
        """
        return hashlib.sha256(_about(self._needed().head, name)).hexdigest()

    @discreet
    def seal(self, text: Secret, name: str) -> bytes:
        """Seal *text* for *name*.

        Raises:
            ConfigurationError: there is no key.
        """
        cipher, head = self._needed()
        nonce = secrets.token_bytes(_NONCE_BYTES)
        data = text.reveal().encode("utf-8", "surrogatepass")
        return head + nonce + cipher.encrypt(nonce, data, _about(head, name))

    @discreet
    def open(self, data: bytes, name: str, path: Path | str) -> Secret | None:
        """Return what was sealed for *name*; None if it was damaged since.

        Raises:
            ConfigurationError: there is no key, or it is not this vault's to open.
        """
        from cryptography.exceptions import InvalidTag

        cipher, head = self._needed()
        self.check(data, path)
        nonce, sealed = data[len(head) :][:_NONCE_BYTES], data[len(head) + _NONCE_BYTES :]
        try:
            data = cipher.decrypt(nonce, sealed, _about(head, name))
            return Secret(data.decode("utf-8", "surrogatepass"))
        except (InvalidTag, ValueError):
            return None

    def check(self, data: bytes, path: Path | str) -> None:
        """Do nothing if *data*, found at *path*, was sealed under this key.

        Raises:
            ConfigurationError: it was not.
        """
        if not data.startswith(_MAGIC):
            raise ConfigurationError(
                f"{path} was not written by this store: choose another folder, or remove it"
            )
        if not data.startswith(self._needed().head):
            raise ConfigurationError(f"{path} is sealed under another key: {self._remedy}")


def is_sealed(data: bytes) -> bool:
    """Say whether *data* looks like what a vault sealed, under whatever key."""
    return data.startswith(_MAGIC) and len(data) >= len(_MAGIC) + _ID_BYTES + _NONCE_BYTES


def _about(head: bytes, name: str) -> bytes:
    return head + name.encode("utf-8", "surrogatepass")


def _hidden(key: object) -> Secret | None:
    """Return the key as base64; no text, where it is of no type that a key has."""
    if key is None:
        return None
    if isinstance(key, bytes):
        return Secret(b64encode(key).decode())
    text = key.reveal() if isinstance(key, Secret) else key
    return Secret(text if isinstance(text, str) else "")


def _decoded(key: Secret) -> bytes:
    try:
        return b64decode(key.reveal().strip(), validate=True)
    except ValueError:
        return b""


def _cipher_class() -> type["AESGCM"]:
    try:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    except ImportError:
        refuse_without("cryptography")
    return AESGCM


def _key(key: Secret, cipher: type["AESGCM"]) -> _Key:
    raw = _decoded(key)
    return _Key(cipher(raw), _MAGIC + hashlib.sha256(b"spshipping store key " + raw).digest()[:_ID_BYTES])


def new_key() -> Secret:
    """Make a key."""
    return Secret(b64encode(secrets.token_bytes(_KEY_BYTES)).decode())


def key_from_environment() -> str | None:
    """Return the key from its variable; None if that is not set."""
    return environment.variables().get("STORE_KEY")


def key_from_keyring() -> str:
    """Return the key from the system's keyring; the first time, make it there.

    Raises:
        ConfigurationError: there is no keyring, it is locked, or it does not keep what it is given.
    """
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        refuse_without("keyring")
    try:
        found = keyring.get_password(*_KEYRING_NAMES)
        if found is None:
            keyring.set_password(*_KEYRING_NAMES, new_key().reveal())
            found = keyring.get_password(*_KEYRING_NAMES)
    except KeyringError as error:
        raise ConfigurationError(
            f"the keyring gives no key ({type(error).__name__}): unlock it, or {THREE_WAYS}"
        ) from None
    if found is None:
        raise ConfigurationError(f"the keyring does not keep what it is given: {THREE_WAYS}")
    return found


def refuse_without(package: str) -> NoReturn:
    """Say what to install.

    Raises:
        ConfigurationError: always.
    """
    raise ConfigurationError(f'the file store needs {package}: pip install "spshipping[store]"') from None
