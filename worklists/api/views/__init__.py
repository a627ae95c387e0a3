"""The views of the API: shape in, one selector or service, shape out."""
