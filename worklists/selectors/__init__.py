"""Reads. What is visible to a person, and nothing else, comes from here."""
