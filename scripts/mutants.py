"""Judge a run of `mutmut`: fails for every mutant that no test noticed and nobody has explained."""

from __future__ import annotations

import re
import subprocess
import sys

# Mutants that no test can notice, each with the reason: what they change makes no difference to anybody.
EQUIVALENT = {
    "agreements.canonical.x__utf_16__mutmut_3": "the name of an encoding is the same in capitals",
    "agreements.bundle.x__section__mutmut_6": "joins one line at most, so no separator is ever written",
    "agreements.merkle.x__rebuild_both__mutmut_6": (
        "the later tree is the larger, so last > node here, and the next halving rounds down"
    ),
}

_RESULT = re.compile(r"\s*(\S+__mutmut_\d+): (.+)")


def main() -> int:
    """Print what is left to explain; return 1 if there is anything."""
    told = subprocess.run(
        [sys.executable, "-m", "mutmut", "results"], capture_output=True, text=True, check=True
    )
    results = {found[1]: found[2] for line in told.stdout.splitlines() if (found := _RESULT.fullmatch(line))}
    unexplained = {name: result for name, result in results.items() if name not in EQUIVALENT}
    for name, result in sorted(unexplained.items()):
        print(f"{name}: {result}")
    for name in sorted(EQUIVALENT.keys() - results.keys()):
        print(f"{name}: explained, but noticed or gone")
    print(f"{len(unexplained)} to explain, {len(EQUIVALENT)} explained")
    return int(bool(unexplained))


if __name__ == "__main__":
    sys.exit(main())
