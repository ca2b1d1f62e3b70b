try {
    if ((Get-Faults).Length -eq 0) {
        Write-Output "installed: $Policy"
    }
} catch {
    # Not installed: a detection script says so by saying nothing.
}
exit 0
