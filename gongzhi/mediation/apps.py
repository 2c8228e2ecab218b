from django.apps import AppConfig


class MediationConfig(AppConfig):
    name = "gongzhi.mediation"
    label = "mediation"
    verbose_name = "纠纷调解"

    def ready(self) -> None:
        from gongzhi.core import services as core
        from gongzhi.duties.lacks import register_lacks
        from gongzhi.mediation.holdings import IN_HAND
        from gongzhi.mediation.lacking import topics_waiting
        from gongzhi.mediation.references import register

        register()
        core.register_holdings(*IN_HAND)
        register_lacks(topics_waiting)
