$Code = 0
foreach ($File in $Files) {
    try {
        if ($File.Key) {
            $Place = Get-ValuePlace $File
            Remove-Value $File
            continue
        }
        $Place = Get-Place $File.Path
        if ((Get-Kind $Place) -eq 'nothing') {
            continue
        }
        if ((Get-FileHash -LiteralPath $Place -Algorithm SHA256).Hash -eq $File.Sha256) {
            Remove-Item -LiteralPath $Place -Force
            Write-Output "removed: $Place"
            if ((Get-Kind "$Place$Before") -ne 'nothing') {
                Move-Item -LiteralPath "$Place$Before" -Destination $Place
                Write-Output "restored: $Place"
            }
        } else {
            Write-Output "kept: $Place is of another policy, or was edited"
        }
    } catch {
        $Code = 1
        Write-Output "failed: $Place; $($_.Exception.Message)"
    }
}
exit $Code
