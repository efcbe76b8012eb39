"""What another system has and this one has not: its programs, its variables, its name.

The programs are stand-ins that do nothing, so that what asks for them goes on and is seen by what it asked; the shell
of Windows hands its command to this one's. Compilers make empty files: what they would build fits no system that is
here, and the run as on Linux builds it.
"""

from __future__ import annotations

from clew.vetting.detonate.place import Place
from clew.vetting.trace import Platform

FOLDER = "/opt/system"

_NOTHING = "#!/bin/sh\nexit 0\n"
#: It makes what it is told to make, and what make asks for of each file's dependencies, without anything in it.
COMPILER = """\
#!/bin/sh
while [ $# -gt 0 ]; do
  case $1 in -o | -MF) : > "$2" && shift ;; esac
  shift
done
exit 0
"""
#: `/c` is the last option, and what follows is the command, as Node and Python quote it (``"..."`` around all of it).
_CMD = """\
#!/bin/sh
while [ $# -gt 0 ]; do
  case $1 in /[a-zA-Z]*) shift ;; *) break ;; esac
done
command=$*
case $command in '"'*'"') command=${command#?} command=${command%?} ;; esac
[ -z "$command" ] || exec /bin/sh -c "$command"
"""
_START = """\
#!/bin/sh
while [ $# -gt 0 ]; do
  case $1 in /* | '""' | '') shift ;; *) break ;; esac
done
[ $# -eq 0 ] || exec "$@"
"""
_DELETE = """\
#!/bin/sh
for path; do case $path in /[a-zA-Z]) ;; *) rm -f -- "$path" ;; esac; done
"""
_NAME = """\
#!/bin/sh
case ${{1:-}} in
  -a) echo "{system} $(cat /etc/hostname) {release} {machine}" ;;
  -r) echo "{release}" ;; -m | -p) echo "{machine}" ;; -n) cat /etc/hostname ;; *) echo "{system}" ;;
esac
"""
#: Names, parted by blanks.
_COMPILERS = (
    "cc c++ gcc g++ clang clang++ x86_64-linux-gnu-gcc x86_64-linux-gnu-g++ aarch64-linux-gnu-gcc "
    "aarch64-linux-gnu-g++ cl link"
)
_BUILDERS = "make gmake nmake msbuild cmake ninja meson xcodebuild xcrun"
_WINDOWS = (
    "powershell pwsh reg schtasks wscript cscript mshta certutil bitsadmin rundll32 regsvr32 msiexec explorer where "
    "tasklist taskkill wmic netsh attrib icacls xcopy robocopy ipconfig systeminfo setx sc vssadmin conhost wt"
)
_MACOS = (
    "osascript launchctl open defaults codesign xattr security system_profiler plutil dscl networksetup scutil ioreg "
    "pmset screencapture ditto hdiutil softwareupdate spctl csrutil pbcopy pbpaste say installer pkgutil otool "
    "install_name_tool lipo sysctl"
)


def settle(place: Place, platform: Platform) -> None:
    """Lays the programs of a simulated system into the place, before those of this one. None on Linux."""
    if platform == "linux":
        return
    programs = _windows() if platform == "win32" else _macos()
    programs |= _each(_COMPILERS, COMPILER) | _each(_BUILDERS, _NOTHING)
    place.files |= {f"{FOLDER}/{name}": text for name, text in programs.items()}
    place.path.insert(0, FOLDER)
    place.variables |= _variables(place.disguise.home, place.disguise.user, platform)


def _each(names: str, text: str) -> dict[str, str]:
    return dict.fromkeys(names.split(), text)


def _windows() -> dict[str, str]:
    found = _each(_WINDOWS, _NOTHING) | {
        "cmd": _CMD,
        "start": _START,
        "del": _DELETE,
        "erase": _DELETE,
    }
    found |= {f"{name}.exe": text for name, text in found.items()}
    return found | {"uname": _NAME.format(system="MINGW64_NT-10.0-22631", release="3.5.4", machine="x86_64")}


def _macos() -> dict[str, str]:
    version = "#!/bin/sh\ncase ${1:-} in -productVersion) echo 15.6 ;; *) echo 'ProductName: macOS' ;; esac\n"
    name = _NAME.format(system="Darwin", release="24.6.0", machine="arm64")
    return _each(_MACOS, _NOTHING) | {"uname": name, "sw_vers": version}


def _variables(home: str, user: str, platform: Platform) -> dict[str, str]:
    """What scripts look at to know their system. Folders are of this disk, so that what is written there lands."""
    if platform == "darwin":
        return {"OSTYPE": "darwin24", "__CF_USER_TEXT_ENCODING": "0x1F5:0x0:0x0"}
    return {
        "OS": "Windows_NT",
        "OSTYPE": "msys",
        "SystemRoot": "C:\\Windows",
        "windir": "C:\\Windows",
        "ProgramFiles": "C:\\Program Files",
        "ComSpec": "C:\\Windows\\system32\\cmd.exe",
        "USERNAME": user,
        "USERPROFILE": home,
        "APPDATA": f"{home}/AppData/Roaming",
        "LOCALAPPDATA": f"{home}/AppData/Local",
    }
