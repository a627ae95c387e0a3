"""Registration only."""

from django.apps import AppConfig


class DenialsConfig(AppConfig):
    """The app of denials."""

    name = "denials"
    verbose_name = "Denials"
