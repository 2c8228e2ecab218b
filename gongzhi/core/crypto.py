"""The one place where data are put under cipher: SM4-GCM and HMAC-SM3, with key ids so that keys can be changed.

A cipher text reads `sm4gcm:<key id>:<base64 of nonce, cipher and tag>`; the purpose is bound in as associated data,
so that a cipher copied into another column does not open.
"""

import base64
import binascii
import hashlib
import os
import re
import secrets
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

SCHEME = "sm4gcm"
KEY_BYTES = 16
NONCE_BYTES = 12
TAG_BYTES = 16
FIRST_KEY_ID = "k1"
MASK = "*"
PHONE_HEAD, PHONE_TAIL = 3, 4
ID_HEAD, ID_TAIL = 3, 4


class Undecipherable(Exception):  # noqa: N818
    """The text is no cipher of ours, its key is missing, or it was changed."""


@lru_cache(maxsize=1)
def _keys() -> tuple[str, dict[str, bytes]]:
    """The id of the key to write with, and all keys: `GONGZHI_DATA_KEY` is `k2:<hex>,k1:<hex>`, the newest first."""
    given = os.environ.get("GONGZHI_DATA_KEY", "").strip() or _key_file()
    keys: dict[str, bytes] = {}
    for part in given.split(","):
        key_id, colon, digits = part.strip().rpartition(":")
        try:
            key = bytes.fromhex(digits)
        except ValueError as error:
            raise ImproperlyConfigured("GONGZHI_DATA_KEY：密钥要写成十六进制，例如 k1:0123…（32 位）。") from error
        if len(key) != KEY_BYTES:
            raise ImproperlyConfigured(f"GONGZHI_DATA_KEY：每把密钥 {KEY_BYTES * 2} 位十六进制。")
        keys[key_id if colon else FIRST_KEY_ID] = key
    return next(iter(keys)), keys


def _key_file() -> str:
    """A key made once and kept in var/ where only this user reads it."""
    path = Path(settings.VAR) / "secret-data"
    path.parent.mkdir(parents=True, exist_ok=True)
    ours = path.with_name(f"secret-data.{secrets.token_hex(4)}")
    if not path.exists():
        with open(os.open(ours, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(f"{FIRST_KEY_ID}:{secrets.token_hex(KEY_BYTES)}")
        try:
            # A link, not a rename: of two processes the first wins, and the file is never half written.
            os.link(ours, path)
        except FileExistsError:
            pass
        finally:
            ours.unlink()
    return path.read_text(encoding="ascii").strip()


@lru_cache(maxsize=32)
def _derived(key: bytes, use: str) -> bytes:
    """One key for the cipher, another for the hash."""
    mac = hmac.HMAC(key, hashes.SM3())
    mac.update(use.encode())
    return mac.finalize()[:KEY_BYTES]


def encrypt(text: str, *, purpose: str) -> str:
    key_id, keys = _keys()
    nonce = secrets.token_bytes(NONCE_BYTES)
    encryptor = Cipher(algorithms.SM4(_derived(keys[key_id], "cipher")), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(purpose.encode())
    body = encryptor.update(text.encode()) + encryptor.finalize()
    return f"{SCHEME}:{key_id}:{base64.b64encode(nonce + body + encryptor.tag).decode()}"


def decrypt(cipher: str, *, purpose: str) -> str:
    scheme, _, rest = cipher.partition(":")
    key_id, _, body = rest.partition(":")
    keys = _keys()[1]
    if scheme != SCHEME or key_id not in keys:
        raise Undecipherable("the cipher's scheme or key is not known")
    try:
        raw = base64.b64decode(body, validate=True)
        nonce, text, tag = raw[:NONCE_BYTES], raw[NONCE_BYTES:-TAG_BYTES], raw[-TAG_BYTES:]
        decryptor = Cipher(algorithms.SM4(_derived(keys[key_id], "cipher")), modes.GCM(nonce, tag)).decryptor()
        decryptor.authenticate_additional_data(purpose.encode())
        return (decryptor.update(text) + decryptor.finalize()).decode()
    except (InvalidTag, binascii.Error, ValueError) as error:
        raise Undecipherable("the cipher was changed or belongs elsewhere") from error


def keyed_hash(text: str, *, purpose: str) -> str:
    """HMAC-SM3 in hex, for finding a row by a value that is kept under cipher. The oldest key stays the hash key."""
    keys = _keys()[1]
    mac = hmac.HMAC(_derived(list(keys.values())[-1], f"hash:{purpose}"), hashes.SM3())
    mac.update(normalised(text).encode())
    return mac.finalize().hex()


def normalised(text: str) -> str:
    """Spaces and hyphens out, capital letters: 138 0000-0000 and 13800000000 are one number; so with an ID's x."""
    return re.sub(r"[\s\-－—]", "", text).upper()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def mask_name(name: str) -> str:
    """陈建国 -> 陈**; a name of one character shows nothing of itself."""
    plain = name.strip()
    return plain[:1] + MASK * (len(plain) - 1) if len(plain) > 1 else MASK * len(plain)


def mask_phone(phone: str) -> str:
    """13800000000 -> 138****0000; a short number keeps its tail only."""
    plain = normalised(phone)
    if len(plain) > PHONE_HEAD + PHONE_TAIL:
        return plain[:PHONE_HEAD] + MASK * (len(plain) - PHONE_HEAD - PHONE_TAIL) + plain[-PHONE_TAIL:]
    return MASK * max(len(plain) - 2, 0) + plain[-2:] if plain else ""


def mask_id_number(number: str) -> str:
    plain = normalised(number)
    if len(plain) > ID_HEAD + ID_TAIL:
        return plain[:ID_HEAD] + MASK * (len(plain) - ID_HEAD - ID_TAIL) + plain[-ID_TAIL:]
    return MASK * len(plain)
