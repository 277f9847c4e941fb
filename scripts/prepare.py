"""Migrations, catalogue and offers of the demonstration: `python scripts/prepare.py OFFERS_FILE`.

Three commands in one process, because loading the platform takes longer than each of them.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app.cli import main

if __name__ == "__main__":
    sys.exit(main(["migrate"]) or main(["sync-registry"]) or main(["import-providers", sys.argv[1]]))
