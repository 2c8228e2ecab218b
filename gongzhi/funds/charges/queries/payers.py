"""Who is asked for a bill: the owners, or the tenant where lease or document say so."""

from collections.abc import Sequence

from gongzhi.funds.charges.models import Bill, Tenancy


def tenant_of(bill: Bill) -> Tenancy | None:
    """The tenancy whose tenant pays this bill: the one that held on the first day of its period."""
    return tenants_of([bill]).get(bill.pk)


def tenants_of(bills: Sequence[Bill]) -> dict[int, Tenancy]:
    """By the bill's key; bills that their owners pay are not in it. In one statement, whatever their number."""
    rows = Tenancy.objects.filter(unit__in={bill.unit_id for bill in bills}, bill_to="tenant").select_related("tenant")
    by_unit: dict[int, list[Tenancy]] = {}
    for row in rows:
        by_unit.setdefault(row.unit_id, []).append(row)
    found = {}
    for bill in bills:
        first = bill.of.from_on if bill.of_id is not None and bill.of is not None else bill.from_on
        for row in by_unit.get(bill.unit_id, ()):
            if row.from_on <= first and (row.to_on is None or first <= row.to_on):
                found[bill.pk] = row
    return found
