"""Registration of the composing room."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Brings the Celery application, the system checks and our commands."""

    name = "config"
    verbose_name = "Codetrail"

    def ready(self) -> None:
        """Make the Celery application the current one for every `shared_task`."""
        from config import celery, checks  # noqa: F401, PLC0415 - need loaded apps
