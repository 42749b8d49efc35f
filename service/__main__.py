"""`python -m tocsin.service` is `tocsin`."""

from tocsin.service.cli import main

main(prog_name="tocsin")
