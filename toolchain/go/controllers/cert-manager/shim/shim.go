// Package shim exports what cert-manager's own main packages use of its internal packages.
package shim

import (
	"context"

	"github.com/cert-manager/cert-manager/internal/apis/config/webhook"
	internal "github.com/cert-manager/cert-manager/internal/webhook"
	"github.com/go-logr/logr"
)

// RunWebhook serves cert-manager's webhook until the context ends.
func RunWebhook(ctx context.Context, log logr.Logger, config *webhook.WebhookConfiguration) error {
	server, err := internal.NewCertManagerWebhookServer(log, *config)
	if err != nil {
		return err
	}
	return server.Run(ctx)
}
