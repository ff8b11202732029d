package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// limits is what this process can grant to the processes that it starts.
type limits struct {
	// One bit for each capability of the bounding set.
	capabilities uint64
	oomScoreAdj  float64
	hard         map[string]uint64
}

const (
	sysResource = 24
	// The capabilities of every kernel that runs Kubernetes. Privileged containers request them all.
	common = 1<<38 - 1
)

// The rlimits of the OCI specification, by their number on Linux.
var rlimits = map[string]int{
	"RLIMIT_CPU": 0, "RLIMIT_FSIZE": 1, "RLIMIT_DATA": 2, "RLIMIT_STACK": 3, "RLIMIT_CORE": 4, "RLIMIT_RSS": 5,
	"RLIMIT_NPROC": 6, "RLIMIT_NOFILE": 7, "RLIMIT_MEMLOCK": 8, "RLIMIT_AS": 9, "RLIMIT_LOCKS": 10,
	"RLIMIT_SIGPENDING": 11, "RLIMIT_MSGQUEUE": 12, "RLIMIT_NICE": 13, "RLIMIT_RTPRIO": 14, "RLIMIT_RTTIME": 15,
}

func ownLimits() (limits, error) {
	own := limits{hard: map[string]uint64{}}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return own, err
	}
	_, rest, _ := strings.Cut(string(status), "\nCapBnd:\t")
	text, _, _ := strings.Cut(rest, "\n")
	if own.capabilities, err = strconv.ParseUint(text, 16, 64); err != nil {
		return own, fmt.Errorf("/proc/self/status: %w", err)
	}
	score, err := os.ReadFile("/proc/self/oom_score_adj")
	if err != nil {
		return own, err
	}
	if own.oomScoreAdj, err = strconv.ParseFloat(strings.TrimSpace(string(score)), 64); err != nil {
		return own, err
	}
	for name, number := range rlimits {
		var limit syscall.Rlimit
		if err := syscall.Getrlimit(number, &limit); err == nil {
			own.hard[name] = limit.Max
		}
	}
	return own, nil
}

func (own limits) has(capability int) bool { return own.capabilities&(1<<capability) != 0 }

func (own limits) unlimited() bool { return own.capabilities&common == common }

// apply limits a process of the OCI specification to what this process can grant.
func (own limits) apply(process map[string]any) {
	if sets, ok := process["capabilities"].(map[string]any); ok {
		for name, set := range sets {
			sets[name] = own.possible(set)
		}
	}
	if own.has(sysResource) {
		return
	}
	if score, ok := process["oomScoreAdj"].(float64); ok {
		process["oomScoreAdj"] = max(score, own.oomScoreAdj)
	}
	entries, _ := process["rlimits"].([]any)
	for _, entry := range entries {
		own.clip(entry)
	}
}

func (own limits) possible(set any) []any {
	names, _ := set.([]any)
	kept := []any{}
	for _, each := range names {
		name, _ := each.(string)
		if number, known := capabilities[name]; !known || own.has(number) {
			kept = append(kept, each)
		}
	}
	return kept
}

// clip lowers an rlimit to the hard limit of this process.
func (own limits) clip(entry any) {
	rlimit, _ := entry.(map[string]any)
	name, _ := rlimit["type"].(string)
	hard, known := own.hard[name]
	if !known {
		return
	}
	for _, key := range []string{"hard", "soft"} {
		if value, ok := rlimit[key].(float64); ok && value > float64(hard) {
			rlimit[key] = hard
		}
	}
}
