"""How much the longest properties draw: a part of it in every run, all of it in a thorough one (`make thorough`)."""

import os

THOROUGH = os.environ.get("VCP_THOROUGH") == "1"
