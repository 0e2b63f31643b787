@echo off
rem Builds Release, then runs. Options: emu -help
dotnet build "%~dp0Emulator.Cli\Emulator.Cli.csproj" -c Release -v quiet --nologo >nul || exit /b 1
dotnet "%~dp0Emulator.Cli\bin\Release\net10.0\emu.dll" %*
