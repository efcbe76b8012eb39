"""A record of each id of CodeIntegrity that is read, with the fields of its template."""

from normalise.windows_dialects import Log, Record

_SYSTEM32 = "\\Device\\HarddiskVolume3\\Windows\\System32\\"
_LIBRARY = r"\Device\HarddiskVolume3\ProgramData\Tool\helper.dll"
_DRIVER = _SYSTEM32 + r"drivers\old.sys"
_SHA1, _SHA256 = "0A1B2C3D4E5F60718293A4B5C6D7E8F901234567", "AB" * 32
FIRST, SECOND, THIRD = (f"06dc59e1-fb5b-0001-7580-dc065bfbd70{n}" for n in (1, 2, 3))


def _names(file: str, process: str = "") -> dict[str, str]:
    return {
        "FileNameLength": str(len(file)),
        "FileNameBuffer": file,
        "ProcessNameLength": str(len(process)),
        "ProcessNameBuffer": process,
    }


def _driver(code: int) -> Record:
    data = {**_names(_DRIVER), "SecureRequired": "0x0", "RequestedSigningLevel": "0"}
    return Record(code, data, writer=4)


def _load(code: int, activity: str, status: str = "3236495362") -> Record:
    data = _names(_LIBRARY, _SYSTEM32 + "lsass.exe")
    return Record(
        code, {**data, "RequestedPolicy": "8", "ValidatedPolicy": "1", "Status": status}, activity=activity
    )


def decision(code: int, activity: str) -> Record:
    """Version 5 of the template, whose names have blanks in them."""
    data = {
        "FileNameLength": str(len(_LIBRARY)),
        "File Name": _LIBRARY,
        "ProcessNameLength": "53",
        "Process Name": _SYSTEM32 + "regsvr32.exe",
        "Requested Signing Level": "2",
        "Validated Signing Level": "1",
        "Status": "0xc0e90002",
        "SHA1 Hash Size": "20",
        "SHA1 Hash": _SHA1,
        "SHA256 Hash Size": "32",
        "SHA256 Hash": _SHA256,
        "SHA1 Flat Hash Size": "20",
        "SHA1 Flat Hash": "CD" * 20,
        "SHA256 Flat Hash Size": "32",
        "SHA256 Flat Hash": "EF" * 32,
        "USN": "33757488",
        "SI Signing Scenario": "1",
        "PolicyName": "Site policy",
        "PolicyID": "2026-03",
        "PolicyHash": _SHA256,
        "OriginalFileName": "helper.dll",
        "InternalName": "helper.dll",
        "FileDescription": "Helper",
        "ProductName": "Tool",
        "FileVersion": "1.2.3.4",
        "PolicyGUID": "{0F78C0E5-CB41-47B7-96F7-FEDF43FAFCB3}",
        "UserWriteable": "true",
        "PackageFamilyName": "",
    }
    return Record(code, data, activity=activity)


def signer(activity: str, error: str = "5", signature: str = "0", hash_: str = _SHA1, **data: str) -> Record:
    signer = {
        "TotalSignatureCount": "2",
        "Signature": signature,
        "CacheState": "0",
        "Hash Size": "20",
        "Hash": hash_,
        "PageHash": "false",
        "SignatureType": "1",
        "ValidatedSigningLevel": "4",
        "VerificationError": error,
        "Flags": "0",
        "PublisherName": "Example Software Ltd",
        "IssuerName": "Example Code Signing CA",
        **data,
    }
    return Record(3089, signer, activity=activity)


CODEINTEGRITY = Log(
    "Microsoft-Windows-CodeIntegrity",
    "Microsoft-Windows-CodeIntegrity/Operational",
    (
        _driver(3001),
        _driver(3002),
        _driver(3003),
        Record(
            3004,
            {**_names(_DRIVER, "System"), "SecureRequired": "0x0", "RequestedSigningLevel": "12"},
            activity=THIRD,
            wrapper="CodeIntegrityInfo",
        ),
        Record(3010, {**_names(_SYSTEM32 + "CatRoot\\tool.cat"), "Status": "0xc0000225"}),
        _driver(3023),
        _load(3033, FIRST),
        signer(FIRST),
        signer(FIRST, "0", "1", PublisherName="Second Signer"),
        decision(3077, FIRST),  # the same activity goes on
        signer(FIRST, "26"),
        _load(3034, SECOND, "-1058471934"),
        decision(3076, SECOND),
        signer(SECOND, hash_="99" * 20),  # of another file
        _load(3036, ""),
        _load(3063, ""),
        _load(3065, "ffffffff-fb5b-0001-7580-dc065bfbd701"),
        signer(
            "ffffffff-fb5b-0001-7580-dc065bfbd701", "3", SignatureType="0", PublisherName="", IssuerName=""
        ),
        Record(
            3099,
            {
                "PolicyNameBuffer": "Site policy",
                "PolicyIdBuffer": "2026-03",
                "PolicyGUID": "{0F78C0E5-CB41-47B7-96F7-FEDF43FAFCB3}",
                "Status": "0x0",
                "Options": "0x91880004",
                "PolicyHash": _SHA256,
            },
            writer=4,
        ),
    ),
)
