"""A city for the journeys: its document attached, the units that have a part, an estate and its owner.

Run by `gongzhi manage shell` beside the running platform, with the platform's own commands.
"""

# city -> (county, the roles that have a part in the journey)
CITIES = {
    "zhangjiagang": ("320582", ("complaint_desk", "urban_management", "planning")),
    "jinhua": ("330782", ("street_office", "urban_management", "planning", "leading_group_office")),
    "jiangyin": ("320281", ("street_office", "urban_management", "police", "planning")),
    "meixian": ("610326", ("community_station", "street_office", "urban_management", "housing", "planning")),
}
STREET = ("street_office", "street_government", "mediation_station")
COMMUNITY = ("community_station", "community_committee", "mediation_room")
ESTATES = {"zhangjiagang": "临水人家", "jinhua": "望江人家", "jiangyin": "听松人家", "meixian": "近山人家"}
OWNER_PHONE = "13955501234"


def put_up(slug: str) -> None:
    from datetime import date

    from django.utils import timezone

    from gongzhi.core import services as core
    from gongzhi.core.actors import Actor
    from gongzhi.core.models import Place, User
    from gongzhi.registry.services import register_estate
    from tests.browser.people import PASSWORD

    county_code, roles = CITIES[slug]
    now, since, system = timezone.now(), date(2024, 1, 1), Actor.system()
    county = Place.objects.get(code=county_code)
    street = Place.objects.filter(parent=county, level="street").order_by("code").first()
    community = Place.objects.filter(parent=street, level="community").order_by("code").first()
    assert street is not None and community is not None
    core.attach_pack(county, pack=slug, switched_on=True, actor=system, now=now)
    estate = register_estate(
        community=community,
        name=ESTATES[slug],
        households=420,
        buildings=("1幢", "2幢"),
        facts={"in_built_up_area": True},
        from_on=since,
        actor=system,
        now=now,
    )

    def employ(username: str, **post: object) -> None:
        user = User(username=username, display_name="经办")
        user.set_password(PASSWORD)
        user.save()
        given = {"organisation": None, "role": "", "place": None, **post}
        core.begin_post(user, begins_on=since, actor=system, now=now, **given)  # type: ignore[arg-type]

    for role in roles:
        place = street if role in STREET else community if role in COMMUNITY else county
        employ(account(slug, role), organisation=core.ensure_organisation(role, place=place, on=now.date()))
    employ(account(slug, "owner"), role="owner", place=estate.place)


def account(slug: str, role: str) -> str:
    return f"{slug}_{role}"
