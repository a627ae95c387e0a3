"""Registration only."""

from django.apps import AppConfig


class AuditsConfig(AppConfig):
    """The app of audits."""

    name = "audits"
    verbose_name = "Audits"
