// Writes the Pulumi schema and the bridge's metadata of the tls provider, after a change of its version:
//
//	go run -ldflags "-X faasmesh.dev/tools/providers-bridged/tls/provider.Version=X.Y.Z" \
//	  ./tls/generate schema --out tls/provider --skip-docs --skip-examples
package main

import (
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfgen"

	"faasmesh.dev/tools/providers-bridged/tls/provider"
)

func main() {
	tfgen.Main("tls", provider.Info())
}
