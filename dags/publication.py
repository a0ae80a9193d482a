"""`publication`: compares the two sides, and tells each what changed for it."""

from airflow.sdk import DAG, task

from hub import tasks

ABOUT = """Reconciles, publishes and delivers. Each intake starts it with its own logical date; its hour in the
evening is a sweep, for a start that was lost. It takes what is pending in the ledger: a run too many is harmless.

If it fails: a red `again[partner]` could not be delivered (code in docs/steps/airflow.md), clear it once mended;
a red `verdict` with *rows read*: the ledger's counts do not add up, pause the DAGs and call a developer."""

TAGS = ["publication", "CPAS", "FOREM"]

with DAG("publication", schedule=tasks.weekdays("19:00"), doc_md=ABOUT, tags=TAGS, **tasks.EVERY_DAG):
    visiting = {"pool": "cpas_sftp"} | tasks.placed("deliver")
    plan = task.short_circuit(tasks.plan)
    reconcile = task(tasks.reconcile, multiple_outputs=False)
    publish = task(tasks.perform, task_id="publish", **tasks.placed("publish")).partial(verb="publish")
    deliver = task(tasks.attempt, task_id="deliver", trigger_rule="all_done", **visiting).partial(verb="deliver")
    failed = task(tasks.failed, trigger_rule="all_done")
    again = task(tasks.again, map_index_template="{{ partner }}", **visiting).partial(verb="deliver")
    verdict = task(tasks.conserved, task_id="verdict", trigger_rule="all_done", retries=0, multiple_outputs=False)

    shards = plan("CPAS", "FOREM", "REGISTERS", "OPEN_DATA")
    published, delivered = publish.expand(partners=shards), deliver.expand(partners=shards)
    shards >> reconcile() >> published >> delivered
    again.expand(partner=failed(delivered)) >> verdict()
