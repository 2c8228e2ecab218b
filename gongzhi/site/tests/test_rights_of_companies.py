"""A company's seat may lie in the county of its competitors: what it may do it may as a party, nothing by place."""

from datetime import date

import pytest

from gongzhi.cases.enforcement import services as enforcement
from gongzhi.contracts.tests.place import city, project_of
from gongzhi.core.errors import Refused
from gongzhi.core.rights import known_rights, may
from gongzhi.funds.maintenance.tests.fund import units
from gongzhi.registry.services import change_manager
from gongzhi.registry.services.companies import Employer

COMPANY = "property_company"
# The register asks for itself which company serves the estate.
ASKED_FOR_ITSELF = {"problems.register"}


def test_no_right_that_names_companies_is_theirs_by_place() -> None:
    wide = {
        name
        for name, right in known_rights().items()
        if right.roles is not None and COMPANY in right.roles and right.scope in ("place", "place_or_party")
        if right.scope == "place" or right.place_roles is None or COMPANY in right.place_roles
    }
    assert wide == ASKED_FOR_ITSELF


@pytest.mark.django_db
def test_another_company_of_the_county_has_no_say_over_an_estate_nor_over_its_competitor() -> None:
    cast = city("zhangjiagang", "2023-05-08")
    serving, other = cast.organisations[COMPANY], cast.actor(f"{COMPANY}@2")
    assert other.organisation is not None and other.within(serving.place_path), "its seat is in the same county"
    (unit,) = units(cast, "100")
    told = {"tenant_name": "马租客", "from_on": date(2023, 5, 1), "now": cast.now}
    with pytest.raises(Refused):
        enforcement.tell_tenancy(unit, actor=other, **told)
    with pytest.raises(Refused):
        change_manager(project_of(cast), name="别家经理", from_on=cast.now.date(), actor=other, now=cast.now)
    assert not may(other, "company.staff", Employer(serving))
    assert may(other, "company.staff", Employer(other.organisation))
    assert enforcement.tell_tenancy(unit, actor=cast.actor(COMPANY), **told).pk


@pytest.mark.django_db
@pytest.mark.clause("ZJG-2.3.2c")
def test_an_owner_tells_of_his_own_home_alone() -> None:
    cast = city("zhangjiagang", "2023-05-08")
    (unit,) = units(cast, "100")
    with pytest.raises(Refused):
        enforcement.tell_tenancy(
            unit, tenant_name="", from_on=date(2023, 5, 1), actor=cast.actor("owner"), now=cast.now
        )
