#!/bin/sh
# pyspark-client 4.2.0 (Spark Connect without Java): in a process started by `python -c` a session
# cannot be made. The client takes a main module without a file for a run of its own doctests,
# looks for a whole Spark, which this package is not, and ends the process with exit code 255 and
# "Could not find valid SPARK_HOME". The same two lines in a file get as far as the connection.
# So workers that are started by `-c`, as execnet and pytest-xdist start theirs, cannot use it
# unless they give `__main__` a `__file__`.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check pyspark-client==4.2.0 'pandas<3'
cat >"$folder/session.py" <<'PY'
from pyspark.sql import SparkSession
SparkSession.builder.remote("sc://127.0.0.1:1").create().range(1).count()
PY
cd "$folder"
as_text=0
timeout 60 venv/bin/python -c "$(cat session.py)" >as_text.log 2>&1 || as_text=$?
as_file=0
timeout 15 venv/bin/python session.py >as_file.log 2>&1 || as_file=$?
echo "python -c: exit $as_text, $(grep -c 'Could not find valid SPARK_HOME' as_text.log) times 'Could not find valid SPARK_HOME'"
echo "python FILE: exit $as_file, $(grep -c 'SPARK_HOME' as_file.log || true) times"
[ "$as_text" = 255 ]
grep -q 'Could not find valid SPARK_HOME' as_text.log
! grep -q SPARK_HOME as_file.log
