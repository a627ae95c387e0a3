"""The digest by which an event of a rule binds what the version says."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

# The fact of ``rule.*`` events that holds it.
DIGEST = "content"


def digest_of(content: Mapping[str, Any]) -> str:
    """Return SHA-256 over the content as JSON with sorted keys, in hexadecimal."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
