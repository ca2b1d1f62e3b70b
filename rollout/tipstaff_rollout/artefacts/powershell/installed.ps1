try {
    if ((Get-Faults).Length -eq 0) {
        Write-Output "installed: $Policy"
    }
} catch {
    # Not installed: a detection script reports that by printing nothing.
}
exit 0
