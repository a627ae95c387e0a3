"""The API of the kernel: thin views over the selectors and services pages use, too."""
