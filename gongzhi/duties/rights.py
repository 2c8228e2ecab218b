"""Who may do what with duties. A party is the organisation that owes the duty or that handed it out."""

from gongzhi.core.rights import Right

STAFF = (
    "leading_group_office",
    "county_leader",
    "county_office",
    "hotline_desk",
    "complaint_desk",
    "housing",
    "urban_management",
    "market_regulation",
    "ecology",
    "police",
    "fire_rescue",
    "planning",
    "street_office",
    "street_government",
    "community_station",
    "community_committee",
)
SUPERVISORS = ("leading_group_office", "county_leader", "housing", "street_office", "street_government")

RIGHTS = (
    Right("duties.desk", roles=None, scope="any"),
    Right("duties.fulfil", roles=None, scope="party"),
    Right("duties.hand_out", roles=None, scope="party"),
    Right("duties.ask", roles=None, scope="party"),
    Right("duties.prompt", roles=STAFF, scope="place"),
    Right("duties.assign_task", roles=SUPERVISORS, scope="place"),
    Right("duties.supervise", roles=SUPERVISORS, scope="place"),
    Right("duties.excuse", roles=("leading_group_office", "housing"), scope="place"),
    Right("duties.suspend", roles=("leading_group_office", "housing", "street_office"), scope="place"),
)
