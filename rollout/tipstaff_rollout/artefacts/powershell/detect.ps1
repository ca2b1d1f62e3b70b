try {
    $Faults = (Get-Others) + (Get-Faults)
    if ($Faults.Length -eq 0) {
        Write-Output "compliant: $Policy"
        exit 0
    }
    $Told = "not compliant: $Policy; " + [string]::Join('; ', $Faults)
} catch {
    $Told = "not checked: $Policy; $($_.Exception.Message)"
}
Write-Output $Told.Substring(0, [Math]::Min($Told.Length, 2000))
exit 1
