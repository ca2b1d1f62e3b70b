function Remove-Value($Value) {
    $Place = Get-ValuePlace $Value
    $Stored = Get-Stored $Value $Value.Name
    if ($null -eq $Stored) {
        return
    }
    if ((Get-TextHash $Stored) -ne $Value.Sha256) {
        Write-Output "kept: $Place is of another policy, or was edited"
        return
    }
    $Kept = "$($Value.Name)$Before"
    $Key = $Machine.OpenSubKey($Value.Key, $true)
    try {
        $Key.DeleteValue($Value.Name)
        Write-Output "removed: $Place"
        if ($Key.GetValueNames() -contains $Kept) {
            $Key.SetValue($Value.Name, $Key.GetValue($Kept, $null, $AsStored), $Key.GetValueKind($Kept))
            $Key.DeleteValue($Kept)
            Write-Output "restored: $Place"
        }
        $Empty = $Key.ValueCount -eq 0 -and $Key.SubKeyCount -eq 0
    } finally {
        $Key.Dispose()
    }
    if ($Empty) {
        $Machine.DeleteSubKey($Value.Key)
    }
}
