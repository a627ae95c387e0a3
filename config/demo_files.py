"""The files that the demo leaves in `.local/`, for whoever has to find it."""

from config.embedded.places import CHECKOUT

LOCAL = CHECKOUT / ".local"
# The address and the people: there from when web answers until it is stopped.
FACTS = "demo.json"
# Held while the demo runs; names its process.
LOCK = "demo.lock"
# Every process that it started.
PROCESSES = "demo-processes.json"
