"""`make check`: every tool has its say, also where an earlier one found something; then a line about each."""

import subprocess
import sys

IMPORTS = "from importlinter.cli import lint_imports_command as check; check()"
CHECKS = {
    "style": ["-m", "ruff", "check"],
    "format": ["-m", "ruff", "format", "--check"],
    "types": ["-m", "mypy"],
    "imports": ["-c", IMPORTS],
    "templates": ["-m", "djlint", "--quiet", "--lint", "app/templates", "sandbox"],
    "translations": ["scripts/strings.py", "--check"],
}


def main() -> int:
    """0 where every tool is content, else 1."""
    failed = []
    for name, command in CHECKS.items():
        print(f"\n== {name}", flush=True)
        if subprocess.run([sys.executable, *command], check=False).returncode:
            failed.append(name)
    print("\n" + (f"Not content: {', '.join(failed)}" if failed else f"All content: {', '.join(CHECKS)}"))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
