from django.apps import AppConfig
from django.db.models.signals import post_migrate


class PlacesConfig(AppConfig):
    name = "linli.kernel.places"
    label = "places"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # After a migration or a flush the table may have lost shapes without any verb being called.
        post_migrate.connect(_forget_shapes, sender=self)


def _forget_shapes(**_: object) -> None:
    from linli.kernel.places.locator import forget_shapes

    forget_shapes()
