"""Reads. What is visible to a person, and nothing else, comes from here."""

from worklists.selectors.shell import shell_counts

__all__ = ["shell_counts"]
