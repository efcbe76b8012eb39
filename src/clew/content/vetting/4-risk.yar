// A threat beside a capability is a risk: near each other where `within` says so, since in a bundle everything stands
// beside everything.

rule takes_secrets_away {
  meta: kind = "risk" title = "reads secrets and names where stolen data goes" technique = "T1567"
        weight = "block" at_install = "block" joins = "secret exfiltration_service" within = 8000
  condition: (secret_npm or secret_cloud or secret_ssh or secret_browser or environment_dump) and exfiltration_service
}

rule gathers_secrets {
  meta: kind = "risk" title = "reads secrets of several kinds and talks to the network" technique = "T1552.001"
        weight = "review" at_install = "block" joins = "secret network_out" within = 8000
  condition: network_out and ((secret_npm and secret_cloud) or (secret_npm and secret_ssh) or
    (secret_cloud and secret_ssh and secret_browser) or (secret_browser and secret_ssh))
}

rule steals_from_browsers {
  meta: kind = "risk" title = "opens the stores of browsers or wallets and talks to the network" technique = "T1555.003"
        weight = "review" at_install = "block" joins = "secret_browser network_out" within = 8000
  condition: secret_browser and network_out
}

rule reads_secret_and_calls {
  meta: kind = "risk" title = "reads a secret's file and talks to the network" technique = "T1552.001"
        weight = "note" at_install = "review" joins = "secret network_out" within = 4000
  condition: network_out and (secret_npm or secret_cloud or secret_ssh)
}

rule sends_environment {
  meta: kind = "risk" title = "takes the whole environment and talks to the network" technique = "T1041"
        weight = "review" at_install = "block" joins = "environment_dump network_out" within = 2500
  condition: environment_dump and network_out
}

rule reports_machine {
  meta: kind = "risk" title = "tells the network who and where it is" technique = "T1082"
        weight = "note" at_install = "review" joins = "system_information network_out" within = 4000
  condition: system_information and network_out
}

rule carries_off {
  meta: kind = "risk" title = "sends what it found to a service for catching data" technique = "T1567"
        weight = "review" at_install = "block" joins = "finding exfiltration_service" within = 4000
  condition: exfiltration_service and (system_information or environment_dump or token_variables or screen_or_keys or clipboard)
}

rule names_catcher {
  meta: kind = "risk" title = "names a service for catching data" technique = "T1567"
        weight = "note" at_install = "review" joins = "exfiltration_service"
  condition: exfiltration_service
}

rule carries_in_names {
  meta: kind = "risk" title = "puts what it found into names that it asks for" technique = "T1048.003"
        weight = "review" at_install = "block" joins = "finding dns_carrier" within = 4000
  condition: dns_carrier and (system_information or environment_dump or secret_npm or token_variables)
}

rule opens_shell {
  meta: kind = "risk" title = "gives a shell to who is at the other end" technique = "T1059"
        weight = "review" at_install = "block" joins = "reverse_shell"
  condition: reverse_shell and (execute or network_out or reverse_shell)
}

rule runs_unseen_powershell {
  meta: kind = "risk" title = "runs PowerShell so that nobody sees or reads it" technique = "T1059.001"
        weight = "review" at_install = "block" joins = "hidden_powershell execute" within = 8000
  condition: hidden_powershell and execute
}

rule runs_encoded_powershell {
  meta: kind = "risk" title = "runs PowerShell from an encoded text" technique = "T1059.001"
        weight = "note" at_install = "review" joins = "encoded_powershell execute" within = 8000
  condition: encoded_powershell and execute
}

rule fetches_and_runs {
  meta: kind = "risk" title = "downloads by a tool of the system and runs what came" technique = "T1105"
        weight = "note" at_install = "review" joins = "download_by_system_tool"
  condition: download_by_system_tool
}

rule calls_bare_address {
  meta: kind = "risk" title = "calls an address without a name and starts programs" technique = "T1071.001"
        weight = "review" at_install = "review" joins = "bare_address execute" within = 3000
  condition: bare_address and execute
}

rule erases_itself {
  meta: kind = "risk" title = "deletes or replaces its own file" technique = "T1070.004"
        weight = "review" at_install = "review" joins = "erase_itself"
  condition: erase_itself
}

rule acts_and_erases_itself {
  meta: kind = "risk" title = "calls or starts something and deletes its own file" technique = "T1070.004"
        weight = "review" at_install = "block" joins = "erase_itself action" within = 8000
  condition: erase_itself and (network_out or execute)
}

rule stays {
  meta: kind = "risk" title = "writes where programs are started again" technique = "T1547"
        weight = "note" at_install = "review" joins = "autostart action" within = 4000
  condition: autostart and (write_files or execute)
}

rule leaves_a_child {
  meta: kind = "risk" title = "leaves a program behind that says nothing" technique = "T1564.003"
        weight = "note" at_install = "review" joins = "quiet_child execute" within = 4000
  condition: quiet_child and execute
}

rule mines {
  meta: kind = "risk" title = "mines coins" technique = "T1496"
        weight = "review" at_install = "block" joins = "miner"
  condition: miner
}

rule destroys {
  meta: kind = "risk" title = "destroys what is not its own" technique = "T1485"
        weight = "review" at_install = "block" joins = "destruction"
  condition: destruction
}

rule injects {
  meta: kind = "risk" title = "puts code into other processes" technique = "T1055"
        weight = "review" at_install = "block" joins = "inject"
  condition: inject
}

rule reads_runners_memory {
  meta: kind = "risk" title = "reads the memory of the build's runner" technique = "T1003.007"
        weight = "block" at_install = "block" joins = "scrape_memory"
  condition: scrape_memory
}

rule spreads {
  meta: kind = "risk" title = "takes tokens and publishes packages or plants workflows" technique = "T1195.002"
        weight = "review" at_install = "block" joins = "spread token" within = 8000
  condition: spread and (secret_npm or token_variables) and (execute or network_out)
}

rule swaps_addresses {
  meta: kind = "risk" title = "changes where money goes" technique = "T1565.002"
        weight = "block" at_install = "block" joins = "address_swap"
  condition: address_swap
}

rule watches {
  meta: kind = "risk" title = "watches screen or keyboard and talks to the network" technique = "T1056"
        weight = "review" at_install = "block" joins = "screen_or_keys network_out" within = 8000
  condition: screen_or_keys and network_out
}

rule runs_decoded {
  meta: kind = "risk" title = "runs what it has just decoded" technique = "T1140"
        weight = "review" at_install = "block" joins = "decode_and_run"
  condition: decode_and_run
}

rule loads_in_disguise {
  meta: kind = "risk" title = "hides which module it loads" technique = "T1027"
        weight = "review" at_install = "review" joins = "disguised_import"
  condition: disguised_import
}

rule obfuscated {
  meta: kind = "risk" title = "is obfuscated" technique = "T1027"
        weight = "review" at_install = "review" joins = "shape"
  condition: string_table or symbol_soup or packed_python
}

rule obfuscated_characters {
  meta: kind = "risk" title = "puts its texts together from characters and runs or loads by them" technique = "T1027"
        weight = "note" at_install = "review" joins = "character_sums action" within = 3000
  condition: character_sums and (run_code or execute or network_out)
}
