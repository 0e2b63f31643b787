@echo off
rem Builds Release when sources changed, then runs. Options: emu -help
where dotnet >nul 2>nul || (echo emu: the .NET SDK 10 is needed: https://dotnet.microsoft.com/download >&2 & exit /b 1)
set "emulog=%TEMP%\emu-build.log"
dotnet build "%~dp0Emulator.Cli\Emulator.Cli.csproj" -c Release -v quiet --nologo >"%emulog%" || (type "%emulog%" >&2 & echo emu: the build failed >&2 & exit /b 1)
dotnet "%~dp0Emulator.Cli\bin\Release\net10.0\emu.dll" %*
