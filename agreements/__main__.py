"""`python -m agreements COMMAND …`; see console.py."""

from __future__ import annotations

import sys

from agreements.console import main

if __name__ == "__main__":
    sys.exit(main())
