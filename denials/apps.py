"""Registration only."""

from django.apps import AppConfig


class DenialsConfig(AppConfig):
    """The app of denials."""

    name = "denials"
    verbose_name = "Denials"

    def ready(self) -> None:
        """Register the kind of work and the loader of remittances."""
        from denials import kind  # noqa: PLC0415 - the registries need loaded apps

        kind.register()
