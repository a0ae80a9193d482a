"""`cpas_intake`, `forem_intake`, `registers_intake`, `open_data_intake`: from mailbox to ledger, and the answer."""

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import DAG, task

from hub import tasks

ABOUT = """Collects from the mailboxes, verifies and records, makes the receipts, then starts `publication`.

If it fails: a red `again[partner]` names the partner and a code, look it up in docs/steps/airflow.md; mend the
cause, clear that task. The others went on without it. A red `plan` or `process` is ours: read its log.
Clearing any task, or the whole run, is harmless."""

# The same logical date: it is the clock of `publication` too, and an intake run again runs that one again.
DATE = "{{ (dag_run.logical_date or dag_run.run_after).isoformat() }}"


def intake(kind: tasks.Kind, at: str, pool: str, *, fetching: bool = False) -> DAG:
    """One DAG per kind of partner: they come at different hours, and their mailboxes bear different loads.

    Where the hub is the sender itself, it first fetches what it then collects; what it could not fetch stops nothing.
    """
    name = f"{kind.lower()}_intake"
    with DAG(name, schedule=tasks.weekdays(at), doc_md=ABOUT, tags=["intake", kind], **tasks.EVERY_DAG) as dag:
        visiting = tasks.placed("collect")
        plan = task.short_circuit(tasks.plan)
        after = {"trigger_rule": "all_done"} if fetching else {}
        collect = task(tasks.attempt, task_id="collect", pool=pool, **after, **visiting).partial(verb="collect")
        failed = task(tasks.failed, trigger_rule="all_done")
        again = task(tasks.again, pool=pool, map_index_template="{{ partner }}", **visiting).partial(verb="collect")
        process = task(tasks.perform, task_id="process", trigger_rule="all_done", **tasks.placed("process"))
        acknowledge = task(tasks.perform, task_id="acknowledge", trigger_rule="all_done", **tasks.placed("acknowledge"))
        publication = TriggerDagRunOperator(
            task_id="publication",
            trigger_dag_id="publication",
            logical_date=DATE,
            reset_dag_run=True,
            trigger_rule="all_done",
            openlineage_inject_parent_info=False,
        )
        verdict = task(tasks.verdict, trigger_rule="all_done", retries=0, multiple_outputs=False)

        shards = plan(kind)
        collected = collect.expand(partners=shards)
        mended = again.expand(partner=failed(collected))
        if fetching:
            fetch = task(tasks.perform, task_id="fetch", pool=pool, **tasks.placed("fetch")).partial(verb="fetch")
            fetch.expand(partners=shards) >> collected
        processed = process.partial(verb="process").expand(partners=shards)
        answered = acknowledge.partial(verb="acknowledge").expand(partners=shards)
        mended >> processed >> answered >> publication >> verdict()
    return dag


cpas_intake = intake("CPAS", "07:00", "cpas_sftp")
forem_intake = intake("FOREM", "13:00", "forem")
registers_intake = intake("REGISTERS", "06:00", "forem")
open_data_intake = intake("OPEN_DATA", "05:00", "open_data", fetching=True)
