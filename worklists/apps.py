"""Registration of the kernel's own kinds."""

from django.apps import AppConfig


class WorklistsConfig(AppConfig):
    """The kernel app."""

    name = "worklists"
    verbose_name = "Worklists"

    def ready(self) -> None:
        """Register the kernel's kinds of work and listen to Django's log-in signals."""
        from worklists import kinds, receivers  # noqa: PLC0415 - need loaded apps

        kinds.register_kernel_kinds()
        receivers.connect()
