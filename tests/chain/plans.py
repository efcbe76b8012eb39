"""Plans that several stories are told of, and the events of the first of them."""

DROP = """\
  scope: host.id
  within: 10m
  stages:
    write:
      on: file_creation
      bind: {binary: file.path}
    run:
      on: process_creation
      link: process.executable = $binary
      bind: {program: process.entity_id}
      traits:
        shell: {process.name: cmd.exe}
        renamed: {clew.process.renamed: true}
    call:
      on: network_traffic_flow
      link: process.entity_id in tree of $program
  findings:
    high: call and run.shell
    medium: run and call
    low: run
  per: [$binary]
"""

WRITE = r"w 0 file_creation file.path=c:\a.exe"
RUN = r"r 5 process_creation process.executable=C:\A.exe process.entity_id=p1 process.name=a.exe"
CALL = "c 9 network_traffic_flow process.entity_id=p1"
ABSENCE = DROP.replace("high: call and run.shell", "high: run and not call").replace(
    "    medium: run and call\n", ""
)

NEW = DROP.replace(
    "tree of $program", "tree of $program\n      new: {key: [host.id, destination.address], for: 1d}"
)

COUNT = """\
  scope: host.id
  within: 10m
  stages:
    start: {on: process_creation, bind: {p: process.entity_id}}
    many:
      on: file_creation
      link: process.entity_id in tree of $p
      count: {at_least: 3, distinct: file.path}
      bind: {last: file.path}
    after: {on: file_deletion, link: file.path = $last}
  findings: {high: after, low: many}
"""

SLIDING = """\
  scope: host.id
  within: 10m
  stages:
    guess:
      on: user_account_authentication
      count: {at_least: 3, by: [user.name], within: 1m}
  findings: {low: guess}
  per: []
"""

STANDING = """\
  scope: host.id
  within: 10m
  from: attack
  stages:
    service: {on: process_creation, bind: {p: process.entity_id}}
    config: {on: file_modification, link: process.entity_id in tree of $p}
    attack: {on: file_creation, link: process.entity_id in tree of $p, bind: {f: file.path}}
    run: {on: process_creation, link: process.executable = $f}
  findings: {high: run and config, low: run}
  per: [$f]
"""
