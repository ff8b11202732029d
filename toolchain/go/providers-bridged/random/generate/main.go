// Writes the Pulumi schema and the bridge's metadata of the random provider, after a change of its version:
//
//	go run -ldflags "-X faasmesh.dev/tools/providers-bridged/random/provider.Version=X.Y.Z" \
//	  ./random/generate schema --out random/provider --skip-docs --skip-examples
package main

import (
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfgen"

	"faasmesh.dev/tools/providers-bridged/random/provider"
)

func main() {
	tfgen.Main("random", provider.Info())
}
