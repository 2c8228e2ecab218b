from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "gongzhi.registry"
    label = "registry"
    verbose_name = "名册"

    def ready(self) -> None:
        from django.db.models import Q

        from gongzhi.core import services as core
        from gongzhi.registry.models import EstateReview
        from gongzhi.registry.references import register
        from gongzhi.registry.services.imports.kinds import register_book_kind
        from gongzhi.registry.services.imports.registering import OWN

        register()
        register_book_kind(OWN)
        core.register_holdings(core.by_column("待答复的核办", EstateReview, "desk", still=Q(answered_at=None)))
