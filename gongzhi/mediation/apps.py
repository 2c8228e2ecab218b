from django.apps import AppConfig


class MediationConfig(AppConfig):
    name = "gongzhi.mediation"
    label = "mediation"
    verbose_name = "纠纷调解"

    def ready(self) -> None:
        from gongzhi.core import services as core
        from gongzhi.mediation.holdings import IN_HAND
        from gongzhi.mediation.references import register

        register()
        core.register_holdings(*IN_HAND)
