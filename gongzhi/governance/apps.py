from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    name = "gongzhi.governance"
    label = "governance"
    verbose_name = "共治组织和表决"

    def ready(self) -> None:
        from gongzhi.core import services as core
        from gongzhi.governance.bodies.holdings import IN_HAND
        from gongzhi.governance.bodies.queries.bodies import stand_in
        from gongzhi.governance.bodies.references import register
        from gongzhi.governance.bodies.services.bringing import bring_in_committee
        from gongzhi.governance.votes.references import register as register_votes
        from gongzhi.registry.queries import register_stand_in
        from gongzhi.registry.services.imports import register_bringer

        register()
        register_votes()
        core.register_holdings(*IN_HAND)
        register_stand_in(stand_in)
        register_bringer("committees", bring_in_committee)
