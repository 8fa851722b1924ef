from django.apps import AppConfig


class FieldworkConfig(AppConfig):
    name = "linli.kernel.fieldwork"
    label = "fieldwork"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from linli.kernel.fieldwork import acts, declared, patrols, telling
        from linli.kernel.fieldwork.queries import held_uploads
        from linli.kernel.records.uploads import hold

        declared.register()
        telling.register()
        acts.register()
        patrols.register()
        hold(held_uploads)
