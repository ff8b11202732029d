// The Kubernetes provider, as upstream's own main builds it, but from the module proxy.
package main

//go:generate go run ./generate

import (
	_ "embed"

	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"
)

// version is set with -ldflags, from the catalogue (versions.ts).
var version string

//go:embed schema.json
var schema []byte

//go:embed terraform-mapping.json
var terraformMapping []byte

func main() {
	provider.Serve("kubernetes", version, schema, terraformMapping)
}
