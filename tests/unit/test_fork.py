"""What is imported before Airflow forks its workers must not have started the threads of polars."""

import subprocess
import sys

FORKED = """
import io, os, sys, threading
import polars as pl
before = len(os.listdir("/proc/self/task"))
import contracts.registry, hub.tasks, hub.flow.process, hub.check, hub.draft
after = len(os.listdir("/proc/self/task"))
print("threads", before, after, flush=True)
if os.fork() == 0:
    reader = lambda: pl.read_lines(io.BytesIO(b"a;b\\n1;2\\n" * 50)).select(pl.len()).item()
    threads = [threading.Thread(target=reader, daemon=True) for _ in range(2)]
    [thread.start() for thread in threads]
    [thread.join(60) for thread in threads]
    print("hung" if any(thread.is_alive() for thread in threads) else "read", flush=True)
    os._exit(0)
os.wait()
"""


def test_a_forked_worker_can_read_a_file() -> None:
    """A worker forked after our modules were imported reads; polars' threads would not have come with it."""
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", FORKED], capture_output=True, text=True, check=True)
    threads, outcome = done.stdout.splitlines()
    _, before, after = threads.split()
    assert before == after
    assert outcome == "read"
