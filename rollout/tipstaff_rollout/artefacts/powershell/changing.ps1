function Set-Access($Place, $Private) {
    # The administrators own it; they and the system have full access, users read what is not private;
    # nothing is inherited.
    $Takeown = [IO.Path]::Combine([Environment]::SystemDirectory, 'takeown.exe')
    Start-Process -FilePath $Takeown -ArgumentList "/A /F `"$Place`"" -Wait -WindowStyle Hidden
    if ((Get-Kind $Place) -eq 'folder') {
        $List = New-Object Security.AccessControl.DirectorySecurity
        $List.SetSecurityDescriptorSddlForm('O:BAG:BAD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;BU)')
    } else {
        $Form = 'O:BAG:BAD:PAI(A;;FA;;;SY)(A;;FA;;;BA)(A;;0x1200a9;;;BU)'
        if ($Private) {
            $Form = 'O:BAG:BAD:PAI(A;;FA;;;SY)(A;;FA;;;BA)'
        }
        $List = New-Object Security.AccessControl.FileSecurity
        $List.SetSecurityDescriptorSddlForm($Form)
    }
    Set-Acl -LiteralPath $Place -AclObject $List
}

function Remove-InTheWay($Place, $Kind) {
    # Of a link only the link is removed; its target stays.
    $Found = Get-Kind $Place
    if ($Found -eq 'nothing' -or $Found -eq $Kind) {
        return
    }
    if ([IO.File]::GetAttributes($Place) -band [IO.FileAttributes]::Directory) {
        [IO.Directory]::Delete($Place, $Found -eq 'folder')
    } else {
        [IO.File]::Delete($Place)
    }
}

function Install-Folder($Folder, $HoldsFiles) {
    Remove-InTheWay $Folder 'folder'
    if ($HoldsFiles -and (Get-Kind $Folder) -eq 'folder' -and (Get-Loose $Folder)) {
        [IO.Directory]::Move($Folder, "$Folder.untrusted-$([DateTime]::UtcNow.Ticks)")
    }
    if ((Get-Kind $Folder) -eq 'nothing') {
        [void][IO.Directory]::CreateDirectory($Folder)
        Set-Access $Folder
    }
    if (Get-Loose $Folder) {
        Set-Access $Folder
    }
}

function Install-File($File) {
    if ($File.Key) {
        Install-Value $File
        return
    }
    $Folders = Get-Folders $File.Path
    foreach ($Folder in $Folders) {
        Install-Folder $Folder ($Folder -eq $Folders[-1])
    }
    $Place = Get-Place $File.Path
    if (Test-Other $File) {
        Move-Item -LiteralPath $Place -Destination "$Place$Before"
    }
    Remove-InTheWay $Place 'file'
    # Under another name first, so no reader sees half a file.
    $Beside = "$Place.tipstaff-new"
    Remove-InTheWay $Beside 'file'
    # Its rights before its content, which may be a secret.
    [IO.File]::Create($Beside).Dispose()
    Set-Access $Beside $File.Private
    [IO.File]::WriteAllBytes($Beside, [Convert]::FromBase64String($File.Base64))
    Move-Item -LiteralPath $Beside -Destination $Place -Force
}
