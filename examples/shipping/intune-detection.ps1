# Intune, remediations: the detection script. Exit 1 shows a device as "with issues"; what it prints is
# shown in the column of the detection's output. The evidence itself comes back by a shipper.
$log = Join-Path $env:ProgramData 'Tipstaff\logs\reports.ndjson'
if (-not (Test-Path -LiteralPath $log)) { Write-Output 'no report'; exit 1 }
# Reports of enforcements stand in the same log; they say whether they were a dry run.
$newest = Get-Content -LiteralPath $log | Where-Object { $_ -notlike '*"dry_run":*' } | Select-Object -Last 1
$report = $newest | ConvertFrom-Json
$code = if ($null -ne $report.exit_code) { $report.exit_code } elseif ($report.summary.compliant -eq $true) { 0 } elseif ($report.summary.compliant -eq $false) { 1 } else { 4 }
switch ($code) {
  0 { Write-Output 'compliant'; exit 0 }
  1 { Write-Output 'not compliant'; exit 1 }
  default { Write-Output 'cannot tell'; exit 1 }
}
