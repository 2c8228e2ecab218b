"""Two clerks over one row, and two clicks on one button."""

from typing import Protocol

from django.db import connection

from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import FormKey
from gongzhi.core.refs import Ref

CONFLICT_STATUS = 409
LONGEST_KEY = 64


class Versioned(Protocol):
    version: int


def check_version(row: Versioned, version: int | None) -> None:
    """Refuses (`stale`) when the row changed since the page was shown. Without a version nothing is compared.

    The caller holds the row's lock; it raises before writing, and the form shows again what was typed.
    """
    if version is not None and row.version != version:
        raise Refused(
            "stale",
            "您打开这一页以后，别人已经改过这条记录。您填写的内容还在下面，请核对最新情况后再提交。",
            fields={"version": "记录已被他人修改"},
            status=CONFLICT_STATUS,
        )


def form_key(key: str, actor: Actor, *, makes: str = "") -> Ref | None:
    """Claims the key of a form. None: go on. A Ref: the first click already made this; show it and do nothing.

    `makes`: the kind of row that this form makes. The key of another form is refused, for its row is another one.
    A second click that comes while the first is at work waits for it on the unique row.
    """
    if not key or len(key) > LONGEST_KEY:
        raise Refused("form_key", "这张表单缺少防重复的标记，请刷新页面后重新提交。")
    user_id = actor.user.pk if actor.user else None
    with connection.cursor() as cursor:
        # Waits for a transaction that holds the same key and does not fail this one, which a plain INSERT would.
        cursor.execute(
            "INSERT INTO core_formkey (key, user_id, ref_kind, ref_id, ref_title, place_path, created_at)"
            " VALUES (%s, %s, '', '', '', '', now()) ON CONFLICT (key) DO NOTHING",
            [key, user_id],
        )
    row = FormKey.objects.select_for_update().get(key=key)
    if row.user_id != user_id:
        raise Refused("form_key", "这张表单是别人打开的，请刷新页面后重新提交。")
    if makes and row.ref_kind not in ("", makes):
        raise Refused("form_key", "这张表单的防重复标记已经用在别处，请刷新页面后重新填写。")
    return Ref(row.ref_kind, row.ref_id, row.ref_title, row.place_path) if row.ref_kind else None


def keep_form_key(key: str, ref: Ref) -> None:
    """What the form made, for the second click. In the transaction that made it."""
    FormKey.objects.filter(key=key).update(
        ref_kind=ref.kind, ref_id=ref.id, ref_title=ref.title[:200], place_path=ref.place_path
    )
