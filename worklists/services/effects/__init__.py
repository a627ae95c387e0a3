"""What each action does besides moving the state; importing registers them all."""

from worklists.services.effects import (
    deciding,
    deferring,
    ending,
    escalating,
    flagging,
    handing,
    prioritizing,
    working,
)

LOADED = (
    deciding,
    deferring,
    ending,
    escalating,
    flagging,
    handing,
    prioritizing,
    working,
)
