"""Registration only."""

from django.apps import AppConfig


class SeedsConfig(AppConfig):
    """The app of reference and demo data."""

    name = "seeds"
    verbose_name = "Reference and demo data"

    def ready(self) -> None:
        """Register what this release ships."""
        from seeds import shipped  # noqa: PLC0415 - the registries need loaded apps

        shipped.register()
