"""Registration of the kernel's own kinds."""

from django.apps import AppConfig


class WorklistsConfig(AppConfig):
    """The kernel app."""

    name = "worklists"
    verbose_name = "Worklists"

    def ready(self) -> None:
        """Register the kinds of work the kernel itself knows."""
        from worklists import kinds  # noqa: PLC0415 - registry needs loaded apps

        kinds.register_kernel_kinds()
