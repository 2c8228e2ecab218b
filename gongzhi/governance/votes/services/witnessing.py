"""Witnesses of a vote's log: whose keys co-sign its checkpoints, and what they signed."""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.governance.votes.models import Vote
from gongzhi.governance.votes.services.common import log_of, tell
from gongzhi.governance.votes.words import WITNESS_KINDS
from gongzhi.proof import notes
from gongzhi.proof import services as proof
from gongzhi.proof.models import Checkpoint, Cosignature, Witness

PARTS = 3


@transaction.atomic
def add_witness(vote: Vote, *, kind: str, name: str, key: str, actor: Actor, now: datetime) -> Witness:
    """`key`: as witnesses hand it out, `name+id+base64` (c2sp.org/signed-note). Of this vote's log alone."""
    core.require(actor, "vote.adjudicate", vote)
    if kind not in WITNESS_KINDS or not name.strip():
        raise Refused("witness", "请选见证人的身份，写明名称。", fields={"name": "请填写"})
    key_name, public = _read_key(key)
    label = f"{WITNESS_KINDS[kind]}　{name.strip()}"
    try:
        with transaction.atomic():
            made = proof.add_witness(name=key_name, public_key=public, label=label, log=log_of(vote), now=now)
    except IntegrityError as error:
        raise Refused("witness_twice", "这把公钥已经登记过。", fields={"key": "已登记"}) from error
    tell(vote, kind="vote.witness_added", actor=actor, now=now, data={"witness": made.pk, "capacity": kind})
    return made


def _read_key(text: str) -> tuple[str, bytes]:
    parts = text.strip().split("+", PARTS - 1)
    try:
        name, identifier, encoded = parts
        raw = notes.from_base64(encoded)
        public = raw[1:]
        if raw[:1] != bytes([notes.ED25519]) or notes.key_id(name, public).hex() != identifier:
            raise notes.BadNote("not a key of the kind")
    except (ValueError, notes.BadNote) as error:
        raise Refused(
            "witness_key",
            "见证公钥不对。要从见证页整行复制，形如“名称+8位编号+一串字母”。",
            fields={"key": "请重新复制"},
        ) from error
    return name, public


@transaction.atomic
def end_witness(vote: Vote, *, witness: int, actor: Actor, now: datetime) -> None:
    """His later signatures no longer count; earlier ones stay."""
    core.require(actor, "vote.adjudicate", vote)
    if not Witness.objects.filter(pk=witness, log=log_of(vote), ended_at=None).update(ended_at=now):
        raise Refused("no_witness", "没有这名见证人，或已停用。")
    tell(vote, kind="vote.witness_ended", actor=actor, now=now, data={"witness": witness})


def take_signed_note(vote: Vote, *, text: str, now: datetime) -> list[Cosignature]:
    """A checkpoint of this vote's log with witnesses' lines under it; whoever hands it in, the signatures speak."""
    note = f"{text.strip()}\n".replace("\r\n", "\n")
    try:
        parsed = notes.parse_note(note)
        body = notes.parse_checkpoint(parsed)
    except notes.BadNote as error:
        raise Refused(
            "signed_note", "这不是签好的检查点。请从第一行到最后一行全部粘贴。", fields={"text": "格式不对"}
        ) from error
    if body.origin != log_of(vote).origin:
        raise Refused("other_log", "这是另一本票册的检查点。", fields={"text": "不是这次表决的"})
    found = []
    fault = ""
    for line in note.rpartition("\n\n")[2].splitlines():
        try:
            found.append(proof.take_cosignature(note, line, now=now))
        except proof.BadCosignature as error:
            fault = str(error)
    if not found:
        raise Refused("no_cosignature", REASONS.get(fault, REASONS[""]), fields={"text": "没有收下"})
    return found


REASONS = {
    "the log published no such checkpoint": "本平台没有发布过这个检查点。票册可能被改过，请保存原文，报镇街。",
    "the co-signature is dated ahead of the clock": "见证签名的时间晚于现在，请校准设备的时间后重签。",
    "": "没有已登记见证人的签名。请先把见证公钥交社区或镇街登记，再签。",
}


@dataclass(frozen=True)
class Witnessed:
    """A witness with the last that he signed; `behind`: entries of the log after that."""

    witness: Witness
    last: Cosignature | None
    behind: int


def witnesses_of(vote: Vote, *, size: int) -> list[Witnessed]:
    log = log_of(vote)
    rows = Witness.objects.filter(log=log) | Witness.objects.filter(log=None)
    found = []
    for one in rows.order_by("added_at", "pk"):
        signed = Cosignature.objects.filter(witness=one, checkpoint__log=log).select_related("checkpoint")
        last = signed.order_by("-checkpoint__size").first()
        if one.log_id is None and last is None:
            continue
        found.append(Witnessed(one, last, size - last.checkpoint.size if last else size))
    return found


def checkpoint_at_close(vote: Vote) -> Checkpoint | None:
    """The first one that holds the entry of the close: what was fixed before anybody counted."""
    record = vote.records.filter(kind="CLOSE").select_related("entry").order_by("-pk").first()
    if record is None or record.entry is None or record.entry.leaf_index is None:
        return None
    rows = Checkpoint.objects.filter(log=log_of(vote), size__gt=record.entry.leaf_index).select_related("key")
    return rows.order_by("size").first()
