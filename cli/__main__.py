"""`python -m forecast.cli`."""

from .main import main

main()
