"""python -m tupelo: the command tupelo."""

import sys

from .command import main

sys.exit(main())
