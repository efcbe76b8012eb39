"""The sandbox: runs a package's own code where it can see, keep and reach nothing.

::

    stay(plan) ──▶ keeper ── new user, mount, pid, network, ipc, uts namespaces; root became nobody
                     ├── sinkhole    every address is local, and answers
                     ├── self-test   a shell inside tries to get out; if it can, nothing runs
                     └── step by step: strace ─▶ prlimit ─▶ bubblewrap (namespaces again, read-only, seccomp) ─▶ command

What comes out (`Outcome`) is what three witnesses outside saw: strace, the sinkhole, the tree. There is no switch to
run without it.
"""
