$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$Trusted = @('S-1-5-18', 'S-1-5-32-544')
$Before = '.before-tipstaff'
$Data = [Environment]::GetFolderPath('CommonApplicationData')

function Get-Place($Relative) {
    return [IO.Path]::Combine($Data, $Relative)
}

function Get-Folders($Relative) {
    # From the topmost folder of ours to the one that holds the file.
    $Parts = $Relative.Split('\')
    $Found = @()
    for ($I = 1; $I -lt $Parts.Length; $I++) {
        $Found += [IO.Path]::Combine($Data, [string]::Join('\', $Parts[0..($I - 1)]))
    }
    return , $Found
}

function Get-Kind($Place) {
    # Follows no link, also none that leads nowhere.
    try {
        $Attributes = [IO.File]::GetAttributes($Place)
    } catch [IO.FileNotFoundException], [IO.DirectoryNotFoundException] {
        return 'nothing'
    }
    if ($Attributes -band [IO.FileAttributes]::ReparsePoint) {
        return 'link'
    }
    if ($Attributes -band [IO.FileAttributes]::Directory) {
        return 'folder'
    }
    return 'file'
}

function Get-Loose($Place) {
    # Why others than the administrators could change a place; empty if none can.
    $List = Get-Acl -LiteralPath $Place
    $Owner = $List.GetOwner([Security.Principal.SecurityIdentifier]).Value
    if ($Trusted -notcontains $Owner) {
        return "$Place belongs to $Owner"
    }
    $Changing = -bnot [int][Security.AccessControl.FileSystemRights]'ReadAndExecute, Synchronize'
    foreach ($Rule in $List.GetAccessRules($true, $true, [Security.Principal.SecurityIdentifier])) {
        $Other = $Trusted -notcontains $Rule.IdentityReference.Value
        $Changes = [int]$Rule.FileSystemRights -band $Changing
        if ($Other -and $Changes -and $Rule.AccessControlType -eq 'Allow') {
            return "$Place can be changed by $($Rule.IdentityReference.Value)"
        }
    }
    return ''
}

function Get-Reader($Place) {
    # Who else than the administrators could read a place; empty if none can.
    $List = Get-Acl -LiteralPath $Place
    foreach ($Rule in $List.GetAccessRules($true, $true, [Security.Principal.SecurityIdentifier])) {
        $Other = $Trusted -notcontains $Rule.IdentityReference.Value
        if ($Other -and $Rule.AccessControlType -eq 'Allow') {
            return "$Place can be read by $($Rule.IdentityReference.Value)"
        }
    }
    return ''
}

function Get-FaultOf($Place, $Kind) {
    $Found = Get-Kind $Place
    if ($Found -ne $Kind) {
        return "$Place is no $Kind but $Found"
    }
    return Get-Loose $Place
}

function Test-Other($File) {
    # Whether a client's file is there that begins with no stamp of ours: another administrator's.
    # A file in a folder that users could change is not.
    if ($File.Key) {
        return Test-OtherValue $File
    }
    $Place = Get-Place $File.Path
    if (-not $File.Stamp -or (Get-Kind $Place) -eq 'nothing') {
        return $false
    }
    $Folder = (Get-Folders $File.Path)[-1]
    if ((Get-Kind $Folder) -ne 'folder' -or (Get-Loose $Folder)) {
        return $false
    }
    if ((Get-Kind $Place) -ne 'file') {
        return $true
    }
    return -not [IO.File]::ReadAllText($Place).StartsWith($File.Stamp, [StringComparison]::Ordinal)
}

function Get-LostOfJson($Text, $Keys) {
    # The members of a JSON text that are not in the policy's own; never what they are set to.
    $Found = @()
    foreach ($Match in [regex]::Matches($Text, '"([^"]+)"\s*:')) {
        if ($Keys.Split('. ') -notcontains $Match.Groups[1].Value) {
            $Found += $Match.Groups[1].Value
        }
    }
    return [string]::Join(', ', $Found)
}

function Get-Lost($Place, $Keys) {
    # The keys of a TOML file that are not in the policy's own, with their lines, as far as lines
    # show them; never a value.
    if ((Get-Kind $Place) -ne 'file') {
        return ''
    }
    if ($Place.EndsWith('.json')) {
        return Get-LostOfJson ([IO.File]::ReadAllText($Place)) $Keys
    }
    $Found = @()
    $Table = ''
    $Number = 0
    foreach ($Line in [IO.File]::ReadAllLines($Place)) {
        $Number++
        if ($Line -match '^\s*\[{1,2}\s*([^=,\]]+?)\s*\]{1,2}\s*(#.*)?$') {
            $Table = $Matches[1] + '.'
        } elseif ($Line -match '^\s*([A-Za-z0-9_."-]+)\s*=\s*[^\s=]') {
            $Key = "$Table$($Matches[1])"
            if (-not " $Keys ".Contains(" $Key ")) {
                $Found += "$Key at :$Number"
            }
        }
    }
    return [string]::Join(', ', $Found)
}

function Test-Kept {
    # Whether an earlier file was kept already where another one would have to be.
    foreach ($File in $Files) {
        if (-not (Test-Other $File)) {
            continue
        }
        if ($File.Key) {
            $There = $null -ne (Get-Stored $File "$($File.Name)$Before")
        } else {
            $There = (Get-Kind "$(Get-Place $File.Path)$Before") -ne 'nothing'
        }
        if ($There) {
            return $true
        }
    }
    return $false
}

function Get-Others {
    # Files of another administrator, with the keys that would be lost.
    $Found = @()
    foreach ($File in $Files) {
        if (Test-Other $File) {
            if ($File.Key) {
                $Place = Get-ValuePlace $File
                $Lost = Get-LostOfValue $File
            } else {
                $Place = Get-Place $File.Path
                $Lost = Get-Lost $Place $File.Keys
            }
            if ($Lost) {
                $Found += "$Place is not Tipstaff's own and contains $Lost, which would be lost"
            } else {
                $Found += "$Place is not Tipstaff's own"
            }
        }
    }
    return , $Found
}

function Get-Fault($File) {
    # What is wrong with one file; empty if it does not differ from the policy.
    if ($File.Key) {
        return Get-FaultOfValue $File
    }
    foreach ($Folder in (Get-Folders $File.Path)) {
        $Fault = Get-FaultOf $Folder 'folder'
        if ($Fault) {
            return $Fault
        }
    }
    $Place = Get-Place $File.Path
    $Fault = Get-FaultOf $Place 'file'
    if (-not $Fault -and $File.Private) {
        $Fault = Get-Reader $Place
    }
    if ($Fault) {
        return $Fault
    }
    if ((Get-FileHash -LiteralPath $Place -Algorithm SHA256).Hash -ne $File.Sha256) {
        return "$Place has other content"
    }
    return ''
}

function Get-Faults {
    $Found = @()
    foreach ($File in $Files) {
        $Fault = Get-Fault $File
        if ($Fault) {
            $Found += $Fault
        }
    }
    return , $Found
}
