"""The direct requirements with their reasons, and what compiles them."""
