"""Writes: one module per noun or verb group, keyword-only, in one transaction."""
