// Copies the schema and the Terraform mapping out of the provider's module, to be embedded by its main.
package main

import (
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const module = "github.com/pulumi/pulumi-kubernetes/provider/v4"

func main() {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	if err != nil {
		log.Fatalf("cannot find %s: %v", module, err)
	}
	source := filepath.Join(strings.TrimSpace(string(out)), "cmd", "pulumi-resource-kubernetes")
	for _, name := range []string{"schema.json", "terraform-mapping.json"} {
		data, err := os.ReadFile(filepath.Join(source, name))
		if err != nil {
			log.Fatal(err)
		}
		if err := os.WriteFile(name, data, 0o644); err != nil {
			log.Fatal(err)
		}
	}
}
