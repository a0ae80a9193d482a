"""Entry point of `python -m simulators.year`."""

import sys

from simulators.year.cli import main

sys.exit(main())
