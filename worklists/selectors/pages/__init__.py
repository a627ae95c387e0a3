"""Reads that only pages need: one module per page, nothing of HTTP in them."""
