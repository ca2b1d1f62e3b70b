try {
    foreach ($File in $Files) {
        if (Get-Fault $File) {
            Install-File $File
        }
    }
    $Faults = Get-Faults
    $Told = "installed: $Policy"
    if ($Faults.Length -ne 0) {
        $Told = "failed: $Policy; " + [string]::Join('; ', $Faults)
    }
} catch {
    $Faults = @('error')
    $Told = "failed: $Policy; $($_.Exception.Message)"
}
Write-Output $Told.Substring(0, [Math]::Min($Told.Length, 2000))
if ($Faults.Length -ne 0) {
    exit 1
}
exit 0
