from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "gongzhi.site"
    label = "site"
    verbose_name = "平台"

    def ready(self) -> None:
        from gongzhi.site.contracts import register as register_contracts
        from gongzhi.site.estate_panels import register
        from gongzhi.site.mediation import register as register_mediation

        register()
        register_mediation()
        register_contracts()
