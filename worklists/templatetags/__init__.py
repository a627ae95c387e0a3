"""Template libraries of the kernel, used by every app's pages."""
