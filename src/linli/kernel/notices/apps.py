from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "linli.kernel.notices"
    label = "notices"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from linli.kernel.notices import defaults  # noqa: F401  (registers the kernel's own templates)
