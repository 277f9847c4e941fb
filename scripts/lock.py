"""Lock requirements*.in: every version with its hashes, for every Python and machine, without an index's address."""

import subprocess
import sys

LOCK = [
    *(sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"),
    *("--generate-hashes", "--no-emit-index-url", "--no-header", "--no-annotate", "--upgrade"),
]


def main() -> None:
    """Write both lock files. The second takes the pins of the first, so that one of them serves for both."""
    subprocess.run([*LOCK, "requirements.in", "-o", "requirements.txt"], check=True)
    pins = ["--constraint", "requirements.txt"]
    subprocess.run([*LOCK, *pins, "requirements-dev.in", "-o", "requirements-dev.txt"], check=True)


if __name__ == "__main__":
    main()
