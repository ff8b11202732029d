// Package provider maps Terraform's tls provider to Pulumi's tokens, as @pulumi/tls names them.
package provider

import (
	_ "embed"

	"github.com/hashicorp/terraform-provider-tls/shim"
	pf "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/tokens"
)

// Version is set with -ldflags, from the catalogue (versions.ts).
var Version string

// What ../generate wrote.
var (
	//go:embed schema.json
	Schema []byte
	//go:embed bridge-metadata.json
	Metadata []byte
)

// Info describes the provider to the bridge.
func Info() tfbridge.ProviderInfo {
	info := tfbridge.ProviderInfo{
		P:                              pf.ShimProvider(shim.Provider()),
		Name:                           "tls",
		Version:                        Version,
		MetadataInfo:                   tfbridge.NewProviderMetadata(Metadata),
		EnableZeroDefaultSchemaVersion: true,
		EnableAccurateBridgePreview:    true,
	}
	info.MustComputeTokens(tokens.SingleModule("tls_", "index", tokens.MakeStandard("tls")))
	return info
}
