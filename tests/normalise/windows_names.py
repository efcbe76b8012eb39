"""What each id of a Windows log is called, by the provider's manifest."""

NAMES = {
    "Microsoft-Windows-CodeIntegrity": {
        3001: "Unsigned kernel module was loaded",
        3002: "Page hashes of a file not found",
        3003: "Page hashes of a file not found, with a debugger",
        3004: "Hash of a file not found",
        3010: "Catalog could not be loaded",
        3023: "Revoked driver was blocked",
        3033: "File below the signing level was blocked",
        3034: "File below the signing level, audited",
        3036: "Revoked file was blocked",
        3063: "File with shared sections was blocked",
        3065: "File with shared sections, audited",
        3076: "File against the policy, audited",
        3077: "File against the policy was blocked",
        3089: "Signer of the file of the decision before",
        3099: "Policy put in force",
    },
}
