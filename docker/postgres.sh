#!/bin/bash
# Three databases, each with a role of its own that alone may enter it: who reads the ledger cannot read identities.
# The image's entry point runs this once, on an empty volume.
set -euo pipefail
for name in airflow ledger identity; do
  psql --quiet --set ON_ERROR_STOP=1 --username postgres --dbname postgres \
    --set name="$name" --set variable="${name^^}_DB_PASSWORD" <<'SQL'
\getenv password :variable
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name" ENCODING 'UTF8' TEMPLATE template0; -- whatever the server's own default
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
done
psql --quiet --set ON_ERROR_STOP=1 --username postgres --dbname postgres \
  --command 'REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC'
