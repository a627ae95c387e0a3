"""Reads of denials. What is visible to a person comes from the kernel's selectors."""
