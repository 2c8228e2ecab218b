"""The address on a unit's bills. Whoever opens it confirms with the end of his number, then sees his own."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction

from gongzhi.core import crypto
from gongzhi.core import services as core
from gongzhi.core.errors import Refused
from gongzhi.funds.charges.models import Tenancy
from gongzhi.funds.charges.queries import open_bills
from gongzhi.funds.charges.queries.payers import tenants_of
from gongzhi.funds.payments.models import PayLink
from gongzhi.funds.payments.services.ordering import Payer
from gongzhi.registry.models import Ownership, Unit
from gongzhi.registry.queries.history import ownership_on

NONCE_BYTES = 12
TOKEN_LENGTH = 32
MOST_FAILURES = 5
SHUT = timedelta(hours=1)


def token_of(unit: Unit, *, now: datetime) -> str:
    """The unit's token, the same whenever a bill is printed; made with the first."""
    row, _ = PayLink.objects.get_or_create(unit=unit, defaults=_fresh(unit, now))
    return _token(unit.pk, row.nonce)


def _fresh(unit: Unit, now: datetime) -> dict[str, object]:
    nonce = secrets.token_urlsafe(NONCE_BYTES)
    return {"nonce": nonce, "token_hash": _digest(_token(unit.pk, nonce)), "made_at": now}


def _token(unit_id: int, nonce: str) -> str:
    return crypto.keyed_hash(f"{unit_id}|{nonce}", purpose="pay_link")[:TOKEN_LENGTH]


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def renew_token(unit: Unit, *, now: datetime) -> str:
    """Another token; the one printed before stops working."""
    PayLink.objects.filter(unit=unit).update(**_fresh(unit, now), failures=0, shut_until=None)
    return token_of(unit, now=now)


def link_of(token: str) -> PayLink | None:
    return PayLink.objects.select_related("unit__building__estate").filter(token_hash=_digest(token)).first()


def confirm(link: PayLink, *, tail: str, now: datetime) -> Payer:
    """Whose bills may be seen: those of the owners one of whom has a phone number with this end, or the tenant's.

    Refused answers are counted across transactions: the caller lets them commit.
    """
    with transaction.atomic():
        row = PayLink.objects.select_for_update(of=("self",)).select_related("unit__building").get(pk=link.pk)
        if row.shut_until is not None and now < row.shut_until:
            raise Refused("link_shut", "核对不符次数太多，请一小时后再试，或到物业服务中心缴费。", status=429)
        found = _named(row.unit, tail, now)
        row.failures = 0 if found is not None else row.failures + 1
        row.shut_until = None
        if row.failures >= MOST_FAILURES:
            row.failures, row.shut_until = 0, now + SHUT
        row.save(update_fields=["failures", "shut_until"])
    if found is None:
        raise Refused(
            "tail_wrong",
            "和登记的业主（承租人）手机号不一致。登记有误的，请到物业服务中心更正。",
            fields={"tail": "和登记的不一致"},
        )
    return found


def _named(unit: Unit, tail: str, now: datetime) -> Payer | None:
    """The owners before a tenant: who owns the unit answers for all its bills."""
    owners = next((one for one in _owing(unit, now) if _holds(one, tail)), None)
    if owners is not None:
        return Payer(unit, owners)
    for row in _tenancies(unit, now):
        if core.phone_ends_with(row.tenant, tail):
            return Payer(unit, None, row)
    return None


def _tenancies(unit: Unit, now: datetime) -> list[Tenancy]:
    """The one of today, and earlier ones whose bills are still open."""
    rows = list(unit.tenancies.filter(bill_to="tenant").select_related("tenant").order_by("-from_on"))
    owing = tenants_of(list(open_bills(unit=unit)))
    on = core.local_day(now)
    return [row for row in rows if row in owing.values() or (row.from_on <= on and (row.to_on or on) >= on)]


def _owing(unit: Unit, now: datetime) -> list[Ownership]:
    """The owners of today, then earlier ones who still owe."""
    today = ownership_on(unit, core.local_day(now))
    earlier = Ownership.objects.filter(pk__in=open_bills(unit=unit).values("ownership")).order_by("-from_on", "-pk")
    return [*([today] if today is not None else []), *(one for one in earlier if one != today)]


def _holds(ownership: Ownership, tail: str) -> bool:
    return any(core.phone_ends_with(one.owner, tail) for one in ownership.shares.select_related("owner"))
