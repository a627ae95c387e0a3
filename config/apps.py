"""Registration of the composing room."""

from django.apps import AppConfig

from config import running


class ConfigConfig(AppConfig):
    """Brings the Celery application, the system checks and our commands."""

    name = "config"
    verbose_name = "Codetrail"

    def ready(self) -> None:
        """Make the Celery application the current one for every `shared_task`.

        Django calls this when the models of all apps are there.
        """
        from config import celery, checks  # noqa: F401, PLC0415 - need loaded apps

        running.settle()
