# The view of 64-bit programs, also for a script that runs as a 32-bit one.
$Machine = [Microsoft.Win32.RegistryKey]::OpenBaseKey(
    [Microsoft.Win32.RegistryHive]::LocalMachine, [Microsoft.Win32.RegistryView]::Registry64)
$AsStored = [Microsoft.Win32.RegistryValueOptions]::DoNotExpandEnvironmentNames
$TextKind = [Microsoft.Win32.RegistryValueKind]::String

function Get-ValuePlace($Value) {
    return "HKLM\$($Value.Key)\$($Value.Name)"
}

function Get-Stored($Value, $Name) {
    # What a value is: $null if there is none, an empty text if it is of another type.
    $Key = $Machine.OpenSubKey($Value.Key)
    if ($null -eq $Key) {
        return $null
    }
    try {
        if ($Key.GetValueNames() -notcontains $Name) {
            return $null
        }
        if ($Key.GetValueKind($Name) -ne $TextKind) {
            return ''
        }
        return $Key.GetValue($Name, '', $AsStored)
    } finally {
        $Key.Dispose()
    }
}

function Get-TextHash($Text) {
    $Stream = New-Object IO.MemoryStream(, [Text.Encoding]::UTF8.GetBytes($Text))
    return (Get-FileHash -InputStream $Stream -Algorithm SHA256).Hash
}

function Get-LooseKey($Value) {
    # Why others than the administrators could change a key; empty if none can.
    $Key = $Machine.OpenSubKey($Value.Key)
    if ($null -eq $Key) {
        return ''
    }
    try {
        $List = $Key.GetAccessControl()
    } finally {
        $Key.Dispose()
    }
    $Place = "HKLM\$($Value.Key)"
    $Owner = $List.GetOwner([Security.Principal.SecurityIdentifier]).Value
    if ($Trusted -notcontains $Owner) {
        return "$Place belongs to $Owner"
    }
    $Changing = -bnot [int][Security.AccessControl.RegistryRights]::ReadKey
    foreach ($Rule in $List.GetAccessRules($true, $true, [Security.Principal.SecurityIdentifier])) {
        # A rule that only keys below inherit says nothing of this one.
        $Applies = -not ($Rule.PropagationFlags -band [Security.AccessControl.PropagationFlags]::InheritOnly)
        $Other = $Trusted -notcontains $Rule.IdentityReference.Value
        $Changes = [int]$Rule.RegistryRights -band $Changing
        if ($Applies -and $Other -and $Changes -and $Rule.AccessControlType -eq 'Allow') {
            return "$Place can be changed by $($Rule.IdentityReference.Value)"
        }
    }
    return ''
}

function Test-OtherValue($Value) {
    # Whether a value is there that begins with no stamp of ours: another administrator's.
    # A value of a key that users could change is not.
    $Stored = Get-Stored $Value $Value.Name
    if ($null -eq $Stored -or (Get-LooseKey $Value)) {
        return $false
    }
    return -not $Stored.StartsWith($Value.Stamp, [StringComparison]::Ordinal)
}

function Get-LostOfValue($Value) {
    # The members that would be lost with a value; none where it is of another type.
    return Get-LostOfJson (Get-Stored $Value $Value.Name) $Value.Keys
}

function Get-FaultOfValue($Value) {
    # What is wrong with one value; empty if it does not differ from the policy.
    $Fault = Get-LooseKey $Value
    if ($Fault) {
        return $Fault
    }
    $Stored = Get-Stored $Value $Value.Name
    if ($null -eq $Stored) {
        return "$(Get-ValuePlace $Value) is no value but nothing"
    }
    if ((Get-TextHash $Stored) -ne $Value.Sha256) {
        return "$(Get-ValuePlace $Value) has other content"
    }
    return ''
}
