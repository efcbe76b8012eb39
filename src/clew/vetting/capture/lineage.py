"""Which code started which process: the logs of parents and children, joined."""

from __future__ import annotations

from clew.vetting.capture.record import Log, Record


class Lineage:
    """The logs of a run by process. Process ids in them are hints: a forged one can only hang a layer elsewhere."""

    def __init__(self, logs: list[Log]) -> None:
        self._logs = sorted(logs, key=lambda log: log.start.t)
        self._pids = {
            (id(log), record.child): record.pid
            for log in logs
            for record in log.records
            if record.call == "spawned" and record.pid
        }
        self._by_pid: dict[int, list[Log]] = {}
        for log in self._logs:
            self._by_pid.setdefault(log.start.pid or 0, []).append(log)

    def in_order(self) -> list[Log]:
        """The logs by the time of their start: parents before children."""
        return self._logs

    def child(self, log: Log, record: Record) -> int | None:
        """The process that an `execute` record led to, where its parent could tell."""
        return self._pids.get((id(log), record.child)) if record.child is not None else None

    def starter(self, log: Log) -> tuple[Log, int | None] | None:
        """The log, and the number of the code in it, that started this process or worker."""
        start = log.start
        if start.thread:
            for other in self._by_pid.get(start.pid or 0, ()):
                for record in other.records:
                    if record.call == "start_worker" and record.thread == start.thread:
                        return other, record.layer
            return None
        if start.what == "fork":
            return next(((other, None) for other in self._by_pid.get(start.parent_pid or 0, ())), None)
        for other, record, pid in self._spawns(log):
            if pid is not None and pid in (start.pid, start.parent_pid):
                return other, record.layer
        by_parent = [
            (record.t, number, other, record.layer)
            for number, (other, record, pid) in enumerate(self._spawns(log))
            if pid is None and other.start.pid == start.parent_pid
        ]
        return max(by_parent)[2:] if by_parent else None

    def _spawns(self, log: Log) -> list[tuple[Log, Record, int | None]]:
        return [
            (other, record, self.child(other, record))
            for other in self._logs
            if other is not log
            for record in other.records
            if record.call == "execute" and record.t <= log.start.t
        ]
