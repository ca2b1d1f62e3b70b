try {
    $Faults = (Get-Others) + (Get-Faults)
    if ($Faults.Length -eq 0) {
        Write-Output "compliant: $Policy"
        exit 0
    }
    $Message = "not compliant: $Policy; " + [string]::Join('; ', $Faults)
} catch {
    $Message = "not checked: $Policy; $($_.Exception.Message)"
}
Write-Output $Message.Substring(0, [Math]::Min($Message.Length, 2000))
exit 1
