"""Names of Sigma's taxonomy, and how Clew's events call the same: for those who bring rules along.

Source: https://github.com/SigmaHQ/sigma-specification, appendix "taxonomy". Nothing is renamed silently.
"""

from __future__ import annotations

from collections.abc import Mapping

SIGMA_COLUMNS: Mapping[str, str] = {
    "Image": "process.executable",
    "OriginalFileName": "process.pe.original_file_name",
    "CommandLine": "process.command_line",
    "CurrentDirectory": "process.working_directory",
    "ProcessId": "process.pid",
    "ProcessGuid": "process.entity_id",
    "ParentImage": "process.parent.executable",
    "ParentCommandLine": "process.parent.command_line",
    "ParentProcessId": "process.parent.pid",
    "ParentProcessGuid": "process.parent.entity_id",
    "Company": "process.pe.company",
    "Product": "process.pe.product",
    "Imphash": "process.pe.imphash",
    "User": "user.name",
    "Computer": "host.name",
    "ComputerName": "host.name",
    "EventID": "event.code",
    "Provider_Name": "event.provider",
    "UtcTime": "@timestamp",
    "TargetFilename": "file.path",
    "ImageLoaded": "dll.path",
    "Signed": "dll.code_signature.exists",
    "SignatureStatus": "dll.code_signature.status",
    "Signature": "dll.code_signature.subject_name",
    "TargetObject": "registry.path",
    "Details": "registry.data.strings",
    "DestinationHostname": "destination.domain",
    "DestinationIp": "destination.ip",
    "DestinationPort": "destination.port",
    "SourceIp": "source.ip",
    "SourcePort": "source.port",
    "Protocol": "network.transport",
    "QueryName": "dns.question.name",
    "QueryResults": "dns.resolved_ip",
    "query": "dns.question.name",
}

#: Categories of Sigma's log sources, and the data components as which ATT&CK 18.1 counts such events most often
#: (file_event is Sysmon 11, which 154 analytics count as file_creation).
SIGMA_CATEGORIES: Mapping[str, str] = {
    "create_remote_thread": "process_modification",
    "dns_query": "network_connection_creation",
    "driver_load": "driver_load",
    "file_access": "file_access",
    "file_change": "file_modification",
    "file_delete": "file_deletion",
    "file_event": "file_creation",
    "file_rename": "file_modification",
    "image_load": "module_load",
    "network_connection": "network_connection_creation",
    "pipe_created": "named_pipe_metadata",
    "process_access": "process_access",
    "process_termination": "process_termination",
    "ps_module": "command_execution",
    "ps_script": "command_execution",
    "registry_add": "windows_registry_key_creation",
    "registry_delete": "windows_registry_key_deletion",
    "registry_event": "windows_registry_key_modification",
    "registry_set": "windows_registry_key_modification",
    "wmi_event": "wmi_creation",
}
