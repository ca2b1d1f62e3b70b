"""A store for others: views in DuckDB's SQL that name the files which count.

Who reads the folders by a pattern sees files of a commit that is under way, and files that were
replaced. The views see what the newest manifest names.
"""

from tipstaff_fleet.store.manifest import Manifest
from tipstaff_fleet.store.rows import read_files
from tipstaff_fleet.tables import STORED

NAME = "views.sql"
HEAD = (
    "-- Written by Tipstaff at each commit. In this folder: duckdb -init views.sql\n"
    "-- What the tables hold: docs/fleet-data.md\n"
)
FURTHER = """CREATE OR REPLACE VIEW run_findings AS
SELECT r.*, f.check_id, f.subject, f.severity, f.status, f.observed,
  f.waived AS finding_waived, f.waived_until_s, f.waiver_owner, f.waiver_ticket
FROM runs AS r JOIN findings AS f ON f.set_id = r.set_id;
CREATE OR REPLACE VIEW newest_runs AS
SELECT * FROM runs WHERE image = 0 AND partial = 0
QUALIFY row_number() OVER (
  PARTITION BY host_id, user_name, client, home ORDER BY seen_s DESC, run_id DESC) = 1;
"""


def render_views(manifest: Manifest) -> str:
    """Return the views over the files of a manifest, each by its path below the store."""
    views = [
        f"CREATE OR REPLACE VIEW {table.name} AS SELECT * FROM "
        f"{read_files('', manifest.of_table(table.name), table)};\n"
        for table in STORED
    ]
    return HEAD + "".join(views) + FURTHER
