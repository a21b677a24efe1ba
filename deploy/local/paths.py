"""Where the programs and data of one machine lie, all under `var` of the checkout."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VAR = ROOT / "var"
PROGRAMS = Path(sys.executable).parent  # of the virtual environment

KAFKA_VERSION = "4.3.1"
KAFKA = VAR / f"kafka-{KAFKA_VERSION}"
MONGOD = VAR / "mongodb-6.0.5" / "mongod"
CHECKSUMS = ROOT / "deploy" / "local" / "kafka.sha256"
CADDYFILE = ROOT / "deploy" / "gateway" / "Caddyfile"
