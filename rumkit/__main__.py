"""`python -m rumkit`."""

from rumkit.cli import main

raise SystemExit(main())
