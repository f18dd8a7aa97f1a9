"""Airflow: the fleet every night, and the health report of one monitor by the papermill operator.

Needs the provider `apache-airflow-providers-papermill`, and rumkit in the workers' environment.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from airflow import DAG
from airflow.operators.bash import BashOperator
from airflow.providers.papermill.operators.papermill import PapermillOperator

with DAG(
    dag_id="rumkit_fleet",
    schedule="15 3 * * *",
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=2),
) as dag:
    # A broken monitor fails the task, which is how Airflow tells its owner.
    fleet = BashOperator(
        task_id="fleet",
        bash_command="rumkit fleet --targets /opt/rumkit/fleet.yaml --output s3://reports/rum",
    )
    # The same notebook as the fleet's reports, for a monitor that somebody wants to see daily.
    report = PapermillOperator(
        task_id="health_report",
        input_nb="/opt/rumkit/notebooks/health_report.ipynb",
        output_nb="/opt/rumkit/reports/health_report-{{ ds }}.ipynb",
        parameters={"monitor": "shop-web", "since": "24h"},
    )
