"""Denials in the API: read only; deciding one is an act on its item."""
