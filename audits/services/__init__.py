"""What auditors do: verify. It changes nothing but their own chain."""
