function Set-KeyAccess($Value) {
    # The administrators own it; they and the system have full access, users read; nothing is
    # inherited.
    $List = New-Object Security.AccessControl.RegistrySecurity
    # Without the list of what is logged, for which a key has to be opened otherwise.
    $List.SetSecurityDescriptorSddlForm('O:BAG:BAD:PAI(A;CI;KA;;;SY)(A;CI;KA;;;BA)(A;CI;KR;;;BU)',
        [Security.AccessControl.AccessControlSections]'Owner, Group, Access')
    $Key = $Machine.OpenSubKey($Value.Key, [Microsoft.Win32.RegistryKeyPermissionCheck]::ReadWriteSubTree,
        [Security.AccessControl.RegistryRights]'ReadKey, ChangePermissions, TakeOwnership')
    try {
        $Key.SetAccessControl($List)
    } finally {
        $Key.Dispose()
    }
}

function Install-Value($Value) {
    $Other = Test-OtherValue $Value
    $There = $Machine.OpenSubKey($Value.Key)
    if ($null -eq $There) {
        $Machine.CreateSubKey($Value.Key).Dispose()
        Set-KeyAccess $Value
    } else {
        $There.Dispose()
    }
    if (Get-LooseKey $Value) {
        Set-KeyAccess $Value
    }
    $Key = $Machine.OpenSubKey($Value.Key, $true)
    try {
        if ($Other) {
            $Kept = $Key.GetValue($Value.Name, $null, $AsStored)
            $Key.SetValue("$($Value.Name)$Before", $Kept, $Key.GetValueKind($Value.Name))
        }
        $Text = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($Value.Base64))
        $Key.SetValue($Value.Name, $Text, $TextKind)
    } finally {
        $Key.Dispose()
    }
}
