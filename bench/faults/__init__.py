"""Faults: what happens to alerts, reports and jobs when processes, servers, clocks and disks fail."""
