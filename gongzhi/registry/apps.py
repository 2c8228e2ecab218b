from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "gongzhi.registry"
    label = "registry"
    verbose_name = "名册"

    def ready(self) -> None:
        from gongzhi.core.refs import register_kind
        from gongzhi.registry.models import Estate

        register_kind(
            "estate",
            load=lambda pk: Estate.objects.filter(pk=pk).first(),
            may_read=lambda actor, estate: actor.is_staff_role and actor.within(estate.place_path),
        )
