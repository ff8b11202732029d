// Command cert-manager-webhook is cert-manager's webhook. The module proxy does not serve upstream's own main, which
// can also read a configuration file.
package main

import (
	"context"
	"errors"
	"log"
	"os"
	"os/signal"
	"syscall"

	logf "github.com/cert-manager/cert-manager/pkg/logs"
	"github.com/cert-manager/cert-manager/pkg/webhook/options"
	"github.com/cert-manager/cert-manager/shim"
	"github.com/spf13/pflag"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, args []string) error {
	flags := options.NewWebhookFlags()
	config, err := options.NewWebhookConfiguration()
	if err != nil {
		return err
	}
	set := pflag.NewFlagSet("webhook", pflag.ContinueOnError)
	flags.AddFlags(set)
	options.AddConfigFlags(set, config)
	if err := set.Parse(args); err != nil {
		return err
	}
	if flags.Config != "" {
		return errors.New("--config: got a file, expected flags only; this build of the webhook reads no file")
	}
	logf.InitLogs()
	defer logf.FlushLogs()
	if err := logf.ValidateAndApply(&config.Logging); err != nil {
		return err
	}
	return shim.RunWebhook(ctx, logf.Log.WithName("webhook"), config)
}
