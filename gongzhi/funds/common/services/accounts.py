"""Registering the account at the bank where a purse lies, and who watches over it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Organisation
from gongzhi.funds.common.models import SupervisedAccount
from gongzhi.funds.common.queries import OfEstate
from gongzhi.governance.bodies.queries.bodies import body_on, on_file
from gongzhi.registry.models import Estate
from gongzhi.registry.queries.known import fact, organisation_for

DAY = timedelta(days=1)
# In whose name the account stands; of several, of whichever there is.
KEEPERS = {
    "bureau": ("housing",),
    "street": ("street_office",),
    "company": ("property_company",),
    "committee": ("owners_committee", "management_committee"),
}


@dataclass(frozen=True, slots=True)
class AccountInput:
    """What is registered of an account. `contract_clause`: the clause of the contract, where the company holds it."""

    purse: str
    manager: str
    bank: str
    holder: str
    number: str
    from_on: date
    contract_clause: str = ""


@transaction.atomic
def register_account(estate: Estate, *, given: AccountInput, actor: Actor, now: datetime) -> SupervisedAccount:
    """From that day on the purse lies there. An account held before ends the day before.

    Refuses (`number_used`) a number that holds another estate's money, and (`check_failed`) what the pack's checks on
    `funds.account` do not allow.
    """
    core.require(actor, "account.register", OfEstate(estate, given.from_on))
    number = "".join(given.number.split())
    taken = SupervisedAccount.objects.filter(number=number, to_on=None).exclude(estate=estate).first()
    if taken is not None:
        raise Refused(
            "number_used",
            f"这个账号已经用于{taken.estate.name}。一个账户只放一个小区的钱，请另开账户。",
            fields={"number": "已用于另一个小区"},
        )
    keeper = _keeper(estate, given)
    facts = {
        "purse": given.purse,
        "manager": given.manager,
        "estate_type": estate.estate_type,
        "delivered": delivered_by(estate, given.from_on),
        "holder_is_keeper": keeper is None or given.holder.strip() == keeper.name,
        "contract_named": bool(given.contract_clause.strip()),
    }
    core.run_checks("funds.account", facts, place_path=estate.place_path, on=given.from_on)
    _end_before(estate, given)
    row = SupervisedAccount.objects.create(
        estate=estate,
        purse=given.purse,
        manager=given.manager,
        bank=given.bank.strip(),
        holder=given.holder.strip(),
        number=number,
        contract_clause=given.contract_clause.strip(),
        keeper=keeper,
        supervisor=supervisor_of(estate, given.manager, given.from_on),
        from_on=given.from_on,
        place_path=estate.place_path,
        demo=actor.demo,
    )
    core.record(
        "account.registered",
        subject=row.ref,
        actor=actor,
        at=now,
        place_path=row.place_path,
        data={"purse": row.purse, "manager": row.manager, "from_on": row.from_on, "estate": str(estate.pk)},
    )
    return row


def _end_before(estate: Estate, given: AccountInput) -> None:
    before = SupervisedAccount.objects.select_for_update().filter(estate=estate, purse=given.purse, to_on=None).first()
    if before is None:
        return
    if given.from_on <= before.from_on:
        raise Refused(
            "account_dates",
            f"现有账户自{before.from_on}启用，新账户要晚于这一天。",
            fields={"from_on": f"要晚于{before.from_on}"},
        )
    before.to_on = given.from_on - DAY
    before.version += 1
    before.save(update_fields=["to_on", "version"])


def _keeper(estate: Estate, given: AccountInput) -> Organisation | None:
    """The body or company in whose name the account stands."""
    if given.manager != "committee":
        return organisation_for(KEEPERS[given.manager][0], estate.place_path, estate, on=given.from_on)
    for kind in KEEPERS["committee"]:
        body = body_on(estate, kind, given.from_on)
        if body is not None and body.organisation is not None:
            return body.organisation
    raise Refused(
        "no_committee",
        "这个小区在这一天没有业主委员会或物业管理委员会，不能用它的名义开户。请先办理成立和备案。",
        fields={"manager": "没有在任的业委会或物管会"},
    )


def supervisor_of(estate: Estate, manager: str, on: date) -> Organisation | None:
    """Who watches over the account, as the pack says: the committee once there is one, the street before."""
    facts = {"manager": manager, **on_file(estate, on)}
    answer = core.ask("funds.account_supervisor", facts, place_path=estate.place_path, on=on)
    return organisation_for(str(answer.value), estate.place_path, estate, on=on) if answer.value else None


@transaction.atomic
def pass_supervision(estate: Estate, *, on: date, actor: Actor, now: datetime) -> int:
    """A committee came into office or went: accounts of the estate pass to whom the pack names. How many passed."""
    moved = 0
    for row in (
        SupervisedAccount.objects.select_for_update(of=("self",))
        .select_related("supervisor")
        .filter(estate=estate, to_on=None)
    ):
        after = supervisor_of(estate, row.manager, on)
        if after == row.supervisor:
            continue
        before, row.supervisor = row.supervisor, after
        row.version += 1
        row.save(update_fields=["supervisor", "version"])
        moved += 1
        core.record(
            "account.handed_over",
            subject=row.ref,
            actor=actor,
            at=now,
            place_path=row.place_path,
            data={
                "purse": row.purse,
                "from_role": before.role if before else None,
                "to_role": after.role if after else None,
                "on": on,
                "estate": str(estate.pk),
            },
        )
    return moved


def delivered_by(estate: Estate, on: date) -> bool:
    """Whether the estate's homes were handed to their buyers by that day."""
    given = fact(estate.ref, "delivered_on", on)
    return given is not None and given <= on
