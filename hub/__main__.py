"""`python -m hub`: the same as `passerelle`."""

import sys

from hub.cli import main

sys.exit(main())
