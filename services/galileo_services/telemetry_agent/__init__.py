"""Says how its host is doing, on the channels and in the format of telemd: CPU, memory, network, disks, containers."""
