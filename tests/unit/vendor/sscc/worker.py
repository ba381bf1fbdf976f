"""Issues codes, each written down as soon as it is there."""

import sys
from pathlib import Path

from spshipping.vendor.sscc import SqliteSerials, SsccIssuer

path, output, count = sys.argv[1:]
issuer = SsccIssuer(SqliteSerials(path), "9521234", block=100)
with Path(output).open("wb", buffering=0) as file:
    for _ in range(int(count)):
        file.write(f"{issuer.issue()}\n".encode())
