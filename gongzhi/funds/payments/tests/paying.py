"""An estate whose company takes money by phone: a unit with its owner, bills, channels at the provider of the tests."""

from datetime import datetime, timedelta
from decimal import Decimal

from gongzhi.core.actors import Actor
from gongzhi.core.days import ZONE, local_day
from gongzhi.core.tests.cast import STARTED, build
from gongzhi.funds.charges import services as charges
from gongzhi.funds.common.queries import book_of
from gongzhi.funds.maintenance.tests.fund import units
from gongzhi.funds.payments import services as payments
from gongzhi.funds.payments.models import PayChannel
from gongzhi.funds.payments.tests import provider as fake
from gongzhi.ledger import services as ledger
from gongzhi.registry.models import Ownership, Project
from gongzhi.registry.services.units import OwnerInput, transfer_unit

PHONE, TAIL = "13912345678", "5678"
IDS = {"wechat": (fake.MCHID, fake.APPID, fake.wechat_keys), "alipay": (fake.SELLER, fake.ALIAPP, fake.alipay_keys)}


def made():
    """The cast of a city, now: what providers sign carries the time of now."""
    cast = build(STARTED, county="610326", pack="meixian")
    cast.now = datetime.now(ZONE)  # noqa: TID251
    return cast


def project_of(cast):
    return Project.objects.select_related("estate", "company").get(estate=cast.estate)


def clerk(cast):
    return cast.actor("project_manager")


def boss(cast):
    """Somebody else of the company, at its seat."""
    if "boss" not in cast.users:
        from gongzhi.core.tests.cast import _person

        _person(cast, "boss", "秦总", organisation=cast.organisations["property_company"])
    return cast.actor("boss")


def home(cast, area="89.5", *, name="陈建国", phone=PHONE):
    """A unit with an owner on record."""
    (unit,) = units(cast, area)
    return owned(cast, unit, name=name, phone=phone)


def owned(cast, unit, *, name="陈建国", phone=PHONE, from_on=None):
    transfer_unit(
        unit, owners=[OwnerInput(name=name, phone=phone)], from_on=from_on or local_day(cast.now) - timedelta(days=400),
        actor=Actor.system(), now=cast.now,
    )  # fmt: skip
    unit.refresh_from_db()
    return unit


def title_of(unit):
    return Ownership.objects.filter(unit=unit).order_by("-from_on").first()


def bill(cast, unit, yuan, *, due=None, key=""):
    on = local_day(cast.now)
    item = charges.Item("service", "物业费", int(Decimal(yuan) * 100))
    return charges.bill_once(
        unit, project=project_of(cast), items=[item], from_on=on.replace(day=1), to_on=on + timedelta(days=40),
        due_on=due or on + timedelta(days=20), key=key or f"{unit.pk}-{yuan}-{due}", actor=clerk(cast), now=cast.now,
    )  # fmt: skip


def channel(cast, provider="wechat", **more):
    merchant, app, keys = IDS[provider]
    if not PayChannel.objects.filter(provider=provider).exists():
        boss(cast)
    return payments.register_channel(
        project_of(cast), provider=provider, merchant=merchant, app=app, keys=more.pop("keys", keys()),
        from_on=local_day(cast.now) - timedelta(days=10), actor=cast.actor("boss"), now=cast.now, **more,
    )  # fmt: skip


def payer(unit):
    return payments.Payer(unit, title_of(unit))


def ordered(cast, made_channel, bills, **more):
    order = payments.open_order(
        bills, channel=made_channel, way=more.pop("way", "native"), payer=more.pop("payer", payer(bills[0].unit)),
        actor=more.pop("actor", Actor.public()), now=more.pop("now", cast.now),
    )  # fmt: skip
    return payments.offer(order, base="https://gz.example.cn", now=cast.now)


def notice(server, provider, number, **more):
    return getattr(server, f"{provider}_notice")(number, **more)


def told(cast, made_channel, given, *, now=None):
    headers, body = given
    return payments.take_notice(made_channel, headers=headers, body=body, now=now or cast.now)


def balances(cast):
    """By code, in 分; they add up to nothing. What a job did minutes later may be of the next day."""
    book = book_of(cast.estate, "service_charges")
    lines = {
        one.account.code: one.balance_fen for one in ledger.trial_balance(book, local_day(cast.now) + timedelta(days=1))
    }
    assert sum(lines.values()) == 0
    return lines
