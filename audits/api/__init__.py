"""The trail in the API: read only, and reading it is an event itself."""
