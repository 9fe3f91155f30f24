from __future__ import annotations

from tests.embed.hub import hub as hub
