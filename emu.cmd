@echo off
rem Builds Release when sources changed, then runs. Options: emu -help
setlocal
set "root=%~dp0."
set "out=%~dp0.build\emu"
rem Copies of the sources as they were built: robocopy /L says by 0 that nothing would have to be copied.
set "files=*.cs *.csproj *.props version.txt /S /XD .build .git bin obj Emulator.Tests Emulator.Bench /NJH /NJS /NDL /NFL /NC /NS /NP"
if exist "%out%\stamp" (
  robocopy "%root%" "%~dp0.build\sources" %files% /L >nul 2>nul
  if not errorlevel 1 goto run
)
where dotnet >nul 2>nul || (echo emu: the .NET SDK 10 is needed: https://dotnet.microsoft.com/download >&2 & exit /b 1)
echo emu: building (about half a minute, only after changes) >&2
if not exist "%~dp0.build" mkdir "%~dp0.build"
if exist "%out%\stamp" del "%out%\stamp"
set "rid=win-x64"
if "%PROCESSOR_ARCHITECTURE%"=="ARM64" set "rid=win-arm64"
dotnet publish "%root%\Emulator.Cli\Emulator.Cli.csproj" -c Release -r %rid% --self-contained false -p:PublishReadyToRun=true -o "%out%" -v quiet --nologo >"%~dp0.build\build.log" && goto built
rem No ahead-of-time compiler for this host: the same program, with a slower start.
dotnet publish "%root%\Emulator.Cli\Emulator.Cli.csproj" -c Release -o "%out%" -v quiet --nologo >"%~dp0.build\build.log" && goto built
type "%~dp0.build\build.log" >&2
findstr /i /c:"not enough space" "%~dp0.build\build.log" >nul && echo emu: the disk is full; a build needs about 500 MB >&2
echo emu: the build failed >&2
exit /b 1
:built
robocopy "%root%" "%~dp0.build\sources" %files% >nul 2>nul
echo built>"%out%\stamp"
:run
dotnet "%out%\emu.dll" %*
exit /b %errorlevel%
