"""Registration only."""

from django.apps import AppConfig


class SeedsConfig(AppConfig):
    """The app of reference and demo data."""

    name = "seeds"
    verbose_name = "Reference and demo data"
