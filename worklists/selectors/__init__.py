"""Reads. What is visible to a person, and nothing else, comes from here."""

from worklists.selectors.shell import waiting_for

__all__ = ["waiting_for"]
