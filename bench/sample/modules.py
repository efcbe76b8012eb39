r"""The libraries that processes load, in sets by kind of program.

Sysmon writes one record a library; a real process loads 20 to 200. Here each loads its own image and a part of
its set, which keeps id 7 at its share of real logs.
"""

from __future__ import annotations

from sample.program import Program, unsigned, vendor, windows


def _system(*names: str) -> tuple[Program, ...]:
    return tuple(windows(f"System32\\{name}", name, name.removesuffix(".dll"), "") for name in names)


_BASE = _system(
    "ntdll.dll", "kernel32.dll", "KernelBase.dll", "ucrtbase.dll", "msvcrt.dll", "sechost.dll", "rpcrt4.dll",
    "advapi32.dll", "combase.dll", "msvcp_win.dll", "bcryptprimitives.dll",
)  # fmt: skip
_WINDOW = _system(
    "user32.dll", "win32u.dll", "gdi32.dll", "gdi32full.dll", "imm32.dll", "uxtheme.dll", "shell32.dll",
    "SHCore.dll", "shlwapi.dll", "ole32.dll", "oleaut32.dll", "msctf.dll", "dwmapi.dll", "TextShaping.dll",
    "propsys.dll", "windows.storage.dll", "wldp.dll", "kernel.appcore.dll",
)  # fmt: skip
_NET = _system(
    "ws2_32.dll", "dnsapi.dll", "IPHLPAPI.DLL", "mswsock.dll", "winhttp.dll", "webio.dll", "crypt32.dll",
    "bcrypt.dll", "ncrypt.dll", "schannel.dll", "rasadhlp.dll", "FWPUCLNT.DLL", "nsi.dll", "cryptsp.dll",
)  # fmt: skip
_SERVICE = _system(
    "userenv.dll", "profapi.dll", "policymanager.dll", "msvcp110_win.dll", "perfos.dll", "perfctrs.dll",
    "wmidcom.dll", "dpapi.dll", "powrprof.dll", "umpdc.dll", "sspicli.dll", "ntmarta.dll", "wevtapi.dll",
    "OnDemandConnRouteHelper.dll", "samcli.dll", "netutils.dll",
)  # fmt: skip
_SCRIPT = _system("vbscript.dll", "scrobj.dll", "wshom.ocx", "scrrun.dll", "mpr.dll", "amsi.dll", "sxs.dll")
_CLR = (
    *_system("mscoree.dll", "amsi.dll", "version.dll", "rsaenh.dll"),
    vendor(
        r"C:\Windows\Microsoft.NET\Framework64\v4.0.30319\clr.dll",
        "clr.dll",
        "Microsoft .NET Runtime Common Language Runtime - WorkStation",
        "4.8.9310.0 built by: NET481REL1LAST_C",
        loads="",
    ),
    vendor(
        r"C:\Windows\Microsoft.NET\Framework64\v4.0.30319\clrjit.dll",
        "clrjit.dll",
        "Microsoft .NET Runtime Just-In-Time Compiler",
        "4.8.9310.0 built by: NET481REL1LAST_C",
        loads="",
    ),
)
_OFFICE = tuple(
    vendor(
        f"C:\\Program Files\\Common Files\\Microsoft Shared\\OFFICE16\\{name}",
        name,
        "Microsoft Office component",
        "16.0.19725.20126",
        product="Microsoft Office",
        loads="",
    )
    for name in (
        "mso.dll",
        "mso20win32client.dll",
        "mso30win32client.dll",
        "Mso98win32client.dll",
        "riched20.dll",
    )
)
_BROWSER = _system("dbghelp.dll", "dxgi.dll", "d3d11.dll", "mf.dll", "winmm.dll", "dcomp.dll", "credui.dll")
_PYTHON = tuple(
    vendor(
        f"C:\\Python\\DLLs\\{name}",
        name,
        "Python Core",
        "3.12.9",
        product="Python",
        company="Python Software Foundation",
        loads="",
    )
    for name in (
        "python312.dll",
        "vcruntime140.dll",
        "_socket.pyd",
        "_ssl.pyd",
        "_hashlib.pyd",
        "_ctypes.pyd",
    )
)
_LEGACY = tuple(
    unsigned(f"C:\\Program Files (x86)\\Contoso\\Ledger\\{name}", "")
    for name in ("lgcore.dll", "lgprint.dll", "lgdb32.dll", "crviewer9.dll")
)

#: Sets of libraries by `Program.loads`.
LIBRARIES: dict[str, tuple[Program, ...]] = {
    "console": _BASE,
    "window": _BASE + _WINDOW,
    "service": _BASE + _SERVICE,
    "net": _BASE + _NET,
    "script": _BASE + _SCRIPT,
    "dotnet": _BASE + _CLR + _NET,
    "office": _BASE + _WINDOW + _NET + _OFFICE,
    "browser": _BASE + _WINDOW + _NET + _BROWSER,
    "python": _BASE + _NET + _PYTHON,
    "legacy": _BASE + _WINDOW + _LEGACY,
}


def image_fields(program: Program) -> dict[str, str]:
    """The fields of Sysmon 7 that describe the loaded file, from ImageLoaded to SignatureStatus."""
    signed = bool(program.signer)
    return {
        "ImageLoaded": program.path,
        **program.resource(),
        "Hashes": program.hashes,
        "Signed": "true" if signed else "false",
        "Signature": program.signer or "-",
        "SignatureStatus": "Valid" if signed else "Unavailable",
    }


#: The same, each made once.
LIBRARY_FIELDS: dict[str, tuple[dict[str, str], ...]] = {
    kind: tuple(image_fields(library) for library in libraries) for kind, libraries in LIBRARIES.items()
}
