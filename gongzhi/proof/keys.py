"""The platform's signing keys: kept in the database under a passphrase that the database does not know.

A key is endorsed by the one before it, so that who trusts the first can follow to the newest.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction

from gongzhi.proof.leaves import milliseconds
from gongzhi.proof.models import SigningKey

LOCK_CLASS = 0x70726F66  # "prof": the first half of this package's advisory locks
KEY_LOCK = 0
ENDORSEMENT_TITLE = "gongzhi key v1"


@dataclass(frozen=True)
class Signer:
    pk: int
    public: bytes
    private: Ed25519PrivateKey


@dataclass
class _Current:
    """The newest key as this process knows it."""

    signer: Signer | None = None


_current = _Current()


def signer(*, now: datetime) -> Signer:
    """The key to sign with. The very first one is made when it is asked for."""
    newest = SigningKey.objects.order_by("-pk").values_list("pk", flat=True).first()
    if newest is None:
        newest = _first(now).pk
    if _current.signer is None or _current.signer.pk != newest:
        _current.signer = _opened(SigningKey.objects.get(pk=newest))
    return _current.signer


def known_signer() -> Signer | None:
    """The key this process used last, without asking whether there is a newer one."""
    return _current.signer


@transaction.atomic
def rotate(*, now: datetime) -> SigningKey:
    """A new key takes over, endorsed by the one it replaces."""
    _lock()
    old = signer(now=now)
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    return SigningKey.objects.create(
        public=public,
        sealed=_sealed(private),
        activated_at=now,
        previous_id=old.pk,
        endorsement=old.private.sign(endorsement_text(public, at_ms=milliseconds(now))),
    )


def endorsement_text(public: bytes, *, at_ms: int) -> bytes:
    return f"{ENDORSEMENT_TITLE}\n{public.hex()}\n{at_ms}\n".encode()


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK_CLASS, KEY_LOCK])


@transaction.atomic
def _first(now: datetime) -> SigningKey:
    _lock()
    found = SigningKey.objects.order_by("-pk").first()
    if found is not None:  # another process was faster
        return found
    private = Ed25519PrivateKey.generate()
    return SigningKey.objects.create(
        public=private.public_key().public_bytes_raw(), sealed=_sealed(private), activated_at=now
    )


def _sealed(private: Ed25519PrivateKey) -> str:
    cipher = serialization.BestAvailableEncryption(settings.PROOF_PASSPHRASE.encode())
    return private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, cipher).decode()


def _opened(row: SigningKey) -> Signer:
    return Signer(row.pk, bytes(row.public), _private(row.sealed, bytes(row.public)))


@lru_cache(maxsize=8)
def _private(sealed: str, public: bytes) -> Ed25519PrivateKey:
    advice = "存证签名密钥打不开：请把 GONGZHI_PROOF_PASSPHRASE（或 var/secret-proof）恢复为原来的口令。"
    try:
        private = serialization.load_pem_private_key(sealed.encode(), settings.PROOF_PASSPHRASE.encode())
    except ValueError as error:
        raise ImproperlyConfigured(advice) from error
    if not isinstance(private, Ed25519PrivateKey) or private.public_key().public_bytes_raw() != public:
        raise ImproperlyConfigured(advice)
    return private
