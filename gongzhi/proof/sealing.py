"""Time-stamps (RFC 3161) over checkpoints: asked from an authority over HTTP, verified, kept; retried until it is."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import httpx
from cryptography import x509
from django.conf import settings
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder, VerifierBuilder, decode_timestamp_response
from rfc3161_client.errors import VerificationError

from gongzhi.proof.models import Seal

logger = logging.getLogger(__name__)

QUERY_TYPE, REPLY_TYPE = "application/timestamp-query", "application/timestamp-reply"
SECONDS = 20
LARGEST_REPLY = 256 * 1024
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
CLAIMED_FOR = timedelta(minutes=5)
LONGEST_FAULT = 500
AT_ONCE = 20


class NoTimestamp(Exception):  # noqa: N818
    """The authority could not be reached, refused, or answered something that does not hold."""


@dataclass(frozen=True)
class Token:
    """A verified response, byte for byte, and the time in it."""

    response: bytes
    at: datetime


def ask(data: bytes, *, url: str, roots: Path) -> Token:
    """A time-stamp over SHA-256 of `data`, with nonce and certificates, verified up to one of the roots (PEM)."""
    request = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256).cert_request(cert_request=True)
    built = request.build()
    try:
        reply = httpx.post(url, content=built.as_bytes(), headers={"Content-Type": QUERY_TYPE}, timeout=SECONDS)
        reply.raise_for_status()
    except httpx.HTTPStatusError as error:
        raise NoTimestamp(f"时间戳机构没有应答：状态码{error.response.status_code}") from error
    except httpx.HTTPError as error:
        why = "超过时限" if isinstance(error, httpx.TimeoutException) else "连接不上"
        raise NoTimestamp(f"时间戳机构没有应答：{why}") from error
    if reply.headers.get("Content-Type", "").split(";")[0].strip() != REPLY_TYPE or len(reply.content) > LARGEST_REPLY:
        raise NoTimestamp("时间戳机构的应答不是时间戳")
    builder = VerifierBuilder.from_request(built)
    for root in x509.load_pem_x509_certificates(roots.read_bytes()):
        builder = builder.add_root_certificate(root)
    try:
        response = decode_timestamp_response(reply.content)
        builder.build().verify_message(response, data)
    except (VerificationError, ValueError) as error:
        raise NoTimestamp("时间戳机构的应答核对不上：签名、证书或摘要不符") from error
    return Token(reply.content, response.tst_info.gen_time)


def seal_due(*, now: datetime) -> int:
    """Fetches what is due; returns how many arrived. Not inside a transaction: the network is slow."""
    url, roots = settings.PROOF_TSA_URL, settings.PROOF_TSA_ROOTS
    if not url or roots is None:
        return 0
    due = list(Seal.objects.filter(token=None, next_at__lte=now).order_by("next_at")[:AT_ONCE])
    return sum(_sealed(seal.pk, seal.next_at, url=url, roots=roots, now=now) for seal in due)


def _sealed(pk: int, next_at: datetime | None, *, url: str, roots: Path, now: datetime) -> bool:
    claimed = Seal.objects.filter(pk=pk, token=None, next_at=next_at).update(next_at=now + CLAIMED_FOR)
    if not claimed:  # another worker has it
        return False
    seal = Seal.objects.select_related("checkpoint").get(pk=pk)
    try:
        token = ask(seal.checkpoint.note.encode(), url=url, roots=roots)
    except NoTimestamp as error:
        seal.tries += 1
        pause = min(FIRST_PAUSE * 2 ** min(seal.tries - 1, 10), LONGEST_PAUSE)
        Seal.objects.filter(pk=pk, token=None).update(
            tries=seal.tries, fault=str(error)[:LONGEST_FAULT], next_at=now + pause
        )
        logger.warning("no time-stamp for %s: %s (%s)", seal, error, error.__cause__)
        return False
    kept = Seal.objects.filter(pk=pk, token=None).update(
        token=token.response, sealed_at=token.at, authority=url, next_at=None, fault=""
    )
    return bool(kept)
