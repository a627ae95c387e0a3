"""Registration only."""

from django.apps import AppConfig


class TrainingConfig(AppConfig):
    """The app of training."""

    name = "training"
    verbose_name = "Training"
