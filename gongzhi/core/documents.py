"""Official documents: numbered per issuing body and year, rendered as Word, served and signed for."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from django.db import transaction

from gongzhi.core import files, packs, refs
from gongzhi.core.actors import Actor
from gongzhi.core.days import local_day
from gongzhi.core.errors import Refused
from gongzhi.core.models import Document, DocumentRecipient, Organisation
from gongzhi.core.numbers import next_number
from gongzhi.core.prepared import insert, update
from gongzhi.core.recording import record
from gongzhi.core.refs import Ref
from gongzhi.core.rights import may, require
from gongzhi.core.word import render_word
from gongzhi.proof import queries as proof_queries
from gongzhi.proof import services as proof
from gongzhi.proof.leaves import canonical, hash_of

LONGEST_TITLE = 200
FORM_PARTS = ("pairs", "fields", "items", "signatures")
VARIABLE = re.compile(r"\{([^{}]+)\}")
# A value typed with its full stop, before that of the text.
DOUBLE_STOP = re.compile(r"([。！？])。+")


def register() -> None:
    """Files of a document may be read by whoever may read the document."""
    refs.register_kind(
        "document",
        load=lambda pk: Document.objects.prefetch_related("recipients").filter(pk=pk).first(),
        may_read=may_read,
    )


def may_read(actor: Actor, document: Document) -> bool:
    """Whoever issued or received it, whoever may read what it is about, and of the offices above those to whom that is
    not shut: a paper about a case tells of the case."""
    if refs.may_read(actor, document.subject):
        return True
    shut = refs.is_shut(actor, document.subject) and not document.is_party(actor)
    return may(actor, "document.read", document) and not shut


def require_reading(actor: Actor, document: Document) -> None:
    if not may_read(actor, document):
        raise Refused("forbidden", "这份文书不归您办理，不能查看。", status=403)


@transaction.atomic
def issue_document(
    instrument: str,
    *,
    subject: Ref,
    to: Sequence[Organisation],
    copy_to: Sequence[Organisation] = (),
    values: Mapping[str, Any],
    issuer: Organisation,
    place_path: str,
    actor: Actor,
    now: datetime,
) -> Document:
    """Numbers, renders, keeps and serves one instrument of the pack in force at the place.

    `values` fill the `{…}` of the instrument's text, and `attachments` (list of text) its list; `addressee` names whom
    it is for where no organisation of that office is registered. Refuses `no_instrument` and
    `instrument_value_missing`.
    """
    on = local_day(now)
    pack = packs.pack_for(place_path, on)
    declared = pack.instruments.get(instrument) if pack else None
    if declared is None:
        raise Refused("no_instrument", f"现行文件没有“{instrument}”这种文书，不能出文；请在政策包里补上后再办。")
    recipients = list(dict.fromkeys(to))
    copied = [one for one in dict.fromkeys(copy_to) if one not in recipients]
    series = f"organisation:{issuer.pk}|{declared.number}"
    seq = next_number(series, on.year)
    context = _context(
        pack, declared, seq=seq, on=on, issuer=issuer, to=recipients, copy_to=copied, subject=subject, values=values
    )
    context["demo"] = actor.demo or issuer.demo
    document = Document(
        instrument=instrument,
        title=context["title"][:LONGEST_TITLE],
        number=context["number"],
        issuer=issuer,
        series=series,
        year=on.year,
        seq=seq,
        subject_kind=subject.kind,
        subject_id=subject.id,
        subject_title=subject.title[:LONGEST_TITLE],
        place_path=place_path,
        issued_at=now,
        issued_by=actor.user,
        data=context,
        clauses=list(declared.clauses),
        demo=context["demo"],
    )
    insert([document])
    _keep_and_serve(document, declared.template or "instrument", recipients, copied, actor=actor, now=now)
    return document


def _context(
    pack: Any,
    declared: Any,
    *,
    seq: int,
    on: date,
    issuer: Organisation,
    to: Sequence[Organisation],
    copy_to: Sequence[Organisation],
    subject: Ref,
    values: Mapping[str, Any],
) -> dict[str, Any]:
    """What the Word template shows."""
    number = _filled(declared.number, {"year": on.year, "seq": seq})
    shown = {
        "year": on.year,
        "seq": seq,
        "number": number,
        "issuer": issuer.name,
        "to": "、".join(one.name for one in to),
        "subject": subject.title,
        **{key: value for key, value in values.items() if value is not None},
    }
    return {
        "issuer": issuer.name,
        "number": number,
        "title": str(values.get("title") or declared.name),
        "to": ("，".join(one.name for one in to) or str(values.get("addressee") or "")) if declared.to else "",
        "paragraphs": [
            DOUBLE_STOP.sub(r"\1", line.strip()) for line in _filled(declared.body, shown).splitlines() if line.strip()
        ],
        "attachments": [str(one) for one in values.get("attachments") or ()],
        "date": f"{on.year}年{on.month}月{on.day}日",
        "copy_to": "，".join(one.name for one in copy_to),
        "basis": _basis(pack, declared.clauses),
        # The parts of forms and covers.
        **{name: values[name] for name in FORM_PARTS if name in values},
    }


def _keep_and_serve(
    document: Document,
    template: str,
    recipients: Sequence[Organisation],
    copied: Sequence[Organisation],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    document.file = files.keep(
        render_word(template, document.data),
        name=_file_name(document),
        content_type=files.DOCX,
        owner=document.ref,
        actor=actor,
        now=now,
    )
    insert(
        [
            DocumentRecipient(document=document, organisation=one, copy=one not in recipients, served_at=now)
            for one in (*recipients, *copied)
        ]
    )
    document.event = record(
        "document.issued",
        subject=document.ref,
        actor=actor,
        at=now,
        place_path=document.place_path,
        data={
            "instrument": document.instrument,
            "number": document.number,
            "issuer": document.issuer.role,
            "to": [one.role for one in recipients],
            "copy_to": [one.role for one in copied],
            "subject": document.subject.key,
        },
    )
    update(document, ["file_id", "event_id"])
    log = proof.open_log(_log_name(document), now=now, demo=document.demo)
    proof.append(log, _leaf(document), now=now)


def _log_name(document: Document) -> str:
    return "wenshu-shifan" if document.demo else "wenshu"


def _leaf(document: Document) -> dict[str, Any]:
    """What the log says of a document: its number and what it looks like, nothing of what stands in it."""
    assert document.file is not None  # noqa: S101  (kept before it is logged)
    return {
        "kind": "document.issued",
        "document": document.pk,
        "number": document.number,
        "instrument": document.instrument,
        "at": document.issued_at.astimezone(UTC).isoformat(),
        "sha256": document.file.sha256,
    }


def receipt_of(document: Document) -> dict[str, Any] | None:
    """The proof that the document was issued then and looks as it did; None for one older than the log."""
    log = proof_queries.log_named(_log_name(document))
    if document.file is None or log is None:
        return None
    entry = proof_queries.entry_of(log, hash_of(canonical(_leaf(document), origin=log.origin)))
    return proof_queries.receipt(entry) if entry is not None else None


def _filled(text: str, values: Mapping[str, Any]) -> str:
    """The instrument's text with its `{…}` filled in."""
    missing = sorted({name for name in VARIABLE.findall(text) if name not in values})
    if missing:
        raise Refused(
            "instrument_value_missing", f"出文还缺：{'、'.join(missing)}。", fields={name: "请补填" for name in missing}
        )
    return VARIABLE.sub(lambda match: str(values[match[1]]), text)


def _basis(pack: Any, clauses: Sequence[str]) -> str:
    """Each clause with its document, every document named once; what the root cites names its law itself."""
    by_document: dict[str, list[str]] = {}
    root = pack.documents[-1].slug
    for clause in clauses:
        found = pack.clauses.get(clause)
        places = by_document.setdefault(pack.cited_as(found.pack) if found and found.pack != root else "", [])
        where = str(found.where) if found is not None else clause
        if where not in places:
            places.append(where)
    return "；".join(f"{title}{'、'.join(places)}" for title, places in by_document.items())


def _file_name(document: Document) -> str:
    plain = re.sub(r'[\\/:*?"<>|\s]', "", f"{document.title}（{document.number}）")
    return f"{plain[:100]}.docx"


@transaction.atomic
def sign_for_document(document: Document, *, actor: Actor, now: datetime) -> DocumentRecipient:
    """The actor's organisation signs for a document served on it. A second signature changes nothing."""
    require(actor, "document.sign_for", document)
    row = (
        DocumentRecipient.objects.select_for_update().filter(document=document, organisation=actor.organisation).first()
    )
    if row is None:
        raise Refused("not_addressed", "这份文书没有发给您的单位，不用签收。")
    if row.signed_for_at is not None:
        return row
    row.signed_for_at, row.signed_for_by, row.signed_for_label = now, actor.user, actor.label
    row.save()
    record(
        "document.signed_for",
        subject=document.ref,
        actor=actor,
        at=now,
        place_path=document.place_path,
        data={"instrument": document.instrument, "number": document.number, "by": actor.role or None},
    )
    return row


def documents_of(subject: Ref) -> list[Document]:
    return list(
        Document.objects.filter(subject_kind=subject.kind, subject_id=subject.id)
        .select_related("issuer", "file")
        .prefetch_related("recipients__organisation")
        .order_by("issued_at", "pk")
    )
