"""The shapes of the API (CONTRACT 4): money as decimal strings, people as usernames."""
