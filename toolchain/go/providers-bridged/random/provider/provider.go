// Package provider maps Terraform's random provider to Pulumi's tokens, as @pulumi/random names them.
package provider

import (
	"context"
	_ "embed"
	"errors"

	pf "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/terraform-providers/terraform-provider-random/shim"
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
		P:                           pf.ShimProvider(shim.Provider()),
		Name:                        "random",
		Version:                     Version,
		MetadataInfo:                tfbridge.NewProviderMetadata(Metadata),
		Resources:                   map[string]*tfbridge.ResourceInfo{"random_bytes": {ComputeID: bytesID}},
		EnableAccurateBridgePreview: true,
		EnableRawStateDelta:         true,
	}
	info.MustComputeTokens(tokens.SingleModule("random_", "index", func(module, name string) (string, error) {
		return tokens.MakeStandard("random")(module, "Random"+name)
	}))
	info.MustApplyAutoAliases()
	return info
}

func bytesID(_ context.Context, state resource.PropertyMap) (resource.ID, error) {
	value := state["base64"]
	if value.IsSecret() {
		value = value.SecretValue().Element
	}
	if !value.IsString() {
		return "", errors.New("random_bytes has no base64 to take its ID from")
	}
	return resource.ID(value.StringValue()), nil
}
