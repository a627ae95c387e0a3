"""Writes of denials: one module per noun, each act in one transaction."""
