"""`retention`: what is over its time is removed, and erasures that were cut short are ended."""

from airflow.sdk import DAG, task

from hub import tasks

ABOUT = """Removes what is over its time (`partners/retention.toml`), and ends erasures that were cut short.

If it fails: read the log of `purge`, mend the cause, clear it; `passerelle retention report` says what is over.
Running it again is harmless: nothing that is open, or still needed, is ever removed."""

with DAG("retention", schedule=tasks.weekdays("22:00"), doc_md=ABOUT, tags=["retention"], **tasks.EVERY_DAG):
    purge = task(tasks.purge, multiple_outputs=False, **tasks.placed("retention"))
    verdict = task(tasks.verdict, trigger_rule="all_done", retries=0, multiple_outputs=False)

    purge() >> verdict()
