"""What can be wrong with the signing key, in words that say what to do."""

from __future__ import annotations

from worklists.errors import Conflict


class KeyTrouble(Conflict):
    """There is no key to seal with; ``detail`` says why and which command helps."""

    code = "seal_key"
