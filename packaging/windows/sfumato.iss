; The installer for Windows, by Inno Setup 6.3 or newer. `packaging/windows.py` calls it and gives it Version, Flavour,
; Numbers, Bundle, Out and Spanning. Not tried: written where there is no Windows. Tests read its sections and look for the files it names.

#define Name "Sfumato"
#define Program "sfumato.exe"

[Setup]
; the same for ever: it is how an upgrade finds what it replaces
AppId={{6C0B1E52-5D3B-4F0E-9B6A-4B6C5D0F7E21}
AppName={#Name}
AppVersion={#Version}
AppVerName={#Name} {#Version}
AppPublisher=The Sfumato maintainers
VersionInfoVersion={#Numbers}
DefaultDirName={autopf}\{#Name}
DisableProgramGroupPage=yes
; for oneself without an administrator, or for all people of the machine with one: the first page asks
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=dialog commandline
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0.17763
LicenseFile=..\..\LICENSE
SetupIconFile=..\..\resources\icons\sfumato.ico
UninstallDisplayIcon={app}\{#Program}
UninstallDisplayName={#Name}
WizardStyle=modern
ChangesAssociations=yes
; a window that is open is asked to close first
CloseApplications=yes
Compression=lzma2/max
SolidCompression=yes
LZMAUseSeparateProcess=yes
DiskSpanning={#Spanning}
OutputDir={#Out}
OutputBaseFilename=sfumato-{#Flavour}-{#Version}-windows-x64

[Tasks]
Name: "desktopicon"; Description: "{cm:CreateDesktopIcon}"; GroupDescription: "{cm:AdditionalIcons}"; Flags: unchecked

; Libraries of an older version must not lie among the new ones. Only the program's own folder is named: pictures and data
; are elsewhere, and those of a portable program beside it are not touched.
[InstallDelete]
Type: filesandordirs; Name: "{app}\_internal"

[Files]
Source: "{#Bundle}\*"; DestDir: "{app}"; Flags: ignoreversion recursesubdirs createallsubdirs

[Icons]
Name: "{autoprograms}\{#Name}"; Filename: "{app}\{#Program}"
Name: "{autodesktop}\{#Name}"; Filename: "{app}\{#Program}"; Tasks: desktopicon

; Windows opens .ora with Sfumato where nothing else does; for pictures it is one of those under "Open with". HKA is the
; machine's or the person's part of the registry, as installed.
[Registry]
Root: HKA; Subkey: "Software\Classes\Sfumato.OpenRaster"; ValueType: string; ValueData: "OpenRaster document"; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\Sfumato.OpenRaster\DefaultIcon"; ValueType: string; ValueData: "{app}\{#Program},0"
Root: HKA; Subkey: "Software\Classes\Sfumato.OpenRaster\shell\open\command"; ValueType: string; ValueData: """{app}\{#Program}"" ""%1"""
Root: HKA; Subkey: "Software\Classes\.ora\OpenWithProgids"; ValueType: string; ValueName: "Sfumato.OpenRaster"; Flags: uninsdeletevalue
Root: HKA; Subkey: "Software\Classes\Applications\{#Program}"; ValueType: string; ValueName: "FriendlyAppName"; ValueData: "{#Name}"; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\Applications\{#Program}\shell\open\command"; ValueType: string; ValueData: """{app}\{#Program}"" ""%1"""
Root: HKA; Subkey: "Software\Classes\Applications\{#Program}\SupportedTypes"; ValueType: string; ValueName: ".ora"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\Applications\{#Program}\SupportedTypes"; ValueType: string; ValueName: ".png"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\Applications\{#Program}\SupportedTypes"; ValueType: string; ValueName: ".jpg"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\Applications\{#Program}\SupportedTypes"; ValueType: string; ValueName: ".jpeg"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\Applications\{#Program}\SupportedTypes"; ValueType: string; ValueName: ".webp"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\Applications\{#Program}\SupportedTypes"; ValueType: string; ValueName: ".tif"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\Applications\{#Program}\SupportedTypes"; ValueType: string; ValueName: ".tiff"; ValueData: ""
Root: HKA; Subkey: "Software\Classes\Applications\{#Program}\SupportedTypes"; ValueType: string; ValueName: ".avif"; ValueData: ""

[Run]
Filename: "{app}\{#Program}"; Description: "{cm:LaunchProgram,{#Name}}"; Flags: nowait postinstall skipifsilent
