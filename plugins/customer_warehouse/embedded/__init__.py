"""The embedded deployment: PostgreSQL from a wheel, Airflow and the demo's sources, on this machine's loopback."""
