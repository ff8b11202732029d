module faasmesh.dev/tools/workloads/upstream-alertmanager

go 1.26.0

require github.com/prometheus/alertmanager v0.32.1
