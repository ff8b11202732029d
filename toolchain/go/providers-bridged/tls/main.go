package main

import (
	"context"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"

	"faasmesh.dev/tools/providers-bridged/tls/provider"
)

func main() {
	tfbridge.Main(context.Background(), "tls", provider.Info(), tfbridge.ProviderMetadata{
		PackageSchema:  provider.Schema,
		BridgeMetadata: provider.Metadata,
	})
}
