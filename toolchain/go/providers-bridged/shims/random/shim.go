// Package shim opens the internal provider of terraform-provider-random: its path makes it a child of that module.
package shim

import (
	"github.com/hashicorp/terraform-plugin-framework/provider"
	upstream "github.com/terraform-providers/terraform-provider-random/internal/provider"
)

// Provider is the upstream provider.
func Provider() provider.Provider { return upstream.New() }
