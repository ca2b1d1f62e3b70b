#!/bin/sh
# Jamf Pro, extension attribute of type String: how this Mac stands, for smart groups and reports.
# The evidence itself comes back by a shipper.
log=${1:-/var/log/tipstaff/reports.ndjson}
[ -r "$log" ] || { echo '<result>no report</result>'; exit 0; }
# Reports of enforcements stand in the same log; they say whether they were a dry run.
newest=$(grep -v '"dry_run":' "$log" | tail -n 1)
case $newest in
  *'"summary":{"compliant":true,'* | *'"exit_code":0,"users":['*) echo '<result>compliant</result>' ;;
  *'"summary":{"compliant":false,'* | *'"exit_code":1,"users":['*) echo '<result>not compliant</result>' ;;
  *) echo '<result>cannot tell</result>' ;;
esac
