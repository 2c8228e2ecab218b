from django.apps import AppConfig


class EquipmentConfig(AppConfig):
    name = "gongzhi.equipment"
    label = "equipment"
    verbose_name = "设施设备和应急"

    def ready(self) -> None:
        from gongzhi.equipment.queries.beside import register as register_beside
        from gongzhi.equipment.references import register

        register()
        register_beside()
