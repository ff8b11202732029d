// Command upstream-autoscaler lays the main package of Knative's autoscaler into ./autoscaler, but for the constant
// that autoscaler/address.go has.
package main

import (
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const fixedAddress = `	statsServerAddr = ":8080"` + "\n"

func main() {
	list := exec.Command("go", "list", "-f", "{{.Dir}}", "knative.dev/serving/cmd/autoscaler")
	list.Stderr = os.Stderr
	folder, err := list.Output()
	if err != nil {
		log.Fatal(err)
	}
	for _, name := range []string{"main.go", "leaderelection.go"} {
		source, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(folder)), name))
		if err != nil {
			log.Fatal(err)
		}
		if name == "main.go" && !strings.Contains(string(source), fixedAddress) {
			log.Fatal("upstream's autoscaler has no fixed address")
		}
		changed := strings.Replace(string(source), fixedAddress, "", 1)
		if err := os.WriteFile(filepath.Join("autoscaler", name), []byte(changed), 0o644); err != nil {
			log.Fatal(err)
		}
	}
}
