"""The only code that imports Airflow: the night of a DAG run, its schedule, and a task around each step of the line."""
