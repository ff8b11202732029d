// An OCI runtime in front of runc, for machines that lack capabilities which privileged containers request, such as
// CAP_SYS_RESOURCE. It removes from the request what the machine cannot grant, and then executes runc. If nothing is
// missing, it changes nothing.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "runc-wrapper:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	limits, err := ownLimits()
	if err != nil {
		return err
	}
	if request := parse(args); request.file != "" && !limits.unlimited() {
		if err := change(request, limits); err != nil {
			return fmt.Errorf("%s: %w", request.file, err)
		}
	}
	runc, err := realRunc()
	if err != nil {
		return err
	}
	return syscall.Exec(runc, append([]string{runc}, args...), os.Environ())
}

// change rewrites the file that describes a process. Unknown fields stay as they are.
func change(request request, limits limits) error {
	content, err := os.ReadFile(request.file)
	if err != nil {
		return err
	}
	var document map[string]any
	if err := json.Unmarshal(content, &document); err != nil {
		return err
	}
	process := document
	if request.isBundle {
		process, _ = document["process"].(map[string]any)
	}
	limits.apply(process)
	if content, err = json.Marshal(document); err != nil {
		return err
	}
	return os.WriteFile(request.file, content, 0o600)
}

// realRunc is the first runc on PATH that is not this executable.
func realRunc() (string, error) {
	self, err := os.Stat("/proc/self/exe")
	if err != nil {
		return "", err
	}
	for _, folder := range filepath.SplitList(os.Getenv("PATH")) {
		candidate := filepath.Join(folder, "runc")
		info, err := os.Stat(candidate)
		if err == nil && !info.IsDir() && info.Mode()&0o111 != 0 && !os.SameFile(self, info) {
			return candidate, nil
		}
	}
	return "", fmt.Errorf("runc is not on PATH (%s)", os.Getenv("PATH"))
}
