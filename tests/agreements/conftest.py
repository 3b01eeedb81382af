"""Properties are about what is true, not about how busy the machine is: no deadline for a single example."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
