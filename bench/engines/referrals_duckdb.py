"""DuckDB: the states of referrals in SQL, as somebody would write it who knows the rules and has no other code.

Referrals become numbers first, because they are grouped by several times. What holds for few of them (two contents at
one version, cancellations, two persons) is looked for among those few. A statement that came in two files is not
looked for: the files of the benchmark hold none. The JSON is not carried along: the few columns of it that are told
are taken from the events at the end.
"""

from __future__ import annotations

from datetime import date

import duckdb
import polars as pl

from hub.lifecycle import JOINS, REASONS, TRANSITIONS
from hub.reconcile import Rules

ROWS = """
CREATE TEMP TABLE ids AS SELECT entity_id, row_number() OVER () AS k FROM (SELECT DISTINCT entity_id FROM events);
CREATE TEMP TABLE ev AS
SELECT k, side = 'FOREM' AS f, (own::BIGINT << 40) + version AS o, version AS v, notice_status AS ns,
       effective_date AS d, recorded_at AS rec, received_on AS got, sid, cpas,
       CASE WHEN side = 'FOREM' THEN regexp_extract(payload, '"core_status": *"([^"]*)"', 1) END AS st
FROM events JOIN ids USING (entity_id);
"""

# Of one side, rows in {t}: {t}_side has one row for each k.
SIDE = """
CREATE TEMP TABLE {t}_dup AS SELECT k, o FROM {t} GROUP BY k, o HAVING count(*) > 1;
CREATE TEMP TABLE {t}_rows AS SELECT * FROM {t} ANTI JOIN {t}_dup USING (k, o);
CREATE TEMP TABLE {t}_notices AS
SELECT k, d, max(o) AS o, arg_max(ns, o) AS ns, arg_max(sid, o) AS sid, arg_max(st, o) AS st
FROM {t}_rows GROUP BY k, d;
CREATE TEMP TABLE {t}_open AS
SELECT DISTINCT k FROM (SELECT k, o, d FROM {t} SEMI JOIN {t}_dup USING (k, o)) AS c WHERE NOT EXISTS (
  SELECT 1 FROM {t}_notices AS n WHERE n.k = c.k AND n.o > c.o AND (n.d = c.d OR (n.d > c.d AND n.ns <> 9)));
CREATE TEMP TABLE {t}_turns AS
WITH few AS (SELECT * FROM {t}_rows SEMI JOIN (SELECT DISTINCT k FROM {t}_rows WHERE ns = 9) USING (k)),
  moved AS (SELECT *, (ns <> 9)::INT - coalesce(lag(ns <> 9) OVER (PARTITION BY k, d ORDER BY o), false)::INT AS m
            FROM few),
  held AS (SELECT *, sum(m) OVER (PARTITION BY k ORDER BY o) > 0 AS h FROM moved),
  turned AS (SELECT *, h <> coalesce(lag(h) OVER (PARTITION BY k ORDER BY o), false) AS t FROM held),
  last AS (SELECT k, max(o) FILTER (t) AS o FROM turned GROUP BY k)
SELECT k, min(got) AS held FROM turned JOIN last USING (k) WHERE turned.o >= coalesce(last.o, 0) GROUP BY k;
CREATE TEMP TABLE {t}_side AS
WITH
  sent AS (SELECT k, arg_max(v, o) AS version, arg_max(cpas, o) AS cpas, any_value(sid) AS one,
           min(sid) = max(sid) AS same FROM {t} GROUP BY k),
  said AS (SELECT k, count(*) AS n, max(rec) > arg_max(rec, o) AS stale, min(got) AS held, arg_max(sid, o) AS last_sid,
           arg_max(rec, o) AS last_rec FROM {t}_rows GROUP BY k),
  live AS (SELECT k, max(d) AS d, arg_max(sid, d) AS sid, arg_max(st, d) AS st, arg_max(o, d) AS o
           FROM {t}_notices WHERE ns <> 9 GROUP BY k)
SELECT k, sent.version, sent.cpas, coalesce(said.n, 0) AS n, coalesce(said.stale, false) AS stale,
       coalesce(turns.held, said.held) AS held, last_rec, live.d, live.st, live.o,
       coalesce(live.sid, last_sid, CASE WHEN same THEN one END) AS sid, live.d IS NOT NULL AS live,
       op.k IS NOT NULL AS contested
FROM sent LEFT JOIN said USING (k) LEFT JOIN live USING (k) LEFT JOIN {t}_turns AS turns USING (k)
     LEFT JOIN {t}_open AS op USING (k);
"""

GAPS = """
CREATE TEMP TABLE {p}gaps AS
WITH gappy AS (SELECT k, f FROM {p}ev GROUP BY k, f HAVING max(v) > count(*) OR max(v) > count(DISTINCT v)),
  ranked AS (SELECT k, v, got, dense_rank() OVER (PARTITION BY k, f ORDER BY v) AS r
             FROM {p}ev SEMI JOIN gappy USING (k, f))
SELECT k, min(got) AS gap FROM ranked WHERE v > r GROUP BY k;
"""

BOTH = """
CREATE TEMP TABLE {p}c AS SELECT * FROM {p}ev WHERE NOT f;
{cpas}
CREATE TEMP TABLE {p}f AS SELECT ev.* FROM {p}ev AS ev LEFT JOIN {p}c_side AS c USING (k)
WHERE ev.f AND (c.version IS NULL OR ev.sid = c.sid);
CREATE TEMP TABLE {p}strange AS SELECT DISTINCT ev.k, c.sid AS person FROM {p}ev AS ev JOIN {p}c_side AS c USING (k)
WHERE ev.f AND ev.sid IS DISTINCT FROM c.sid AND c.sid IS NOT NULL;
{forem}
CREATE TEMP TABLE {p}stated AS
WITH few AS (SELECT DISTINCT k FROM {p}f_rows WHERE ns <> 0)
SELECT k, d, o, st FROM {p}f_rows ANTI JOIN few USING (k) UNION ALL
SELECT r.k, r.d, r.o, r.st FROM {p}f_rows AS r SEMI JOIN few USING (k) WHERE r.ns <> 9 AND NOT EXISTS (
  SELECT 1 FROM {p}f_rows AS n WHERE n.k = r.k AND n.d = r.d AND n.o > r.o AND n.ns <> 0);
CREATE TEMP TABLE {p}illegal AS
WITH steps_of AS (SELECT k, st, lag(st, 1, 'REQUESTED') OVER (PARTITION BY k ORDER BY d, o) AS before FROM {p}stated)
SELECT DISTINCT k FROM steps_of
ANTI JOIN steps USING (before, st);
CREATE TEMP TABLE {p}mistaken AS
WITH asked AS (SELECT ev.*, person FROM {p}ev AS ev JOIN {p}strange USING (k) WHERE f),
  last AS (SELECT * FROM asked QUALIFY v = max(v) OVER (PARTITION BY k, d))
SELECT DISTINCT k FROM last WHERE sid <> person AND (ns <> 9 OR EXISTS (
  SELECT 1 FROM {p}f_notices AS n WHERE n.k = last.k AND n.d = last.d AND n.ns <> 9));
CREATE TEMP TABLE {p}told AS
WITH asked AS (SELECT f.k, f.d FROM {p}f_side AS f JOIN {p}c_side AS c USING (k) WHERE f.st = 'CANCELLED' AND c.live),
  rows AS (SELECT r.*, ns <> 9 AND st = 'CANCELLED' AS kept FROM {p}f_rows AS r SEMI JOIN asked USING (k, d)),
  broken AS (SELECT k, max(o) FILTER (NOT kept) AS o FROM rows GROUP BY k)
SELECT rows.k, min(got) AS told FROM rows JOIN broken USING (k) WHERE rows.o > coalesce(broken.o, -1) GROUP BY rows.k;
CREATE TEMP TABLE {p}views AS
SELECT days.k, days.today, c.version AS cpas_version, c.cpas, c.contested AS c_contested, c.stale AS c_stale,
       c.held AS c_held, c.d AS c_d, c.last_rec AS c_last, f.version AS forem_version, f.contested AS f_contested,
       f.stale AS f_stale, f.held AS f_held, f.d AS f_d, f.o AS f_o, told.told,
       CASE WHEN c.version IS NULL THEN CASE WHEN f.live THEN f.sid END ELSE c.sid END AS sid,
       CASE WHEN c.live THEN 'OPEN' WHEN c.n > 0 THEN 'WITHDRAWN' ELSE 'ABSENT' END AS cpas_view,
       coalesce(f.st, 'NONE') AS forem_view, illegal.k IS NOT NULL AS illegal, mistaken.k IS NOT NULL AS mistaken
FROM {p}days AS days LEFT JOIN {p}c_side AS c USING (k) LEFT JOIN {p}f_side AS f USING (k)
     LEFT JOIN {p}illegal AS illegal USING (k) LEFT JOIN {p}mistaken AS mistaken USING (k)
     LEFT JOIN {p}told AS told USING (k);
CREATE TEMP TABLE {p}judged AS
WITH
  begun AS (SELECT v.*, j.* EXCLUDE (cpas_view, forem_view), CASE clock WHEN 'answer' THEN c_held
            WHEN 'orphan' THEN f_held
            WHEN 'withdrawal' THEN greatest(c_held, f_held) WHEN 'confirmation' THEN greatest(c_held, told) END AS start
            FROM {p}views AS v JOIN joins AS j USING (cpas_view, forem_view)),
  dued AS (SELECT b.*, e.day AS due, coalesce(today > e.day, false) AS late
           FROM begun AS b LEFT JOIN calendar AS s ON s.day = b.start LEFT JOIN ends AS e ON e.n = s.n + b.days),
  joined AS (SELECT *, coalesce(CASE WHEN late THEN late_state ELSE line_state END, forem_view) AS state,
             CASE WHEN late THEN late_reason ELSE line_reason END AS joined FROM dued),
  reasoned AS (SELECT *, CASE WHEN c_contested THEN 'CONTESTED_BY_CPAS' WHEN f_contested THEN 'CONTESTED_BY_FOREM'
               WHEN joined IN ('ANSWERED', 'WITHDRAWN', 'NOTHING_HELD') OR NOT late AND clock IS NOT NULL
               THEN CASE WHEN illegal THEN 'ILLEGAL_STEP' WHEN c_stale THEN 'STALE_CPAS' WHEN f_stale THEN 'STALE_FOREM'
                    ELSE joined END
               ELSE joined END AS reason FROM joined)
SELECT r.*, CASE WHEN mistaken THEN 'CONFLICT' ELSE why.class END AS class,
       CASE WHEN mistaken THEN 'FOREM' ELSE why.owner END AS owner
FROM reasoned AS r JOIN reasons AS why USING (reason);
"""

SINCE = """
CREATE TEMP TABLE open AS SELECT k, class, owner FROM judged WHERE class <> 'AGREED';
CREATE TEMP TABLE opened AS SELECT *, least(got, {today}) AS arrived FROM ev SEMI JOIN open USING (k);
CREATE TEMP TABLE pairs AS
SELECT row_number() OVER () AS pair, k, arrived AS day FROM (SELECT DISTINCT k, arrived FROM opened);
"""
AS_ON = """
CREATE TEMP TABLE {p}days AS SELECT pair AS k, day AS today FROM {pairs};
CREATE TEMP TABLE {p}ev AS SELECT pair AS k, o.* EXCLUDE (k) FROM opened AS o JOIN {pairs} AS x USING (k)
WHERE arrived <= day;
"""
OVERDUE = """
CREATE TEMP TABLE later AS
SELECT row_number() OVER () AS pair, k, day FROM (
  SELECT DISTINCT p.k, j.due + 1 AS day FROM p_judged AS j JOIN pairs AS p ON p.pair = j.k WHERE j.due < {today})
ANTI JOIN pairs USING (k, day);
"""
ANSWER = """
WITH
  past AS (SELECT p.k, day, class, owner FROM p_judged AS j JOIN pairs AS p ON p.pair = j.k UNION ALL
           SELECT l.k, day, class, owner FROM l_judged AS j JOIN later AS l ON l.pair = j.k),
  marked AS (SELECT past.k, day, past.class = open.class AND past.owner = open.owner AS same
             FROM past JOIN open USING (k)),
  broken AS (SELECT k, max(day) FILTER (NOT coalesce(same, false)) AS day FROM marked GROUP BY k),
  since AS (SELECT m.k, min(m.day) AS since FROM marked AS m JOIN broken AS b USING (k)
            WHERE same AND m.day > coalesce(b.day, DATE '0001-01-01') GROUP BY m.k),
  tops AS (SELECT k, regexp_extract(payload, '"business_status": *"([^"]*)"', 1) AS business,
                  regexp_extract(payload, '"appointment_at": *"([^"]*)"', 1) AS appointment,
                  regexp_extract(payload, '"attendance": *"([^"]*)"', 1) AS attendance
           FROM events AS e JOIN ids USING (entity_id) JOIN judged AS j USING (k)
           WHERE side = 'FOREM' AND (own::BIGINT << 40) + version = j.f_o AND e.sid = j.sid AND j.state = j.forem_view),
  shown AS (SELECT *, timezone('Europe/Brussels', nullif(appointment, '')::TIMESTAMPTZ)::DATE AS appointment_on
            FROM tops),
  held AS (SELECT k, gap, e.day AS held_until FROM gaps JOIN calendar AS s ON s.day = gap
           JOIN ends AS e ON e.n = s.n + {gap_days}),
  told AS (
    SELECT j.*, ids.entity_id, since.since, held.held_until, held.gap,
           CASE WHEN state = forem_view THEN nullif(business, '')
                WHEN state = 'CANCELLED' THEN 'WITHDRAWN_BY_CPAS' END AS business_status,
           CASE WHEN state = forem_view THEN f_d WHEN state = 'REQUESTED' THEN c_d
                WHEN state = 'EXPIRED' THEN due + 1
                WHEN state = 'CANCELLED' THEN timezone('Europe/Brussels', c_last)::DATE END AS status_date,
           CASE WHEN attendance <> 'CANCELLED_BY_FOREM' AND appointment_on >= {today}
                AND state NOT IN ('REJECTED', 'CANCELLED', 'COMPLETED', 'FAILED') THEN appointment_on END AS shown_on,
           appointment
    FROM judged AS j JOIN ids USING (k) LEFT JOIN since USING (k) LEFT JOIN shown USING (k) LEFT JOIN held USING (k))
SELECT entity_id, cpas, sid, cpas_view, forem_view, state, business_status, status_date, class,
       list_filter([CASE WHEN illegal THEN 'R401' END, CASE WHEN c_stale OR f_stale THEN 'R402' END,
         CASE WHEN c_contested OR f_contested THEN 'R403' END,
         CASE WHEN cpas_version IS NULL AND f_d IS NOT NULL THEN 'R404' END,
         CASE WHEN gap IS NOT NULL THEN 'R406' END, CASE WHEN mistaken THEN 'R503' END],
         lambda x: x IS NOT NULL) AS codes,
       owner, reason, cpas_version, forem_version,
       CASE WHEN shown_on IS NOT NULL THEN appointment END AS next_appointment_at,
       CASE WHEN class <> 'AGREED' THEN coalesce(since, {today}) END AS since, due, held_until,
       least(CASE WHEN due >= {today} THEN due + 1 END, CASE WHEN held_until >= {today} THEN held_until + 1 END,
             shown_on + 1) AS wake
FROM told ORDER BY entity_id
"""


def run(events: pl.DataFrame, rules: Rules, today: date) -> pl.DataFrame:
    """Returns the states by referral; `events` are read where they are."""
    base = duckdb.connect()
    base.register("events", events)
    _tables(base, rules)
    base.execute(ROWS)
    day = f"DATE '{today}'"
    base.execute(f"CREATE TEMP TABLE days AS SELECT k, {day} AS today FROM ids")
    base.execute(GAPS.format(p=""))
    _judge(base, "")
    base.execute(SINCE.format(today=day))
    base.execute(AS_ON.format(p="p_", pairs="pairs"))
    _judge(base, "p_")
    base.execute(OVERDUE.format(today=day))
    base.execute(AS_ON.format(p="l_", pairs="later"))
    _judge(base, "l_")
    return base.sql(ANSWER.format(today=day, gap_days=rules.gap_days)).pl()


def _judge(base: duckdb.DuckDBPyConnection, prefix: str) -> None:
    sides = {name: SIDE.format(t=f"{prefix}{name[0]}") for name in ("cpas", "forem")}
    base.execute(BOTH.format(p=prefix, **sides))


def _tables(base: duckdb.DuckDBPyConnection, rules: Rules) -> None:
    """The tables of the specification: legal steps, the join of views, reasons, working days."""
    steps = {(a, b) for a, following in TRANSITIONS.items() for b in following} | {(a, a) for a in TRANSITIONS}
    days = {"answer": rules.answer_days, "orphan": rules.orphan_days}
    lines = [
        (
            *(line.cpas, view, line.state, line.reason, line.clock),
            *(days.get(line.clock or "", rules.withdrawal_days), line.late_state, line.late_reason),
        )
        for line in JOINS
        for view in line.forem
    ]
    names = ["cpas_view", "forem_view", "line_state", "line_reason", "clock", "days", "late_state", "late_reason"]
    reasons = [(name, why.klass.value, why.owner) for name, why in REASONS.items()]
    calendar = pl.DataFrame({"day": pl.date_range(date(2024, 1, 1), date(2028, 12, 31), eager=True)}).with_columns(
        works=(pl.col("day").dt.weekday() < 6) & ~pl.col("day").is_in(rules.holidays)
    )
    calendar = calendar.with_columns(n=pl.col("works").cast(pl.Int64).cum_sum())
    tables = {
        "steps": pl.DataFrame(sorted(steps), ["before", "st"], orient="row"),
        "joins": pl.DataFrame(lines, names, orient="row", infer_schema_length=None),
        "reasons": pl.DataFrame(reasons, ["reason", "class", "owner"], orient="row"),
        "calendar": calendar,
        "ends": calendar.filter("works"),
    }
    for name, table in tables.items():
        base.register(f"{name}_given", table)
        base.execute(f"CREATE TEMP TABLE {name} AS SELECT * FROM {name}_given")
