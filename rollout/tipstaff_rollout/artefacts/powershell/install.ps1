try {
    $Others = Get-Others
    if ($Others.Length -ne 0 -and (-not $Replace -or (Test-Kept))) {
        $Message = "nothing was changed: $Policy; " + [string]::Join('; ', $Others) +
            "; take those keys into the policy (tipstaff policy render --merge-into FILE), or" +
            " rename the file to its name with $Before; -Replace does that where no such file is yet"
        Write-Output $Message.Substring(0, [Math]::Min($Message.Length, 2000))
        exit 3
    }
    foreach ($File in $Files) {
        if (Get-Fault $File) {
            Install-File $File
        }
    }
    $Faults = Get-Faults
    $Message = "installed: $Policy"
    if ($Faults.Length -ne 0) {
        $Message = "failed: $Policy; " + [string]::Join('; ', $Faults)
    }
} catch {
    $Faults = @('error')
    $Message = "failed: $Policy; $($_.Exception.Message)"
}
Write-Output $Message.Substring(0, [Math]::Min($Message.Length, 2000))
if ($Faults.Length -ne 0) {
    exit 1
}
exit 0
