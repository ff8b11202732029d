// Command upstream-alertmanager copies Alertmanager's module to ../alertmanager, with a page in place of its web
// interface: that is built by npm, and the module proxy serves the module without it.
package main

import (
	"encoding/json"
	"io/fs"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

const (
	target = "../alertmanager"
	page   = "<!doctype html><title>Alertmanager</title><p>This build has no web interface; its API is at /api/v2.</p>\n"
)

// unused are folders that no package of the executable is in.
var unused = []string{"doc", "docs", "examples", "scripts", "test", "ui/app", "ui/mantine-ui"}

func main() {
	out, err := exec.Command("go", "mod", "download", "-json", "github.com/prometheus/alertmanager").Output()
	if err != nil {
		log.Fatal(err)
	}
	var module struct{ Dir string }
	if err := json.Unmarshal(out, &module); err != nil {
		log.Fatal(err)
	}
	if err := filepath.WalkDir(module.Dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return copyEntry(path, entry, module.Dir)
	}); err != nil {
		log.Fatal(err)
	}
	if err := write("ui/app/dist/index.html", []byte(page)); err != nil {
		log.Fatal(err)
	}
}

func copyEntry(path string, entry fs.DirEntry, root string) error {
	name, err := filepath.Rel(root, path)
	if err != nil {
		return err
	}
	if entry.IsDir() && slices.Contains(unused, filepath.ToSlash(name)) {
		return fs.SkipDir
	}
	// Its go.mod is ours: the versions of its dependencies are those of the module that builds it.
	if entry.IsDir() || strings.HasSuffix(name, "_test.go") || name == "go.mod" || name == "go.sum" {
		return nil
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return write(name, content)
}

func write(name string, content []byte) error {
	file := filepath.Join(target, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, content, 0o644)
}
