// Command lego-core lays lego, the ACME client that Traefik is built with, into ../lego, but for what is there.
package main

import (
	"encoding/json"
	"io/fs"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

func main() {
	out, err := exec.Command("go", "mod", "download", "-json", "github.com/go-acme/lego/v5").Output()
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
		return lay(path, entry, module.Dir)
	}); err != nil {
		log.Fatal(err)
	}
}

func lay(path string, entry fs.DirEntry, root string) error {
	name, err := filepath.Rel(root, path)
	if err != nil {
		return err
	}
	if entry.IsDir() && (name == "providers" || name == "cmd" || name == "e2e") {
		return fs.SkipDir
	}
	if entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || name == "main.go" {
		return nil
	}
	source, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	target := filepath.Join("..", "lego", name)
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	return os.WriteFile(target, source, 0o644)
}
