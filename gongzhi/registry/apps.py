from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "gongzhi.registry"
    label = "registry"
    verbose_name = "名册"

    def ready(self) -> None:
        from gongzhi.registry.references import register

        register()
