"""`python -m gongzhi` is the command `gongzhi`."""

import sys

from gongzhi.site.cli import main

sys.exit(main())
