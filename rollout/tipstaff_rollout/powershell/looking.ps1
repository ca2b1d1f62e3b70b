$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$Trusted = @('S-1-5-18', 'S-1-5-32-544')
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
    # Why others than the administrators could change a place; nothing where none can.
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

function Get-FaultOf($Place, $Kind) {
    $Found = Get-Kind $Place
    if ($Found -ne $Kind) {
        return "$Place is no $Kind but $Found"
    }
    return Get-Loose $Place
}

function Get-Fault($File) {
    # What is wrong with one file; nothing where it is as the policy wants it.
    foreach ($Folder in (Get-Folders $File.Path)) {
        $Fault = Get-FaultOf $Folder 'folder'
        if ($Fault) {
            return $Fault
        }
    }
    $Place = Get-Place $File.Path
    $Fault = Get-FaultOf $Place 'file'
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
