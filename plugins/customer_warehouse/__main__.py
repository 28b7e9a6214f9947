"""`python -m customer_warehouse`: the one program behind every make target."""

from customer_warehouse.cli import main

main()
